import { InstrumentKind } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { bytesOf, type Cells } from '../../engine/market/orders/cells.js';
import {
  Armed,
  ConnectionState,
  CreditPool,
  Liquidity,
  NO_SLOT,
  NotReady,
  OrderAction,
  RequestOutcome,
  RequestStatus,
  SendOutcome,
  VenueReason,
} from '../../engine/market/orders/codes.js';
import { CreditBuckets, type CreditSettings, poolOf } from '../../engine/market/orders/credit-buckets.js';
import { KeeperCount, type KeeperSink, OrderKeeper } from '../../engine/market/orders/order-keeper.js';
import { OrderToVolume } from '../../engine/market/orders/order-to-volume.js';
import { Readiness, tradingStateOf } from '../../engine/market/orders/readiness.js';
import { Reconciler, WHOLE_ACCOUNT } from '../../engine/market/orders/reconciler.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_SEQ, EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { ApprovedOrder as ApprovedOrderView } from '../../schemas/generated/approved-order.js';
import { ConnectionReport } from '../../schemas/generated/connection-report.js';
import { CreditState } from '../../schemas/generated/credit-state.js';
import { Fill } from '../../schemas/generated/fill.js';
import { FillReport } from '../../schemas/generated/fill-report.js';
import { MmpReport } from '../../schemas/generated/mmp-report.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { PositionReport } from '../../schemas/generated/position-report.js';
import { QueryWanted } from '../../schemas/generated/query-wanted.js';
import { RateLimitReport } from '../../schemas/generated/rate-limit-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { log, orderStates, SHOWN_FILLS, ShownTrading, shownTrading } from '../streams.js';
import { OrderWriters } from './order-writers.js';

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

/** What most engines need; the rest follows from the number of instruments. */
export function ordersConfig(instruments: number, credits: CreditSettings, needsMmp: boolean): OrdersConfig {
  return {
    instruments,
    orders: Math.min(4096, Math.max(256, 4 * instruments)),
    requests: Math.min(2048, Math.max(128, 2 * instruments)),
    trades: Math.min(16_384, Math.max(1024, 16 * instruments)),
    answerWithinSeconds: 5,
    reconcileEverySeconds: 60,
    reconcileWithinSeconds: 30,
    needsMmp,
    credits,
  };
}

const SWEEP = 0;
const SWEEP_EVERY_MICROS = 250_000;
/** State of the stage itself, int32. */
const INT = { STARTED: 0, TOLD_REASONS: 1, TOLD_STATE: 2, CREDITS_MOVED: 3, OUT_OF_CREDITS: 4, SIZE: 5 } as const;
/** float64: the mass quote that was counted last, its connection. */
const LAST_FRAME = 0;
/** The table is called full before it is: finished orders need room too. */
const FULL_AT = 0.75;

/** What the stage is made of, in the order in which it takes its memory. */
class Parts {
  readonly keeper: OrderKeeper;
  readonly reconciler: Reconciler;
  readonly readiness: Readiness;
  readonly credits: CreditBuckets;
  readonly meter: OrderToVolume;
  readonly ints: Int32Array;
  readonly lastFrame: Float64Array;
  /** By instrument: 1 where amounts are in USD, as of inverse futures. */
  readonly amountsInUsd: Int32Array;

  constructor(cells: Cells, config: OrdersConfig, sink: KeeperSink) {
    const { instruments } = config;
    this.keeper = new OrderKeeper(cells, { ...config, answerWithinMicros: config.answerWithinSeconds * 1e6 }, sink);
    this.reconciler = new Reconciler(
      cells,
      {
        instruments,
        everyMicros: config.reconcileEverySeconds * 1e6,
        withinMicros: config.reconcileWithinSeconds * 1e6,
      },
      this.keeper,
    );
    this.readiness = new Readiness(cells, config);
    this.credits = new CreditBuckets(cells, config.credits);
    this.meter = new OrderToVolume(cells);
    this.ints = cells.int32(INT.SIZE);
    this.lastFrame = cells.float64(1);
    this.amountsInUsd = cells.int32(instruments);
  }
}

