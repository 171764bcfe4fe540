import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import type { FillReport } from '../../../schemas/generated/fill-report.js';
import type { OrderReport } from '../../../schemas/generated/order-report.js';
import type { RequestReport } from '../../../schemas/generated/request-report.js';
import type { SendReport } from '../../../schemas/generated/send-report.js';
import { VenueId } from '../../../schemas/generated/venue-id.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { Cells } from './cells.js';
import {
  FillKind,
  NO_QUOTE_SET,
  OrderAction,
  OrderFlag,
  OrderStatus,
  ReportSource,
  RequestOutcome,
  RequestStatus,
  SendOutcome,
  Side,
  Strategy,
  VenueOrderState,
} from './codes.js';
import { OrderInt, OrderNumber, OrderTable } from './order-table.js';
import { RequestInt, RequestNumber, RequestTable } from './request-table.js';
import { SeenTrades, TradeVerdict } from './seen-trades.js';
import { contradicts, OrderEvent, statusAfter } from './transitions.js';
import { loadVenueId, VENUE_ID_WORDS } from './venue-id.js';

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
  /** A trade that is inferred, or an inferred one that is taken back: see `OrderKeeper.inferred`. */
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

const INT = OrderInt.SIZE;
const NUM = OrderNumber.SIZE;
/** Flags that a report of the venue decides. */
const SHOWN_FLAGS =
  OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP | OrderFlag.REPLACED | OrderFlag.ADVANCED;
/** Flags of a request that its order keeps. */
const KEPT_FLAGS = OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY | OrderFlag.MMP | OrderFlag.QUOTE | OrderFlag.HEDGE;
/** Amounts that differ by less, relative to one unit, are the same: sums of decimal amounts. */
const DUST = 1e-9;
const FIRST_DOUBT_MICROS = 500_000;
const LONGEST_DOUBT_MICROS = 30_000_000;
/** A quote that was replaced by another order is asked about when nothing has told its end by then. */
const REPLACED_AFTER_MICROS = 1_000_000;
/** Reconciliations in a row that do not mention an order: then it is gone. */
const GONE_AFTER = 2;
/** The venue calls more filled than was told: the trades are asked for after this. */
const MISSING_AFTER_MICROS = 2_000_000;

/** Of orders that came by no connection of ours. */
const NO_CONNECTION = -1;

/** States of a picture and the events that they are. */
const EVENT_OF_STATE = new Uint8Array(8).fill(OrderEvent.SHOWN_OPEN);
EVENT_OF_STATE[VenueOrderState.FILLED] = OrderEvent.SHOWN_FILLED;
EVENT_OF_STATE[VenueOrderState.CANCELLED] = OrderEvent.SHOWN_CANCELLED;
EVENT_OF_STATE[VenueOrderState.REJECTED] = OrderEvent.SHOWN_REJECTED;
EVENT_OF_STATE[VenueOrderState.EXPIRED] = OrderEvent.SHOWN_EXPIRED;

/**
 * Every order and what became of every request on it, from nothing but execution's reports. The order's status and the status
 * of the requests on it are apart: a refused amendment leaves the order as it was, and only a definite refusal is one.
 */
export class OrderKeeper {
  readonly orders: OrderTable;
  readonly requests: RequestTable;
  readonly counts: Float64Array;
  /** Orders of each instrument that may still trade. */
  readonly working: Int32Array;
  /** Signed sum of the fills counted, by instrument. */
  readonly positions: Float64Array;
  /** The inferred fill that is being told: price, amount (negative where one is taken back), filled before it. */
  readonly inferred = new Float64Array(3);
  /** Event time, log event, time from which fills count, run of the engine. Set by whoever calls. */
  readonly now: Float64Array;
  private readonly settings: KeeperSettings;
  private readonly sink: KeeperSink;
  private readonly seen: SeenTrades;
  /** [log event of the last adoption, adoptions in it] */
  private readonly adopted: Float64Array;
  private readonly approved = new ApprovedOrder();
  private readonly id = new VenueId();
  private readonly time = new Float64Array(1);
  private readonly tradeId = new Int32Array(VENUE_ID_WORDS);

  constructor(cells: Cells, settings: KeeperSettings, sink: KeeperSink) {
    this.settings = settings;
    this.sink = sink;
    this.orders = new OrderTable(cells, settings.orders);
    this.requests = new RequestTable(cells, settings.requests);
    this.seen = new SeenTrades(cells, settings.trades);
    this.counts = cells.float64(KeeperCount.SIZE);
    this.working = cells.int32(settings.instruments);
    this.positions = cells.float64(settings.instruments);
    this.adopted = cells.float64(2);
    this.now = cells.float64(4);
  }

  /** Amount that the venue calls filled and nobody told. */
  missing(slot: number): number {
    const { numbers } = this.orders;
    const at = slot * NUM;
    const missing =
      numbers[at + OrderNumber.VENUE_FILLED]! -
      numbers[at + OrderNumber.BEFORE_US]! -
      numbers[at + OrderNumber.FILLED]!;
    return missing > DUST ? missing : 0;
  }

  /** Execution wrote a request, or did not. */
  onSend(report: SendReport): void {
    const { orders } = this;
    const order = report.order(this.approved)!;
    const action = order.action();
    this.loadIdentity(order.run(), order.orderSeq(), order.index());
    let slot = orders.find();
    const written = report.outcome() !== SendOutcome.NOT_SENT;
    const places = action === OrderAction.PLACE || action === OrderAction.QUOTE;
    if (places && (slot < 0 || !orders.isLive(slot))) {
      if (!written) {
        this.sink.requestNotSent(report, order, -1);
        return;
      }
      // What the quote meant to replace has ended meanwhile: the venue makes a new order of it, named after the request.
      if (slot >= 0) this.loadIdentity(this.now[3]!, report.requestSeq(), order.requestIndex());
      slot = this.place(report, order);
    } else if (!written) {
      if (slot >= 0 && action === OrderAction.QUERY) this.queryLater(slot);
      this.sink.requestNotSent(report, order, slot);
      return;
    }
    this.addRequest(report, order, slot, action);
    if (slot < 0) return;
    if (action === OrderAction.PLACE || action === OrderAction.QUOTE || action === OrderAction.AMEND) {
      const at = slot * NUM;
      orders.numbers[at + OrderNumber.WANTED_PRICE] = order.price();
      orders.numbers[at + OrderNumber.WANTED_AMOUNT] = this.totalOf(order, slot);
      orders.numbers[at + OrderNumber.SENT_AT_EVENT] = this.now[1]!;
    }
    orders.ints[slot * INT + OrderInt.CONNECTION] = report.connection();
    this.move(slot, OrderEvent.SENT);
    if (report.outcome() === SendOutcome.CONNECTION_LOST) this.doubtNewest(slot, places);
  }

