import type { Grid } from '../../../engine/market/grid.js';

/** What a row of a tape is. */
export const TapeRow = { DEPTH: 1, TRADE: 2 } as const;

/**
 * A recording of one instrument's depth and trades, decoded once and laid out for being played many times: rows in the order in which they happened at
 * the exchange.
 */
export interface DepthTape {
  /** Where it is from, for reports. */
  source: string;
  instrument: string;
  /** SHA-256 of the recording's bytes. */
  hash: string;
  tick: Grid;
  lot: Grid;
  /** Rows in use. */
  rows: number;
  /** `TapeRow`. */
  kind: Uint8Array;
  /** At the exchange, and where it was recorded; microseconds since the Unix epoch, each by its own clock. */
  exchangeTime: Float64Array;
  localTime: Float64Array;
  /** Of a depth row: where its BookUpdate record begins in `records`. Of a trade: its place in the arrays below. */
  at: Float64Array;
  records: DataView;
  /** The book that the first row continues: where its record begins. */
  snapshot: number;
  tradeTicks: Float64Array;
  tradeLots: Float64Array;
  /** `Side` of who took. */
  tradeSide: Uint8Array;
  /** Levels in all depth rows, and the deepest book that has to fit. */
  levels: number;
  depth: number;
}

/** Least difference of the recorder's clock and the exchange's, microseconds: what their clocks are off by, and the quickest way. */
export function clockOffset({ rows, exchangeTime, localTime }: DepthTape): number {
  let least = Number.POSITIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    const off = localTime[row]! - exchangeTime[row]!;
    if (off < least) least = off;
  }
  return rows === 0 ? 0 : least;
}
