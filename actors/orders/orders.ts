import { InstrumentKind } from '../../engine/market/instrument.js';
import { memoryOf } from '../../engine/market/orders/cells.js';
import {
  Armed,
  ConnectionState,
  CreditPool,
  Liquidity,
  NO_SLOT,
  OrderAction,
  RequestOutcome,
  RequestStatus,
  SendOutcome,
  VenueReason,
} from '../../engine/market/orders/codes.js';
import { poolOf } from '../../engine/market/orders/credit-buckets.js';
import type { KeeperSink } from '../../engine/market/orders/order-keeper.js';
import { WHOLE_ACCOUNT } from '../../engine/market/orders/reconciler.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_SEQ, EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import type { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { ApprovedOrder as ApprovedOrderView } from '../../schemas/generated/approved-order.js';
import { ConnectionReport } from '../../schemas/generated/connection-report.js';
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
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { log, orderStates, shownTrading } from '../streams.js';
import { OrderWriters } from './order-writers.js';
import type { OrdersConfig } from './orders-config.js';
import { INT, LAST_FRAME, OrdersMemory } from './orders-memory.js';
import { StateTeller } from './state-teller.js';

const SWEEP = 0;
const SWEEP_EVERY_MICROS = 250_000;

/**
 * Learns from execution's reports what became of every order and of every request on it, and tells the stages behind. Counts each
 * trade once, keeps the mirror of the venue's credits, and says when the venue has to be asked.
 */
class Orders implements CoreActor, KeeperSink {
  private readonly context: CoreContext<OrdersConfig>;
  private readonly memory: OrdersMemory;
  private readonly writers: OrderWriters;
  private readonly teller: StateTeller;
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

  constructor(context: CoreContext<OrdersConfig>) {
    this.context = context;
    this.memory = new OrdersMemory(context.state, context.config, this);
    this.writers = new OrderWriters(context.out, this.memory.keeper);
    this.teller = new StateTeller(context, this.memory);
  }

  onRestore(): void {
    this.memory.readiness.onRestore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    if (this.memory.ints[INT.STARTED] === 0) this.begin();
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
        this.memory.keeper.onFill(this.fill.__init(body, buffer));
        break;
      case MessageType.POSITION_REPORT:
        this.tick();
        this.memory.reconciler.onPosition(this.position.__init(body, buffer));
        break;
      case MessageType.RATE_LIMIT_REPORT:
        this.onRateLimit(this.rate.__init(body, buffer));
        break;
      case MessageType.MMP_REPORT:
        this.memory.readiness.onMmp(this.mmp.__init(body, buffer));
        break;
      case MessageType.CONNECTION_REPORT:
        this.onConnection(this.connection.__init(body, buffer));
        break;
      case MessageType.RECONCILE_REPORT:
        this.tick();
        this.memory.reconciler.onReport(this.reconcile.__init(body, buffer));
        break;
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      default:
        return;
    }
    this.reconcileIfDue();
    this.teller.tellState();
  }

  onTimer(): void {
    this.tick();
    this.context.schedule(SWEEP, this.context.event.time + SWEEP_EVERY_MICROS);
    this.memory.keeper.sweep();
    this.reconcileIfDue();
    this.teller.tellState();
    this.teller.tellCredits();
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
      const inUsd = this.memory.amountsInUsd[report.instrument()] === 1;
      this.memory.meter.traded(inUsd ? report.amount() / report.price() : report.amount());
    }
    this.teller.showFill(this.writers.writeFill(slot, report));
  }

  fillInferred(slot: number, kind: number): void {
    this.teller.showFill(this.writers.writeInferred(slot, kind));
  }

  queryWanted(slot: number): void {
    // Without a connection nothing can be asked; when it is back a reconciliation asks for everything.
    if (this.memory.readiness.isConnected) this.writers.writeQuery(OrderAction.QUERY, slot, 0, 0, Number.NaN);
  }

  accountInDoubt(): void {
    this.memory.reconciler.hasten();
  }

  private reconcileIfDue(): void {
    const { reconciler, readiness } = this.memory;
    if (!reconciler.isDue(readiness.isConnected)) return;
    this.writers.writeQuery(OrderAction.RECONCILE, NO_SLOT, reconciler.number, WHOLE_ACCOUNT, reconciler.since);
  }

  private begin(): void {
    const { ints, keeper, reconciler } = this.memory;
    ints[INT.STARTED] = 1;
    ints[INT.TOLD_REASONS] = -1;
    this.tick();
    keeper.now[2] = this.context.event.time;
    reconciler.block();
    this.context.schedule(SWEEP, this.context.event.time + SWEEP_EVERY_MICROS);
  }

  /** The engine begins, or begins again: nothing that was in flight will be answered, and no connection is there. */
  private onStart(started: RunStarted): void {
    const { keeper, readiness, reconciler } = this.memory;
    this.tick();
    keeper.now[3] = started.run();
    this.memory.otherEngine.onStart(started.run(), keeper.now);
    readiness.forget();
    keeper.onNewRun();
    this.memory.credits.beginAnew(started.lastEvent(), keeper.now[0]!);
    this.memory.ints[INT.CREDITS_MOVED] = 1;
    reconciler.block();
  }

  private tick(): void {
    const { now } = this.memory.keeper;
    const { moment } = this.context.event;
    now[0] = moment[EVENT_TIME]!;
    now[1] = moment[EVENT_SEQ]!;
  }

  private onSend(report: SendReport): void {
    const { keeper, credits, ints, lastFrame, reconciler } = this.memory;
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
    const { keeper, credits, meter, ints } = this.memory;
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
    const { keeper, reconciler } = this.memory;
    this.tick();
    this.memory.otherEngine.look(report, keeper.now);
    const ofThis = report.reconcile() !== 0 && report.reconcile() === reconciler.number;
    keeper.onOrder(report, ofThis ? reconciler.begunAtEvent : 0);
  }

  private onRateLimit(report: RateLimitReport): void {
    const { credits, ints } = this.memory;
    credits.advance(this.context.event.time);
    credits.limit(report.pool(), report.rate(), report.burst());
    ints[INT.CREDITS_MOVED] = 1;
  }

  private onConnection(report: ConnectionReport): void {
    const { keeper, readiness, reconciler } = this.memory;
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
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    if (id >= this.context.config.instruments) return;
    this.memory.reconciler.expiresAt(id, Number.isFinite(instrument.expiry) ? instrument.expiry : 0);
    const isFuture = instrument.kind === InstrumentKind.FUTURE || instrument.kind === InstrumentKind.PERPETUAL;
    this.memory.amountsInUsd[id] = isFuture && instrument.inverse ? 1 : 0;
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
    ...memoryOf((cells) => new OrdersMemory(cells, config, NOBODY)),
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
