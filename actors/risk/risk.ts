import { LifeCycle } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { bytesOf } from '../../engine/market/orders/cells.js';
import {
  OrderAction,
  OrderFlag,
  onlyReduces,
  RequestStatus,
  Scope,
  Side,
  TradingStateCode,
} from '../../engine/market/orders/codes.js';
import { Contract, isInverse, isOption } from '../../engine/market/portfolio/contract.js';
import { LIMIT, LIMIT_NAMES, LIMITS, SIMULATION_LIMITS } from '../../engine/market/risk/limits.js';
import {
  REST_UNIT_FIELDS,
  UNIT_DELTA,
  UNIT_GAMMA,
  UNIT_SHORT,
  UNIT_VEGA,
} from '../../engine/market/risk/resting-book.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { checkOfCode, RiskCode } from '../../engine/market/risk/risk-code.js';
import { RiskMode, StateScope } from '../../engine/market/risk/risk-states.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { HELD, HELD_FIELDS } from '../../engine/market/risk/scenario-scan.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { EngineStateCode } from '../../engine/runtime/supervision/board.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { AccountReport } from '../../schemas/generated/account-report.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { EngineState } from '../../schemas/generated/engine-state.js';
import { ExpiryExposure } from '../../schemas/generated/expiry-exposure.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { LimitChange } from '../../schemas/generated/limit-change.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderIntent } from '../../schemas/generated/order-intent.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { ProfitLoss } from '../../schemas/generated/profit-loss.js';
import { Quote } from '../../schemas/generated/quote.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { RunStarted } from '../../schemas/generated/run-started.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { RunMode } from '../sequencer/sequencer.js';
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
import { IntentChecks } from './intent-checks.js';
import { BASE, BASE_FIELDS, FLAG, METER, type RiskConfig, RiskMemory, SCALAR, SLOT } from './risk-memory.js';
import { RiskWriter } from './risk-writer.js';

const TIMER = 0;
/** Between two nodes of the scenario grid. */
const STEP_MICROS = 50_000;
/** Steps between two tellings of the worst case. */
const STEPS_PER_TELLING = 5;
/** Steps between two recomputations of what rests, which take rounding away. */
const STEPS_PER_RECOMPUTATION = 200;
const YEAR_MICROS = 365 * 86_400e6;
const SECOND_MICROS = 1e6;
/** Instruments whose orders are cancelled one by one when an expiry is halted. */
const MOST_CANCELS = 256;
const LIMIT_OUTCOME = { IN_FORCE: 1, OTHER_VERSION: 2, UNCONFIRMED: 3, NO_LIMIT: 4 } as const;
const POINT = 0.01;

/** What an operator's action makes of a scope's state, by action. */
const MODE_AFTER: readonly (number | undefined)[] = [
  undefined,
  RiskMode.ACTIVE,
  RiskMode.REDUCING,
  RiskMode.HALTED,
  undefined,
  undefined,
  RiskMode.REDUCING,
];

const THEO_BYTES = Theo.sizeOf();
const THEO = {
  FLAGS: fieldOffset(Theo, 'flags'),
  PRICE: fieldOffset(Theo, 'price'),
  VOLATILITY: fieldOffset(Theo, 'volatility'),
  DELTA: fieldOffset(Theo, 'delta'),
  VEGA: fieldOffset(Theo, 'vega'),
  GAMMA: fieldOffset(Theo, 'gamma'),
};

/** The last stage of the core: whatever is to be sent passes every check here, or is refused with its reason. */
class Risk implements CoreActor {
  private readonly context: CoreContext<RiskConfig>;
  private readonly memory: RiskMemory;
  private readonly checks: IntentChecks;
  private readonly writer: RiskWriter;
  private readonly now = new Float64Array(1);
  private readonly seq = new Float64Array(1);
  private readonly added = new Float64Array(1);
  /** [index, mark] that was told last. */
  private readonly seen = new Float64Array(2);
  /** What the scenario scan revalues; rebuilt at every step. */
  private readonly held: Float64Array;
  /** Instruments of which something is held, in their order: the sums of a scan are to be the same whatever came first. */
  private readonly heldIds: Int32Array;
  private heldCount = 0;
  private steps = 0;
  /** A halt in this event has to cancel everything, unless a stage before does. */
  private owesCancel = false;
  private readonly intent = new OrderIntent();
  private readonly order = new OrderUpdate();
  private readonly request = new RequestUpdate();
  private readonly fill = new Fill();
  private readonly trading = new TradingState();
  private readonly ticker = new Ticker();
  private readonly top = new BookTop();
  private readonly quote = new Quote();
  private readonly run = new TheoRun();
  private readonly position = new Position();
  private readonly ofExpiry = new ExpiryExposure();
  private readonly ofUnderlying = new UnderlyingExposure();
  private readonly profit = new ProfitLoss();
  private readonly account = new AccountReport();
  private readonly engine = new EngineState();
  private readonly operator = new OperatorCommand();
  private readonly command = new RiskCommand();
  private readonly change = new LimitChange();

