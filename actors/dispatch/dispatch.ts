import { memoryOf } from '../../engine/market/orders/cells.js';
import { EVERY_GROUP, NO_QUOTE_SET, OrderAction, TradingStateCode } from '../../engine/market/orders/codes.js';
import { Planner, type PlannerSettings, type PlanSink, type PlanView } from '../../engine/market/orders/planner.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { ConnectionReport } from '../../schemas/generated/connection-report.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { MmpReport } from '../../schemas/generated/mmp-report.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { QuotePull } from '../../schemas/generated/quote-pull.js';
import { RateLimitReport } from '../../schemas/generated/rate-limit-report.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import { desiredFlattens, desiredHedges, desiredQuotes, intents, log, orderStates } from '../streams.js';
import { type DispatchConfig, DispatchMemory, INT, ORPHANS_AT_ONCE, QUERIES_AT_ONCE } from './dispatch-memory.js';
import { IntentWriter } from './intent-writer.js';
import { Orphans } from './orphans.js';
import { Questions } from './questions.js';
import { VenueDoor } from './venue-door.js';
import { Wishes } from './wishes.js';
import { WorkingOrders } from './working-orders.js';

const TIMER = 0;
const LOOK_AGAIN_MICROS = 100_000;

/**
 * Deribit takes quotes of 100 instruments in one mass quote; each side may be another's. What went out in two frames would cost a credit that nobody has counted, and who
 * overdraws loses the session.
 */
export const DISPATCH_DEFAULTS: PlannerSettings = { quotesPerFrame: 100, requestsAtOnce: 16, massCancelFrom: 3 };

/**
 * Desired against working: turns the quotes and hedges that are wanted into requests, within the venue's credits. It remembers
 * what it has asked for until the log tells its fate, so that it never asks twice.
 */
class Dispatch implements CoreActor, PlanSink, PlanView {
  readonly now = new Float64Array(1);
  isReady = false;
  massQuotesAllowed = false;
  private readonly context: CoreContext<DispatchConfig>;
  private readonly memory: DispatchMemory;
  private readonly planner: Planner;
  private readonly writer: IntentWriter;
  private readonly wishes: Wishes;
  private readonly working: WorkingOrders;
  private readonly orphans: Orphans;
  private readonly questions: Questions;
  private readonly door: VenueDoor;
  private readonly started = new RunStarted();
  private readonly desired = new DesiredQuote();
  private readonly hedge = new DesiredHedge();
  private readonly pulled = new QuotePull();
  private readonly update = new OrderUpdate();
  private readonly request = new RequestUpdate();
  private readonly trading = new TradingState();
  private readonly engine = new EngineState();
  private readonly connection = new ConnectionReport();
  private readonly mmp = new MmpReport();
  private readonly rate = new RateLimitReport();
  private isDirty = false;

  constructor(context: CoreContext<DispatchConfig>) {
    const memory = new DispatchMemory(context.state, context.config);
    const { now } = this;
    this.context = context;
    this.memory = memory;
    this.planner = new Planner(memory.differ, memory.credits, context.config, this, this);
    this.writer = new IntentWriter(context, memory, now);
    this.wishes = new Wishes(memory, now, this.planner, this.writer);
    this.orphans = new Orphans(memory, now, this.writer);
    this.working = new WorkingOrders(memory, now, this.orphans);
    this.questions = new Questions(context, memory, now, this.writer);
    this.door = new VenueDoor(memory, now);
  }

  underlyingOf(instrument: number): number {
    return this.memory.underlyings.of(instrument);
  }

