import type { Instrument } from '../../../engine/market/instrument.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';

/** One record of market data, in the order of time. */
export interface RecordedRow {
  type: number;
  /** Microseconds since the Unix epoch. */
  eventTime: number;
  /** Bytes of the record, which begins at 0 of `buffer`. */
  length: number;
  buffer: ViewBuffer;
}

/** Recorded market data, row by row: journals, histories, imported files. */
export interface RecordedSource {
  /** What an id in the records means. */
  instrument(id: number): Instrument | undefined;
  /** The next row, which is good until the one after it is asked for; undefined at the end. */
  next(): RecordedRow | undefined;
}