  /** The venue answered a request, or will not. */
  onRequest(report: RequestReport): void {
    const { requests } = this;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = report.requestIndex();
    const request = requests.find();
    if (request < 0) return;
    const at = request * RequestInt.SIZE;
    const slot = requests.ints[at + RequestInt.ORDER]! - 1;
    const action = requests.ints[at + RequestInt.ACTION]!;
    const number = request * RequestNumber.SIZE;
    requests.ints[at + RequestInt.REASON] = report.reason();
    requests.numbers[number + RequestNumber.VENUE_CODE] = report.venueCode();
    requests.numbers[number + RequestNumber.LIMIT] = report.limit();
    requests.numbers[number + RequestNumber.ROUND_TRIP] = report.roundTrip();
    if (report.outcome() === RequestOutcome.UNKNOWN) {
      this.doubt(request, RequestStatus.UNKNOWN);
      return;
    }
    const accepted = report.outcome() === RequestOutcome.ACCEPTED;
    const sentAtEvent = requests.numbers[number + RequestNumber.SENT_AT_EVENT]!;
    this.finish(request, accepted ? RequestStatus.ACKNOWLEDGED : RequestStatus.REJECTED);
    if (slot < 0) return;
    if (accepted) this.accepted(slot, action, request, sentAtEvent);
    else this.refused(slot, action, report.reason());
    if (action === OrderAction.QUERY) this.queryAnswered(slot, accepted, sentAtEvent);
    // Of an order that has ended too: whoever counts its requests would wait for this one for ever.
    else this.sink.orderChanged(slot, accepted ? OrderEvent.ACCEPTED : OrderEvent.REFUSED);
  }

  /** The venue's picture of an order; `begunAtEvent`: log event at which the reconciliation that brings it began, 0 for none. */
  onOrder(report: OrderReport, begunAtEvent: number): void {
    const { orders, now } = this;
    const sinceEvent = report.source() !== ReportSource.QUERY ? 0 : begunAtEvent || this.askedAtEvent(report);
    const slot = this.slotOf(report);
    if (slot < 0) return;
    const { ints, numbers } = orders;
    const at = slot * INT;
    const number = slot * NUM;
    if (report.reconcile() !== 0) ints[at + OrderInt.MENTIONED] = report.reconcile();
    if (report.state() === VenueOrderState.NOT_FOUND) {
      this.absent(slot, sinceEvent);
      return;
    }
    ints[at + OrderInt.SEEN] = 1;
    ints[at + OrderInt.ABSENT] = 0;
    numbers[number + OrderNumber.PICTURED_AT_EVENT] = now[1]!;
    const filled = report.filled();
    if (filled > numbers[number + OrderNumber.VENUE_FILLED]!) {
      numbers[number + OrderNumber.VENUE_FILLED] = filled;
      numbers[number + OrderNumber.VENUE_AVERAGE] = report.averagePrice();
    }
    const event = EVENT_OF_STATE[report.state()] ?? OrderEvent.SHOWN_OPEN;
    if (report.updated() >= numbers[number + OrderNumber.VENUE_UPDATED]!) {
      numbers[number + OrderNumber.VENUE_UPDATED] = report.updated();
      numbers[number + OrderNumber.PRICE] = report.price();
      numbers[number + OrderNumber.AMOUNT] = report.amount();
      ints[at + OrderInt.FLAGS] = (ints[at + OrderInt.FLAGS]! & ~SHOWN_FLAGS) | (report.flags() & SHOWN_FLAGS);
      if (report.cancelReason() !== 0) ints[at + OrderInt.REASON] = report.cancelReason();
    }
    this.noteMissing(slot);
    this.transit(slot, event);
    if (sinceEvent > 0 || !orders.isLive(slot)) this.resolve(slot, sinceEvent);
    if (report.source() === ReportSource.QUERY) {
      ints[at + OrderInt.QUERIES] = 0;
      if (numbers[number + OrderNumber.MISSING_SINCE] === 0) numbers[number + OrderNumber.QUERY_DUE] = 0;
    }
    this.tell(slot, event);
  }

  /** A trade is told: counted unless it was. */
  onFill(report: FillReport): void {
    const { orders, counts, now } = this;
    const { numbers, ints } = orders;
    loadVenueId(viewOf(report), report.tradeId(this.id)!.bb_pos, this.tradeId, 0);
    this.time[0] = report.tradeTime();
    const instrument = report.instrument();
    let slot = this.slotOfFill(report);
    // A query goes back further than our counting: what traded before is in the positions that we found.
    const isOld =
      report.source() === ReportSource.QUERY &&
      this.time[0]! < now[2]! &&
      (slot < 0 || ints[slot * INT + OrderInt.RUN] !== now[3]);
    const verdict = isOld ? TradeVerdict.TOO_OLD : this.seen.admit(instrument, this.tradeId, this.time);
    if (verdict !== TradeVerdict.NEW) {
      counts[verdict === TradeVerdict.SEEN ? KeeperCount.DUPLICATES : KeeperCount.OLD]! += 1;
      return;
    }
    const isNew = slot < 0;
    if (isNew) slot = this.adoptFill(report);
    const amount = report.amount();
    const signed = report.side() === Side.BUY ? amount : -amount;
    if (slot < 0) {
      if (instrument < this.positions.length) this.positions[instrument]! += signed;
      counts[KeeperCount.FILLS]! += 1;
      this.sink.fillTold(-1, report);
      return;
    }
    this.takeBack(slot, amount);
    const at = slot * NUM;
    numbers[at + OrderNumber.FILLED]! += amount;
    numbers[at + OrderNumber.NOTIONAL]! += amount * report.price();
    ints[slot * INT + OrderInt.FILLS]! += 1;
    ints[slot * INT + OrderInt.SEEN] = 1;
    if (instrument < this.positions.length) this.positions[instrument]! += signed;
    counts[KeeperCount.FILLS]! += 1;
    const known = numbers[at + OrderNumber.VENUE_FILLED]!;
    const total = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    // Told after all, so it was not before our time.
    if (total > known + DUST && numbers[at + OrderNumber.BEFORE_US]! > 0) {
      numbers[at + OrderNumber.BEFORE_US] = Math.max(0, known - numbers[at + OrderNumber.FILLED]!);
    }
    const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    if (filled > known) numbers[at + OrderNumber.VENUE_FILLED] = filled;
    this.noteMissing(slot);
    // How large an order is that was first seen by its fill, nobody has said yet.
    const isWhole = !isNew && filled >= numbers[at + OrderNumber.AMOUNT]! - DUST;
    const event = isWhole ? OrderEvent.FULLY_FILLED : OrderEvent.PART_FILLED;
    this.transit(slot, event);
    if (!orders.isLive(slot)) this.resolve(slot, 0);
    this.refresh(slot);
    this.sink.fillTold(slot, report);
    this.sink.orderChanged(slot, event);
    if (isNew) this.queryLater(slot);
  }

