import { type CreditSettings, Credits } from '../../../session/credits.js';

/** An account's pools of request credits: each kind of request is paid from its own. */
export interface RateLimits {
  /** Requests that do not reach the matching engine, 500 credits each. */
  requests: CreditSettings;
  /** Subscriptions, 3000 credits each. */
  subscriptions: CreditSettings;
  /** Lists of instruments, 1 credit each, as in all pools below. */
  instruments: CreditSettings;
  matching: CreditSettings;
  massQuotes: CreditSettings;
  /** Requests that cancel everything of a kind. */
  cancelAll: CreditSettings;
}

export type RatePool = keyof RateLimits;

const costs: Record<RatePool, number> = {
  requests: 500,
  subscriptions: 3000,
  instruments: 1,
  matching: 1,
  massQuotes: 1,
  cancelAll: 1,
};

/** What an account without volume may do. */
export const DEFAULT_LIMITS: RateLimits = {
  requests: { capacity: 50_000, refillPerSecond: 10_000 },
  subscriptions: { capacity: 30_000, refillPerSecond: 10_000 },
  instruments: { capacity: 50, refillPerSecond: 1 },
  matching: { capacity: 20, refillPerSecond: 5 },
  massQuotes: { capacity: 10, refillPerSecond: 2 },
  cancelAll: { capacity: 20, refillPerSecond: 5 },
};

/** What the highest band by traded volume may do. */
export const MARKET_MAKER_LIMITS: RateLimits = {
  ...DEFAULT_LIMITS,
  matching: { capacity: 100, refillPerSecond: 30 },
  massQuotes: { capacity: 30, refillPerSecond: 10 },
};

/** The pools of one account, or of one connection that has not signed on. */
export class RatePools {
  readonly #pools = new Map<RatePool, Credits>();

  /** @param nowMs milliseconds by any clock that does not jump */
  constructor(limits: RateLimits, nowMs: number) {
    for (const pool of Object.keys(costs) as RatePool[]) this.#pools.set(pool, new Credits(limits[pool], nowMs));
  }

  /** Takes what a request costs; false where the pool is exhausted. */
  take(pool: RatePool, nowMs: number): boolean {
    return this.#pools.get(pool)!.take(costs[pool], nowMs) === 0;
  }
}