  constructor(context: CoreContext<RiskConfig>) {
    this.context = context;
    this.memory = new RiskMemory(context.state, context.config);
    this.checks = new IntentChecks(this.memory, this.now);
    this.writer = new RiskWriter(context, this.memory, new ViewBuffer(new ArrayBuffer(OrderIntent.sizeOf())));
    this.held = new Float64Array(context.config.instruments * HELD_FIELDS);
    this.heldIds = new Int32Array(context.config.instruments);
  }

  onRestore(): void {
    const { table } = this.memory;
    this.heldCount = 0;
    for (let id = 0; id < table.capacity; id++) if (table.facts[id * FACT_FIELDS + FACT.POSITION] !== 0) this.hold(id);
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    this.now[0] = this.context.event.time;
    switch (type) {
      case MessageType.ORDER_INTENT:
        this.decide(buffer, body);
        break;
      case MessageType.THEO_RUN:
        this.onTheos(buffer, body);
        break;
      case MessageType.BOOK_TOP:
        this.onTop(buffer, body);
        break;
      case MessageType.TICKER:
        this.onTicker(buffer, body);
        break;
      case MessageType.QUOTE:
        this.onQuote(buffer, body);
        break;
      case MessageType.ORDER_UPDATE:
        this.onOrder(buffer, body);
        break;
      case MessageType.REQUEST_UPDATE:
        this.onRequest(buffer, body);
        break;
      case MessageType.FILL:
        this.onFill(buffer, body);
        break;
      case MessageType.POSITION:
        this.onPosition(buffer, body);
        break;
      case MessageType.EXPIRY_EXPOSURE:
        this.onExpiryExposure(buffer, body);
        break;
      case MessageType.UNDERLYING_EXPOSURE:
        this.onUnderlyingExposure(buffer, body);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(): void {
    const { memory, context } = this;
    this.now[0] = context.event.time;
    this.steps++;
    this.fillHeld();
    if (this.steps % STEPS_PER_RECOMPUTATION === 0) memory.resting.recompute();
    if (this.steps % STEPS_PER_TELLING === 0) {
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
    if (type === MessageType.TRADING_STATE) this.onTradingState(buffer, body);
    else if (type === MessageType.PROFIT_LOSS) this.onProfit(buffer, body);
    else if (type === MessageType.ACCOUNT_REPORT) this.onAccount(buffer, body);
    else if (type === MessageType.ENGINE_STATE) this.onEngineState(buffer, body);
    else if (type === MessageType.OPERATOR_COMMAND) this.onOperator(buffer, body);
    else if (type === MessageType.INSTRUMENT_DEFINITION) this.onDefinition(buffer, offset);
    else if (type === MessageType.INSTRUMENT_STATE) this.onInstrumentState(buffer, body);
    else if (type === MessageType.RISK_COMMAND) this.onCommand(buffer, body);
    else if (type === MessageType.LIMIT_CHANGE) this.onLimitChange(buffer, body);
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
    checks.addition(intent, this.added);
    if (this.added[0]! > 0) {
      this.seq[0] = this.context.event.seq;
      memory.pending.add(this.seq, intent.requestIndex(), checks.instrument, checks.side, this.added);
      memory.resting.change[0] = this.added[0]!;
      memory.resting.move(checks.instrument, (checks.side & 1) !== 0, (checks.side & 2) !== 0);
    }
    // What is amended first is moved first: the other side may follow it.
    if (intent.action() === OrderAction.AMEND) checks.moveOwn();
    writer.approve(buffer, body);
  }

  private onTheos(buffer: ViewBuffer, body: number): void {
    const { memory, run } = this;
    const { table, resting } = memory;
    const { view } = buffer;
    run.__init(body, buffer);
    const forward = run.forward();
    const { unit } = resting;
    let at = body + TheoRun.sizeOf();
    for (let left = run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= table.capacity || table.contracts[id] === Contract.NONE) continue;
      const row = id * FACT_FIELDS;
      table.facts[row + FACT.THEO] = view.getFloat64(at + THEO.PRICE, true);
      table.facts[row + FACT.VEGA] = view.getFloat64(at + THEO.VEGA, true);
      table.facts[row + FACT.VOLATILITY] = view.getFloat64(at + THEO.VOLATILITY, true);
      table.theoFlags[id] = view.getUint16(at + THEO.FLAGS, true);
      unit[UNIT_DELTA] = view.getFloat64(at + THEO.DELTA, true);
      unit[UNIT_VEGA] = view.getFloat64(at + THEO.VEGA, true);
      unit[UNIT_GAMMA] = view.getFloat64(at + THEO.GAMMA, true);
      unit[UNIT_SHORT] = 1;
      resting.reprice(id);
      const place = memory.places.of(id);
      if (place >= 0) memory.ofExpiry[place * BASE_FIELDS + BASE.FORWARD] = forward;
    }
  }

  private onTop(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const top = this.top.__init(body, buffer);
    const id = top.instrument();
    if (id >= table.capacity) return;
    table.books[id] = top.state();
    table.facts[id * FACT_FIELDS + FACT.BID] = top.bidPrice();
    table.facts[id * FACT_FIELDS + FACT.ASK] = top.askPrice();
  }

  private onTicker(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const ticker = this.ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= table.capacity || table.contracts[id] === Contract.NONE) return;
    const row = id * FACT_FIELDS;
    table.facts[row + FACT.MARK] = ticker.markPrice();
    table.facts[row + FACT.MIN_PRICE] = ticker.minPrice();
    table.facts[row + FACT.MAX_PRICE] = ticker.maxPrice();
    this.seen[0] = ticker.indexPrice();
    this.seen[1] = ticker.markPrice();
    this.hearOf(id);
  }

  /** A feed of best prices alone tells mark and index too. */
  private onQuote(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const quote = this.quote.__init(body, buffer);
    const id = quote.instrument();
    if (id >= table.capacity || table.contracts[id] === Contract.NONE) return;
    table.facts[id * FACT_FIELDS + FACT.MARK] = quote.markPrice() > 0 ? quote.markPrice() : Number.NaN;
    this.seen[0] = quote.indexPrice();
    this.seen[1] = quote.markPrice();
    this.hearOf(id);
  }

  /** The underlying is alive; a future's delta follows its mark. Index and mark stand in `seen`. */
  private hearOf(id: number): void {
    const { memory, seen } = this;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= memory.config.underlyings) return;
    const base = underlying * BASE_FIELDS;
    if (seen[0]! > 0) {
      memory.ofUnderlying[base + BASE.INDEX] = seen[0]!;
      memory.ofUnderlying[base + BASE.HEARD] = this.now[0]!;
    }
    const contract = memory.table.contracts[id]!;
    if (isOption(contract) || !(seen[1]! > 0)) return;
    const { unit } = memory.resting;
    unit[UNIT_DELTA] = isInverse(contract) ? 1 / seen[1]! : 1;
    unit[UNIT_VEGA] = 0;
    unit[UNIT_GAMMA] = 0;
    unit[UNIT_SHORT] = 0;
    memory.resting.reprice(id);
  }