  /** The engine that wrote them is gone, with every connection it had: nothing that was in flight will be answered. */
  onNewRun(): void {
    const { requests, orders } = this;
    for (let request = 0; request < requests.used; request++) {
      if (!requests.isUsed(request)) continue;
      const status = requests.ints[request * RequestInt.SIZE + RequestInt.STATUS];
      if (status === RequestStatus.SENT) this.doubt(request, RequestStatus.UNKNOWN);
    }
    for (let slot = orders.firstLive(); slot >= 0; ) {
      const next = orders.nextLive(slot);
      orders.ints[slot * INT + OrderInt.CONNECTION] = NO_CONNECTION;
      if ((orders.ints[slot * INT + OrderInt.FLAGS]! & OrderFlag.FOREIGN) === 0) this.unsure(slot);
      slot = next;
    }
  }

  /** A connection that requests were written on is gone. `guarded`: cancel on disconnect was armed on it. */
  onConnectionLost(connection: number, guarded: boolean): void {
    const { requests, orders } = this;
    for (let request = 0; request < requests.used; request++) {
      if (!requests.isUsed(request)) continue;
      const at = request * RequestInt.SIZE;
      if (requests.ints[at + RequestInt.CONNECTION] !== connection) continue;
      if (requests.ints[at + RequestInt.STATUS] === RequestStatus.SENT) this.doubt(request, RequestStatus.UNKNOWN);
    }
    if (!guarded) return;
    for (let slot = orders.firstLive(); slot >= 0; ) {
      const next = orders.nextLive(slot);
      if (orders.ints[slot * INT + OrderInt.CONNECTION] === connection) this.unsure(slot);
      slot = next;
    }
  }

  /** It may be gone: the venue must be asked. */
  unsure(slot: number): void {
    this.transit(slot, OrderEvent.UNSURE);
    this.queryLater(slot);
    this.tell(slot, OrderEvent.UNSURE);
  }

  /** Requests that are overdue, and orders that must be asked about. Some times a second. */
  sweep(): void {
    const { requests, orders, now } = this;
    const time = now[0]!;
    for (let request = 0; request < requests.used; request++) {
      if (!requests.isUsed(request)) continue;
      if (requests.ints[request * RequestInt.SIZE + RequestInt.STATUS] !== RequestStatus.SENT) continue;
      if (requests.numbers[request * RequestNumber.SIZE + RequestNumber.DEADLINE]! > time) continue;
      this.doubt(request, RequestStatus.TIMED_OUT);
    }
    for (let slot = orders.firstLive(); slot >= 0; slot = orders.nextLive(slot)) this.askIfDue(slot);
    this.counts[KeeperCount.MISSING_LONG] = 0;
    if (this.counts[KeeperCount.MISSING]! <= 0) return;
    for (let slot = 0; slot < orders.capacity; slot++) {
      const since = orders.numbers[slot * NUM + OrderNumber.MISSING_SINCE]!;
      if (since === 0 || time < since + MISSING_AFTER_MICROS) continue;
      this.counts[KeeperCount.MISSING_LONG]! += 1;
      if (orders.numbers[slot * NUM + OrderNumber.QUERY_DUE] === 0) this.queryLater(slot);
      this.askIfDue(slot);
    }
  }

  /** A reconciliation has ended that began at this log event: what it should have told and did not is inferred. */
  inferMissing(begunAtEvent: number, begunTime: number): void {
    const { orders } = this;
    if (this.counts[KeeperCount.MISSING]! <= 0) return;
    for (let slot = 0; slot < orders.capacity; slot++) {
      const since = orders.numbers[slot * NUM + OrderNumber.MISSING_SINCE]!;
      if (since === 0) continue;
      const pictured = orders.numbers[slot * NUM + OrderNumber.PICTURED_AT_EVENT]!;
      // Older than our counting and first seen now: its fills are in the positions that we found.
      const createdBefore = orders.numbers[slot * NUM + OrderNumber.FILLED] === 0 && this.isOlderThanUs(slot);
      if (createdBefore) {
        orders.numbers[slot * NUM + OrderNumber.BEFORE_US] = orders.numbers[slot * NUM + OrderNumber.VENUE_FILLED]!;
        this.noteMissing(slot);
      } else if (
        since < begunTime &&
        pictured > 0 &&
        orders.numbers[slot * NUM + OrderNumber.SENT_AT_EVENT]! < begunAtEvent
      ) {
        this.infer(slot);
      }
    }
  }

  /**
   * Orders that a reconciliation should have mentioned and did not. Each is asked about alone; one that is missing from two in a
   * row, whose fills were asked for each time, is gone, since asking about hundreds one by one would take minutes.
   * @returns how many are in doubt now
   */
  findAbsent(number: number, begunAtEvent: number, withFills: boolean): number {
    const { orders } = this;
    let doubtful = 0;
    for (let slot = orders.firstLive(); slot >= 0; ) {
      const next = orders.nextLive(slot);
      const at = slot * NUM;
      const mentioned = orders.ints[slot * INT + OrderInt.MENTIONED] === number;
      const isNewer =
        orders.numbers[at + OrderNumber.SENT_AT_EVENT]! >= begunAtEvent ||
        orders.numbers[at + OrderNumber.PICTURED_AT_EVENT]! >= begunAtEvent;
      if (!mentioned && !isNewer) {
        orders.ints[slot * INT + OrderInt.ABSENT]! += 1;
        if (withFills && orders.ints[slot * INT + OrderInt.ABSENT]! >= GONE_AFTER) this.absent(slot, begunAtEvent);
        else {
          doubtful++;
          orders.ints[slot * INT + OrderInt.QUERIES] = 0;
          this.unsure(slot);
        }
      }
      slot = next;
    }
    return doubtful;
  }

