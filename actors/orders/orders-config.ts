import type { CreditSettings } from '../../engine/market/orders/credit-buckets.js';

export interface OrdersConfig {
  instruments: number;
  /** Orders that there is room for, finished ones that may still be told of included. */
  orders: number;
  /** Requests without an outcome that there is room for. */
  requests: number;
  /** Trades that are remembered, so that none is counted twice. */
  trades: number;
  /** Seconds without an answer after which a request's outcome is in doubt. */
  answerWithinSeconds: number;
  /** Seconds between reconciliations while all is well. */
  reconcileEverySeconds: number;
  /** Seconds after which a reconciliation that has not ended has failed. */
  reconcileWithinSeconds: number;
  /** Nothing new is sent before market maker protection is armed. */
  needsMmp: boolean;
  /** What the venue allows until it says something else. */
  credits: CreditSettings;
}

/** Places of the largest table of orders: both sides of both chains of the venue, and those that have ended and may still be told of. */
export const MOST_ORDERS = 8192;
/** The table is called full before it is: finished orders need room too. */
export const FULL_AT = 0.75;

/** What most engines need; the rest follows from the number of instruments. */
export function ordersConfig(instruments: number, credits: CreditSettings, needsMmp: boolean): OrdersConfig {
  return {
    instruments,
    orders: Math.min(MOST_ORDERS, Math.max(256, 4 * instruments)),
    requests: Math.min(2048, Math.max(128, 2 * instruments)),
    trades: Math.min(16_384, Math.max(1024, 16 * instruments)),
    answerWithinSeconds: 5,
    reconcileEverySeconds: 60,
    reconcileWithinSeconds: 30,
    needsMmp,
    credits,
  };
}