  /** What may still trade of one order, whatever becomes of the requests on it. */
  private onOrder(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const order = this.order.__init(body, buffer);
    const slot = order.slot();
    if (slot >= memory.slotInstruments.length || order.instrument() >= memory.table.capacity) return;
    this.clearSlot(slot);
    // What the venue calls filled before any fill was told is in no position yet.
    const amount = order.worstRemaining() + Math.max(0, order.missing());
    if (!(amount > 0)) return;
    const flags = order.flags();
    memory.slotInstruments[slot] = order.instrument() + 1;
    memory.slotSides[slot] =
      (order.side() === Side.SELL ? SLOT.SELL : 0) |
      ((flags & OrderFlag.MMP) === 0 ? 0 : SLOT.PROTECTED) |
      ((flags & OrderFlag.QUOTE) === 0 ? 0 : SLOT.QUOTE);
    memory.slotAmounts[slot] = amount;
    memory.slotPrices[slot] = order.worstPrice();
    this.moveSlot(slot, 1);
    this.improve(slot);
  }

  private clearSlot(slot: number): void {
    const { memory } = this;
    const id = memory.slotInstruments[slot]! - 1;
    if (id < 0) return;
    this.moveSlot(slot, -1);
    memory.slotInstruments[slot] = 0;
    const place = id * FACT_FIELDS + ownPlace(memory.slotSides[slot]!);
    const { facts } = memory.table;
    if (facts[place] !== memory.slotPrices[slot]) return;
    // It was our best there: the next best is looked for, unless nothing is left on that side.
    facts[place] = Number.NaN;
    if (memory.resting.resting(id, (memory.slotSides[slot]! & SLOT.SELL) !== 0) <= 0) return;
    for (let other = 0; other < memory.slotInstruments.length; other++) {
      if (memory.slotInstruments[other] === id + 1) this.improve(other);
    }
  }