  /** The worst that may still trade, whatever becomes of the requests in flight. */
  refresh(slot: number): void {
    const { orders, requests } = this;
    const { numbers, ints } = orders;
    const at = slot * NUM;
    const buys = orders.isBuy(slot);
    if (!orders.isLive(slot)) {
      numbers[at + OrderNumber.WORST_REMAINING] = 0;
      numbers[at + OrderNumber.WORST_PRICE] = numbers[at + OrderNumber.PRICE]!;
      return;
    }
    let price = numbers[at + OrderNumber.PRICE]!;
    let amount = numbers[at + OrderNumber.AMOUNT]!;
    let request = ints[slot * INT + OrderInt.REQUESTS]! - 1;
    while (request >= 0) {
      const from = request * RequestNumber.SIZE;
      const action = requests.ints[request * RequestInt.SIZE + RequestInt.ACTION]!;
      if (action === OrderAction.PLACE || action === OrderAction.AMEND || action === OrderAction.QUOTE) {
        const asked = requests.numbers[from + RequestNumber.PRICE]!;
        if (buys ? asked > price : asked < price) price = asked;
        if (requests.numbers[from + RequestNumber.AMOUNT]! > amount) {
          amount = requests.numbers[from + RequestNumber.AMOUNT]!;
        }
      }
      request = requests.ints[request * RequestInt.SIZE + RequestInt.NEXT]! - 1;
    }
    const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    numbers[at + OrderNumber.WORST_PRICE] = price;
    numbers[at + OrderNumber.WORST_REMAINING] = amount > filled ? amount - filled : 0;
  }

  private place(report: SendReport, order: ApprovedOrder): number {
    const { orders } = this;
    const slot = this.create();
    if (slot < 0) return -1;
    const at = slot * INT;
    const { ints, numbers } = orders;
    ints[at + OrderInt.INSTRUMENT] = order.instrument();
    ints[at + OrderInt.SIDE] = order.side();
    ints[at + OrderInt.FLAGS] = order.flags() & KEPT_FLAGS;
    ints[at + OrderInt.STRATEGY] = order.strategy();
    ints[at + OrderInt.ACCOUNT] = order.account();
    ints[at + OrderInt.GROUP] = order.group();
    ints[at + OrderInt.TIME_IN_FORCE] = order.timeInForce();
    ints[at + OrderInt.QUOTE_SET] = order.quoteSet();
    ints[at + OrderInt.CONNECTION] = report.connection();
    numbers[slot * NUM + OrderNumber.PRICE] = order.price();
    numbers[slot * NUM + OrderNumber.AMOUNT] = order.amount();
    if (order.action() === OrderAction.QUOTE) orders.holdPlace(slot);
    this.countWorking(slot, 1);
    return slot;
  }

  /** A slot for the identity in the table's key. */
  private create(): number {
    const { orders, now } = this;
    const leaves = orders.leavesNext();
    if (leaves >= 0) this.letGo(leaves);
    const slot = orders.add();
    if (slot < 0) {
      this.counts[KeeperCount.LOST]! += 1;
      this.sink.accountInDoubt();
      return -1;
    }
    orders.numbers[slot * NUM + OrderNumber.CREATED] = now[0]!;
    return slot;
  }

  private addRequest(report: SendReport, order: ApprovedOrder, slot: number, action: number): void {
    const { requests, orders, now } = this;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = order.requestIndex();
    const request = requests.add();
    if (request < 0) {
      // Its answer will find nobody. What it did shows in the account.
      this.counts[KeeperCount.LOST]! += 1;
      this.sink.accountInDoubt();
      return;
    }
    const at = request * RequestInt.SIZE;
    const { ints, numbers } = requests;
    ints[at + RequestInt.ACTION] = action;
    ints[at + RequestInt.ORDER] = slot + 1;
    ints[at + RequestInt.INSTRUMENT] = order.instrument();
    ints[at + RequestInt.SIDE] = order.side();
    ints[at + RequestInt.CONNECTION] = report.connection();
    ints[at + RequestInt.RUN] = order.run();
    ints[at + RequestInt.ORDER_INDEX] = order.index();
    ints[at + RequestInt.ACCOUNT] = order.account();
    const number = request * RequestNumber.SIZE;
    numbers[number + RequestNumber.ORDER_SEQ] = order.orderSeq();
    numbers[number + RequestNumber.PRICE] = order.price();
    numbers[number + RequestNumber.AMOUNT] = this.totalOf(order, slot);
    numbers[number + RequestNumber.SENT_AT_EVENT] = now[1]!;
    numbers[number + RequestNumber.DEADLINE] = now[0]! + this.settings.answerWithinMicros;
    numbers[number + RequestNumber.ROUND_TRIP] = Number.NaN;
    numbers[number + RequestNumber.LIMIT] = Number.NaN;
    if (slot >= 0) {
      const from = slot * INT;
      ints[at + RequestInt.NEXT] = orders.ints[from + OrderInt.REQUESTS]!;
      orders.ints[from + OrderInt.REQUESTS] = request + 1;
      orders.ints[from + OrderInt.REQUEST_COUNT]! += 1;
      orders.ints[from + OrderInt.LAST_REQUEST] = RequestStatus.SENT;
      orders.ints[from + OrderInt.LAST_ACTION] = action;
    }
    this.sink.requestChanged(request);
  }

  /** The total that a request asks for: a quote says what shall be open. */
  private totalOf(order: ApprovedOrder, slot: number): number {
    if (order.action() !== OrderAction.QUOTE || slot < 0) return order.amount();
    const { numbers } = this.orders;
    const at = slot * NUM;
    return order.amount() + numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
  }

  /** Its outcome is known: told, and gone. */
  private finish(request: number, status: number): void {
    const { requests, orders } = this;
    const at = request * RequestInt.SIZE;
    const slot = requests.ints[at + RequestInt.ORDER]! - 1;
    requests.countOut(request);
    requests.ints[at + RequestInt.STATUS] = status;
    if (slot >= 0) {
      this.unlink(slot, request);
      orders.ints[slot * INT + OrderInt.LAST_REQUEST] = status;
    }
    this.sink.requestChanged(request);
    requests.remove(request);
  }

