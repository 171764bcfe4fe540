import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { AskedRequests } from '../../engine/market/orders/asked-requests.js';
import { bytesOf, type Cells } from '../../engine/market/orders/cells.js';
import {
  Armed,
  CancelReason,
  ConnectionRole,
  ConnectionState,
  CreditPool,
  EVERY_GROUP,
  MmpState,
  NO_INSTRUMENT,
  NO_QUOTE_SET,
  NO_UNDERLYING,
  OrderAction,
  OrderFlag,
  OrderStatus,
  RequestStatus,
  Scope,
  Side,
  Strategy,
  TimeInForce,
  TradingStateCode,
  VenueReason,
} from '../../engine/market/orders/codes.js';
import { CreditBuckets, type CreditSettings, poolOf } from '../../engine/market/orders/credit-buckets.js';
import {
  AS_QUOTE,
  Differ,
  LineInt,
  LineNumber,
  Need,
  SideInt,
  SideNumber,
  URGENT,
} from '../../engine/market/orders/differ.js';
import { Flights } from '../../engine/market/orders/flights.js';
import { Planner, type PlannerSettings, type PlanSink, type PlanView } from '../../engine/market/orders/planner.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import { loadVenueId, storeVenueId, VENUE_ID_WORDS } from '../../engine/market/orders/venue-id.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { structOffset } from '../../schemas/field-offset.js';
import { ConnectionReport } from '../../schemas/generated/connection-report.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { MmpReport } from '../../schemas/generated/mmp-report.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { QueryWanted } from '../../schemas/generated/query-wanted.js';
import { QuotePull } from '../../schemas/generated/quote-pull.js';
import { RateLimitReport } from '../../schemas/generated/rate-limit-report.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { VenueId } from '../../schemas/generated/venue-id.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { desiredFlattens, desiredHedges, desiredQuotes, intents, log, orderStates } from '../streams.js';

export interface DispatchConfig extends PlannerSettings {
  instruments: number;
  /** Quotes that one instrument may have beside each other. */
  quoteSets: number;
  /** What the venue allows until it says something else. */
  credits: CreditSettings;
  /** Whether stages tell hedges and what closes positions. */
  hedges: boolean;
}

/**
 * Deribit takes quotes of 100 instruments in one mass quote; each side may be another's. What went out in two frames would cost a credit that nobody has counted, and who
 * overdraws loses the session.
 */
export const DISPATCH_DEFAULTS: PlannerSettings = { quotesPerFrame: 100, requestsAtOnce: 16, massCancelFrom: 3 };

const TIMER = 0;
/** Whole numbers of the stage itself. */
const INT = {
  RUN: 0,
  READY: 1,
  MASS_QUOTES: 2,
  ORPHANS: 3,
  QUERIES: 4,
  QUERY_HEAD: 5,
  PROTECTED: 6,
  CAN_SEND: 7,
  ASKING: 8,
  SIZE: 9,
} as const;
/** Beside the bits of what is armed on a connection: it is ready. */
const IS_READY = 1 << 16;
const MOST_GROUPS = 32;
/** Orders that nobody wants: they are cancelled one by one, and there should be none. */
const MOST_ORPHANS = 256;
/** Questions that wait for credits. */
const MOST_QUERIES = 512;
const QUERIES_AT_ONCE = 16;
/** Questions about single orders that wait for their answers. */
const MOST_ASKING = 8;
const ORPHANS_AT_ONCE = 16;
/** Requests that asking for one order, and for the whole account, takes. */
const QUERY_COST = 2;
const RECONCILE_COST = 8;
/** Requests that a connection takes from the same credits until it is ready. */
const ARMING_COST = 10;
/** Requests without an answer that are counted as under way: more than the fastest account sends until they are overdue. */
const MOST_FLIGHTS = 4096;
const LOOK_AGAIN_MICROS = 100_000;
/** Execution tells every intent's fate at once, unless it is gone. */
const FORGOTTEN_AFTER_MICROS = 30_000_000;
const FIRST_BLOCK_MICROS = 100_000;
const LONGEST_BLOCK_MICROS = 10_000_000;

const ORPHAN = { SLOT: 0, RUN: 1, INDEX: 2, INSTRUMENT: 3, SIDE: 4, VENUE_ID: 5, SIZE: 5 + VENUE_ID_WORDS } as const;
const ORPHAN_SEQ = 0;
const ORPHAN_ASKED_UNTIL = 1;
const ORPHAN_NUMBERS = 2;

const INTENT_VENUE_ID = structOffset(OrderIntent, 'venueOrderId');
const WANTED_BYTES = QueryWanted.sizeOf();

