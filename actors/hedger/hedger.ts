import { GreekBook, GreekHedge, GreekOption, GreekRule } from '../../engine/market/hedging/greek-rule.js';
import { HedgeInput, HedgeOutput, HedgeRule, HedgeUrgency } from '../../engine/market/hedging/hedge-rule.js';
import type { HedgingSettings } from '../../engine/market/hedging/settings.js';
import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { bytesOf, type Cells } from '../../engine/market/orders/cells.js';
import {
  NO_INSTRUMENT,
  OrderFlag,
  OrderStatus,
  QuoteSet,
  Side,
  Strategy,
  TimeInForce,
} from '../../engine/market/orders/codes.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredHedge } from '../../schemas/generated/desired-hedge.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { TickShelf } from '../quoter/tick-shelf.js';
import { desiredHedges, exposures, log, orderStates, shownHedges, theos, tops } from '../streams.js';

export interface HedgerConfig {
  instruments: number;
  underlyings: number;
  hedging: HedgingSettings;
}

const TIMER = 0;
const TIMER_MICROS = 500_000;
/** A touch older than this is not hedged on. */
const TOP_AGE_MICROS = 30e6;
/** Part of a hedge's amount that may be missing from the order that works. */
const AMOUNT_TOLERANCE = 0.1;

/** Why a hedge is wanted, `reason` of a DesiredHedge. */
const Reason = { BAND: 1, OPERATOR: 5, VEGA: 6, GAMMA: 7 } as const;

/** Of an instrument. */
const Row = {
  BID: 0,
  ASK: 1,
  TOP_TIME: 2,
  OPEN: 3,
  MAKER_FEE: 4,
  TAKER_FEE: 5,
  FUNDING: 6,
  /** Of an option: USD per 1.00 of vol, d vol / d ln F, position, and what they add to the delta. */
  VEGA: 7,
  VOL_MOVE: 8,
  POSITION: 9,
  SMILE_DELTA: 10,
  /** Of a trader's order: side, price, amount that is left. */
  MANUAL_SIDE: 11,
  MANUAL_PRICE: 12,
  MANUAL_LEFT: 13,
  /** Of the newest hedge: what is filled and not told of by trades, units, signed; and which order it is. */
  UNTOLD: 14,
  UNTOLD_SEQ: 15,
  /** Of an option, where options hedge: what is offered, its value, its gamma a USD, the root of 30 days over its time, and our own quotes, 0 for none. */
  BID_AMOUNT: 16,
  ASK_AMOUNT: 17,
  THEO: 18,
  GAMMA: 19,
  WEIGHT: 20,
  FORWARD: 21,
  OWN_BID: 22,
  OWN_ASK: 23,
  UNUSABLE: 24,
  SIZE: 25,
} as const;

/** Of an underlying. */
const Pot = {
  NET_DELTA: 0,
  GAMMA: 1,
  INDEX: 2,
  FLAGS: 3,
  SMILE_DELTA: 4,
  VOL: 5,
  /** Event time since which the delta is outside its band; 0 while it is inside. */
  OUTSIDE: 6,
  /** Instrument of the hedge that is wanted + 1; 0 for none. Side, price, amount, urgency. */
  INSTRUMENT: 7,
  SIDE: 8,
  PRICE: 9,
  AMOUNT: 10,
  URGENCY: 11,
  /** A trader's: urgency, target. */
  ASKED: 12,
  TARGET: 13,
  EXPOSURE_SEQ: 14,
  KNOWN: 15,
  /** Hedges that are filled, and not told of by trades yet, units. */
  UNTOLD: 16,
  VEGA: 17,
  /** Option that hedges a Greek now + 1; 0 for none. Event time of the last such hedge. */
  OPTION: 18,
  OPTION_TIME: 19,
  /** 1 while an operator has what is held closed. */
  CLOSING: 20,
  SIZE: 21,
} as const;

const THEO_BYTES = Theo.sizeOf();
const THEO_VEGA = fieldOffset(Theo, 'vega');
const THEO_MOVE = fieldOffset(Theo, 'volMove');
const THEO_PRICE = fieldOffset(Theo, 'price');
const THEO_GAMMA = fieldOffset(Theo, 'gamma');
const THEO_FLAGS = fieldOffset(Theo, 'flags');
const RUN_YEARS = fieldOffset(TheoRun, 'years');
const MONTH_YEARS = 30 / 365;
/** Bounds of an expiry's weight in the vega inventory, as the quoter's. */
const LEAST_WEIGHT = 0.25;
const MOST_WEIGHT = 4;
/** Greatest fee of an option as a part of its price. */
const FEE_CAP = 0.125;
const RUN_FORWARD = fieldOffset(TheoRun, 'forward');

class Memory {
  readonly rows: Float64Array;
  readonly pots: Float64Array;
  readonly nonces: Float64Array;
  readonly started: Int32Array;
  readonly paused: Int32Array;
  readonly shelf: TickShelf;
  readonly underlyings: Underlyings;