  /** An order gives up its slot: the answers to what was asked of it must not be taken for answers about the next one. */
  private letGo(slot: number): void {
    const { orders, requests } = this;
    if (orders.numbers[slot * NUM + OrderNumber.MISSING_SINCE]! > 0) {
      // Nobody will look for its fills any more: the positions have to show them.
      this.counts[KeeperCount.MISSING]! -= 1;
      this.sink.accountInDoubt();
    }
    let request = orders.ints[slot * INT + OrderInt.REQUESTS]! - 1;
    while (request >= 0) {
      const at = request * RequestInt.SIZE;
      request = requests.ints[at + RequestInt.NEXT]! - 1;
      requests.ints[at + RequestInt.ORDER] = 0;
      requests.ints[at + RequestInt.NEXT] = 0;
    }
  }

  private unlink(slot: number, request: number): void {
    const { requests, orders } = this;
    const from = slot * INT + OrderInt.REQUESTS;
    const next = requests.ints[request * RequestInt.SIZE + RequestInt.NEXT]!;
    orders.ints[slot * INT + OrderInt.REQUEST_COUNT]! -= 1;
    if (orders.ints[from] === request + 1) {
      orders.ints[from] = next;
      return;
    }
    let before = orders.ints[from]! - 1;
    while (before >= 0) {
      const cell = before * RequestInt.SIZE + RequestInt.NEXT;
      if (requests.ints[cell] === request + 1) {
        requests.ints[cell] = next;
        return;
      }
      before = requests.ints[cell]! - 1;
    }
  }

  /** No answer came, or none will: it may have been done. */
  private doubt(request: number, status: number): void {
    const { requests, orders } = this;
    const at = request * RequestInt.SIZE;
    const slot = requests.ints[at + RequestInt.ORDER]! - 1;
    const action = requests.ints[at + RequestInt.ACTION]!;
    if (action === OrderAction.QUERY || action === OrderAction.RECONCILE) {
      // A question changes nothing: it is asked again, and the order has a request less.
      this.finish(request, status);
      if (slot < 0) return;
      this.queryLater(slot);
      this.tell(slot, OrderEvent.UNANSWERED);
      return;
    }
    requests.doubt(request, status);
    this.sink.requestChanged(request);
    if (slot < 0) {
      this.finish(request, status);
      this.sink.accountInDoubt();
      return;
    }
    orders.ints[slot * INT + OrderInt.LAST_REQUEST] = status;
    if (!orders.isLive(slot)) {
      // The order has ended whatever became of this; but a quote may have become another order.
      this.finish(request, RequestStatus.RESOLVED);
      if (action === OrderAction.QUOTE) this.sink.accountInDoubt();
      return;
    }
    const places = action === OrderAction.PLACE || action === OrderAction.QUOTE;
    if (places) this.transit(slot, OrderEvent.UNANSWERED);
    this.queryLater(slot);
    this.tell(slot, OrderEvent.UNANSWERED);
  }

  /** The socket broke while the newest request was being written. */
  private doubtNewest(slot: number, places: boolean): void {
    const request = this.orders.ints[slot * INT + OrderInt.REQUESTS]! - 1;
    if (request >= 0) this.doubt(request, RequestStatus.UNKNOWN);
    else if (places) this.move(slot, OrderEvent.UNANSWERED);
  }

  private accepted(slot: number, action: number, request: number, sentAtEvent: number): void {
    const { orders, requests } = this;
    const at = slot * NUM;
    orders.ints[slot * INT + OrderInt.SEEN] = 1;
    const pictured = orders.numbers[at + OrderNumber.PICTURED_AT_EVENT]! >= sentAtEvent;
    if (action === OrderAction.CANCEL) {
      if (!pictured) this.move(slot, OrderEvent.SHOWN_CANCELLED);
      return;
    }
    if (action === OrderAction.QUERY) return;
    // A venue that answers without a picture has done what was asked.
    if (!pictured) {
      const number = request * RequestNumber.SIZE;
      orders.numbers[at + OrderNumber.PRICE] = requests.numbers[number + RequestNumber.PRICE]!;
      orders.numbers[at + OrderNumber.AMOUNT] = requests.numbers[number + RequestNumber.AMOUNT]!;
    }
    if (action !== OrderAction.AMEND) this.transit(slot, OrderEvent.ACCEPTED);
    this.refresh(slot);
  }

  private refused(slot: number, action: number, reason: number): void {
    const { orders } = this;
    const at = slot * NUM;
    const { numbers, ints } = orders;
    if (action === OrderAction.QUERY) return;
    if (action === OrderAction.CANCEL) {
      // Not to be cancelled: it has ended, and its end was not told.
      if (orders.isLive(slot)) this.queryLater(slot);
      return;
    }
    // Wanted is what is left to be wanted: the order stands as it was before.
    numbers[at + OrderNumber.WANTED_PRICE] = numbers[at + OrderNumber.PRICE]!;
    numbers[at + OrderNumber.WANTED_AMOUNT] = numbers[at + OrderNumber.AMOUNT]!;
    const isNew = ints[slot * INT + OrderInt.SEEN] === 0 && ints[slot * INT + OrderInt.REQUEST_COUNT] === 0;
    if ((action === OrderAction.PLACE || action === OrderAction.QUOTE) && isNew) {
      ints[slot * INT + OrderInt.REASON] = reason;
      this.move(slot, OrderEvent.REFUSED);
    } else if (action === OrderAction.QUOTE) {
      // A refused replacement takes the side away at some venues.
      numbers[at + OrderNumber.QUERY_DUE] = this.now[0]! + REPLACED_AFTER_MICROS;
    }
    this.refresh(slot);
  }

  private queryAnswered(slot: number, accepted: boolean, sentAtEvent: number): void {
    const { orders } = this;
    const at = slot * NUM;
    if (!accepted) {
      this.queryLater(slot);
      this.tell(slot, OrderEvent.REFUSED);
      return;
    }
    orders.ints[slot * INT + OrderInt.QUERIES] = 0;
    orders.numbers[at + OrderNumber.QUERY_DUE] = 0;
    this.resolve(slot, sentAtEvent);
    // Its trades were told before this answer: what is missing still will not be told.
    const since = orders.numbers[at + OrderNumber.MISSING_SINCE]!;
    if (since > 0 && this.now[0]! >= since + MISSING_AFTER_MICROS) this.infer(slot);
    this.tell(slot, OrderEvent.ACCEPTED);
  }

