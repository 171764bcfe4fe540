import type { Cells } from './cells.js';
import { CreditPool, OrderAction } from './codes.js';

/** Limits of one pool: refill a second, and what can be saved up. */
export interface CreditLimits {
  rate: number;
  burst: number;
}

export interface CreditSettings {
  matching: CreditLimits;
  nonMatching: CreditLimits;
  /** Single quotes in mass quotes. */
  quotes: CreditLimits;
  massQuotes: CreditLimits;
  cancelAll: CreditLimits;
  /** Matching requests that are kept for cancels: nothing else may use them. */
  cancelHeadroom: number;
}

/** Deribit's lowest tier: an account of which nothing better is known. */
export const DEFAULT_CREDITS: CreditSettings = {
  matching: { rate: 5, burst: 20 },
  nonMatching: { rate: 20, burst: 100 },
  quotes: { rate: 500, burst: 500 },
  massQuotes: { rate: 10, burst: 10 },
  cancelAll: { rate: 5, burst: 20 },
  cancelHeadroom: 4,
};

const POOLS = 6;
const RATE = 0;
const BURST = 1;
const HELD = 2;
const UNDER_WAY = 3;
const CELLS = 4;

/**
 * A mirror of the venue's accounts of requests. Who overdraws the real one is not merely refused: the session ends, and with it
 * every quote. So this one counts a request when it is decided, and the venue's when it arrives.
 *
 * What is late may arrive together with what was decided after it, on credits that were refilled here meanwhile, while the venue's
 * account was full and refilled nothing. Therefore what is held and what is under way are together never more than can be saved up:
 * then what is held and has not arrived is never more than the venue holds, whatever the latencies are.
 */
export class CreditBuckets {
  /** Pool by pool, in the order of CreditPool: rate, burst, held, under way. */
  readonly cells: Float64Array;
  /** Event time, microseconds, up to which the refill is counted; 0 before the first. */
  private readonly at: Float64Array;
  readonly headroom: number;

  constructor(cells: Cells, settings: CreditSettings) {
    this.cells = cells.float64(POOLS * CELLS, 'credit buckets: cells', { RATE, BURST, HELD, UNDER_WAY });
    this.at = cells.float64(1, 'at');
    this.headroom = settings.cancelHeadroom;
    this.limit(CreditPool.MATCHING, settings.matching.rate, settings.matching.burst);
    this.limit(CreditPool.NON_MATCHING, settings.nonMatching.rate, settings.nonMatching.burst);
    this.limit(CreditPool.QUOTES, settings.quotes.rate, settings.quotes.burst);
    this.limit(CreditPool.MASS_QUOTES, settings.massQuotes.rate, settings.massQuotes.burst);
    this.limit(CreditPool.CANCEL_ALL, settings.cancelAll.rate, settings.cancelAll.burst);
    for (let pool = 1; pool <= POOLS; pool++) this.fill(pool);
  }

  /** Takes the venue's word for a pool. What is held is kept, as far as it may be. */
  limit(pool: number, rate: number, burst: number): void {
    if (pool < 1 || pool > POOLS || !(rate > 0) || !(burst >= 1)) return;
    const at = (pool - 1) * CELLS;
    this.cells[at + RATE] = rate;
    this.cells[at + BURST] = burst;
    this.cap(at);
  }

  /**
   * The engine begins anew, and what its predecessor asked for last may be in no log: for all that is known the venue's accounts were
   * empty right behind the last event that is. One of each stays aside for the time between that event and the end.
   * @param last event time of the last event before, microseconds since the Unix epoch; 0 where there was none
   */
  beginAnew(last: number, time: number): void {
    this.advance(time);
    if (last === 0) return;
    const { cells } = this;
    const seconds = Math.max(0, time - last) / 1e6;
    for (let from = 0; from < cells.length; from += CELLS) {
      const most = Math.max(0, seconds * cells[from + RATE]! - 1);
      if (cells[from + HELD]! > most) cells[from + HELD] = most;
    }
  }

  /** Counts the refill up to an event time. */
  advance(time: number): void {
    const { cells, at } = this;
    const seconds = at[0] === 0 ? 0 : (time - at[0]!) / 1e6;
    at[0] = time;
    if (seconds <= 0) return;
    for (let pool = 0; pool < POOLS; pool++) {
      const from = pool * CELLS;
      const most = cells[from + BURST]! - cells[from + UNDER_WAY]!;
      if (cells[from + HELD]! >= most) continue;
      const held = cells[from + HELD]! + seconds * cells[from + RATE]!;
      cells[from + HELD] = held > most ? most : held;
    }
  }

  held(pool: number): number {
    return this.cells[(pool - 1) * CELLS + HELD]!;
  }

  burst(pool: number): number {
    return this.cells[(pool - 1) * CELLS + BURST]!;
  }

  rate(pool: number): number {
    return this.cells[(pool - 1) * CELLS + RATE]!;
  }

  /** Nothing has to be refilled. */
  get areFull(): boolean {
    const { cells } = this;
    for (let from = 0; from < cells.length; from += CELLS) if (cells[from + HELD]! < cells[from + BURST]!) return false;
    return true;
  }

  /** Takes from a pool, below zero if need be: what was sent was sent. */
  take(pool: number, amount: number): void {
    this.cells[(pool - 1) * CELLS + HELD]! -= amount;
  }

  give(pool: number, amount: number): void {
    const at = (pool - 1) * CELLS;
    this.cells[at + HELD]! += amount;
    this.cap(at);
  }

  /** What was taken is on its way to the venue. */
  depart(pool: number, amount: number): void {
    this.cells[(pool - 1) * CELLS + UNDER_WAY]! += amount;
  }

  /** The venue has counted it, or never will. */
  land(pool: number, amount: number): void {
    this.cells[(pool - 1) * CELLS + UNDER_WAY]! -= amount;
  }

  underWay(pool: number): number {
    return this.cells[(pool - 1) * CELLS + UNDER_WAY]!;
  }

  /** The venue says that a pool is empty. */
  empty(pool: number): void {
    if (this.held(pool) > 0) this.cells[(pool - 1) * CELLS + HELD] = 0;
  }

  /** Microseconds until a pool holds an amount; 0 where it does. */
  waitFor(pool: number, amount: number): number {
    const missing = amount - this.held(pool);
    return missing <= 0 ? 0 : Math.ceil((missing / this.rate(pool)) * 1e6);
  }

  private cap(at: number): void {
    const most = this.cells[at + BURST]! - this.cells[at + UNDER_WAY]!;
    if (this.cells[at + HELD]! > most) this.cells[at + HELD] = most;
  }

  private fill(pool: number): void {
    this.cells[(pool - 1) * CELLS + HELD] = this.burst(pool);
  }
}

/** The pool that a request is taken from; a quote also takes a mass quote from its own, shared by those of one frame. */
export function poolOf(action: number): number {
  switch (action) {
    case OrderAction.QUOTE:
      return CreditPool.QUOTES;
    case OrderAction.MASS_CANCEL:
      return CreditPool.CANCEL_ALL;
    case OrderAction.QUERY:
    case OrderAction.RECONCILE:
      return CreditPool.NON_MATCHING;
    default:
      return CreditPool.MATCHING;
  }
}