  constructor(cells: Cells, { instruments, underlyings }: HedgerConfig) {
    this.rows = cells.float64(instruments * Row.SIZE);
    this.pots = cells.float64(underlyings * Pot.SIZE);
    this.nonces = cells.float64(16);
    this.started = cells.int32(1);
    this.paused = cells.int32(1);
    this.shelf = new TickShelf(cells.float64(TickShelf.cellsOf(instruments)), instruments);
    this.underlyings = new Underlyings(cells, instruments);
  }
}

/**
 * Keeps the delta of each underlying within its band, on the cheapest of its perpetual and futures, and works the orders that
 * traders give by hand.
 */
class Hedger implements CoreActor {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: Memory;
  private readonly rule: HedgeRule;
  private readonly greeks: GreekRule;
  private readonly dirty: Uint8Array;
  private isDirty = false;
  /** Instruments on which may be hedged, in their order: a few among all that a venue lists. */
  private readonly hedges: Int32Array;
  private hedgeCount = 0;
  private readonly top = new BookTop();
  private readonly ticker = new Ticker();
  private readonly exposure = new UnderlyingExposure();
  private readonly position = new Position();
  private readonly state = new InstrumentState();
  private readonly underlyingState = new UnderlyingState();
  private readonly run = new TheoRun();
  private readonly fill = new Fill();
  private readonly update = new OrderUpdate();
  private readonly command = new OperatorCommand();
  private readonly riskCommand = new RiskCommand();
  private readonly manualOrder = new ManualOrder();
  private readonly manualHedge = new ManualHedge();
  private readonly hedge = new DesiredHedge();
  private readonly desired = new DesiredQuote();

  constructor(context: CoreContext<HedgerConfig>) {
    this.context = context;
    this.memory = new Memory(context.state, context.config);
    this.rule = new HedgeRule(context.config.hedging);
    this.greeks = new GreekRule(context.config.hedging);
    this.dirty = new Uint8Array(context.config.underlyings);
    this.hedges = new Int32Array(context.config.instruments);
  }

  static stateBytes(config: HedgerConfig): number {
    return bytesOf((cells: Cells) => new Memory(cells, config));
  }

  onRestore(): void {
    this.memory.shelf.restore();
    this.listHedges();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.THEO_RUN:
        this.onTheos(buffer, body);
        break;
      case MessageType.BOOK_TOP:
        this.onTop(buffer, body);
        break;
      case MessageType.UNDERLYING_EXPOSURE:
        this.onExposure(buffer, body);
        break;
      case MessageType.TICKER:
        this.onTicker(buffer, body);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(): void {
    this.context.schedule(TIMER, this.context.event.time + TIMER_MICROS);
    this.addUpSmile();
    for (let underlying = 0; underlying < this.context.config.underlyings; underlying++) {
      this.touch(underlying);
      if (this.greeks.isUsed) this.hedgeGreeks(underlying);
    }
  }

  endOfEvent(): void {
    if (!this.isDirty) return;
    this.isDirty = false;
    for (let underlying = 0; underlying < this.dirty.length; underlying++) {
      if (this.dirty[underlying] === 0) continue;
      this.dirty[underlying] = 0;
      if (this.memory.pots[underlying * Pot.SIZE + Pot.KNOWN] === 1) this.consider(underlying);
    }
  }

  private onRare(type: number, buffer: ViewBuffer, offset: number): void {
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      case MessageType.INSTRUMENT_STATE:
        this.onState(buffer, body);
        break;
      case MessageType.UNDERLYING_STATE:
        this.onUnderlying(buffer, body);
        break;
      case MessageType.POSITION:
        this.onPosition(buffer, body);
        break;
      case MessageType.OPERATOR_COMMAND:
        this.onCommand(buffer, body);
        break;
      case MessageType.RISK_COMMAND:
        this.onRiskCommand(buffer, body);
        break;
      case MessageType.MANUAL_HEDGE:
        this.onManualHedge(buffer, body);
        break;
      case MessageType.MANUAL_ORDER:
        this.onManualOrder(buffer, body);
        break;
      case MessageType.FILL:
        this.onFill(buffer, body);
        break;
      case MessageType.ORDER_UPDATE:
        this.onUpdate(buffer, body);
        break;
    }
  }

  private touch(underlying: number): void {
    if (underlying < 0 || underlying >= this.dirty.length) return;
    this.dirty[underlying] = 1;
    this.isDirty = true;
  }