  /** The venue was asked, and knows no such order. */
  private absent(slot: number, sinceEvent: number): void {
    const { ints, numbers } = this.orders;
    // Asked for before it was sent: no wonder.
    if (sinceEvent > 0 && numbers[slot * NUM + OrderNumber.SENT_AT_EVENT]! >= sinceEvent) return;
    const seen = ints[slot * INT + OrderInt.SEEN] === 1;
    this.resolve(slot, sinceEvent);
    this.move(slot, seen ? OrderEvent.ABSENT_ONCE_SEEN : OrderEvent.ABSENT_NEVER_SEEN);
  }

  /** The order that a picture is of; adopts one that is not known; -1 where there is no room. */
  private slotOf(report: OrderReport): number {
    const { orders } = this;
    const instrument = report.instrument();
    const named = loadVenueId(viewOf(report), report.venueOrderId(this.id)!.bb_pos, orders.venueId, 0);
    let slot = named ? orders.findByVenueId(instrument) : -1;
    const byRequest = this.slotOfRequest(report);
    if (byRequest >= 0 && byRequest !== slot) return this.settleRequest(report, slot, byRequest, named);
    if (slot < 0 && (report.flags() & OrderFlag.OURS) !== 0) {
      this.loadIdentity(report.run(), report.orderSeq(), report.index());
      slot = orders.find();
    }
    if (slot < 0 && byRequest >= 0) slot = byRequest;
    if (slot < 0 && (report.flags() & OrderFlag.QUOTE) !== 0) {
      orders.place[0] = report.group();
      orders.place[1] = report.quoteSet() | 0;
      orders.place[2] = instrument;
      orders.place[3] = report.side();
      const placed = orders.findByPlace();
      if (placed >= 0 && !orders.isNamed(placed)) slot = placed;
    }
    if (report.state() === VenueOrderState.NOT_FOUND) return slot;
    if (slot >= 0) {
      if (named && !orders.isNamed(slot)) orders.name(slot);
      return slot;
    }
    return this.adopt(report, named);
  }

  /** Log event at which the question was told as sent that a picture answers; 0 where nobody knows. */
  private askedAtEvent(report: OrderReport): number {
    const { requests } = this;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = report.requestIndex();
    const request = requests.find();
    return request < 0 ? 0 : requests.numbers[request * RequestNumber.SIZE + RequestNumber.SENT_AT_EVENT]!;
  }

  /** It was given up, and the venue has it still. */
  private revive(slot: number): void {
    const { orders } = this;
    if (orders.isLive(slot)) return;
    this.counts[KeeperCount.CONTRADICTIONS]! += 1;
    orders.ints[slot * INT + OrderInt.STATUS] = OrderStatus.UNKNOWN;
    orders.settle(slot, true);
    this.countWorking(slot, 1);
  }

  private slotOfRequest(report: OrderReport): number {
    const { requests } = this;
    if (report.requestSeq() === 0) return -1;
    requests.keySeq[0] = report.requestSeq();
    requests.keyIndex[0] = report.requestIndex();
    const request = requests.find();
    return request < 0 ? -1 : requests.ints[request * RequestInt.SIZE + RequestInt.ORDER]! - 1;
  }

  /** The answer to a request on one order shows another one. */
  private settleRequest(report: OrderReport, slot: number, byRequest: number, named: boolean): number {
    const { orders, requests } = this;
    if (slot >= 0) {
      // The venue changed an order that it had instead of making the one that we meant: that one never was.
      this.revive(slot);
      if (!orders.isNamed(byRequest)) this.move(byRequest, OrderEvent.SHOWN_REJECTED);
      return slot;
    }
    if (!named || !orders.isNamed(byRequest)) {
      if (named) orders.name(byRequest);
      return byRequest;
    }
    // What the request meant to change has ended, and the venue made a new order of it.
    this.loadIdentity(this.now[3]!, report.requestSeq(), report.requestIndex());
    const made = this.create();
    if (made < 0) return -1;
    const request = requests.find();
    this.unlink(byRequest, request);
    const from = byRequest * INT;
    const to = made * INT;
    const { ints, numbers } = orders;
    for (const field of COPIED) ints[to + field] = ints[from + field]!;
    requests.ints[request * RequestInt.SIZE + RequestInt.ORDER] = made + 1;
    requests.ints[request * RequestInt.SIZE + RequestInt.NEXT] = 0;
    ints[to + OrderInt.REQUESTS] = request + 1;
    ints[to + OrderInt.REQUEST_COUNT] = 1;
    numbers[made * NUM + OrderNumber.WANTED_PRICE] = report.price();
    numbers[made * NUM + OrderNumber.WANTED_AMOUNT] = report.amount();
    numbers[made * NUM + OrderNumber.SENT_AT_EVENT] = numbers[byRequest * NUM + OrderNumber.SENT_AT_EVENT]!;
    orders.name(made);
    this.countWorking(made, 1);
    if (orders.isLive(byRequest)) {
      this.transit(byRequest, OrderEvent.UNSURE);
      numbers[byRequest * NUM + OrderNumber.QUERY_DUE] = this.now[0]! + REPLACED_AFTER_MICROS;
      this.tell(byRequest, OrderEvent.UNSURE);
    }
    if ((ints[to + OrderInt.FLAGS]! & OrderFlag.QUOTE) !== 0) orders.holdPlace(made);
    this.transit(made, OrderEvent.SENT);
    return made;
  }