  private moveSlot(slot: number, sign: number): void {
    const { memory } = this;
    const side = memory.slotSides[slot]!;
    memory.resting.change[0] = sign * memory.slotAmounts[slot]!;
    memory.resting.move(memory.slotInstruments[slot]! - 1, (side & SLOT.SELL) !== 0, (side & SLOT.PROTECTED) !== 0);
  }

  /** Our best price of a kind and side, with this slot among those that it is the best of. */
  private improve(slot: number): void {
    const { memory } = this;
    const { facts } = memory.table;
    const side = memory.slotSides[slot]!;
    const place = (memory.slotInstruments[slot]! - 1) * FACT_FIELDS + ownPlace(side);
    const price = memory.slotPrices[slot]!;
    const isBetter = (side & SLOT.SELL) === 0 ? price > facts[place]! : price < facts[place]!;
    if (Number.isNaN(facts[place]!) || isBetter) facts[place] = price;
  }

  /** The log tells what became of a request: what was approved for it now rests in the order table, or nowhere. */
  private onRequest(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { pending, resting, flags, meters } = memory;
    const request = this.request.__init(body, buffer);
    flags[FLAG.IN_FLIGHT] = request.inFlight();
    if (request.status() === RequestStatus.REJECTED) {
      meters.allows(METER.REJECTS, this.now, memory.limits, LIMIT.rejectsPerMinute, 60 * SECOND_MICROS);
      meters.count(METER.REJECTS);
    }
    this.seq[0] = request.requestSeq();
    const place = pending.take(this.seq, request.requestIndex());
    if (place < 0) return;
    resting.change[0] = -pending.amount[0]!;
    const side = pending.sideAt(place);
    resting.move(pending.instrumentAt(place), (side & 1) !== 0, (side & 2) !== 0);
  }

