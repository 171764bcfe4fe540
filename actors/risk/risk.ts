import { EVERY_INSTRUMENT, LifeCycle } from '../../engine/market/instrument.js';
import { memoryOf } from '../../engine/market/orders/cells.js';
import { OrderAction, OrderFlag, onlyReduces, Scope, TradingStateCode } from '../../engine/market/orders/codes.js';
import { isInverse } from '../../engine/market/portfolio/contract.js';
import { SIMULATION_LIMITS } from '../../engine/market/risk/limits.js';
import { checkOfCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { EVENT_TIME } from '../../engine/runtime/actor/event.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { EngineStateCode } from '../../engine/runtime/supervision/engine-state.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { currencyWords } from '../portfolio/portfolio-book.js';
import { RunMode } from '../sequencer/sequencer.js';
import { endsWithRun } from '../stage-parts/halt-of-run.js';
import { readDefinition } from '../stage-parts/read-definition.js';
import {
  approvedOrders,
  exposures,
  intents,
  log,
  orderStates,
  shownRiskStates,
  shownWorstCases,
  theos,
  tops,
} from '../streams.js';
import { CommandFaults } from './command-faults.js';
import { FillBursts } from './fill-bursts.js';
import { FillQuality } from './fill-quality.js';
import { Holdings } from './holdings.js';
import { IntentChecks } from './intent-checks.js';
import { LimitChanges } from './limit-changes.js';
import { LossHalts } from './loss-halts.js';
import { MarginWatch } from './margin-watch.js';
import { MarketFacts } from './market-facts.js';
import { OwnOrders } from './own-orders.js';
import { PartLosses } from './part-losses.js';
import { FLAG, type RiskConfig, RiskMemory, SCALAR } from './risk-memory.js';
import { MOST_CANCELS, RiskScopes } from './risk-scopes.js';
import { RiskWriter } from './risk-writer.js';
import { TieOutAlarm } from './tie-out-alarm.js';

const TIMER = 0;
/** Between two nodes of the scenario grid. */
const STEP_MICROS = 50_000;
/** Steps between two tellings of the worst case. */
const STEPS_PER_TELLING = 5;
/** Steps between two recomputations of what rests, which take rounding away. */
const STEPS_PER_RECOMPUTATION = 200;

/** The last stage of the core: whatever is to be sent passes every check here, or is refused with its reason. */
class Risk implements CoreActor {
  private readonly context: CoreContext<RiskConfig>;
  private readonly memory: RiskMemory;
  private readonly checks: IntentChecks;
  private readonly writer: RiskWriter;
  private readonly market: MarketFacts;
  private readonly own: OwnOrders;
  private readonly holdings: Holdings;
  private readonly bursts: FillBursts;
  private readonly quality: FillQuality;
  private readonly losses: LossHalts;
  private readonly margins: MarginWatch;
  private readonly parts: PartLosses;
  private readonly scopes: RiskScopes;
  private readonly limitChanges: LimitChanges;
  private readonly faults: CommandFaults;
  private readonly tieOuts: TieOutAlarm;
  private readonly now = new Float64Array(1);
  private readonly seq = new Float64Array(1);
  private readonly added = new Float64Array(1);
  /** A halt in this event has to cancel everything, unless a stage before does. */
  private owesCancel = false;
  private readonly intent = new OrderIntent();
  private readonly trading = new TradingState();
  private readonly engine = new EngineState();
  private readonly operator = new OperatorCommand();

  constructor(context: CoreContext<RiskConfig>) {
    const memory = new RiskMemory(context.state, context.config);
    const { now } = this;
    this.context = context;
    this.memory = memory;
    this.checks = new IntentChecks(memory, now);
    this.writer = new RiskWriter(context, memory, new ViewBuffer(new ArrayBuffer(OrderIntent.sizeOf())));
    this.market = new MarketFacts(memory, now);
    this.own = new OwnOrders(memory, now);
    this.holdings = new Holdings(memory, now);
    this.bursts = new FillBursts(memory, now, this.writer);
    this.quality = new FillQuality(memory, now, this.writer);
    this.scopes = new RiskScopes(memory, this.writer);
    this.losses = new LossHalts(memory, now, this.scopes);
    this.margins = new MarginWatch(memory, this.scopes);
    this.parts = new PartLosses(memory, this.scopes);
    this.limitChanges = new LimitChanges(memory, this.writer);
    this.faults = new CommandFaults(memory, this.writer);
    this.tieOuts = new TieOutAlarm(memory, this.scopes);
  }

  onRestore(): void {
    this.checks.forget();
    this.memory.table.onRestore();
    this.holdings.onRestore();
    this.own.onRestore();
    this.memory.acks.onRestore();
    this.memory.strategyLosses.onRestore();
    this.memory.margins.onRestore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    this.now[0] = this.context.event.moment[EVENT_TIME]!;
    if (type === MessageType.ORDER_INTENT) {
      this.decide(buffer, body);
      return;
    }
    this.checks.forget();
    switch (type) {
      case MessageType.THEO_RUN:
        this.market.onTheos(buffer, body);
        break;
      case MessageType.BOOK_TOP:
        this.market.onTop(buffer, body);
        break;
      case MessageType.TICKER:
        this.market.onTicker(buffer, body);
        break;
      case MessageType.QUOTE:
        this.market.onQuote(buffer, body);
        break;
      case MessageType.ORDER_UPDATE:
        this.own.onOrder(buffer, body);
        break;
      case MessageType.REQUEST_UPDATE:
        this.own.onRequest(buffer, body);
        break;
      case MessageType.FILL:
        this.bursts.onFill(buffer, body);
        this.quality.onFill(buffer, body);
        this.parts.onFill(buffer, body);
        break;
      case MessageType.POSITION:
        this.holdings.onPosition(buffer, body);
        this.parts.onPosition(buffer, body);
        break;
      case MessageType.EXPIRY_EXPOSURE:
        this.holdings.onExpiryExposure(buffer, body);
        break;
      case MessageType.UNDERLYING_EXPOSURE:
        this.holdings.onUnderlyingExposure(buffer, body);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(): void {
    const { memory, context } = this;
    this.now[0] = context.event.time;
    this.checks.forget();
    const { scalars } = memory;
    scalars[SCALAR.STEPS]! += 1;
    this.holdings.scan();
    this.quality.onTimer();
    this.parts.onTimer();
    if (scalars[SCALAR.STEPS]! % STEPS_PER_RECOMPUTATION === 0) memory.resting.recompute();
    if (scalars[SCALAR.STEPS]! % STEPS_PER_TELLING === 0) {
      this.holdings.weigh();
      this.margins.weigh();
      for (let underlying = 0; underlying < memory.underlyings.size; underlying++) {
        if (underlying < context.config.underlyings) this.writer.tellWorst(underlying);
      }
    }
    context.schedule(TIMER, context.event.time + STEP_MICROS);
  }

  endOfEvent(): void {
    if (this.owesCancel) {
      this.owesCancel = false;
      this.writer.cancel(Scope.EVERYTHING, 0, 0, true);
    }
    this.writer.endOfEvent();
  }

  private onRare(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    if (this.faults.look(type, buffer, body)) return;
    if (type === MessageType.TRADING_STATE) this.onTradingState(buffer, body);
    else if (type === MessageType.PROFIT_LOSS) this.losses.onProfit(buffer, body);
    else if (type === MessageType.ACCOUNT_REPORT) this.margins.onAccount(buffer, body);
    else if (type === MessageType.ENGINE_STATE) this.onEngineState(buffer, body);
    else if (type === MessageType.OPERATOR_COMMAND) this.onOperator(buffer, body);
    else if (type === MessageType.INSTRUMENT_DEFINITION) this.onDefinition(buffer, offset);
    else if (type === MessageType.INSTRUMENT_STATE) this.onInstrumentState(buffer, body);
    else if (type === MessageType.RISK_COMMAND) this.scopes.onCommand(buffer, body);
    else if (type === MessageType.TIE_OUT) this.tieOuts.onTieOut(buffer, body);
    else if (type === MessageType.LIMIT_CHANGE) this.limitChanges.onChange(buffer, body);
    else if (type === MessageType.RUN_STARTED) this.onRunStarted(buffer, body);
  }

  private decide(buffer: ViewBuffer, body: number): void {
    const { checks, writer, memory } = this;
    const intent = this.intent.__init(body, buffer);
    if (onlyReduces(intent.action())) {
      if (intent.scope() === Scope.EVERYTHING && (intent.flags() & OrderFlag.ORDERS_TOO) !== 0) this.owesCancel = false;
      writer.approve(buffer, body);
      return;
    }
    const code = checks.check(intent);
    if (code !== 0) {
      writer.refuse(buffer, body, code, checkOfCode(code)!.scope, checks.found, checks.limit);
      return;
    }
    checks.count();
    checks.addition(this.added);
    if (this.added[0]! > 0) {
      this.seq[0] = this.context.event.seq;
      memory.pending.price[0] = intent.price();
      const { instrument, side } = checks;
      memory.pending.add(this.seq, intent.requestIndex(), instrument, side, this.added);
      if ((side & 4) !== 0) memory.scalars[SCALAR.OPENING]! += 1;
      memory.resting.change[0] = this.added[0]!;
      memory.resting.move(instrument, (side & 1) !== 0, (side & 2) !== 0);
      memory.margins.change[0] = this.added[0]!;
      memory.margins.change[1] = memory.pending.price[0]!;
      memory.margins.move(instrument, (side & 1) !== 0);
      memory.secondary.add(instrument, (side & 1) !== 0, (side & 2) !== 0, this.added);
    }
    // What is amended first is moved first: the other side may follow it.
    if (intent.action() === OrderAction.AMEND) checks.moveOwn();
    writer.approve(buffer, body);
  }

  private onTradingState(buffer: ViewBuffer, body: number): void {
    const { flags } = this.memory;
    const trading = this.trading.__init(body, buffer);
    flags[FLAG.READY] = trading.state() === TradingStateCode.READY ? 1 : 0;
    flags[FLAG.IN_FLIGHT] = trading.inFlight();
  }

  private onEngineState(buffer: ViewBuffer, body: number): void {
    this.memory.flags[FLAG.ENGINE] = this.engine.__init(body, buffer).state();
  }

  private onOperator(buffer: ViewBuffer, body: number): void {
    const operator = this.operator.__init(body, buffer);
    if (operator.command() !== CommandCode.HALT) return;
    this.memory.flags[FLAG.ENGINE] = EngineStateCode.HALTED;
    this.owesCancel = true;
    // What a person has halted a person makes active again: an open latch alone must not let quotes out.
    if (!endsWithRun(operator))
      this.scopes.turn(StateScope.EVERYTHING, 0, 0, RiskMode.HALTED, 0, operator.user(), 0, 0);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { memory, context } = this;
    const { id, instrument } = readDefinition(buffer, offset + HEADER_BYTES);
    if (id >= memory.table.capacity) return;
    const underlying = memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (underlying < 0 || underlying >= context.config.underlyings) return;
    const place = memory.places.define(id, underlying, instrument.expiry);
    if (place < 0) return;
    memory.table.define(id, instrument);
    memory.resting.define(id, place, underlying);
    const [word0, word1] = currencyWords(instrument.settlementCurrency);
    memory.margins.define(id, word0, word1);
    if (!isInverse(memory.table.contracts[id]!)) return;
    memory.currencies[2 * underlying] = word0;
    memory.currencies[2 * underlying + 1] = word1;
  }

  private onInstrumentState(buffer: ViewBuffer, body: number): void {
    const { table, flags } = this.memory;
    const state = new InstrumentState().__init(body, buffer);
    const id = state.instrument();
    if (id < table.capacity) table.states[id] = state.state();
    // Instruments keep their own states. Whether the orders stage is ready is another question: it does not hear of this.
    else if (id === EVERY_INSTRUMENT) flags[FLAG.VENUE_CLOSED] = state.state() === LifeCycle.OPEN ? 0 : 1;
  }

  private onRunStarted(buffer: ViewBuffer, body: number): void {
    const { memory, context, writer } = this;
    const started = new RunStarted().__init(body, buffer);
    memory.scalars[SCALAR.RUN] = started.run();
    // Live starts disarmed, whatever a snapshot remembers, and never arms itself.
    memory.flags[FLAG.DISARMED] = started.mode() === RunMode.LIVE ? 1 : 0;
    memory.flags[FLAG.LIVE] = memory.flags[FLAG.DISARMED]!;
    memory.flags[FLAG.READY] = 0;
    // A feed that begins tells of a venue that is closed, and not of one that is open.
    memory.flags[FLAG.VENUE_CLOSED] = 0;
    memory.flags[FLAG.ENGINE] = EngineStateCode.STARTING;
    this.own.forgetApprovals();
    const mode = memory.states.at(0);
    writer.tellState(StateScope.EVERYTHING, 0, 0, mode, mode, 0, 0);
    writer.showState(0);
    context.schedule(TIMER, context.event.time + STEP_MICROS);
  }
}

/** A desk on the simulated venue; live trading states its own. */
export const RISK_DEFAULTS: Pick<RiskConfig, 'limits' | 'protection' | 'venueProtection'> = {
  limits: SIMULATION_LIMITS,
  protection: { windowSeconds: 1, pauseSeconds: 5 },
  venueProtection: { amountUsd: 10_000_000, deltaUsd: 5_000_000, vega: 100_000 },
};

export function risk(config: RiskConfig): CoreDefinition {
  // Every intent is answered once; risk's own cancels and states come beside them.
  const records = config.intentsAtOnce + MOST_CANCELS + config.underlyings + 16;
  return defineStage<RiskConfig>({
    name: 'risk',
    reads: [log, tops, theos, orderStates, exposures, intents],
    writes: approvedOrders,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
      MessageType.CREDIT_STATE,
    ],
    config,
    shows: [shownWorstCases(config.underlyings), shownRiskStates()],
    approvesOrders: true,
    burst: { records, bodyBytes: records * RiskWriter.LARGEST },
    ...memoryOf((cells) => new RiskMemory(cells, config)),
    timers: 1,
    create: (context) => new Risk(context),
  });
}