class Parts {
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
    this.ints = cells.int32(INT.SIZE);
    this.frozenUntil = cells.float64(MOST_GROUPS);
    this.orphanInts = cells.int32(MOST_ORPHANS * ORPHAN.SIZE);
    this.orphanNumbers = cells.float64(MOST_ORPHANS * ORPHAN_NUMBERS);
    this.queries = cells.int32((MOST_QUERIES * WANTED_BYTES) / 4);
    this.connections = cells.int32(2 * 32);
    this.timer = cells.float64(1);
  }
}

/**
 * Desired against working: turns the quotes and hedges that are wanted into requests, within the venue's credits. It remembers
 * what it has asked for until the log tells its fate, so that it never asks twice.
 */
class Dispatch implements CoreActor, PlanSink, PlanView {
  readonly now = new Float64Array(1);
  isReady = false;
  massQuotesAllowed = false;
  private readonly context: CoreContext<DispatchConfig>;
  private readonly parts: Parts;
  private readonly planner: Planner;
  private readonly started = new RunStarted();
  private readonly desired = new DesiredQuote();
  private readonly hedge = new DesiredHedge();
  private readonly pulled = new QuotePull();
  private readonly update = new OrderUpdate();
  private readonly request = new RequestUpdate();
  private readonly trading = new TradingState();
  private readonly connection = new ConnectionReport();
  private readonly mmp = new MmpReport();
  private readonly rate = new RateLimitReport();
  private readonly intent = new OrderIntent();
  private readonly wanted = new QueryWanted();
  private readonly id = new VenueId();
  private readonly range = new Float64Array(2);
  /** Intents of the event under way. */
  private emitted = 0;
  private isDirty = false;

  constructor(context: CoreContext<DispatchConfig>) {
    this.context = context;
    this.parts = new Parts(context.state, context.config);
    this.planner = new Planner(this.parts.differ, this.parts.credits, context.config, this, this);
  }

  underlyingOf(instrument: number): number {
    return this.parts.underlyings.of(instrument);
  }