  /** An order that this engine did not place, or not in this run: it trades on our account, so it is kept like any other. */
  private adopt(report: OrderReport, named: boolean): number {
    const { orders, adopted, now } = this;
    const ours = (report.flags() & OrderFlag.OURS) !== 0;
    const ourQuote = (report.flags() & OrderFlag.QUOTE) !== 0 && report.quoteSet() !== NO_QUOTE_SET;
    if (ours) this.loadIdentity(report.run(), report.orderSeq(), report.index());
    else {
      if (adopted[0] !== now[1]) {
        adopted[0] = now[1]!;
        adopted[1] = 0;
      }
      this.loadIdentity(0, now[1]!, adopted[1]!);
      adopted[1]! += 1;
    }
    const slot = this.create();
    if (slot < 0) return -1;
    const at = slot * INT;
    const { ints } = orders;
    ints[at + OrderInt.INSTRUMENT] = report.instrument();
    ints[at + OrderInt.SIDE] = report.side();
    ints[at + OrderInt.TIME_IN_FORCE] = report.timeInForce();
    ints[at + OrderInt.GROUP] = report.group();
    ints[at + OrderInt.QUOTE_SET] = report.quoteSet();
    ints[at + OrderInt.STRATEGY] = ours || ourQuote ? Strategy.ENGINE : Strategy.FOREIGN;
    ints[at + OrderInt.FLAGS] = ours || ourQuote ? OrderFlag.EARLIER_RUN : OrderFlag.FOREIGN;
    ints[at + OrderInt.CONNECTION] = NO_CONNECTION;
    if ((report.flags() & OrderFlag.QUOTE) !== 0) {
      orders.place[0] = report.group();
      orders.place[1] = report.quoteSet() | 0;
      orders.place[2] = report.instrument();
      orders.place[3] = report.side();
      if (orders.findByPlace() < 0) orders.holdPlace(slot);
      else ints[at + OrderInt.FLAGS]! |= OrderFlag.QUOTE;
    }
    if (named) orders.name(slot);
    this.countWorking(slot, 1);
    if (!ours && !ourQuote) this.counts[KeeperCount.FOREIGN]! += 1;
    orders.numbers[slot * NUM + OrderNumber.WANTED_PRICE] = report.price();
    orders.numbers[slot * NUM + OrderNumber.WANTED_AMOUNT] = report.amount();
    // The time by the venue's clock: whether its fills lie before our counting.
    if (report.created() < now[2]!) orders.numbers[slot * NUM + OrderNumber.CREATED] = report.created();
    return slot;
  }

  /** A fill before any picture of its order. */
  private adoptFill(report: FillReport): number {
    const { orders, adopted, now } = this;
    const named = loadVenueId(viewOf(report), report.venueOrderId(this.id)!.bb_pos, orders.venueId, 0);
    if (!named) return -1;
    const ours = (report.flags() & OrderFlag.OURS) !== 0;
    if (ours) this.loadIdentity(report.run(), report.orderSeq(), report.index());
    else {
      if (adopted[0] !== now[1]) {
        adopted[0] = now[1]!;
        adopted[1] = 0;
      }
      this.loadIdentity(0, now[1]!, adopted[1]!);
      adopted[1]! += 1;
    }
    const slot = this.create();
    if (slot < 0) return -1;
    const at = slot * INT;
    orders.ints[at + OrderInt.INSTRUMENT] = report.instrument();
    orders.ints[at + OrderInt.SIDE] = report.side();
    orders.ints[at + OrderInt.STRATEGY] = ours ? Strategy.ENGINE : Strategy.FOREIGN;
    orders.ints[at + OrderInt.FLAGS] = ours ? OrderFlag.EARLIER_RUN : OrderFlag.FOREIGN;
    orders.ints[at + OrderInt.CONNECTION] = NO_CONNECTION;
    orders.numbers[slot * NUM + OrderNumber.AMOUNT] = report.amount();
    orders.numbers[slot * NUM + OrderNumber.PRICE] = report.price();
    orders.name(slot);
    this.countWorking(slot, 1);
    if (!ours) this.counts[KeeperCount.FOREIGN]! += 1;
    return slot;
  }

  private slotOfFill(report: FillReport): number {
    const { orders } = this;
    const named = loadVenueId(viewOf(report), report.venueOrderId(this.id)!.bb_pos, orders.venueId, 0);
    let slot = named ? orders.findByVenueId(report.instrument()) : -1;
    if (slot < 0 && (report.flags() & OrderFlag.OURS) !== 0) {
      this.loadIdentity(report.run(), report.orderSeq(), report.index());
      slot = orders.find();
      if (slot >= 0 && named && !orders.isNamed(slot)) orders.name(slot);
    }
    return slot;
  }

  /** What was inferred of an order gives way to what is told. */
  private takeBack(slot: number, amount: number): void {
    const { numbers } = this.orders;
    const at = slot * NUM;
    const inferred = numbers[at + OrderNumber.INFERRED]!;
    if (inferred <= 0) return;
    const taken = Math.min(inferred, amount);
    const price = numbers[at + OrderNumber.INFERRED_NOTIONAL]! / inferred;
    this.inferred[0] = price;
    this.inferred[1] = -taken;
    this.inferred[2] = numbers[at + OrderNumber.FILLED]!;
    numbers[at + OrderNumber.INFERRED]! -= taken;
    numbers[at + OrderNumber.INFERRED_NOTIONAL]! -= taken * price;
    this.applyInferred(slot, FillKind.TAKEN_BACK);
  }

  /** The venue calls more filled than it tells, and was asked: the rest is counted at the price that makes its average true. */
  private infer(slot: number): void {
    const { numbers } = this.orders;
    const at = slot * NUM;
    const missing = this.missing(slot);
    if (missing <= 0) return;
    const venueFilled = numbers[at + OrderNumber.VENUE_FILLED]!;
    const average = numbers[at + OrderNumber.VENUE_AVERAGE]!;
    const told = numbers[at + OrderNumber.NOTIONAL]!;
    const implied = (average * (venueFilled - numbers[at + OrderNumber.BEFORE_US]!) - told) / missing;
    // An average that was rounded may imply nonsense when little is missing.
    const price = implied > 0 && Number.isFinite(implied) ? implied : numbers[at + OrderNumber.PRICE]!;
    this.inferred[0] = price;
    this.inferred[1] = missing;
    this.inferred[2] = numbers[at + OrderNumber.FILLED]!;
    numbers[at + OrderNumber.INFERRED]! += missing;
    numbers[at + OrderNumber.INFERRED_NOTIONAL]! += missing * price;
    this.counts[KeeperCount.INFERRED]! += 1;
    this.applyInferred(slot, FillKind.INFERRED);
    this.noteMissing(slot);
    const filled = numbers[at + OrderNumber.FILLED]! + numbers[at + OrderNumber.BEFORE_US]!;
    this.move(
      slot,
      filled >= numbers[at + OrderNumber.AMOUNT]! - DUST ? OrderEvent.FULLY_FILLED : OrderEvent.PART_FILLED,
    );
  }

  private applyInferred(slot: number, kind: number): void {
    const { numbers, ints } = this.orders;
    const at = slot * NUM;
    const price = this.inferred[0]!;
    const amount = this.inferred[1]!;
    numbers[at + OrderNumber.FILLED]! += amount;
    numbers[at + OrderNumber.NOTIONAL]! += amount * price;
    const instrument = ints[slot * INT + OrderInt.INSTRUMENT]!;
    if (instrument < this.positions.length) this.positions[instrument]! += this.orders.isBuy(slot) ? amount : -amount;
    this.counts[KeeperCount.FILLS]! += 1;
    this.sink.fillInferred(slot, kind);
  }