  /** Our own market maker protection: too much filled at once, and the underlying's quotes go. */
  private onFill(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { burst, table } = memory;
    const fill = this.fill.__init(body, buffer);
    const id = fill.instrument();
    if (id >= table.capacity || !isOption(table.contracts[id]!)) return;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= memory.config.underlyings) return;
    const index = memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
    const amount = fill.side() === Side.SELL ? -fill.amount() : fill.amount();
    const unit = id * REST_UNIT_FIELDS;
    burst.fill[0] = Math.abs(amount) * index;
    burst.fill[1] = amount * memory.resting.units[unit + UNIT_DELTA]! * index;
    burst.fill[2] = amount * memory.resting.units[unit + UNIT_VEGA]! * POINT;
    if (!burst.count(underlying, this.now, memory.limits, LIMIT.mmpAmountUsd)) return;
    this.writer.cancel(Scope.UNDERLYING, underlying, 0, false);
    const told = this.writer.tellState(
      StateScope.UNDERLYING,
      underlying,
      0,
      RiskMode.REDUCING,
      RiskMode.ACTIVE,
      RiskCode.LOCAL_MMP,
      0,
    );
    told.mutate_found(burst.broken[0]!);
    told.mutate_limit(burst.broken[1]!);
  }

  private onTradingState(buffer: ViewBuffer, body: number): void {
    const { flags } = this.memory;
    const trading = this.trading.__init(body, buffer);
    flags[FLAG.READY] = trading.state() === TradingStateCode.READY ? 1 : 0;
    flags[FLAG.OPEN_ORDERS] = trading.openOrders();
    flags[FLAG.IN_FLIGHT] = trading.inFlight();
  }

  private onPosition(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const position = this.position.__init(body, buffer);
    const id = position.instrument();
    if (id >= table.capacity) return;
    const at = id * FACT_FIELDS + FACT.POSITION;
    const wasHeld = table.facts[at] !== 0;
    table.facts[at] = position.size();
    const isHeld = table.facts[at] !== 0;
    if (isHeld && !wasHeld) this.hold(id);
    else if (wasHeld && !isHeld) this.letGo(id);
  }

  private hold(id: number): void {
    const { heldIds } = this;
    let at = this.heldCount++;
    for (; at > 0 && heldIds[at - 1]! > id; at--) heldIds[at] = heldIds[at - 1]!;
    heldIds[at] = id;
  }

  private letGo(id: number): void {
    const { heldIds } = this;
    let at = 0;
    while (heldIds[at] !== id) at++;
    this.heldCount--;
    for (; at < this.heldCount; at++) heldIds[at] = heldIds[at + 1]!;
  }

  private onExpiryExposure(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const told = this.ofExpiry.__init(body, buffer);
    const place = memory.places.find(told.underlying(), told.expiry());
    if (place < 0) return;
    const base = place * BASE_FIELDS;
    memory.ofExpiry[base + BASE.DELTA] = told.delta();
    memory.ofExpiry[base + BASE.VEGA] = told.vega();
    memory.ofExpiry[base + BASE.GAMMA] = told.gamma();
    memory.ofExpiry[base + BASE.SHORT] = told.shortAmount();
    memory.ofExpiry[base + BASE.PIN] = told.pinAmount();
  }

  private onUnderlyingExposure(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const told = this.ofUnderlying.__init(body, buffer);
    const underlying = told.underlying();
    if (underlying >= memory.config.underlyings) return;
    const base = underlying * BASE_FIELDS;
    memory.ofUnderlying[base + BASE.DELTA] = told.delta();
    memory.ofUnderlying[base + BASE.VEGA] = told.vega();
    memory.ofUnderlying[base + BASE.GAMMA] = told.gamma();
    let short = 0;
    for (let place = 0; place < memory.places.size; place++) {
      if (memory.places.underlyings[place] === underlying) short += memory.ofExpiry[place * BASE_FIELDS + BASE.SHORT]!;
    }
    memory.ofUnderlying[base + BASE.SHORT] = short;
  }

  private onProfit(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { losses, limits } = memory;
    const told = this.profit.__init(body, buffer);
    const underlying = told.underlying();
    if (underlying >= memory.config.underlyings) return;
    const base = underlying * BASE_FIELDS;
    const perUnit = told.total() === 0 ? 0 : told.totalUsd() / told.total();
    memory.ofUnderlying[base + BASE.TOTAL_USD] = told.totalUsd();
    memory.ofUnderlying[base + BASE.DAY_USD] = told.dayTotal() * perUnit;
    losses.now.fill(0);
    for (let each = 0; each < memory.config.underlyings; each++) {
      losses.now[0]! += memory.ofUnderlying[each * BASE_FIELDS + BASE.TOTAL_USD]!;
      losses.now[1]! += memory.ofUnderlying[each * BASE_FIELDS + BASE.DAY_USD]!;
    }
    losses.look(this.now);
    this.holdLoss(0, RiskCode.DAY_LOSS, limits[LIMIT.dayLossUsd]!);
    this.holdLoss(1, RiskCode.DRAWDOWN, limits[LIMIT.drawdownUsd]!);
    this.holdLoss(2, RiskCode.MINUTE_LOSS, limits[LIMIT.minuteLossUsd]!);
  }

  /** A loss beyond its limit halts everything, until an operator says otherwise. */
  private holdLoss(place: number, code: number, limit: number): void {
    const { memory } = this;
    const loss = memory.losses.losses[place]!;
    if (memory.flags[FLAG.HAS_LIMITS] === 0 || !(loss > limit)) return;
    this.move(StateScope.EVERYTHING, 0, 0, RiskMode.HALTED, code, 0, loss, limit);
  }

  private onAccount(buffer: ViewBuffer, body: number): void {
    const { scalars } = this.memory;
    const account = this.account.__init(body, buffer);
    const use = account.equity() > 0 ? account.initialMargin() / account.equity() : 0;
    if (use >= 0) scalars[SCALAR.MARGIN_USE] = use;
  }

  private onEngineState(buffer: ViewBuffer, body: number): void {
    this.memory.flags[FLAG.ENGINE] = this.engine.__init(body, buffer).state();
  }

  private onOperator(buffer: ViewBuffer, body: number): void {
    const operator = this.operator.__init(body, buffer);
    if (operator.command() !== CommandCode.HALT) return;
    this.memory.flags[FLAG.ENGINE] = EngineStateCode.HALTED;
    this.owesCancel = true;
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { memory, context } = this;
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    if (id >= memory.table.capacity) return;
    const underlying = memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (underlying < 0 || underlying >= context.config.underlyings) return;
    const place = memory.places.define(id, underlying, instrument.expiry);
    if (place < 0) return;
    memory.table.define(id, instrument);
    memory.resting.define(id, place, underlying);
  }

  private onInstrumentState(buffer: ViewBuffer, body: number): void {
    const { table } = this.memory;
    const state = new InstrumentState().__init(body, buffer);
    if (state.instrument() < table.capacity) table.states[state.instrument()] = state.state();
    // Trading of the whole venue: instruments keep their own states, and the orders stage hears it too.
    else if (state.state() !== LifeCycle.OPEN) this.memory.flags[FLAG.READY] = 0;
  }

  private onRunStarted(buffer: ViewBuffer, body: number): void {
    const { memory, context, writer } = this;
    const started = new RunStarted().__init(body, buffer);
    memory.scalars[SCALAR.RUN] = started.run();
    // Live starts disarmed, whatever a snapshot remembers, and never arms itself.
    memory.flags[FLAG.DISARMED] = started.mode() === RunMode.LIVE ? 1 : 0;
    memory.flags[FLAG.READY] = 0;
    memory.flags[FLAG.ENGINE] = EngineStateCode.STARTING;
    const mode = memory.states.at(0);
    writer.tellState(StateScope.EVERYTHING, 0, 0, mode, mode, 0, 0);
    writer.showState(0);
    context.schedule(TIMER, context.event.time + STEP_MICROS);
  }

  private onCommand(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const command = this.command.__init(body, buffer);
    const scope = command.scope();
    const action = command.action();
    const expiryPlace = scope === StateScope.EXPIRY ? memory.places.find(command.key(), command.expiry()) : -1;
    const addsRisk = action === RiskAction.ACTIVE || action === RiskAction.ARM;
    if (addsRisk && command.confirmed() !== 1) return;
    if (action === RiskAction.ARM) {
      memory.flags[FLAG.DISARMED] = 0;
      const mode = memory.states.at(0);
      this.writer.tellState(StateScope.EVERYTHING, 0, 0, mode, mode, 0, command.user());
      this.writer.showState(0);
    } else if (action === RiskAction.CANCEL_ALL) {
      this.cancelScope(scope, command.key(), expiryPlace, true);
    } else {
      const mode = MODE_AFTER[action];
      if (mode === undefined) return;
      const key = scope === StateScope.EXPIRY ? expiryPlace : command.key();
      this.move(scope, key, command.expiry(), mode, 0, command.user(), 0, 0);
    }
  }

  /** Moves a scope to a state, tells it, and takes away what may no longer rest. */
  private move(
    scope: number,
    key: number,
    expiry: number,
    mode: number,
    cause: number,
    user: number,
    found: number,
    limit: number,
  ): void {
    const { memory, writer } = this;
    const place = memory.states.placeOf(scope, key);
    if (place < 0 || memory.states.at(place) === mode) return;
    const before = memory.states.move(place, mode);
    const told = writer.tellState(scope, scope === StateScope.EXPIRY ? 0 : key, expiry, mode, before, cause, user);
    told.mutate_found(found);
    told.mutate_limit(limit);
    if (place === 0) writer.showState(0);
    if (mode !== RiskMode.ACTIVE) this.cancelScope(scope, key, key, mode === RiskMode.HALTED);
  }

  private cancelScope(scope: number, key: number, expiryPlace: number, ordersToo: boolean): void {
    const { memory, writer } = this;
    if (scope === StateScope.UNDERLYING) writer.cancel(Scope.UNDERLYING, key, 0, ordersToo);
    else if (scope !== StateScope.EXPIRY) writer.cancel(Scope.EVERYTHING, 0, 0, ordersToo);
    else {
      let cancels = 0;
      for (let id = 0; id < memory.table.capacity && cancels < MOST_CANCELS; id++) {
        if (memory.places.of(id) !== expiryPlace || expiryPlace < 0) continue;
        if (memory.resting.resting(id, false) <= 0 && memory.resting.resting(id, true) <= 0) continue;
        writer.cancel(Scope.INSTRUMENT, 0, id, ordersToo);
        cancels++;
      }
    }
  }

  private onLimitChange(buffer: ViewBuffer, body: number): void {
    const { memory, writer } = this;
    const { limits, scalars, flags } = memory;
    const change = this.change.__init(body, buffer);
    const place = change.limit();
    const value = change.value();
    const previous = place < LIMIT_NAMES.length ? limits[place]! : 0;
    let outcome: number = LIMIT_OUTCOME.IN_FORCE;
    if (place >= LIMIT_NAMES.length || !(value >= 0 && value < Number.POSITIVE_INFINITY))
      outcome = LIMIT_OUTCOME.NO_LIMIT;
    else if (change.version() !== scalars[SCALAR.LIMIT_VERSION]) outcome = LIMIT_OUTCOME.OTHER_VERSION;
    else if (isLaxer(place, value, previous) && change.confirmed() !== 1) outcome = LIMIT_OUTCOME.UNCONFIRMED;
    // Without a whole set of limits a single one makes none.
    if (outcome === LIMIT_OUTCOME.IN_FORCE && flags[FLAG.HAS_LIMITS] === 1) {
      limits[place] = value;
      scalars[SCALAR.LIMIT_VERSION]! += 1;
    }
    writer.tellLimit(place, outcome, previous, change.user());
  }

  /** What is held, gathered for the scenario scan, and one node of its grid. */
  private fillHeld(): void {
    const { memory, held, heldIds, now } = this;
    const { table } = memory;
    let count = 0;
    for (let place = 0; place < this.heldCount; place++) {
      const id = heldIds[place]!;
      const row = id * FACT_FIELDS;
      const size = table.facts[row + FACT.POSITION]!;
      const underlying = memory.underlyings.of(id);
      if (underlying < 0) continue;
      const isAnOption = isOption(table.contracts[id]!);
      const at = count * HELD_FIELDS;
      const forward = isAnOption
        ? memory.ofExpiry[memory.places.of(id) * BASE_FIELDS + BASE.FORWARD]!
        : table.facts[row + FACT.MARK]!;
      held[at + HELD.SIZE] = size;
      held[at + HELD.CONTRACT] = table.contracts[id]!;
      held[at + HELD.FORWARD] = forward > 0 ? forward : memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
      held[at + HELD.STRIKE] = table.facts[row + FACT.STRIKE]!;
      held[at + HELD.YEARS] = Math.max(0, (table.facts[row + FACT.EXPIRY]! - now[0]!) / YEAR_MICROS);
      held[at + HELD.VOLATILITY] = table.facts[row + FACT.VOLATILITY]!;
      held[at + HELD.RIGHT] = table.facts[row + FACT.RIGHT]!;
      held[at + HELD.INDEX] = memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
      held[at + HELD.UNDERLYING] = underlying;
      count++;
    }
    memory.scenarios.step(held, count);
  }
}

/** Place of our best price among an instrument's facts, by the bits of SLOT. */
function ownPlace(side: number): number {
  if ((side & SLOT.QUOTE) === 0) return (side & SLOT.SELL) === 0 ? FACT.OWN_BID : FACT.OWN_ASK;
  return (side & SLOT.SELL) === 0 ? FACT.QUOTED_BID : FACT.QUOTED_ASK;
}

function isLaxer(place: number, value: number, previous: number): boolean {
  const limit = LIMITS[LIMIT_NAMES[place]!];
  return 'laxerIsSmaller' in limit ? value < previous : value > previous;
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
    stateBytes: bytesOf((cells) => new RiskMemory(cells, config)),
    timers: 1,
    create: (context) => new Risk(context),
  });
}
