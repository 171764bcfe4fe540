import { type LatestEdge, latest, stream } from '../engine/runtime/actor/definition.js';
import { BookTop } from '../schemas/generated/book-top.js';
import { DesiredQuote } from '../schemas/generated/desired-quote.js';
import { Ticker } from '../schemas/generated/ticker.js';

/** The whole book of a busy perpetual: more than 7,000 levels. */
const LARGEST_BODY = 120 * 1024;

/**
 * The streams of the engine. The log is sized in seconds: at 100,000 records of 160 bytes a second 2^28 bytes hold more than
 * sixteen.
 */
export const log = stream({ name: 'log', capacityBytes: 1 << 28, maxBodyBytes: LARGEST_BODY });

/** Market data on its way to the sequencer. */
export const marketData = stream({ name: 'market-data', capacityBytes: 1 << 24, maxBodyBytes: LARGEST_BODY });
/** What execution reports: sent, not sent, acknowledged, filled. */
export const reports = stream({ name: 'reports', capacityBytes: 1 << 22, maxBodyBytes: 4096 });
/** What became of snapshots. */
export const snapshotReports = stream({ name: 'snapshot-reports', capacityBytes: 1 << 16, maxBodyBytes: 256 });
/** Operators' commands, copied out of their peers' files and validated. */
export const commands = stream({ name: 'commands', capacityBytes: 1 << 18, maxBodyBytes: 4096 });

/** The newest top of every instrument, for people to look at. */
export function shownTops(instruments: number): LatestEdge {
  return latest({ name: 'tops-shown', keys: instruments, maxBodyBytes: BookTop.sizeOf() });
}

/** The newest ticker of every instrument, for people to look at. */
export function shownTickers(instruments: number): LatestEdge {
  return latest({ name: 'tickers-shown', keys: instruments, maxBodyBytes: Ticker.sizeOf() });
}

/** Fills that stay in sight. */
export const SHOWN_FILLS = 6;
/** Keys of what is shown of trading: its state, the credits, the last fills. */
export const ShownTrading = { STATE: 0, CREDITS: 1, FIRST_FILL: 2 } as const;
export const shownTrading = latest({
  name: 'trading-shown',
  keys: ShownTrading.FIRST_FILL + SHOWN_FILLS,
  maxBodyBytes: 256,
});

/** The quotes that are wanted of every instrument, for people to look at. */
export function shownQuotes(instruments: number): LatestEdge {
  return latest({ name: 'quotes-shown', keys: instruments, maxBodyBytes: DesiredQuote.sizeOf() });
}

export const tops = stream({ name: 'tops', capacityBytes: 1 << 22, maxBodyBytes: 1024 });
/** Room for every order and every request to change at once, twice. */
export const orderStates = stream({ name: 'order-states', capacityBytes: 1 << 24, maxBodyBytes: 1024 });
/** What strategies want: quotes by the quoter, hedges by the hedger. */
export const desiredQuotes = stream({ name: 'desired-quotes', capacityBytes: 1 << 22, maxBodyBytes: 1024 });
export const desiredHedges = stream({ name: 'desired-hedges', capacityBytes: 1 << 20, maxBodyBytes: 1024 });
export const intents = stream({ name: 'intents', capacityBytes: 1 << 20, maxBodyBytes: 1024 });
export const approvedOrders = stream({ name: 'approved-orders', capacityBytes: 1 << 20, maxBodyBytes: 1024 });