  isFrozen(group: number): boolean {
    return this.door.isFrozen(group);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.RUN_STARTED:
        this.memory.ints[INT.RUN] = this.started.__init(body, buffer).run();
        this.memory.connections.fill(0);
        this.memory.ints[INT.MASS_QUOTES] = 0;
        this.memory.ints[INT.CAN_SEND] = 0;
        // It starts, and says so when it no longer does.
        this.memory.ints[INT.REDUCING] = 1;
        this.memory.ints[INT.ASKING] = 0;
        this.working.onNewRun();
        this.memory.credits.beginAnew(this.started.lastEvent(), this.now[0]!);
        break;
      case MessageType.DESIRED_QUOTE:
        this.wishes.onDesired(this.desired.__init(body, buffer));
        break;
      case MessageType.QUOTE_PULL:
        this.wishes.onPull(this.pulled.__init(body, buffer));
        break;
      case MessageType.DESIRED_HEDGE:
        this.wishes.onHedge(this.hedge.__init(body, buffer));
        break;
      case MessageType.ORDER_UPDATE:
        this.working.onUpdate(this.update.__init(body, buffer), buffer);
        break;
      case MessageType.REQUEST_UPDATE:
        this.working.onRequest(this.request.__init(body, buffer));
        break;
      case MessageType.QUERY_WANTED:
        this.questions.hear(buffer, body);
        break;
      case MessageType.TRADING_STATE:
        this.trading.__init(body, buffer);
        this.memory.ints[INT.READY] = this.trading.state() === TradingStateCode.READY ? 1 : 0;
        break;
      case MessageType.ENGINE_STATE:
        this.working.onEngineState(this.engine.__init(body, buffer).state() === EngineStateCode.ACTIVE);
        break;
      case MessageType.CONNECTION_REPORT:
        this.door.onConnection(this.connection.__init(body, buffer));
        break;
      case MessageType.MMP_REPORT:
        this.door.onMmp(this.mmp.__init(body, buffer));
        break;
      case MessageType.RATE_LIMIT_REPORT:
        this.rate.__init(body, buffer);
        this.memory.credits.advance(this.now[0]!);
        this.memory.credits.limit(this.rate.pool(), this.rate.rate(), this.rate.burst());
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
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    this.memory.timer[0] = 0;
    this.working.forgetPending();
    this.isDirty = true;
  }

  endOfEvent(): void {
    if (this.isDirty) {
      this.isDirty = false;
      this.decide();
    }
    this.writer.emitted = 0;
  }

  place(side: number): void {
    this.writer.ask(OrderAction.PLACE, side, true);
  }

  amend(side: number): void {
    this.writer.ask(OrderAction.AMEND, side, false);
  }

  quote(side: number): void {
    this.writer.ask(OrderAction.QUOTE, side, !this.memory.differ.isWorking(side));
  }

  cancel(side: number): void {
    this.writer.ask(OrderAction.CANCEL, side, false);
  }

  massCancel(scope: number, instrument: number, underlying: number, ordersToo: boolean): void {
    this.writer.cancelScope(scope, instrument, underlying, EVERY_GROUP, NO_QUOTE_SET, ordersToo);
  }

  private decide(): void {
    const { ints, differ, pending } = this.memory;
    this.isReady = ints[INT.READY] === 1;
    this.massQuotesAllowed = ints[INT.MASS_QUOTES] === 1;
    // Nothing can be written, so nothing is decided; what is wanted is there when the connection is.
    if (ints[INT.CAN_SEND] === 0) return;
    this.questions.ask();
    this.orphans.cancel();
    const hasRoom = pending.room >= Planner.most(this.context.config);
    const wait = hasRoom ? this.planner.plan() : LOOK_AGAIN_MICROS;
    const more = ints[INT.QUERIES]! > 0 || ints[INT.ORPHANS]! > 0 || !hasRoom;
    if (wait > 0) this.lookAgain(wait);
    else if (more || differ.differing > 0) this.lookAgain(LOOK_AGAIN_MICROS);
  }

  /** Asks for a timer, unless one comes soon enough. */
  private lookAgain(micros: number): void {
    const { timer } = this.memory;
    const now = this.now[0]!;
    if (timer[0]! > now && timer[0]! <= now + micros) return;
    timer[0] = now + micros;
    this.context.schedule(TIMER, timer[0]!);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    this.memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
  }
}

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
    ...memoryOf((cells) => new DispatchMemory(cells, config)),
    create: (context) => new Dispatch(context),
  });
}
