import type { ApprovedOrder } from '../../../../schemas/generated/approved-order.js';
import type { FillReport } from '../../../../schemas/generated/fill-report.js';
import type { SendReport } from '../../../../schemas/generated/send-report.js';
import type { Cells } from '../cells.js';
import { OrderInt, OrderTable } from '../order-table.js';
import { RequestTable } from '../request-table.js';
import { SeenTrades } from '../seen-trades.js';

export interface KeeperSettings {
  instruments: number;
  /** Orders that there is room for, finished ones that may still be told of included. */
  orders: number;
  /** Requests without an outcome that there is room for. */
  requests: number;
  /** Trades that are remembered so that none is counted twice. */
  trades: number;
  /** Microseconds without an answer after which a request's outcome is in doubt. */
  answerWithinMicros: number;
}

/** What the keeper tells whoever publishes it. Numbers stand in its tables. */
export interface KeeperSink {
  orderChanged(slot: number, event: number): void;
  /** `request`: slot of the request table, valid during the call. */
  requestChanged(request: number): void;
  /** A request that was not written: it has no slot. */
  requestNotSent(report: SendReport, order: ApprovedOrder, slot: number): void;
  /** A trade that counts; `slot` -1 for an order that nobody knows. */
  fillTold(slot: number, report: FillReport): void;
  /** A trade that is inferred, or an inferred one that is taken back: see `KeeperMemory.inferred`. */
  fillInferred(slot: number, kind: number): void;
  queryWanted(slot: number): void;
  /** The state of the whole account is in doubt. */
  accountInDoubt(): void;
}

/** Counters, as float64. */
export const KeeperCount = {
  FILLS: 0,
  DUPLICATES: 1,
  INFERRED: 2,
  OLD: 3,
  CONTRADICTIONS: 4,
  FOREIGN: 5,
  /** Orders of the venue for which the table had no room. */
  LOST: 6,
  /** Orders that the venue calls filled further than the fills tell, and those of which that has lasted. */
  MISSING: 7,
  MISSING_LONG: 8,
  SIZE: 9,
} as const;

/** Amounts that differ by less, relative to one unit, are the same: sums of decimal amounts. */
export const DUST = 1e-9;
/** Of orders that came by no connection of ours. */
export const NO_CONNECTION = -1;

/** Everything that the keeper remembers, and whom it tells: what its parts share. */
export class KeeperMemory {
  readonly settings: KeeperSettings;
  readonly sink: KeeperSink;
  readonly orders: OrderTable;
  readonly requests: RequestTable;
  readonly seen: SeenTrades;
  readonly counts: Float64Array;
  /** Orders of each instrument that may still trade. */
  readonly working: Int32Array;
  /** Signed sum of the fills counted, by instrument. */
  readonly positions: Float64Array;
  /** [log event of the last adoption, adoptions in it] */
  readonly adopted: Float64Array;
  /** Event time, log event, time from which fills count, run of the engine. Set by whoever calls. */
  readonly now: Float64Array;
  /** The inferred fill that is being told: price, amount (negative where one is taken back), filled before it. */
  readonly inferred = new Float64Array(3);

  constructor(cells: Cells, settings: KeeperSettings, sink: KeeperSink) {
    this.settings = settings;
    this.sink = sink;
    this.orders = new OrderTable(cells, settings.orders);
    this.requests = new RequestTable(cells, settings.requests);
    this.seen = new SeenTrades(cells, settings.trades);
    this.counts = cells.float64(KeeperCount.SIZE, 'keeper memory: counts', KeeperCount);
    this.working = cells.int32(settings.instruments, 'working');
    this.positions = cells.float64(settings.instruments, 'positions');
    this.adopted = cells.float64(2, 'adopted: log event, adoptions');
    this.now = cells.float64(4, 'now: event time, log event, fills count from, run');
  }

  /** Puts an order's identity where the table looks for it. */
  loadIdentity(run: number, orderSeq: number, index: number): void {
    const { key } = this.orders;
    key.words[0] = run;
    key.words[1] = index;
    key.seq[0] = orderSeq;
  }

  countWorking(slot: number, by: number): void {
    const instrument = this.orders.ints[slot * OrderInt.SIZE + OrderInt.INSTRUMENT]!;
    if (instrument >= 0 && instrument < this.working.length) this.working[instrument]! += by;
  }
}
