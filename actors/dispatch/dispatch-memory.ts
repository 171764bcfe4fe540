import { AskedRequests } from '../../engine/market/orders/asked-requests.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { CreditBuckets, type CreditSettings } from '../../engine/market/orders/credit-buckets.js';
import { Differ } from '../../engine/market/orders/differ.js';
import { Flights } from '../../engine/market/orders/flights.js';
import { Planner, type PlannerSettings } from '../../engine/market/orders/planner.js';
import { VENUE_ID_WORDS } from '../../engine/market/orders/venue-id.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import { structOffset } from '../../schemas/field-offset.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { QueryWanted } from '../../schemas/generated/query-wanted.js';

/** Requests without an answer that are counted as under way: more than the fastest account sends until they are overdue. */
const MOST_FLIGHTS = 4096;

export interface DispatchConfig extends PlannerSettings {
  instruments: number;
  /** Quotes that one instrument may have beside each other. */
  quoteSets: number;
  /** What the venue allows until it says something else. */
  credits: CreditSettings;
  /** Whether stages tell hedges and what closes positions. */
  hedges: boolean;
}

/** Whole numbers of the stage itself. */
export const INT = {
  RUN: 0,
  READY: 1,
  MASS_QUOTES: 2,
  ORPHANS: 3,
  QUERIES: 4,
  QUERY_HEAD: 5,
  PROTECTED: 6,
  CAN_SEND: 7,
  ASKING: 8,
  REDUCING: 9,
  SIZE: 10,
} as const;
/** Beside the bits of what is armed on a connection: it is ready. */
export const IS_READY = 1 << 16;
export const MOST_GROUPS = 32;
/** Orders that nobody wants: they are cancelled one by one, and there should be none. */
export const MOST_ORPHANS = 256;
/** Questions that wait for credits. */
export const MOST_QUERIES = 512;
/** Questions and cancels of single orders that one event may lead to. */
export const QUERIES_AT_ONCE = 16;
export const ORPHANS_AT_ONCE = 16;
/** What is remembered of an order that nobody wants, in this order in its rows of whole and of real numbers. */
export const ORPHAN = {
  SLOT: 0,
  RUN: 1,
  INDEX: 2,
  INSTRUMENT: 3,
  SIDE: 4,
  VENUE_ID: 5,
  SIZE: 5 + VENUE_ID_WORDS,
} as const;
export const ORPHAN_SEQ = 0;
export const ORPHAN_ASKED_UNTIL = 1;
export const ORPHAN_NUMBERS = 2;
export const INTENT_VENUE_ID = structOffset(OrderIntent, 'venueOrderId');
export const WANTED_BYTES = QueryWanted.sizeOf();

/** Everything that dispatch remembers. */
export class DispatchMemory {
  readonly differ: Differ;
  readonly credits: CreditBuckets;
  readonly underlyings: Underlyings;
  /** Intents whose fate the log has not told, by the side that each is for, so that nothing is asked for twice. */
  readonly pending: AskedRequests;
  /** What was asked for and not answered: what the venue may not have counted yet. */
  readonly flights: Flights;
  readonly ints: Int32Array;
  /** Event time until which a group's quotes are refused; Infinity until it is reset. */
  readonly frozenUntil: Float64Array;
  readonly orphanInts: Int32Array;
  readonly orphanNumbers: Float64Array;
  /** Bodies of the questions that wait, a ring. */
  readonly queries: Int32Array;
  /** By connection: [sends, armed]. */
  readonly connections: Int32Array;
  /** Event time for which the timer was asked; 0 for none. */
  readonly timer: Float64Array;

  constructor(cells: Cells, config: DispatchConfig) {
    this.differ = new Differ(cells, config);
    this.credits = new CreditBuckets(cells, config.credits);
    this.underlyings = new Underlyings(cells, config.instruments);
    this.pending = new AskedRequests(cells, 4 * Planner.most(config));
    this.flights = new Flights(cells, this.credits, MOST_FLIGHTS);
    this.ints = cells.int32(INT.SIZE, 'dispatch memory: ints', INT);
    this.frozenUntil = cells.float64(MOST_GROUPS, 'frozen until');
    this.orphanInts = cells.int32(MOST_ORPHANS * ORPHAN.SIZE, 'orphan ints', ORPHAN);
    this.orphanNumbers = cells.float64(MOST_ORPHANS * ORPHAN_NUMBERS, 'orphan numbers', {
      ORPHAN_SEQ,
      ORPHAN_ASKED_UNTIL,
    });
    this.queries = cells.int32((MOST_QUERIES * WANTED_BYTES) / 4, 'queries: bodies of QueryWanted');
    this.connections = cells.int32(2 * 32, 'connections: sends, armed');
    this.timer = cells.float64(1, 'timer');
  }
}