  private onTheos(buffer: ViewBuffer, body: number): void {
    const { rows } = this.memory;
    const { view } = buffer;
    this.run.__init(body, buffer);
    let at = body + TheoRun.sizeOf();
    for (let left = this.run.count(); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= this.context.config.instruments) continue;
      const row = id * Row.SIZE;
      rows[row + Row.VEGA] = view.getFloat64(at + THEO_VEGA, true) / view.getFloat64(body + RUN_FORWARD, true);
      rows[row + Row.VOL_MOVE] = view.getFloat64(at + THEO_MOVE, true);
      if (this.greeks.isUsed) this.noteValue(buffer, body, at, row);
      if (rows[row + Row.POSITION] !== 0) this.lean(id);
    }
  }

  /** What the smile's expected move adds to the delta of a position. */
  private lean(id: number): void {
    const { rows, pots, underlyings } = this.memory;
    const underlying = underlyings.of(id);
    if (underlying < 0 || underlying >= this.dirty.length) return;
    const row = id * Row.SIZE;
    const leans = rows[row + Row.POSITION]! * rows[row + Row.VEGA]! * rows[row + Row.VOL_MOVE]!;
    pots[underlying * Pot.SIZE + Pot.SMILE_DELTA]! += leans - rows[row + Row.SMILE_DELTA]!;
    rows[row + Row.SMILE_DELTA] = leans;
  }

  /** The sum anew: adding differences gathers rounding. */
  private addUpSmile(): void {
    const { rows, pots, underlyings } = this.memory;
    for (let at = Pot.SMILE_DELTA; at < pots.length; at += Pot.SIZE) pots[at] = 0;
    for (let id = 0; id < this.memory.shelf.end; id++) {
      const leans = rows[id * Row.SIZE + Row.SMILE_DELTA]!;
      if (leans !== 0) pots[underlyings.of(id) * Pot.SIZE + Pot.SMILE_DELTA]! += leans;
    }
  }

  private isHedge(id: number): boolean {
    const kind = this.memory.shelf.kind(id);
    return kind === InstrumentKind.PERPETUAL || kind === InstrumentKind.FUTURE;
  }

  private listHedges(): void {
    this.hedgeCount = 0;
    for (let id = 0; id < this.memory.shelf.end; id++) {
      if (this.isHedge(id)) this.hedges[this.hedgeCount++] = id;
    }
  }

  private onTop(buffer: ViewBuffer, body: number): void {
    const { top, memory } = this;
    top.__init(body, buffer);
    const id = top.instrument();
    if (id >= this.context.config.instruments) return;
    if (!this.isHedge(id)) {
      if (this.greeks.isUsed) this.noteOffer(id);
      return;
    }
    const { rows } = memory;
    const row = id * Row.SIZE;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.BID] = isLive ? top.bidPrice() : Number.NaN;
    rows[row + Row.ASK] = isLive ? top.askPrice() : Number.NaN;
    rows[row + Row.TOP_TIME] = this.context.event.time;
    const underlying = memory.underlyings.of(id);
    // The touch matters to what is at work there; a book that died matters to all.
    if (!isLive || memory.pots[underlying * Pot.SIZE + Pot.INSTRUMENT] === id + 1) this.touch(underlying);
  }

  private onTicker(buffer: ViewBuffer, body: number): void {
    const { ticker, memory } = this;
    ticker.__init(body, buffer);
    const id = ticker.instrument();
    if (id >= this.context.config.instruments || !this.isHedge(id)) return;
    const funding = ticker.currentFunding();
    memory.rows[id * Row.SIZE + Row.FUNDING] = Number.isNaN(funding) ? 0 : funding;
  }

  private onExposure(buffer: ViewBuffer, body: number): void {
    const { exposure, memory } = this;
    exposure.__init(body, buffer);
    const underlying = exposure.underlying();
    if (underlying >= this.dirty.length) return;
    const { pots } = memory;
    const at = underlying * Pot.SIZE;
    pots[at + Pot.NET_DELTA] = exposure.netDelta();
    pots[at + Pot.GAMMA] = exposure.gamma();
    pots[at + Pot.VEGA] = exposure.weightedVega();
    pots[at + Pot.INDEX] = exposure.index();
    pots[at + Pot.EXPOSURE_SEQ] = this.context.event.seq;
    pots[at + Pot.KNOWN] = 1;
    this.touch(underlying);
  }

  private onUnderlying(buffer: ViewBuffer, body: number): void {
    const { underlyingState: told, memory } = this;
    told.__init(body, buffer);
    const underlying = memory.underlyings.of(told.option());
    if (underlying < 0 || underlying >= this.dirty.length) return;
    memory.pots[underlying * Pot.SIZE + Pot.FLAGS] = told.flags();
    memory.pots[underlying * Pot.SIZE + Pot.VOL] = told.vol1h();
    this.touch(underlying);
  }

  private onPosition(buffer: ViewBuffer, body: number): void {
    const { position, memory } = this;
    position.__init(body, buffer);
    const id = position.instrument();
    if (id >= this.context.config.instruments) return;
    memory.rows[id * Row.SIZE + Row.POSITION] = position.size();
    if (memory.shelf.kind(id) === InstrumentKind.OPTION) this.lean(id);
  }

  private onState(buffer: ViewBuffer, body: number): void {
    const { state, memory } = this;
    state.__init(body, buffer);
    const isOpen = state.state() === LifeCycle.OPEN ? 1 : 0;
    const id = state.instrument();
    const { instruments } = this.context.config;
    const first = id === NO_INSTRUMENT ? 0 : id;
    const end = id === NO_INSTRUMENT ? instruments : Math.min(instruments, id + 1);
    for (let each = first; each < end; each++) {
      memory.rows[each * Row.SIZE + Row.OPEN] = isOpen;
      if (this.isHedge(each)) this.touch(memory.underlyings.of(each));
    }
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const { memory } = this;
    const { config, event } = this.context;
    if (memory.started[0] === 0) {
      memory.started[0] = 1;
      this.context.schedule(TIMER, event.time + TIMER_MICROS);
    }
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (id >= config.instruments) return;
    const wasHedge = this.isHedge(id);
    memory.shelf.define(id, instrument);
    if (this.isHedge(id) !== wasHedge) this.listHedges();
    const { rows } = memory;
    const row = id * Row.SIZE;
    rows[row + Row.OPEN] = instrument.state === LifeCycle.OPEN ? 1 : 0;
    rows[row + Row.MAKER_FEE] = Number.isFinite(instrument.makerFee) ? instrument.makerFee : 0;
    rows[row + Row.TAKER_FEE] = Number.isFinite(instrument.takerFee) ? instrument.takerFee : 0;
    if (rows[row + Row.TOP_TIME] === 0) {
      rows[row + Row.BID] = Number.NaN;
      rows[row + Row.ASK] = Number.NaN;
    }
  }

  /** A halt takes the hedges away too; a pause stops quoting alone: what is held is hedged on. */
  private onCommand(buffer: ViewBuffer, body: number): void {
    const { command, memory } = this;
    command.__init(body, buffer);
    const code = command.command();
    if (code !== CommandCode.HALT && code !== CommandCode.RESUME) return;
    memory.paused[0] = code === CommandCode.HALT ? 1 : 0;
    for (let underlying = 0; underlying < this.dirty.length; underlying++) this.touch(underlying);
  }

  private isRepeated(peer: number, nonce: number): boolean {
    const { nonces } = this.memory;
    if (!(nonce > nonces[peer & 15]!)) return true;
    nonces[peer & 15] = nonce;
    return false;
  }

  /** What is closed as a whole ends with its hedge: see the flattener. */
  private onRiskCommand(buffer: ViewBuffer, body: number): void {
    const command = this.riskCommand.__init(body, buffer);
    const action = command.action();
    if (action === RiskAction.REDUCE || action === RiskAction.ARM) return;
    if (action === RiskAction.ACTIVE && command.confirmed() !== 1) return;
    const scope = command.scope();
    for (let underlying = 0; underlying < this.dirty.length; underlying++) {
      const isMeant =
        scope === StateScope.EVERYTHING || (scope === StateScope.UNDERLYING && command.key() === underlying);
      if (!isMeant) continue;
      this.memory.pots[underlying * Pot.SIZE + Pot.CLOSING] = action === RiskAction.FLATTEN ? 1 : 0;
      this.touch(underlying);
    }
  }

  private holdsOptions(underlying: number): boolean {
    const { rows, shelf, underlyings } = this.memory;
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (rows[id * Row.SIZE + Row.POSITION] === 0 || shelf.kind(id) !== InstrumentKind.OPTION) continue;
      if (underlyings.of(id) === underlying) return true;
    }
    return false;
  }

  private onManualHedge(buffer: ViewBuffer, body: number): void {
    const { manualHedge: told, memory } = this;
    told.__init(body, buffer);
    const underlying = told.underlying();
    if (underlying >= this.dirty.length || this.isRepeated(told.peer(), told.nonce())) return;
    if (!Number.isFinite(told.target()) || told.urgency() > HedgeUrgency.CROSS) return;
    memory.pots[underlying * Pot.SIZE + Pot.ASKED] = told.urgency();
    memory.pots[underlying * Pot.SIZE + Pot.TARGET] = told.urgency() === 0 ? 0 : told.target();
    this.touch(underlying);
  }

  private onManualOrder(buffer: ViewBuffer, body: number): void {
    const { manualOrder: told, memory } = this;
    told.__init(body, buffer);
    const id = told.instrument();
    if (id >= this.context.config.instruments || this.isRepeated(told.peer(), told.nonce())) return;
    const isTaken = told.price() > 0 && told.amount() >= 0 && told.amount() < Number.POSITIVE_INFINITY;
    if (!isTaken || (told.side() !== Side.BUY && told.side() !== Side.SELL)) return;
    const row = id * Row.SIZE;
    memory.rows[row + Row.MANUAL_SIDE] = told.side();
    memory.rows[row + Row.MANUAL_PRICE] = told.price();
    memory.rows[row + Row.MANUAL_LEFT] = told.amount();
    this.tellManual(id, told.flags() & (OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY));
  }

  private onFill(buffer: ViewBuffer, body: number): void {
    const { fill, memory } = this;
    fill.__init(body, buffer);
    const id = fill.instrument();
    if (fill.strategy() !== Strategy.OPERATOR || id >= this.context.config.instruments) return;
    const row = id * Row.SIZE;
    if (!(memory.rows[row + Row.MANUAL_LEFT]! > 0)) return;
    const left = memory.rows[row + Row.MANUAL_LEFT]! - fill.amount();
    memory.rows[row + Row.MANUAL_LEFT] = left > 1e-9 ? left : 0;
    this.tellManual(id, 0);
  }

  /** A trader's order that the venue refused or took away is not given again. */
  private onUpdate(buffer: ViewBuffer, body: number): void {
    const { update, memory } = this;
    update.__init(body, buffer);
    const id = update.instrument();
    if (this.greeks.isUsed && update.strategy() === Strategy.QUOTER && id < this.context.config.instruments) {
      const place = id * Row.SIZE + (update.side() === Side.BUY ? Row.OWN_BID : Row.OWN_ASK);
      memory.rows[place] = isFinished(update.status()) ? 0 : update.wantedPrice();
    }
    if (update.strategy() === Strategy.HEDGER && id < this.context.config.instruments) this.noteUntold(id);
    if (update.strategy() !== Strategy.OPERATOR || id >= this.context.config.instruments) return;
    const status = update.status();
    if (!isFinished(status) || status === OrderStatus.FILLED) return;
    if (!(memory.rows[id * Row.SIZE + Row.MANUAL_LEFT]! > 0)) return;
    memory.rows[id * Row.SIZE + Row.MANUAL_LEFT] = 0;
    this.tellManual(id, 0);
  }

  /**
   * A venue says that a hedge is filled before it tells the trades, and the portfolio counts trades alone. What is filled and not told counts
   * as traded here, or the same delta would be hedged twice.
   */
  private noteUntold(id: number): void {
    const { update, memory } = this;
    const { rows } = memory;
    const row = id * Row.SIZE;
    const missing = update.missing();
    const isOther = rows[row + Row.UNTOLD_SEQ] !== update.orderSeq();
    if (isOther && missing === 0) return;
    const units = memory.shelf.isInverse(id) ? missing / update.price() : missing;
    const signed = update.side() === Side.BUY ? units : -units;
    const underlying = memory.underlyings.of(id);
    if (underlying < 0 || underlying >= this.dirty.length || !Number.isFinite(signed)) return;
    memory.pots[underlying * Pot.SIZE + Pot.UNTOLD]! += signed - rows[row + Row.UNTOLD]!;
    rows[row + Row.UNTOLD] = signed;
    rows[row + Row.UNTOLD_SEQ] = update.orderSeq();
    this.touch(underlying);
  }

  private tellManual(id: number, flags: number): void {
    const { desired, memory } = this;
    const { out } = this.context;
    const row = id * Row.SIZE;
    const buys = memory.rows[row + Row.MANUAL_SIDE] === Side.BUY;
    const price = memory.rows[row + Row.MANUAL_PRICE]!;
    const left = memory.rows[row + Row.MANUAL_LEFT]!;
    desired.__init(out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf()), out.buffer);
    desired.mutate_instrument(id);
    desired.mutate_strategy(Strategy.OPERATOR);
    desired.mutate_quoteSet(QuoteSet.MANUAL);
    desired.mutate_flags(flags);
    desired.mutate_bidPrice(buys ? price : Number.NaN);
    desired.mutate_bidAmount(buys ? left : 0);
    desired.mutate_askPrice(buys ? Number.NaN : price);
    desired.mutate_askAmount(buys ? 0 : left);
    desired.mutate_priceValue(1);
    desired.mutate_theo(price);
    desired.mutate_bidEdge(1);
    desired.mutate_askEdge(1);
    desired.mutate_delta(Number.NaN);
  }

  private consider(underlying: number): void {
    const { memory, rule } = this;
    const { pots, rows, shelf } = memory;
    const at = underlying * Pot.SIZE;
    const time = this.context.event.time;
    // The futures that are left are closed themselves: nothing is left to hedge.
    const isClosed = pots[at + Pot.CLOSING] === 1 && !this.holdsOptions(underlying);
    const isBlind =
      memory.paused[0] !== 0 || isClosed || (pots[at + Pot.FLAGS]! & UNUSABLE) !== 0 || !(pots[at + Pot.INDEX]! > 0);
    const excess = this.deltaOf(at) - pots[at + Pot.TARGET]!;
    const id = isBlind ? -1 : this.cheapest(underlying, excess < 0);
    if (id < 0) {
      pots[at + Pot.OUTSIDE] = 0;
      this.want(underlying, -1);
      return;
    }
    const row = id * Row.SIZE;
    const { input } = rule;
    input[HedgeInput.DELTA] = this.deltaOf(at);
    input[HedgeInput.TARGET] = pots[at + Pot.TARGET]!;
    input[HedgeInput.GAMMA] = pots[at + Pot.GAMMA]!;
    input[HedgeInput.BID] = rows[row + Row.BID]!;
    input[HedgeInput.ASK] = rows[row + Row.ASK]!;
    input[HedgeInput.PRICE] = (rows[row + Row.BID]! + rows[row + Row.ASK]!) / 2;
    input[HedgeInput.COST] = this.cost[0]!;
    input[HedgeInput.WAITED] = pots[at + Pot.OUTSIDE]! > 0 ? (time - pots[at + Pot.OUTSIDE]!) / 1e6 : 0;
    input[HedgeInput.TICK] = shelf.ticks(id)!.gridAt(rows[row + Row.BID]!).step;
    input[HedgeInput.LOT] = shelf.minimum(id);
    input[HedgeInput.INVERSE] = shelf.isInverse(id) ? 1 : 0;
    input[HedgeInput.OWN] = pots[at + Pot.INSTRUMENT] === id + 1 ? pots[at + Pot.PRICE]! : Number.NaN;
    if (rule.decide(pots[at + Pot.ASKED]!)) {
      if (pots[at + Pot.OUTSIDE] === 0) pots[at + Pot.OUTSIDE] = time;
      this.want(underlying, id);
    } else {
      pots[at + Pot.OUTSIDE] = 0;
      // A trader's hedge is done.
      pots[at + Pot.ASKED] = 0;
      pots[at + Pot.TARGET] = 0;
      this.want(underlying, -1);
    }
  }

  private deltaOf(at: number): number {
    const { pots } = this.memory;
    return (
      pots[at + Pot.NET_DELTA]! +
      pots[at + Pot.UNTOLD]! +
      this.context.config.hedging.smile * pots[at + Pot.SMILE_DELTA]!
    );
  }

  /** Cost of the instrument that `cheapest` chose, a part of the value. */
  private readonly cost = new Float64Array(1);

  /** The cheapest instrument to hedge on that is open and has a live touch; -1 where there is none. */
  private cheapest(underlying: number, buys: boolean): number {
    const { rows, pots, shelf, underlyings } = this.memory;
    const { holdingHours, switchGain } = this.context.config.hedging;
    const time = this.context.event.time;
    const current = pots[underlying * Pot.SIZE + Pot.INSTRUMENT]! - 1;
    let best = -1;
    let bestCost = Number.POSITIVE_INFINITY;
    let cost = 0;
    for (let place = 0; place < this.hedgeCount; place++) {
      const id = this.hedges[place]!;
      const row = id * Row.SIZE;
      const bid = rows[row + Row.BID]!;
      const ask = rows[row + Row.ASK]!;
      if (!(bid > 0 && ask > bid)) continue;
      if (underlyings.of(id) !== underlying || rows[row + Row.OPEN] === 0) continue;
      if (time - rows[row + Row.TOP_TIME]! > TOP_AGE_MICROS || shelf.ticks(id) === undefined) continue;
      const expiry = shelf.expiry(id);
      if (expiry > 0 && expiry - time < 3600e6) continue;
      const spread = (ask - bid) / (ask + bid);
      const funding = ((buys ? 1 : -1) * rows[row + Row.FUNDING]! * holdingHours) / 8;
      const total = spread + rows[row + Row.TAKER_FEE]! + funding;
      const weighed = id === current ? total - switchGain : total;
      if (weighed < bestCost) {
        best = id;
        bestCost = weighed;
        cost = total - funding;
      }
    }
    this.cost[0] = cost > 0 ? cost : 0;
    return best;
  }

  private noteValue(buffer: ViewBuffer, body: number, at: number, row: number): void {
    const { rows } = this.memory;
    const { view } = buffer;
    const years = view.getFloat64(body + RUN_YEARS, true);
    const weight = years > 0 ? Math.sqrt(MONTH_YEARS / years) : MOST_WEIGHT;
    rows[row + Row.THEO] = view.getFloat64(at + THEO_PRICE, true);
    rows[row + Row.GAMMA] = view.getFloat64(at + THEO_GAMMA, true);
    rows[row + Row.WEIGHT] = weight < LEAST_WEIGHT ? LEAST_WEIGHT : weight > MOST_WEIGHT ? MOST_WEIGHT : weight;
    rows[row + Row.FORWARD] = view.getFloat64(body + RUN_FORWARD, true);
    rows[row + Row.UNUSABLE] = view.getUint16(at + THEO_FLAGS, true) & UNUSABLE;
  }

  /** What others bid and offer for an option. */
  private noteOffer(id: number): void {
    const { top } = this;
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.BID] = isLive ? top.bidPrice() : Number.NaN;
    rows[row + Row.ASK] = isLive ? top.askPrice() : Number.NaN;
    rows[row + Row.BID_AMOUNT] = top.bidAmount();
    rows[row + Row.ASK_AMOUNT] = top.askAmount();
    rows[row + Row.TOP_TIME] = this.context.event.time;
  }

  /** Takes an option of others where vega or gamma is out of its band: one at a time, and the next when it is known what came of it. */
  private hedgeGreeks(underlying: number): void {
    const { memory, greeks } = this;
    const { pots, underlyings, shelf } = memory;
    const { time } = this.context.event;
    const at = underlying * Pot.SIZE;
    const before = pots[at + Pot.OPTION]! - 1;
    if (before >= 0) {
      pots[at + Pot.OPTION] = 0;
      this.tell(underlying, before, false);
    }
    // What is to be closed is not hedged with more of the same.
    const isClosing = memory.paused[0] !== 0 || pots[at + Pot.CLOSING] === 1;
    const isBlind = isClosing || (pots[at + Pot.FLAGS]! & UNUSABLE) !== 0 || !(pots[at + Pot.INDEX]! > 0);
    const { optionEverySeconds } = this.context.config.hedging;
    if (isBlind || pots[at + Pot.KNOWN] !== 1 || time - pots[at + Pot.OPTION_TIME]! < optionEverySeconds * 1e6) return;
    const index = pots[at + Pot.INDEX]!;
    greeks.book[GreekBook.VEGA] = pots[at + Pot.VEGA]!;
    greeks.book[GreekBook.GAMMA] = pots[at + Pot.GAMMA]! * index * index * 0.01;
    if (!greeks.begin()) return;
    for (let id = 0; id < this.context.config.instruments; id++) {
      if (shelf.kind(id) !== InstrumentKind.OPTION || underlyings.of(id) !== underlying) continue;
      if (this.gather(id)) greeks.weigh(id);
    }
    if (greeks.chosen < 0) return;
    pots[at + Pot.OPTION] = greeks.chosen + 1;
    pots[at + Pot.OPTION_TIME] = time;
    this.tellGreek(underlying);
  }

  /** Puts what is known of an option before the rule; false where it is not fit to be a hedge. */
  private gather(id: number): boolean {
    const { rows, shelf } = this.memory;
    const { option } = this.greeks;
    const { time } = this.context.event;
    const row = id * Row.SIZE;
    if (rows[row + Row.OPEN] === 0 || rows[row + Row.UNUSABLE] !== 0 || !(rows[row + Row.THEO]! > 0)) return false;
    if (time - rows[row + Row.TOP_TIME]! > TOP_AGE_MICROS || shelf.expiry(id) - time < 3600e6) return false;
    const forward = rows[row + Row.FORWARD]!;
    const money = shelf.isInverse(id) ? forward : 1;
    const fee = (rows[row + Row.TAKER_FEE]! * forward) / money;
    const cap = FEE_CAP * rows[row + Row.THEO]!;
    option[GreekOption.PLAIN_VEGA] = rows[row + Row.VEGA]! * forward;
    option[GreekOption.VEGA] = option[GreekOption.PLAIN_VEGA]! * rows[row + Row.WEIGHT]!;
    option[GreekOption.GAMMA] = rows[row + Row.GAMMA]! * forward * forward * 0.01;
    option[GreekOption.THEO] = rows[row + Row.THEO]!;
    option[GreekOption.BID] = rows[row + Row.BID]!;
    option[GreekOption.BID_AMOUNT] = rows[row + Row.BID_AMOUNT]!;
    option[GreekOption.ASK] = rows[row + Row.ASK]!;
    option[GreekOption.ASK_AMOUNT] = rows[row + Row.ASK_AMOUNT]!;
    option[GreekOption.FEE] = fee < cap ? fee : cap;
    option[GreekOption.MONEY] = money;
    option[GreekOption.LOT] = shelf.minimum(id);
    option[GreekOption.OWN_BID] = rows[row + Row.OWN_BID]!;
    option[GreekOption.OWN_ASK] = rows[row + Row.OWN_ASK]!;
    return true;
  }

  /** A hedge of vega or gamma and its why: band and inventory are those of the Greek that it hedges. */
  private tellGreek(underlying: number): void {
    const { hedge, greeks, memory } = this;
    const { pots } = memory;
    const { out } = this.context;
    const { best } = greeks;
    const at = underlying * Pot.SIZE;
    const body = out.emit(MessageType.DESIRED_HEDGE, DesiredHedge.sizeOf());
    hedge.__init(body, out.buffer);
    hedge.mutate_instrument(greeks.chosen);
    hedge.mutate_strategy(Strategy.HEDGER);
    hedge.mutate_urgency(HedgeUrgency.CROSS);
    hedge.mutate_side(greeks.side);
    hedge.mutate_flags(OrderFlag.HEDGE);
    hedge.mutate_timeInForce(TimeInForce.IMMEDIATE_OR_CANCEL);
    hedge.mutate_reason(greeks.greek === GreekBook.VEGA ? Reason.VEGA : Reason.GAMMA);
    hedge.mutate_price(best[GreekHedge.PRICE]!);
    hedge.mutate_amount(best[GreekHedge.AMOUNT]!);
    hedge.mutate_value(best[GreekHedge.REMOVED]! * this.context.config.hedging.vegaCost);
    hedge.mutate_delta(this.deltaOf(at));
    hedge.mutate_gamma(pots[at + Pot.GAMMA]!);
    hedge.mutate_target(0);
    hedge.mutate_bandLow(-greeks.band);
    hedge.mutate_bandHigh(greeks.band);
    hedge.mutate_forward(pots[at + Pot.INDEX]!);
    hedge.mutate_volatility(pots[at + Pot.VOL]!);
    hedge.mutate_cost(best[GreekHedge.COST]!);
    hedge.mutate_bindingLimit(greeks.limit);
    hedge.mutate_bindingValue(greeks.book[greeks.greek]!);
    hedge.mutate_exposureSeq(pots[at + Pot.EXPOSURE_SEQ]!);
    this.show(underlying, body);
  }

  /** The hedge that is wanted on an instrument, told where it has changed; -1 for none. */
  private want(underlying: number, id: number): void {
    const { memory, rule } = this;
    const { pots } = memory;
    const at = underlying * Pot.SIZE;
    const before = pots[at + Pot.INSTRUMENT]! - 1;
    if (before >= 0 && before !== id) {
      this.tell(underlying, before, false);
      pots[at + Pot.INSTRUMENT] = 0;
    }
    if (id < 0) return;
    // A little less than is wanted is left alone where it rests: a change is a message, and the place in the queue.
    const amount = rule.output[HedgeOutput.AMOUNT]!;
    const least = rule.urgency === HedgeUrgency.CROSS ? amount : (1 - AMOUNT_TOLERANCE) * amount;
    const isEnough = pots[at + Pot.AMOUNT]! <= amount && pots[at + Pot.AMOUNT]! >= least;
    const isSame =
      before === id &&
      isEnough &&
      pots[at + Pot.SIDE] === rule.side &&
      pots[at + Pot.PRICE] === rule.output[HedgeOutput.PRICE] &&
      pots[at + Pot.URGENCY] === rule.urgency;
    if (isSame) return;
    pots[at + Pot.INSTRUMENT] = id + 1;
    pots[at + Pot.SIDE] = rule.side;
    pots[at + Pot.PRICE] = rule.output[HedgeOutput.PRICE]!;
    pots[at + Pot.AMOUNT] = rule.output[HedgeOutput.AMOUNT]!;
    pots[at + Pot.URGENCY] = rule.urgency;
    this.tell(underlying, id, true);
  }

  private tell(underlying: number, id: number, isWanted: boolean): void {
    const { hedge, rule, memory } = this;
    const { pots } = memory;
    const { out, config } = this.context;
    const { output, input } = rule;
    const at = underlying * Pot.SIZE;
    const body = out.emit(MessageType.DESIRED_HEDGE, DesiredHedge.sizeOf());
    hedge.__init(body, out.buffer);
    hedge.mutate_instrument(id);
    hedge.mutate_strategy(Strategy.HEDGER);
    hedge.mutate_target(pots[at + Pot.TARGET]!);
    hedge.mutate_delta(this.deltaOf(at));
    hedge.mutate_gamma(pots[at + Pot.GAMMA]!);
    hedge.mutate_forward(pots[at + Pot.INDEX]!);
    hedge.mutate_volatility(pots[at + Pot.VOL]!);
    hedge.mutate_exposureSeq(pots[at + Pot.EXPOSURE_SEQ]!);
    if (isWanted) {
      const crosses = rule.urgency === HedgeUrgency.CROSS;
      hedge.mutate_urgency(rule.urgency);
      hedge.mutate_side(rule.side);
      hedge.mutate_flags(crosses ? OrderFlag.HEDGE : OrderFlag.HEDGE | OrderFlag.POST_ONLY);
      hedge.mutate_timeInForce(crosses ? TimeInForce.IMMEDIATE_OR_CANCEL : TimeInForce.UNTIL_CANCELLED);
      hedge.mutate_reason(pots[at + Pot.ASKED]! > 0 ? Reason.OPERATOR : Reason.BAND);
      hedge.mutate_price(output[HedgeOutput.PRICE]!);
      hedge.mutate_amount(output[HedgeOutput.AMOUNT]!);
      hedge.mutate_tolerance(crosses ? 0 : 2 * input[HedgeInput.TICK]!);
      const move = (input[HedgeInput.PRICE]! * pots[at + Pot.VOL]!) / Math.sqrt(365);
      const variance = output[HedgeOutput.UNITS]! * move * (output[HedgeOutput.UNITS]! * move);
      hedge.mutate_variance(variance);
      hedge.mutate_value(config.hedging.aversion * 0.5 * variance + output[HedgeOutput.COST]!);
      hedge.mutate_bandLow(output[HedgeOutput.LOW]!);
      hedge.mutate_bandHigh(output[HedgeOutput.HIGH]!);
      hedge.mutate_cost(output[HedgeOutput.COST]!);
      hedge.mutate_maxClip(config.hedging.mostClipUsd);
      hedge.mutate_minClip(config.hedging.leastClipUsd);
      hedge.mutate_bindingLimit(rule.limit);
    } else {
      hedge.mutate_price(Number.NaN);
      hedge.mutate_timeInForce(TimeInForce.UNTIL_CANCELLED);
    }
    this.show(underlying, body);
  }

  private show(underlying: number, body: number): void {
    const { out, shown } = this.context;
    const hedges: LatestWriter | undefined = shown[0];
    if (hedges === undefined) return;
    const bytes = DesiredHedge.sizeOf();
    const at = hedges.claim(underlying, MessageType.DESIRED_HEDGE, bytes) + HEADER_BYTES;
    copyBody(out.buffer, body, hedges.buffer, at, bytes);
    hedges.publish(underlying);
  }
}

export function hedger(config: HedgerConfig): CoreDefinition {
  return defineStage<HedgerConfig>({
    name: 'hedger',
    reads: [log, tops, theos, orderStates, exposures],
    writes: desiredHedges,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.QUOTE,
      MessageType.TRADE_RUN,
      MessageType.ORDER_REPORT,
      MessageType.SEND_REPORT,
      MessageType.REQUEST_REPORT,
      MessageType.EXPIRY_STATE,
      MessageType.REQUEST_UPDATE,
      MessageType.CREDIT_STATE,
      MessageType.EXPIRY_EXPOSURE,
      MessageType.PROFIT_LOSS,
    ],
    config,
    // Two hedges an underlying, where one moves to another instrument, and as many with options; and traders' orders, of which one event may end many.
    burst: {
      records: 4 * config.underlyings + 64,
      bodyBytes: 4 * config.underlyings * DesiredHedge.sizeOf() + 64 * DesiredQuote.sizeOf(),
    },
    shows: [shownHedges(config.underlyings)],
    stateBytes: Hedger.stateBytes(config),
    timers: 1,
    create: (context) => new Hedger(context),
  });
}