  private noteMissing(slot: number): void {
    const { numbers, ints } = this.orders;
    const at = slot * NUM + OrderNumber.MISSING_SINCE;
    const missing = this.missing(slot) > 0;
    if (missing === numbers[at]! > 0) return;
    numbers[at] = missing ? this.now[0]! : 0;
    this.counts[KeeperCount.MISSING]! += missing ? 1 : -1;
    if (missing) ints[slot * INT + OrderInt.FLAGS]! |= OrderFlag.FILLS_MISSING;
    else ints[slot * INT + OrderInt.FLAGS]! &= ~OrderFlag.FILLS_MISSING;
  }

  private isOlderThanUs(slot: number): boolean {
    const { numbers, ints } = this.orders;
    return (
      (ints[slot * INT + OrderInt.FLAGS]! & (OrderFlag.FOREIGN | OrderFlag.EARLIER_RUN)) !== 0 &&
      numbers[slot * NUM + OrderNumber.CREATED]! < this.now[2]!
    );
  }

  /** Requests in doubt that were written before a log event are settled by what the venue showed after it. */
  private resolve(slot: number, sinceEvent: number): void {
    const { orders, requests } = this;
    const finished = !orders.isLive(slot);
    let request = orders.ints[slot * INT + OrderInt.REQUESTS]! - 1;
    while (request >= 0) {
      const next = requests.ints[request * RequestInt.SIZE + RequestInt.NEXT]! - 1;
      const status = requests.ints[request * RequestInt.SIZE + RequestInt.STATUS]!;
      const before = requests.numbers[request * RequestNumber.SIZE + RequestNumber.SENT_AT_EVENT]! < sinceEvent;
      if (status !== RequestStatus.SENT && (finished || before)) {
        this.finish(request, RequestStatus.RESOLVED);
        const at = slot * NUM;
        orders.numbers[at + OrderNumber.WANTED_PRICE] = orders.numbers[at + OrderNumber.PRICE]!;
        orders.numbers[at + OrderNumber.WANTED_AMOUNT] = orders.numbers[at + OrderNumber.AMOUNT]!;
      }
      request = next;
    }
  }

  private queryLater(slot: number): void {
    const { ints, numbers } = this.orders;
    const queries = ints[slot * INT + OrderInt.QUERIES]!;
    let pause = queries === 0 ? 0 : FIRST_DOUBT_MICROS;
    for (let query = 1; query < queries && pause < LONGEST_DOUBT_MICROS; query++) pause *= 2;
    numbers[slot * NUM + OrderNumber.QUERY_DUE] = this.now[0]! + Math.min(pause, LONGEST_DOUBT_MICROS);
    if (pause === 0) this.askIfDue(slot);
  }

  private askIfDue(slot: number): void {
    const { ints, numbers } = this.orders;
    const due = numbers[slot * NUM + OrderNumber.QUERY_DUE]!;
    if (due === 0 || due > this.now[0]!) return;
    if (!this.isInDoubt(slot)) {
      numbers[slot * NUM + OrderNumber.QUERY_DUE] = 0;
      ints[slot * INT + OrderInt.QUERIES] = 0;
      return;
    }
    ints[slot * INT + OrderInt.QUERIES]! += 1;
    numbers[slot * NUM + OrderNumber.QUERY_DUE] = 0;
    this.queryLater(slot);
    this.sink.queryWanted(slot);
  }

  private isInDoubt(slot: number): boolean {
    const { orders } = this;
    if (orders.numbers[slot * NUM + OrderNumber.MISSING_SINCE]! > 0) return true;
    if (!orders.isLive(slot)) return false;
    return true;
  }

  private loadIdentity(run: number, orderSeq: number, index: number): void {
    const { key } = this.orders;
    key.words[0] = run;
    key.words[1] = index;
    key.seq[0] = orderSeq;
  }

  private move(slot: number, event: number): void {
    this.transit(slot, event);
    this.tell(slot, event);
  }

  private tell(slot: number, event: number): void {
    this.refresh(slot);
    this.sink.orderChanged(slot, event);
  }

  private transit(slot: number, event: number): void {
    const { orders } = this;
    const { ints, numbers } = orders;
    const at = slot * INT;
    const status = ints[at + OrderInt.STATUS]!;
    if (contradicts(status, event)) {
      this.counts[KeeperCount.CONTRADICTIONS]! += 1;
      this.queryLater(slot);
    }
    let next = statusAfter(status, event);
    if (next === OrderStatus.OPEN && numbers[slot * NUM + OrderNumber.VENUE_FILLED]! > 0)
      next = OrderStatus.PARTLY_FILLED;
    ints[at + OrderInt.PREVIOUS_STATUS] = status;
    numbers[slot * NUM + OrderNumber.CHANGED] = this.now[0]!;
    if (next === status) return;
    const wasLive = orders.isLive(slot);
    ints[at + OrderInt.STATUS] = next;
    const isLive = orders.isLive(slot);
    if (status === OrderStatus.NONE) {
      // It came in as live; one that is finished at first sight goes where it belongs.
      if (!isLive) {
        orders.settle(slot, false);
        this.countWorking(slot, -1);
      }
      return;
    }
    orders.settle(slot, !wasLive);
    if (wasLive !== isLive) this.countWorking(slot, isLive ? 1 : -1);
    // Whatever is in doubt about an order that has ended is settled by its end.
    if (!isLive) this.resolve(slot, 0);
  }

  private countWorking(slot: number, by: number): void {
    const instrument = this.orders.ints[slot * INT + OrderInt.INSTRUMENT]!;
    if (instrument >= 0 && instrument < this.working.length) this.working[instrument]! += by;
  }
}

/** What a new order takes over from the one that its request meant. */
const COPIED = [
  OrderInt.INSTRUMENT,
  OrderInt.SIDE,
  OrderInt.FLAGS,
  OrderInt.STRATEGY,
  OrderInt.ACCOUNT,
  OrderInt.GROUP,
  OrderInt.TIME_IN_FORCE,
  OrderInt.QUOTE_SET,
  OrderInt.CONNECTION,
] as const;

function viewOf(report: { bb: unknown }): DataView {
  return (report.bb as ViewBuffer).view;
}
