import type { Bars } from '../../../actors/backtest/perpetual/bars-tape.js';
import type { DepthTape } from '../../../actors/backtest/perpetual/depth-tape.js';
import { Grid } from '../../market/grid.js';

/** A tape whose arrays lie in memory that all workers see: decoded once, and not copied. */
export type SharedTape = Omit<DepthTape, 'tick' | 'lot' | 'records'> & {
  tick: number;
  lot: number;
  records: Uint8Array;
};

export function shareTape({ tick, lot, records, ...tape }: DepthTape): SharedTape {
  return {
    ...tape,
    tick: tick.step,
    lot: lot.step,
    records: shared(new Uint8Array(records.buffer, records.byteOffset, records.byteLength)),
    kind: shared(tape.kind),
    exchangeTime: shared(tape.exchangeTime),
    localTime: shared(tape.localTime),
    at: shared(tape.at),
    tradeTicks: shared(tape.tradeTicks),
    tradeLots: shared(tape.tradeLots),
    tradeSide: shared(tape.tradeSide),
  };
}

/** Bars in memory that all workers see. */
export function shareBars({ openTime, open, high, low, close, volume, seconds }: Bars): Bars {
  return {
    openTime: shared(openTime),
    open: shared(open),
    high: shared(high),
    low: shared(low),
    close: shared(close),
    volume: shared(volume),
    seconds,
  };
}

export function sharedTape({ tick, lot, records, ...tape }: SharedTape): DepthTape {
  return {
    ...tape,
    tick: new Grid(tick),
    lot: new Grid(lot),
    records: new DataView(records.buffer, records.byteOffset, records.byteLength),
  };
}

function shared<T extends Uint8Array | Float64Array>(array: T): T {
  const memory = new SharedArrayBuffer(array.byteLength);
  const copy = array instanceof Uint8Array ? new Uint8Array(memory) : new Float64Array(memory);
  copy.set(array);
  return copy as T;
}
