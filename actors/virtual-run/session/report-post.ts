import { createStream } from '../../../engine/runtime/edge/create-stream.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { InstrumentNames } from '../../execution/deribit/instrument-names.js';
import { ReportWriter } from '../../execution/deribit/report-writer.js';
import { reports } from '../../streams.js';
import type { RecordLane } from '../record-lane.js';

/** Execution's own writer of reports, whose records go into messages instead of a ring that others read. */
export class ReportPost {
  readonly writer: ReportWriter;
  readonly #stream: StreamWriter;
  readonly #reader: StreamReader;
  #into: RecordLane | undefined;
  readonly #onRecord = (_type: number, buffer: ViewBuffer, offset: number): void => {
    this.#into!.copy(buffer.view, offset);
  };

  constructor(names: InstrumentNames, venue: number, groupOf: (name: string | undefined) => number) {
    const arena = createStream({ ...reports, readers: 1, engineRun: 1 });
    this.#stream = new StreamWriter(arena);
    this.#reader = new StreamReader(arena, 0);
    this.writer = new ReportWriter(this.#stream, names, venue, groupOf);
  }

  /** Moves what was written into the message under way. */
  drain(lane: RecordLane): void {
    this.#into = lane;
    this.#stream.publish();
    this.#reader.poll(this.#onRecord, Number.POSITIVE_INFINITY);
  }
}
