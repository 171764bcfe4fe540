import type { JsonRow } from '../http/rows.js';

/** A field as a number; NaN where it is none. */
export const number = (row: JsonRow, field: string): number =>
  typeof row[field] === 'number' ? row[field] : Number.NaN;

/** Time of day. @param micros microseconds since the Unix epoch */
export const clock = (micros: number): string =>
  Number.isFinite(micros) && micros > 0 ? new Date(micros / 1000).toISOString().slice(11, 19) : '';