/**
 * Learns from execution's reports what became of every order and of every request on it, and tells the stages behind. Counts each
 * trade once, keeps the mirror of the venue's credits, and says when the venue has to be asked.
 */
class Orders implements CoreActor, KeeperSink {
  private readonly context: CoreContext<OrdersConfig>;
  private readonly parts: Parts;
  private readonly writers: OrderWriters;
  private readonly started = new RunStarted();
  private readonly send = new SendReport();
  private readonly sent = new ApprovedOrderView();
  private readonly request = new RequestReport();
  private readonly order = new OrderReport();
  private readonly fill = new FillReport();
  private readonly position = new PositionReport();
  private readonly rate = new RateLimitReport();
  private readonly mmp = new MmpReport();
  private readonly connection = new ConnectionReport();
  private readonly reconcile = new ReconcileReport();
  private readonly credit = new CreditState();
  private readonly trading = new TradingState();

  constructor(context: CoreContext<OrdersConfig>) {
    this.context = context;
    this.parts = new Parts(context.state, context.config, this);
    this.writers = new OrderWriters(context.out, this.parts.keeper);
  }

  onRestore(): void {
    this.parts.readiness.onRestore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (this.parts.ints[INT.STARTED] === 0) this.begin();
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.RUN_STARTED:
        this.onStart(this.started.__init(body, buffer));
        break;
      case MessageType.SEND_REPORT:
        this.onSend(this.send.__init(body, buffer));
        break;
      case MessageType.REQUEST_REPORT:
        this.onRequest(this.request.__init(body, buffer));
        break;
      case MessageType.ORDER_REPORT:
        this.onOrder(this.order.__init(body, buffer));
        break;
      case MessageType.FILL_REPORT:
        this.tick();
        this.parts.keeper.onFill(this.fill.__init(body, buffer));
        break;
      case MessageType.POSITION_REPORT:
        this.tick();
        this.parts.reconciler.onPosition(this.position.__init(body, buffer));
        break;
      case MessageType.RATE_LIMIT_REPORT:
        this.onRateLimit(this.rate.__init(body, buffer));
        break;
      case MessageType.MMP_REPORT:
        this.parts.readiness.onMmp(this.mmp.__init(body, buffer));
        break;
      case MessageType.CONNECTION_REPORT:
        this.onConnection(this.connection.__init(body, buffer));
        break;
      case MessageType.RECONCILE_REPORT:
        this.tick();
        this.parts.reconciler.onReport(this.reconcile.__init(body, buffer));
        break;
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      default:
        return;
    }
    this.reconcileIfDue();
    this.tellState();
  }

  onTimer(): void {
    this.tick();
    this.context.schedule(SWEEP, this.context.event.time + SWEEP_EVERY_MICROS);
    this.parts.keeper.sweep();
    this.reconcileIfDue();
    this.tellState();
    this.tellCredits();
  }

  orderChanged(slot: number, event: number): void {
    this.writers.writeOrder(slot, event);
  }

  requestChanged(request: number): void {
    this.writers.writeRequest(request);
  }

  requestNotSent(report: SendReport, order: ApprovedOrder, slot: number): void {
    this.writers.writeNotSent(report, order, slot, RequestStatus.NOT_SENT);
  }

  fillTold(slot: number, report: FillReport): void {
    if (report.liquidity() === Liquidity.MAKER) {
      const inUsd = this.parts.amountsInUsd[report.instrument()] === 1;
      this.parts.meter.traded(inUsd ? report.amount() / report.price() : report.amount());
    }
    this.showFill(this.writers.writeFill(slot, report));
  }

  /** The last fills stay in sight. */
  private showFill(body: number): void {
    const { keeper } = this.parts;
    const key = ShownTrading.FIRST_FILL + (keeper.counts[KeeperCount.FILLS]! % SHOWN_FILLS);
    this.show(key, MessageType.FILL, body, Fill.sizeOf());
  }

  fillInferred(slot: number, kind: number): void {
    this.showFill(this.writers.writeInferred(slot, kind));
  }

  queryWanted(slot: number): void {
    // Without a connection nothing can be asked; when it is back a reconciliation asks for everything.
    if (this.parts.readiness.isConnected) this.writers.writeQuery(OrderAction.QUERY, slot, 0, 0, Number.NaN);
  }

  accountInDoubt(): void {
    this.parts.reconciler.hasten();
  }

  private reconcileIfDue(): void {
    const { reconciler, readiness } = this.parts;
    if (!reconciler.isDue(readiness.isConnected)) return;
    this.writers.writeQuery(OrderAction.RECONCILE, NO_SLOT, reconciler.number, WHOLE_ACCOUNT, reconciler.since);
  }

  private begin(): void {
    const { ints, keeper, reconciler } = this.parts;
    ints[INT.STARTED] = 1;
    ints[INT.TOLD_REASONS] = -1;
    this.tick();
    keeper.now[2] = this.context.event.time;
    reconciler.block();
    this.context.schedule(SWEEP, this.context.event.time + SWEEP_EVERY_MICROS);
  }

  /** The engine begins, or begins again: nothing that was in flight will be answered, and no connection is there. */
  private onStart(started: RunStarted): void {
    const { keeper, readiness, reconciler } = this.parts;
    this.tick();
    keeper.now[3] = started.run();
    readiness.forget();
    keeper.onNewRun();
    reconciler.block();
  }

  private tick(): void {
    const { now } = this.parts.keeper;
    const { moment } = this.context.event;
    now[0] = moment[EVENT_TIME]!;
    now[1] = moment[EVENT_SEQ]!;
  }

  private onSend(report: SendReport): void {
    const { keeper, credits, ints, lastFrame, reconciler } = this.parts;
    this.tick();
    const order = report.order(this.sent)!;
    if (report.outcome() !== SendOutcome.NOT_SENT) {
      credits.advance(keeper.now[0]!);
      credits.take(poolOf(order.action()), 1);
      if (order.action() === OrderAction.QUOTE && lastFrame[LAST_FRAME] !== report.venueRequest()) {
        // The quotes of one frame share its number.
        lastFrame[LAST_FRAME] = report.venueRequest();
        credits.take(CreditPool.MASS_QUOTES, 1);
      }
      ints[INT.CREDITS_MOVED] = 1;
    } else if (order.action() === OrderAction.RECONCILE && order.reconcile() === reconciler.number) {
      reconciler.fail();
    }
    keeper.onSend(report);
  }

  private onRequest(report: RequestReport): void {
    const { keeper, credits, meter, ints } = this.parts;
    this.tick();
    if (report.outcome() === RequestOutcome.ACCEPTED && changesTheBook(report.action())) {
      meter.advance(keeper.now[0]!);
      meter.changed(Math.max(1, report.cancelled()));
    }
    if (report.reason() === VenueReason.RATE) {
      credits.advance(keeper.now[0]!);
      credits.empty(poolOf(report.action()));
      ints[INT.CREDITS_MOVED] = 1;
    }
    keeper.onRequest(report);
  }

  private onOrder(report: OrderReport): void {
    const { keeper, reconciler } = this.parts;
    this.tick();
    const ofThis = report.reconcile() !== 0 && report.reconcile() === reconciler.number;
    keeper.onOrder(report, ofThis ? reconciler.begunAtEvent : 0);
  }

  private onRateLimit(report: RateLimitReport): void {
    const { credits, ints } = this.parts;
    credits.advance(this.context.event.time);
    credits.limit(report.pool(), report.rate(), report.burst());
    ints[INT.CREDITS_MOVED] = 1;
  }

  private onConnection(report: ConnectionReport): void {
    const { keeper, readiness, reconciler } = this.parts;
    this.tick();
    const connection = report.connection();
    const guarded = (readiness.armedOf(connection) & Armed.CANCEL_ON_DISCONNECT) !== 0;
    const wasConnected = readiness.isConnected;
    readiness.onConnection(report);
    if (report.state() === ConnectionState.DOWN) keeper.onConnectionLost(connection, guarded);
    // Whatever was not heard while it was away has to be asked for.
    if (readiness.isConnected && !wasConnected) reconciler.block();
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    if (id >= this.context.config.instruments) return;
    this.parts.reconciler.expiresAt(id, Number.isFinite(instrument.expiry) ? instrument.expiry : 0);
    const isFuture = instrument.kind === InstrumentKind.FUTURE || instrument.kind === InstrumentKind.PERPETUAL;
    this.parts.amountsInUsd[id] = isFuture && instrument.inverse ? 1 : 0;
  }

  /** Bits of why no new risk may be taken. */
  private reasons(): number {
    const { keeper, reconciler, readiness } = this.parts;
    let reasons = readiness.reasons;
    if (reconciler.ended === 0) reasons |= NotReady.NEVER_RECONCILED;
    if (reconciler.blocks) reasons |= NotReady.RECONCILING;
    if (reconciler.hasFailed) reasons |= NotReady.RECONCILE_FAILED;
    if (keeper.requests.unknown > 0) reasons |= NotReady.REQUESTS_UNKNOWN;
    if (readiness.anyTriggered) reasons |= NotReady.MMP_TRIGGERED;
    if (keeper.orders.live > FULL_AT * keeper.orders.capacity || keeper.counts[KeeperCount.LOST]! > 0) {
      reasons |= NotReady.TABLE_FULL;
    }
    // A picture and its trades are two messages: between them something is always missing.
    if (keeper.counts[KeeperCount.MISSING_LONG]! > 0) reasons |= NotReady.FILLS_MISSING;
    if (reconciler.differing > 0) reasons |= NotReady.POSITIONS_DIFFER;
    return reasons;
  }

  private tellState(): void {
    const { ints } = this.parts;
    const reasons = this.reasons();
    if (reasons === ints[INT.TOLD_REASONS]) return;
    const { out } = this.context;
    const state = tradingStateOf(reasons);
    const trading = this.trading.__init(out.emit(MessageType.TRADING_STATE, TradingState.sizeOf()), out.buffer);
    this.fillState(trading, state, reasons);
    ints[INT.TOLD_REASONS] = reasons;
    ints[INT.TOLD_STATE] = state;
    this.show(ShownTrading.STATE, MessageType.TRADING_STATE, trading.bb_pos, TradingState.sizeOf());
  }

  private fillState(trading: TradingState, state: number, reasons: number): void {
    const { ints, keeper, reconciler } = this.parts;
    trading.mutate_state(state);
    trading.mutate_reasons(reasons);
    trading.mutate_previous(ints[INT.TOLD_STATE]!);
    trading.mutate_openOrders(keeper.orders.live);
    trading.mutate_foreignOrders(keeper.counts[KeeperCount.FOREIGN]!);
    trading.mutate_unknownRequests(keeper.requests.unknown);
    trading.mutate_inFlight(keeper.requests.inFlight);
    trading.mutate_reconciliations(reconciler.ended);
    trading.mutate_lastReconciled(reconciler.lastEnded);
    trading.mutate_fills(keeper.counts[KeeperCount.FILLS]!);
    trading.mutate_duplicates(keeper.counts[KeeperCount.DUPLICATES]!);
    trading.mutate_inferred(keeper.counts[KeeperCount.INFERRED]!);
    trading.mutate_missing(keeper.counts[KeeperCount.MISSING]!);
  }

  /** People alone read it: told with every sweep while anything has to be refilled, and not with every request. */
  private tellCredits(): void {
    const { credits, meter, ints } = this.parts;
    if (ints[INT.CREDITS_MOVED] === 0) return;
    const { out } = this.context;
    credits.advance(this.context.event.time);
    meter.advance(this.context.event.time);
    ints[INT.CREDITS_MOVED] = credits.areFull ? 0 : 1;
    const told = this.credit.__init(out.emit(MessageType.CREDIT_STATE, CreditState.sizeOf()), out.buffer);
    told.mutate_matching(credits.held(CreditPool.MATCHING));
    told.mutate_matchingBurst(credits.burst(CreditPool.MATCHING));
    told.mutate_matchingRate(credits.rate(CreditPool.MATCHING));
    told.mutate_nonMatching(credits.held(CreditPool.NON_MATCHING));
    told.mutate_nonMatchingBurst(credits.burst(CreditPool.NON_MATCHING));
    told.mutate_nonMatchingRate(credits.rate(CreditPool.NON_MATCHING));
    told.mutate_quotes(credits.held(CreditPool.QUOTES));
    told.mutate_quotesBurst(credits.burst(CreditPool.QUOTES));
    told.mutate_quotesRate(credits.rate(CreditPool.QUOTES));
    told.mutate_massQuotes(credits.held(CreditPool.MASS_QUOTES));
    told.mutate_massQuotesBurst(credits.burst(CreditPool.MASS_QUOTES));
    told.mutate_massQuotesRate(credits.rate(CreditPool.MASS_QUOTES));
    told.mutate_cancelAlls(credits.held(CreditPool.CANCEL_ALL));
    told.mutate_cancelHeadroom(credits.headroom);
    told.mutate_bookChanges(meter.changes);
    told.mutate_orderToVolume(meter.ratio);
    this.show(ShownTrading.CREDITS, MessageType.CREDIT_STATE, told.bb_pos, CreditState.sizeOf());
    // How many orders are open changes more often than the state does.
    this.showState();
  }

  /** The state with its numbers as they are now, for people alone. */
  private showState(): void {
    const latest = this.context.shown[0];
    if (latest === undefined) return;
    const { ints } = this.parts;
    const place = latest.claim(ShownTrading.STATE, MessageType.TRADING_STATE, TradingState.sizeOf()) + HEADER_BYTES;
    const trading = this.trading.__init(place, latest.buffer);
    this.fillState(trading, ints[INT.TOLD_STATE]!, ints[INT.TOLD_REASONS]!);
    latest.publish(ShownTrading.STATE);
  }

  /** A copy of what was told, for people. */
  private show(key: number, type: number, body: number, bytes: number): void {
    const latest = this.context.shown[0];
    if (latest === undefined) return;
    const place = latest.claim(key, type, bytes) + HEADER_BYTES;
    copyBody(this.context.out.buffer, body, latest.buffer, place, bytes);
    latest.publish(key);
  }
}

