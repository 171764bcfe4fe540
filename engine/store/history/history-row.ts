import type { Instrument } from '../../market/instrument.js';

/** One thing that history tells, before it is a record. Times are microseconds since the Unix epoch. */
export interface HistoryRow {
  /** Message type id of the record that it becomes. */
  type: number;
  instrument: Instrument;
  /** When it could have been known: a bar when it has closed, a message when it was received. */
  eventTime: number;
  /** By the venue's clock; 0 where the venue gave none. */
  exchangeTime: number;
  /** Fields of the body by name, without the instrument. Numbers that are left out are NaN, counts and flags 0. */
  body: Readonly<Record<string, number>>;
  /** Entries of the run behind the body, by field. */
  run?: readonly Readonly<Record<string, number>>[];
}