  isFrozen(group: number): boolean {
    return group < MOST_GROUPS && this.parts.frozenUntil[group]! > this.now[0]!;
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.now[0] = this.context.event.time;
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.RUN_STARTED:
        this.parts.ints[INT.RUN] = this.started.__init(body, buffer).run();
        this.parts.connections.fill(0);
        this.parts.ints[INT.MASS_QUOTES] = 0;
        this.parts.ints[INT.CAN_SEND] = 0;
        this.parts.ints[INT.ASKING] = 0;
        this.parts.flights.clear();
        break;
      case MessageType.DESIRED_QUOTE:
        this.onDesired(this.desired.__init(body, buffer));
        break;
      case MessageType.QUOTE_PULL:
        this.onPull(this.pulled.__init(body, buffer));
        break;
      case MessageType.DESIRED_HEDGE:
        this.onHedge(this.hedge.__init(body, buffer));
        break;
      case MessageType.ORDER_UPDATE:
        this.onUpdate(this.update.__init(body, buffer), buffer);
        break;
      case MessageType.REQUEST_UPDATE:
        this.onRequest(this.request.__init(body, buffer));
        break;
      case MessageType.QUERY_WANTED:
        this.onQuery(buffer, body);
        break;
      case MessageType.TRADING_STATE:
        this.trading.__init(body, buffer);
        this.parts.ints[INT.READY] = this.trading.state() === TradingStateCode.READY ? 1 : 0;
        break;
      case MessageType.ENGINE_STATE:
        this.unblock();
        break;
      case MessageType.CONNECTION_REPORT:
        this.onConnection(this.connection.__init(body, buffer));
        break;
      case MessageType.MMP_REPORT:
        this.onMmp(this.mmp.__init(body, buffer));
        break;
      case MessageType.RATE_LIMIT_REPORT:
        this.rate.__init(body, buffer);
        this.parts.credits.advance(this.now[0]!);
        this.parts.credits.limit(this.rate.pool(), this.rate.rate(), this.rate.burst());
        break;
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        return;
      default:
        return;
    }
    this.isDirty = true;
  }

  onTimer(): void {
    this.now[0] = this.context.event.time;
    this.parts.timer[0] = 0;
    this.forgetPending();
    this.isDirty = true;
  }

  endOfEvent(): void {
    if (this.isDirty) {
      this.isDirty = false;
      this.decide();
    }
    this.emitted = 0;
  }

  place(side: number): void {
    this.ask(OrderAction.PLACE, side, true);
  }

  amend(side: number): void {
    this.ask(OrderAction.AMEND, side, false);
  }

  quote(side: number): void {
    this.ask(OrderAction.QUOTE, side, !this.parts.differ.isWorking(side));
  }

  cancel(side: number): void {
    this.ask(OrderAction.CANCEL, side, false);
  }

  massCancel(scope: number, instrument: number, underlying: number, ordersToo: boolean): void {
    this.cancelScope(scope, instrument, underlying, EVERY_GROUP, NO_QUOTE_SET, ordersToo);
  }

  private decide(): void {
    const { ints, differ, pending } = this.parts;
    this.isReady = ints[INT.READY] === 1;
    this.massQuotesAllowed = ints[INT.MASS_QUOTES] === 1;
    // Nothing can be written, so nothing is decided; what is wanted is there when the connection is.
    if (ints[INT.CAN_SEND] === 0) return;
    this.askQueries();
    this.cancelOrphans();
    const hasRoom = pending.room >= Planner.most(this.context.config);
    const wait = hasRoom ? this.planner.plan() : LOOK_AGAIN_MICROS;
    const more = ints[INT.QUERIES]! > 0 || ints[INT.ORPHANS]! > 0 || !hasRoom;
    if (wait > 0) this.lookAgain(wait);
    else if (more || differ.differing > 0) this.lookAgain(LOOK_AGAIN_MICROS);
  }

  /** Asks for a timer, unless one comes soon enough. */
  private lookAgain(micros: number): void {
    const { timer } = this.parts;
    const now = this.now[0]!;
    if (timer[0]! > now && timer[0]! <= now + micros) return;
    timer[0] = now + micros;
    this.context.schedule(TIMER, timer[0]!);
  }

  /** What was asked for and never told of: the actor that had it is gone, and execution begins again without it. */
  private forgetPending(): void {
    const { pending, differ, flights } = this.parts;
    flights.forget(this.now[0]! - FORGOTTEN_AFTER_MICROS);
    for (;;) {
      const side = pending.takeForgotten(this.now[0]! - FORGOTTEN_AFTER_MICROS);
      if (side < 0) return;
      differ.answer(side);
      differ.look(side);
    }
  }

  private onDesired(desired: DesiredQuote): void {
    const { differ } = this.parts;
    const line = differ.lineOf(desired.instrument(), desired.quoteSet());
    if (line < 0) return;
    const at = line * LineInt.SIZE;
    const { lineInts, lineNumbers } = differ;
    lineInts[at + LineInt.FLAGS] = desired.flags();
    lineInts[at + LineInt.STRATEGY] = desired.strategy();
    lineInts[at + LineInt.GROUP] = desired.group();
    lineInts[at + LineInt.REDUCES] = desired.reducesSide();
    lineInts[at + LineInt.TIME_IN_FORCE] = TimeInForce.UNTIL_CANCELLED;
    const number = line * LineNumber.SIZE;
    lineNumbers[number + LineNumber.TOLERANCE] = desired.tolerance();
    lineNumbers[number + LineNumber.PRICE_VALUE] = desired.priceValue();
    lineNumbers[number + LineNumber.DELTA] = desired.delta();
    const bid = 2 * line * SideNumber.SIZE;
    const ask = bid + SideNumber.SIZE;
    const { sideNumbers } = differ;
    sideNumbers[bid + SideNumber.WANT_PRICE] = desired.bidPrice();
    sideNumbers[bid + SideNumber.WANT_AMOUNT] = desired.bidAmount();
    sideNumbers[bid + SideNumber.EDGE] = desired.bidEdge();
    sideNumbers[ask + SideNumber.WANT_PRICE] = desired.askPrice();
    sideNumbers[ask + SideNumber.WANT_AMOUNT] = desired.askAmount();
    sideNumbers[ask + SideNumber.EDGE] = desired.askEdge();
    differ.look(2 * line);
    differ.look(2 * line + 1);
  }

  private onHedge(hedge: DesiredHedge): void {
    const { differ } = this.parts;
    const line = differ.hedgeLineOf(hedge.instrument());
    if (line < 0) return;
    const at = line * LineInt.SIZE;
    const { lineInts, lineNumbers, sideNumbers } = differ;
    lineInts[at + LineInt.FLAGS] = (hedge.flags() & ~AS_QUOTE) | OrderFlag.HEDGE | URGENT;
    lineInts[at + LineInt.STRATEGY] = hedge.strategy();
    lineInts[at + LineInt.REDUCES] = hedge.side();
    lineInts[at + LineInt.TIME_IN_FORCE] = hedge.timeInForce();
    lineInts[at + LineInt.URGENCY] = hedge.urgency();
    lineNumbers[line * LineNumber.SIZE + LineNumber.TOLERANCE] = hedge.tolerance();
    const amount = hedge.amount();
    lineNumbers[line * LineNumber.SIZE + LineNumber.PRICE_VALUE] = amount > 0 ? hedge.value() / amount : 0;
    for (let side = 2 * line; side <= 2 * line + 1; side++) {
      const wanted = hedge.side() === (differ.isBuy(side) ? Side.BUY : Side.SELL) && hedge.urgency() > 0;
      sideNumbers[side * SideNumber.SIZE + SideNumber.WANT_PRICE] = hedge.price();
      sideNumbers[side * SideNumber.SIZE + SideNumber.WANT_AMOUNT] = wanted ? amount : 0;
      sideNumbers[side * SideNumber.SIZE + SideNumber.EDGE] = 1;
      differ.look(side);
    }
  }

  /** No quotes in a scope: what is wanted goes, and what works there goes by one request. */
  private onPull(pull: QuotePull): void {
    const { differ, credits, underlyings, ints } = this.parts;
    const scope = pull.scope();
    const quoteSet = pull.quoteSet();
    this.range[0] = pull.minDelta();
    this.range[1] = pull.maxDelta();
    let working = 0;
    let orders = 0;
    for (let line = 0; line < differ.lines; line++) {
      const underlying = underlyings.of(differ.instrumentOf(line));
      const isIn = differ.isIn(
        line,
        scope,
        pull.instrument(),
        pull.underlying(),
        underlying,
        pull.group(),
        quoteSet,
        this.range,
      );
      if (!isIn) continue;
      for (let side = 2 * line; side <= 2 * line + 1; side++) {
        differ.sideNumbers[side * SideNumber.SIZE + SideNumber.WANT_AMOUNT] = 0;
        differ.look(side);
        if (!differ.isWorking(side) && differ.isIdle(side)) continue;
        working++;
        if (differ.sideInts[side * SideInt.SIZE + SideInt.IS_QUOTE] === 0) orders++;
      }
    }
    if (working === 0 || ints[INT.CAN_SEND] === 0) return;
    credits.advance(this.now[0]!);
    if (credits.held(CreditPool.CANCEL_ALL) < 1) return;
    credits.take(CreditPool.CANCEL_ALL, 1);
    this.planner.markCancelled(scope, pull.instrument(), pull.underlying(), pull.group(), quoteSet, this.range);
    this.cancelScope(scope, pull.instrument(), pull.underlying(), pull.group(), quoteSet, orders > 0);
  }

  /** An order has changed: it is the one that works on its side, or one that nobody wants. */
  private onUpdate(update: OrderUpdate, buffer: ViewBuffer): void {
    const { differ } = this.parts;
    const instrument = update.instrument();
    const slot = update.slot();
    const live = !isFinished(update.status());
    const line = differ.lineOfOrder(instrument, update.flags(), update.strategy(), update.quoteSet());
    if (line < 0) {
      if ((update.flags() & OrderFlag.FOREIGN) === 0) this.orphan(update, buffer, live);
      return;
    }
    const side = differ.sideOf(line, update.side());
    const at = side * SideInt.SIZE;
    const number = side * SideNumber.SIZE;
    const { sideInts, sideNumbers } = differ;
    const mine = sideInts[at + SideInt.SLOT] === slot + 1;
    if (!mine && sideInts[at + SideInt.SLOT] !== 0) {
      this.orphan(update, buffer, live);
      return;
    }
    this.forgetOrphan(slot);
    if (!live) {
      if (mine) this.clear(side);
      // The venue's protection has taken it: the group is frozen until the venue says otherwise.
      if (update.reason() === CancelReason.MMP && update.status() === OrderStatus.CANCELLED) this.block(side);
      differ.look(side);
      return;
    }
    sideInts[at + SideInt.SLOT] = slot + 1;
    sideInts[at + SideInt.RUN] = update.run();
    sideInts[at + SideInt.INDEX] = update.index();
    sideInts[at + SideInt.REQUESTS] = update.requests();
    sideInts[at + SideInt.DOUBTFUL] = update.status() === OrderStatus.UNKNOWN ? 1 : 0;
    sideInts[at + SideInt.IS_QUOTE] = (update.flags() & OrderFlag.QUOTE) !== 0 ? 1 : 0;
    sideNumbers[number + SideNumber.ORDER_SEQ] = update.orderSeq();
    const settled = update.requests() === 0;
    sideNumbers[number + SideNumber.HAVE_PRICE] = settled ? update.price() : update.wantedPrice();
    const total = settled ? update.amount() : update.wantedAmount();
    const filled = update.filled();
    sideNumbers[number + SideNumber.HAVE_FILLED] = filled;
    sideNumbers[number + SideNumber.HAVE_REMAINING] = settled ? update.remaining() : Math.max(0, total - filled);
    loadVenueId(buffer.view, update.venueOrderId(this.id)!.bb_pos, sideInts, at + SideInt.VENUE_ID);
    if (settled && update.status() !== OrderStatus.UNKNOWN && update.lastRequest() !== RequestStatus.REJECTED) {
      sideInts[at + SideInt.REFUSALS] = 0;
    }
    differ.look(side);
  }

  private clear(side: number): void {
    const { sideInts, sideNumbers } = this.parts.differ;
    const at = side * SideInt.SIZE;
    sideInts[at + SideInt.SLOT] = 0;
    sideInts[at + SideInt.REQUESTS] = 0;
    sideInts[at + SideInt.DOUBTFUL] = 0;
    sideInts[at + SideInt.IS_QUOTE] = 0;
    sideInts.fill(0, at + SideInt.VENUE_ID, at + SideInt.VENUE_ID + VENUE_ID_WORDS);
    const number = side * SideNumber.SIZE;
    sideNumbers[number + SideNumber.HAVE_PRICE] = 0;
    sideNumbers[number + SideNumber.HAVE_REMAINING] = 0;
    sideNumbers[number + SideNumber.HAVE_FILLED] = 0;
    sideNumbers[number + SideNumber.CANCEL_UNTIL] = 0;
  }

  /** What became of a request: of one that was asked for here, the side may be asked for again. */
  private onRequest(request: RequestUpdate): void {
    const { differ, pending, credits, ints, flights } = this.parts;
    const status = request.status();
    if (status !== RequestStatus.SENT) {
      credits.advance(this.now[0]!);
      flights.land(request.requestSeq(), request.requestIndex(), status === RequestStatus.NOT_SENT);
    }
    if (request.action() === OrderAction.QUERY && status !== RequestStatus.SENT && ints[INT.ASKING]! > 0) {
      ints[INT.ASKING]! -= 1;
    }
    const side = pending.take(request.requestSeq(), request.requestIndex());
    if (side >= 0) {
      differ.answer(side);
      if (status === RequestStatus.NOT_SENT) this.failed(side, request.action());
      differ.look(side);
    }
    if (status !== RequestStatus.REJECTED) return;
    if (request.reason() === VenueReason.RATE) credits.empty(poolOf(request.action()));
    if (
      request.action() === OrderAction.QUOTE &&
      (request.reason() === VenueReason.QUOTES_DISABLED ||
        request.reason() === VenueReason.CANCEL_ON_DISCONNECT_REQUIRED)
    ) {
      // Single orders from here on; a connection that comes back may allow mass quotes again.
      ints[INT.MASS_QUOTES] = 0;
    }
    const line = this.lineOfRequest(request);
    if (line < 0) return;
    const refused = differ.sideOf(line, request.side());
    this.failed(refused, request.action());
    differ.look(refused);
  }

  /** The line of the order that a request is on: by its identity, since the request's own record does not say. */
  private lineOfRequest(request: RequestUpdate): number {
    const { differ } = this.parts;
    const { quoteSets } = differ.settings;
    const instrument = request.instrument();
    const index = request.side() === Side.BUY ? 0 : 1;
    for (let set = 0; set <= quoteSets; set++) {
      const line = set === quoteSets ? differ.hedgeLineOf(instrument) : differ.lineOf(instrument, set);
      if (line < 0) continue;
      const side = 2 * line + index;
      const at = side * SideInt.SIZE;
      if (
        differ.sideInts[at + SideInt.RUN] === request.run() &&
        differ.sideInts[at + SideInt.INDEX] === request.index() &&
        differ.sideNumbers[side * SideNumber.SIZE + SideNumber.ORDER_SEQ] === request.orderSeq()
      )
        return line;
    }
    return -1;
  }

  private failed(side: number, action: number): void {
    const { sideNumbers } = this.parts.differ;
    if (action === OrderAction.CANCEL) sideNumbers[side * SideNumber.SIZE + SideNumber.CANCEL_UNTIL] = 0;
    this.block(side);
  }

  /** Each refusal in a row doubles the pause before the next attempt. */
  private block(side: number): void {
    const { sideInts, sideNumbers } = this.parts.differ;
    const at = side * SideInt.SIZE + SideInt.REFUSALS;
    let pause = FIRST_BLOCK_MICROS;
    for (let refusal = 0; refusal < sideInts[at]! && pause < LONGEST_BLOCK_MICROS; refusal++) pause *= 2;
    sideInts[at]! += 1;
    sideNumbers[side * SideNumber.SIZE + SideNumber.BLOCKED_UNTIL] =
      this.now[0]! + Math.min(pause, LONGEST_BLOCK_MICROS);
  }

  /** The engine's state has changed: what was refused in the other may be allowed in this one. */
  private unblock(): void {
    const { differ } = this.parts;
    for (let place = 0; place < differ.differing; place++) {
      const side = differ.list[place]!;
      differ.unblock(side);
      differ.sideInts[side * SideInt.SIZE + SideInt.REFUSALS] = 0;
    }
  }

  private onConnection(report: ConnectionReport): void {
    const { ints, connections, credits } = this.parts;
    const at = 2 * report.connection();
    if (at >= connections.length) return;
    const sends = (report.role() & ConnectionRole.SENDS) !== 0;
    connections[at] = sends ? 1 : 0;
    connections[at + 1] = report.state() === ConnectionState.READY ? report.armed() | IS_READY : 0;
    if (report.state() === ConnectionState.DOWN) ints[INT.ASKING] = 0;
    if (report.state() === ConnectionState.AUTHORISED) {
      credits.advance(this.now[0]!);
      credits.take(CreditPool.NON_MATCHING, ARMING_COST);
    }
    let all = Armed.MASS_QUOTES | Armed.MMP;
    let ready = false;
    let any = false;
    for (let each = 0; each < connections.length; each += 2) {
      if (connections[each] === 0) continue;
      any = true;
      all &= connections[each + 1]!;
      if ((connections[each + 1]! & IS_READY) !== 0) ready = true;
    }
    ints[INT.CAN_SEND] = ready ? 1 : 0;
    ints[INT.PROTECTED] = any && (all & Armed.MMP) !== 0 ? 1 : 0;
    ints[INT.MASS_QUOTES] = any && (all & Armed.MASS_QUOTES) !== 0 ? 1 : 0;
  }

  private onMmp(report: MmpReport): void {
    const group = report.group();
    if (group >= MOST_GROUPS) return;
    const { frozenUntil } = this.parts;
    if (report.state() !== MmpState.TRIGGERED) frozenUntil[group] = 0;
    else if (report.frozenUntil() > 0) frozenUntil[group] = report.frozenUntil();
    else frozenUntil[group] = Number.POSITIVE_INFINITY;
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    this.parts.underlyings.define(id, instrument.venue, instrument.priceIndex);
  }

  private onQuery(buffer: ViewBuffer, body: number): void {
    const { ints, queries } = this.parts;
    // One that does not fit is asked again by whoever wanted it.
    if (ints[INT.QUERIES] === MOST_QUERIES) return;
    const words = WANTED_BYTES / 4;
    // What asks for everything answers all that asks for one order; whoever is in doubt still asks again.
    if (buffer.view.getUint32(body, true) === OrderAction.RECONCILE) ints[INT.QUERIES] = 0;
    const place = (ints[INT.QUERY_HEAD]! + ints[INT.QUERIES]!) % MOST_QUERIES;
    const at = place * words;
    for (let word = 0; word < words; word++) queries[at + word] = buffer.view.getInt32(body + 4 * word, true);
    ints[INT.QUERIES]! += 1;
  }

  private askQueries(): void {
    const { ints, credits, queries } = this.parts;
    credits.advance(this.now[0]!);
    for (let asked = 0; asked < QUERIES_AT_ONCE && ints[INT.QUERIES]! > 0; asked++) {
      const words = WANTED_BYTES / 4;
      const at = ints[INT.QUERY_HEAD]! * words;
      const isWhole = queries[at] === OrderAction.RECONCILE;
      // Many questions in a queue at the venue would hold up the one that answers them all.
      if (!isWhole && ints[INT.ASKING]! >= MOST_ASKING) return;
      const cost = isWhole ? RECONCILE_COST : QUERY_COST;
      if (credits.held(CreditPool.NON_MATCHING) < cost) return;
      credits.take(CreditPool.NON_MATCHING, cost);
      ints[INT.QUERY_HEAD] = (ints[INT.QUERY_HEAD]! + 1) % MOST_QUERIES;
      ints[INT.QUERIES]! -= 1;
      if (!isWhole) ints[INT.ASKING]! += 1;
      this.parts.flights.depart(this.context.event.seq, this.emitted, CreditPool.NON_MATCHING, cost, this.now);
      this.writeQuery(at);
    }
  }

  private writeQuery(at: number): void {
    const { queries } = this.parts;
    const { out } = this.context;
    const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
    const wanted = this.wanted.__init(0, this.scratch(at));
    const intent = this.intent.__init(body, out.buffer);
    intent.mutate_action(wanted.action());
    intent.mutate_instrument(wanted.instrument());
    intent.mutate_side(wanted.side());
    intent.mutate_run(wanted.run());
    intent.mutate_index(wanted.index());
    intent.mutate_orderSeq(wanted.orderSeq());
    intent.mutate_account(wanted.account());
    intent.mutate_requestIndex(this.emitted++);
    intent.mutate_price(Number.NaN);
    intent.mutate_validUntil(Number.NaN);
    intent.mutate_minDelta(Number.NaN);
    intent.mutate_maxDelta(Number.NaN);
    intent.mutate_quoteSet(NO_QUOTE_SET);
    intent.mutate_underlying(NO_UNDERLYING);
    intent.mutate_since(wanted.since());
    intent.mutate_reconcile(wanted.reconcile());
    intent.mutate_subject(wanted.subject());
    storeVenueId(queries, at + WANTED_VENUE_ID / 4, out.buffer.view, body + INTENT_VENUE_ID);
  }

  private scratch(at: number): ViewBuffer {
    const { queries } = this.parts;
    for (let word = 0; word < WANTED_BYTES / 4; word++) SCRATCH.view.setInt32(4 * word, queries[at + word]!, true);
    return SCRATCH;
  }

  /** An order of ours on a side that has another: it is cancelled, alone. */
  private orphan(update: OrderUpdate, buffer: ViewBuffer, live: boolean): void {
    const { ints, orphanInts, orphanNumbers } = this.parts;
    const slot = update.slot();
    if (!live) {
      this.forgetOrphan(slot);
      return;
    }
    let place = this.placeOfOrphan(slot);
    if (place < 0) {
      if (ints[INT.ORPHANS] === MOST_ORPHANS) return;
      place = ints[INT.ORPHANS]!;
      ints[INT.ORPHANS]! += 1;
      orphanNumbers[place * ORPHAN_NUMBERS + ORPHAN_ASKED_UNTIL] = 0;
    }
    const at = place * ORPHAN.SIZE;
    orphanInts[at + ORPHAN.SLOT] = slot;
    orphanInts[at + ORPHAN.RUN] = update.run();
    orphanInts[at + ORPHAN.INDEX] = update.index();
    orphanInts[at + ORPHAN.INSTRUMENT] = update.instrument();
    orphanInts[at + ORPHAN.SIDE] = update.side();
    orphanNumbers[place * ORPHAN_NUMBERS + ORPHAN_SEQ] = update.orderSeq();
    loadVenueId(buffer.view, update.venueOrderId(this.id)!.bb_pos, orphanInts, at + ORPHAN.VENUE_ID);
  }

  private placeOfOrphan(slot: number): number {
    const { ints, orphanInts } = this.parts;
    for (let place = 0; place < ints[INT.ORPHANS]!; place++) {
      if (orphanInts[place * ORPHAN.SIZE + ORPHAN.SLOT] === slot) return place;
    }
    return -1;
  }

  private forgetOrphan(slot: number): void {
    const { ints, orphanInts, orphanNumbers } = this.parts;
    if (ints[INT.ORPHANS] === 0) return;
    const place = this.placeOfOrphan(slot);
    if (place < 0) return;
    const last = ints[INT.ORPHANS]! - 1;
    orphanInts.copyWithin(place * ORPHAN.SIZE, last * ORPHAN.SIZE, (last + 1) * ORPHAN.SIZE);
    orphanNumbers.copyWithin(place * ORPHAN_NUMBERS, last * ORPHAN_NUMBERS, (last + 1) * ORPHAN_NUMBERS);
    ints[INT.ORPHANS] = last;
  }

  private cancelOrphans(): void {
    const { ints, orphanInts, orphanNumbers, credits } = this.parts;
    const { out } = this.context;
    for (let place = 0; place < ints[INT.ORPHANS]!; place++) {
      const number = place * ORPHAN_NUMBERS;
      if (orphanNumbers[number + ORPHAN_ASKED_UNTIL]! > this.now[0]!) continue;
      if (credits.held(CreditPool.MATCHING) < 1) return;
      credits.take(CreditPool.MATCHING, 1);
      orphanNumbers[number + ORPHAN_ASKED_UNTIL] = this.now[0]! + CANCEL_ORPHAN_AGAIN_MICROS;
      const at = place * ORPHAN.SIZE;
      const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
      const intent = this.intent.__init(body, out.buffer);
      this.parts.flights.depart(this.context.event.seq, this.emitted, CreditPool.MATCHING, 1, this.now);
      this.head(intent, OrderAction.CANCEL, orphanInts[at + ORPHAN.INSTRUMENT]!, orphanInts[at + ORPHAN.SIDE]!);
      intent.mutate_strategy(Strategy.ENGINE);
      intent.mutate_run(orphanInts[at + ORPHAN.RUN]!);
      intent.mutate_index(orphanInts[at + ORPHAN.INDEX]!);
      intent.mutate_orderSeq(orphanNumbers[number + ORPHAN_SEQ]!);
      storeVenueId(orphanInts, at + ORPHAN.VENUE_ID, out.buffer.view, body + INTENT_VENUE_ID);
      if (this.emitted >= QUERIES_AT_ONCE + ORPHANS_AT_ONCE) return;
    }
  }

  /** Fields that every intent has. */
  private head(intent: OrderIntent, action: number, instrument: number, side: number): void {
    intent.mutate_action(action);
    intent.mutate_instrument(instrument);
    intent.mutate_side(side);
    intent.mutate_requestIndex(this.emitted++);
    intent.mutate_run(this.parts.ints[INT.RUN]!);
    intent.mutate_price(Number.NaN);
    intent.mutate_validUntil(Number.NaN);
    intent.mutate_minDelta(Number.NaN);
    intent.mutate_maxDelta(Number.NaN);
    intent.mutate_since(Number.NaN);
    intent.mutate_quoteSet(NO_QUOTE_SET);
    const underlying = this.parts.underlyings.of(instrument);
    intent.mutate_underlying(underlying < 0 ? NO_UNDERLYING : underlying);
  }

  private ask(action: number, side: number, isNew: boolean): void {
    const { differ, pending, ints } = this.parts;
    const { out, event } = this.context;
    const line = side >> 1;
    const at = side * SideInt.SIZE;
    const number = side * SideNumber.SIZE;
    const { sideInts, sideNumbers, lineInts } = differ;
    const body = out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf());
    const intent = this.intent.__init(body, out.buffer);
    const index = this.emitted;
    this.head(intent, action, differ.instrumentOf(line), differ.isBuy(side) ? Side.BUY : Side.SELL);
    intent.mutate_strategy(lineInts[line * LineInt.SIZE + LineInt.STRATEGY]!);
    intent.mutate_group(lineInts[line * LineInt.SIZE + LineInt.GROUP]!);
    intent.mutate_quoteSet(differ.quoteSetOf(line));
    intent.mutate_urgency(lineInts[line * LineInt.SIZE + LineInt.URGENCY]!);
    if (isNew) {
      intent.mutate_run(ints[INT.RUN]!);
      intent.mutate_orderSeq(event.seq);
      intent.mutate_index(index);
    } else {
      intent.mutate_run(sideInts[at + SideInt.RUN]!);
      intent.mutate_orderSeq(sideNumbers[number + SideNumber.ORDER_SEQ]!);
      intent.mutate_index(sideInts[at + SideInt.INDEX]!);
      storeVenueId(sideInts, at + SideInt.VENUE_ID, out.buffer.view, body + INTENT_VENUE_ID);
    }
    if (action !== OrderAction.CANCEL) {
      // A venue without protection refuses what asks for it; that nothing goes without it is for the orders stage to say.
      const unprotected = ints[INT.PROTECTED] === 1 ? 0 : OrderFlag.MMP;
      const flags = lineInts[line * LineInt.SIZE + LineInt.FLAGS]! & ~(URGENT | unprotected);
      intent.mutate_flags(action === OrderAction.QUOTE ? flags | OrderFlag.QUOTE : flags & ~OrderFlag.QUOTE);
      intent.mutate_timeInForce(lineInts[line * LineInt.SIZE + LineInt.TIME_IN_FORCE]!);
      intent.mutate_price(sideNumbers[number + SideNumber.WANT_PRICE]!);
      const wanted = sideNumbers[number + SideNumber.WANT_AMOUNT]!;
      // An amendment says the total, a quote what shall be open.
      intent.mutate_amount(
        action === OrderAction.AMEND ? wanted + sideNumbers[number + SideNumber.HAVE_FILLED]! : wanted,
      );
      if (differ.needOf(side) !== Need.NOTHING) {
        differ.weigh(side);
        intent.mutate_value(differ.value[0]!);
      }
    }
    differ.ask(side);
    pending.add(event.seq, index, side, this.now);
    this.parts.flights.depart(event.seq, index, poolOf(action), 1, this.now);
  }

  private cancelScope(
    scope: number,
    instrument: number,
    underlying: number,
    group: number,
    quoteSet: number,
    ordersToo: boolean,
  ): void {
    const { out } = this.context;
    const intent = this.intent.__init(out.emit(MessageType.ORDER_INTENT, OrderIntent.sizeOf()), out.buffer);
    this.parts.flights.depart(this.context.event.seq, this.emitted, CreditPool.CANCEL_ALL, 1, this.now);
    this.head(intent, OrderAction.MASS_CANCEL, scope === Scope.INSTRUMENT ? instrument : NO_INSTRUMENT, Side.BOTH);
    intent.mutate_scope(scope);
    intent.mutate_strategy(Strategy.ENGINE);
    intent.mutate_group(group);
    intent.mutate_quoteSet(quoteSet);
    intent.mutate_flags(ordersToo ? OrderFlag.ORDERS_TOO : 0);
    if (scope === Scope.UNDERLYING) intent.mutate_underlying(underlying);
    if (scope === Scope.DELTA_RANGE) {
      intent.mutate_minDelta(this.range[0]!);
      intent.mutate_maxDelta(this.range[1]!);
    }
  }
}

const CANCEL_ORPHAN_AGAIN_MICROS = 2_000_000;
const WANTED_VENUE_ID = structOffset(QueryWanted, 'venueOrderId');
const SCRATCH = new ViewBuffer(new ArrayBuffer(QueryWanted.sizeOf()));

/** Most intents that one event can lead to: whoever stands behind must have room for them. */
export function intentsAtOnce(config: DispatchConfig): number {
  return Planner.most(config) + QUERIES_AT_ONCE + ORPHANS_AT_ONCE + 16;
}

export function dispatch(config: DispatchConfig): CoreDefinition {
  const most = intentsAtOnce(config);
  return defineStage<DispatchConfig>({
    name: 'dispatch',
    reads: [log, orderStates, desiredQuotes, ...(config.hedges ? [desiredHedges, desiredFlattens] : [])],
    writes: intents,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.TICKER,
      MessageType.QUOTE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.CREDIT_STATE,
    ],
    config,
    burst: { records: most, bodyBytes: most * OrderIntent.sizeOf() },
    timers: 1,
    stateBytes: bytesOf((cells) => new Parts(cells, config)),
    create: (context) => new Dispatch(context),
  });
}