function changesTheBook(action: number): boolean {
  return action !== OrderAction.QUERY && action !== OrderAction.RECONCILE;
}

export function orders(config: OrdersConfig): CoreDefinition {
  const perOrder = 2 * OrderUpdate.sizeOf() + QueryWanted.sizeOf();
  const perRequest = 2 * OrderUpdate.sizeOf() + RequestUpdate.sizeOf() + QueryWanted.sizeOf();
  return defineStage<OrdersConfig>({
    name: 'orders',
    reads: [log],
    writes: orderStates,
    ignores: [MessageType.BOOK_UPDATE, MessageType.TICKER, MessageType.QUOTE, MessageType.TRADE_RUN],
    shows: [shownTrading],
    config,
    // A connection that is lost puts every request and every order in doubt at once.
    burst: {
      records: 3 * config.orders + 4 * config.requests + 16,
      bodyBytes: perOrder * config.orders + perRequest * config.requests + 16 * Fill.sizeOf(),
    },
    timers: 1,
    stateBytes: bytesOf((cells) => new Parts(cells, config, NOBODY)),
    create: (context) => new Orders(context),
  });
}

const nothing = (): void => {};
/** For counting how much memory the parts take. */
const NOBODY: KeeperSink = {
  orderChanged: nothing,
  requestChanged: nothing,
  requestNotSent: nothing,
  fillTold: nothing,
  fillInferred: nothing,
  queryWanted: nothing,
  accountInDoubt: nothing,
};
