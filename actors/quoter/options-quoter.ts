import { ExpiryPlaces } from '../../engine/market/expiry-places.js';
import { InstrumentKind, LifeCycle } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { bytesOf, type Cells } from '../../engine/market/orders/cells.js';
import {
  EVERY_GROUP,
  Liquidity,
  NO_INSTRUMENT,
  NO_QUOTE_SET,
  NO_UNDERLYING,
  PullReason,
  Scope,
  Side,
  Strategy,
} from '../../engine/market/orders/codes.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import { QuoteLimit, QuoteModelCode } from '../../engine/market/quoting/codes.js';
import { Found, type FoundMarkout, Markouts } from '../../engine/market/quoting/markouts.js';
import { OptionQuote, QuoteInput, QuoteOutput } from '../../engine/market/quoting/option-quote.js';
import {
  PerpetualInput,
  PerpetualOutput,
  PerpetualQuote,
  perpetualSettings,
} from '../../engine/market/quoting/perpetual-quote.js';
import {
  DELTA_BUCKETS,
  deltaBucket,
  type QuotingSettings,
  TENOR_BUCKETS,
  tenorBucket,
} from '../../engine/market/quoting/settings.js';
import { Toxicity } from '../../engine/market/quoting/toxicity.js';
import { TraderAction, TraderControls, TraderScope } from '../../engine/market/quoting/trader-controls.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { StateScope } from '../../engine/market/risk/risk-states.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { CommandCode } from '../../engine/runtime/peers/command-channel.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Position } from '../../schemas/generated/position.js';
import { QuotePull } from '../../schemas/generated/quote-pull.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { UnderlyingExposure } from '../../schemas/generated/underlying-exposure.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { desiredQuotes, exposures, log, orderStates, shownQuotes, theos, tops } from '../streams.js';
import { Pot, Row } from './quote-rows.js';
import { QuoteWriter } from './quote-writer.js';
import { TickShelf } from './tick-shelf.js';

export interface OptionsQuoterConfig {
  instruments: number;
  expiries: number;
  underlyings: number;
  /** Quoted options end this long before their expiry, seconds. */
  stopBeforeExpirySeconds: number;
  /** Whether the tops that are read hold our own quotes, as those of a feed without depth do; left out: yes. The book's tops do not. */
  topsHoldOwn?: boolean;
  quoting: QuotingSettings;
}

const TIMER = 0;
const TIMER_MICROS = 1e6;
/** Fills whose markouts are watched. */
const WATCHED_FILLS = 1024;
/** The horizon that widens: 10 seconds. */
const WIDENING_HORIZON = 1;
/** USD of flow on an underlying's perpetual and futures that fill one bucket. */
const BUCKET_USD = 500_000;
/** Part of the vega limit, and units of the underlying, by which the inventory may move before the chain is looked at again. */
const INVENTORY_STEP = 0.004;
const DELTA_STEP = 0.5;
/** Amounts that differ by less than this part are one. */
const SAME_AMOUNT = 1e-9;
/** The vol that the perpetual's quotes were made for serves while the vol now is within these parts of it. */
const VOL_LEAST = 0.9;
const VOL_MOST = 1.1;
/** Greatest fee of an option as a part of its price. */
const FEE_CAP = 0.125;

/** Places of settings in an array. */
const N = {
  STOP_BEFORE: 0,
  THEO_AGE: 1,
  CONFIDENCE: 2,
  DELTA_LEAST: 3,
  DELTA_MOST: 4,
  VEGA_LIMIT: 5,
  MARKOUT_WEIGHT: 6,
} as const;

const theoAt = (field: Parameters<typeof fieldOffset<Theo>>[1]): number => fieldOffset(Theo, field);
/** Numbers of a Theo that are kept as they are: [offset in the record, place in the row]. */
const KEPT = [
  [theoAt('price'), Row.THEO],
  [theoAt('volatility'), Row.VOL],
  [theoAt('uncertainty'), Row.UNCERTAINTY],
  [theoAt('delta'), Row.DELTA],
  [theoAt('netDelta'), Row.NET_DELTA],
  [theoAt('vega'), Row.VEGA],
  [theoAt('gamma'), Row.GAMMA],
] as const;
const KEPT_OFFSETS = Int32Array.from(KEPT, ([offset]) => offset);
const KEPT_PLACES = Int32Array.from(KEPT, ([, place]) => place);
const THEO_BYTES = Theo.sizeOf();
const THEO_FLAGS = theoAt('flags');
const THEO_CONFIDENCE = theoAt('confidence');
const RUN_FORWARD = fieldOffset(TheoRun, 'forward');
const RUN_YEARS = fieldOffset(TheoRun, 'years');
const RUN_COUNT = fieldOffset(TheoRun, 'count');
const TRADE_BYTES = Trade.sizeOf();
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_FLAGS = fieldOffset(Trade, 'flags');

/** Everything that the quoter remembers. */
class Memory {
  readonly shelf: TickShelf;
  readonly rows: Float64Array;
  readonly pots: Float64Array;
  readonly paused: Int32Array;
  /** Mean loss after fills by bucket, vol: [mean, fills]. */
  readonly losses: Float64Array;
  readonly underlyings: Underlyings;
  readonly expiries: ExpiryPlaces;
  readonly controls: TraderControls;
  readonly toxicity: Toxicity;
  readonly markouts: Markouts;
  readonly started: Int32Array;

  constructor(cells: Cells, { instruments, expiries, underlyings }: OptionsQuoterConfig) {
    this.shelf = new TickShelf(cells.float64(TickShelf.cellsOf(instruments)), instruments);
    this.rows = cells.float64(instruments * Row.SIZE);
    this.pots = cells.float64(underlyings * Pot.SIZE);
    this.paused = cells.int32(1);
    this.losses = cells.float64(2 * TENOR_BUCKETS * DELTA_BUCKETS);
    this.underlyings = new Underlyings(cells, instruments);
    this.expiries = new ExpiryPlaces(cells, instruments, expiries);
    this.controls = new TraderControls(cells, underlyings, expiries, instruments);
    this.toxicity = new Toxicity(cells, underlyings, { bucketUsd: BUCKET_USD });
    this.markouts = new Markouts(cells, WATCHED_FILLS);
    this.started = cells.int32(1);
  }
}

/**
 * Quotes every option around the filter's theoretical value. It knows nothing of orders, requests or credits: what is wanted is
 * told, and dispatch brings the orders there. Only what an event has touched is made again, once, at the end of the event.
 */
class OptionsQuoter implements CoreActor, FoundMarkout {
  private readonly context: CoreContext<OptionsQuoterConfig>;
  private readonly memory: Memory;
  private readonly model: OptionQuote;
  /** Of the perpetual; absent where it is not quoted. */
  private readonly perpetual: PerpetualQuote | undefined;
  private readonly writer: QuoteWriter;
  /** Whether quotes follow the touch of others. */
  private readonly leads: boolean;
  private readonly numbers: Float64Array;
  private readonly events: Float64Array;
  private readonly deltaWidths: Float64Array;
  /** Instruments that this event has touched, and whether an instrument is among them. */
  private readonly touched: Int32Array;
  private readonly isTouched: Uint8Array;
  private touchedCount = 0;
  private readonly now = new Float64Array(1);
  private readonly top = new BookTop();
  private readonly command = new OperatorCommand();
  private readonly control = new TraderControl();
  private readonly riskCommand = new RiskCommand();
  private readonly state = new InstrumentState();
  private readonly position = new Position();
  private readonly exposure = new UnderlyingExposure();
  private readonly underlyingState = new UnderlyingState();
  private readonly fill = new Fill();
  private readonly update = new OrderUpdate();
  private readonly trades = new TradeRun();
  private readonly pulled = new QuotePull();

  constructor(context: CoreContext<OptionsQuoterConfig>) {
    const { config, state } = context;
    const { quoting, instruments } = config;
    this.context = context;
    this.memory = new Memory(state, config);
    this.model = new OptionQuote(quoting);
    this.perpetual =
      quoting.perpetual === undefined ? undefined : new PerpetualQuote(perpetualSettings(quoting.perpetual));
    this.writer = new QuoteWriter(context, this.memory.rows, quoting.tolerance);
    // biome-ignore format: in the order of N
    this.numbers = Float64Array.of(
      config.stopBeforeExpirySeconds * 1e6, quoting.theoAgeSeconds * 1e6, quoting.leastConfidence, quoting.deltaLeast,
      quoting.deltaMost, quoting.vegaLimit, 1 / quoting.markoutMemory,
    );
    this.leads = quoting.model === QuoteModelCode.OPTIONS && quoting.leadTicks > 0;
    this.events = Float64Array.from(quoting.events, ({ time }) => time);
    this.deltaWidths = Float64Array.from(quoting.deltaWidths);
    this.touched = new Int32Array(instruments);
    this.isTouched = new Uint8Array(instruments);
  }

  static stateBytes(config: OptionsQuoterConfig): number {
    return bytesOf((cells: Cells) => new Memory(cells, config));
  }

  onRestore(): void {
    this.memory.shelf.restore();
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
      case MessageType.POSITION:
        this.onPosition(buffer, body);
        break;
      case MessageType.TRADE_RUN:
        this.onTrades(buffer, body);
        break;
      case MessageType.ORDER_UPDATE:
        this.onUpdate(buffer, body);
        break;
      default:
        this.onRare(type, buffer, offset);
    }
  }

  onTimer(): void {
    const { memory } = this;
    this.now[0] = this.context.event.time;
    this.context.schedule(TIMER, this.context.event.time + TIMER_MICROS);
    memory.markouts.look(this.now, memory.rows, Row.SIZE, Row.THEO, this);
    const { rows } = memory;
    const anyEvent = this.events.length > 0;
    for (let id = 0; id < this.memory.shelf.end; id++) {
      const row = id * Row.SIZE;
      if (rows[row + Row.THEO_TIME] === 0) continue;
      if (anyEvent || this.isOld(id) || this.isEnding(id)) this.touch(id);
    }
  }

  /** A fill's markout at one of the horizons: bad ones widen their bucket. */
  onMarkout(): void {
    const { markouts, losses } = this.memory;
    const { found } = markouts;
    if (found[Found.HORIZON] !== WIDENING_HORIZON) return;
    const at = 2 * found[Found.BUCKET]!;
    losses[at + 1]! += 1;
    const weight = Math.max(this.numbers[N.MARKOUT_WEIGHT]!, 1 / losses[at + 1]!);
    losses[at]! += weight * (-found[Found.VOL]! - losses[at]!);
  }

  endOfEvent(): void {
    this.now[0] = this.context.event.time;
    const { touched, isTouched } = this;
    const count = this.touchedCount;
    this.touchedCount = 0;
    for (let place = 0; place < count; place++) {
      const id = touched[place]!;
      isTouched[id] = 0;
      this.consider(id);
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
      case MessageType.FILL:
        this.onFill(buffer, body);
        break;
      case MessageType.OPERATOR_COMMAND:
        this.onCommand(buffer, body);
        break;
      case MessageType.TRADER_CONTROL:
        this.onControl(buffer, body);
        break;
      case MessageType.RISK_COMMAND:
        this.onRiskCommand(buffer, body);
        break;
    }
  }

  private touch(id: number): void {
    if (this.isTouched[id] !== 0) return;
    this.isTouched[id] = 1;
    this.touched[this.touchedCount++] = id;
  }

  private touchPerpetual(underlying: number): void {
    if (this.perpetual === undefined) return;
    const { shelf, underlyings } = this.memory;
    for (let id = 0; id < this.memory.shelf.end; id++) {
      if (shelf.kind(id) === InstrumentKind.PERPETUAL && underlyings.of(id) === underlying) this.touch(id);
    }
  }

  /** What has never had a value has no quote that could change. */
  private touchKnown(id: number): void {
    if (this.memory.rows[id * Row.SIZE + Row.THEO_TIME] !== 0) this.touch(id);
  }

  private touchUnderlying(underlying: number): void {
    const { rows, underlyings } = this.memory;
    for (let id = 0; id < this.memory.shelf.end; id++) {
      if (rows[id * Row.SIZE + Row.THEO_TIME] !== 0 && underlyings.of(id) === underlying) this.touch(id);
    }
  }

  private touchEverything(): void {
    const { rows } = this.memory;
    for (let id = 0; id < this.memory.shelf.end; id++) {
      if (rows[id * Row.SIZE + Row.THEO_TIME] !== 0) this.touch(id);
    }
  }

  private onTheos(buffer: ViewBuffer, body: number): void {
    const { rows } = this.memory;
    const { view } = buffer;
    const { event, config } = this.context;
    let at = body + TheoRun.sizeOf();
    for (let left = view.getUint32(body + RUN_COUNT, true); left > 0; left--, at += THEO_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= config.instruments) continue;
      const row = id * Row.SIZE;
      for (let field = 0; field < KEPT_OFFSETS.length; field++) {
        rows[row + KEPT_PLACES[field]!] = view.getFloat64(at + KEPT_OFFSETS[field]!, true);
      }
      rows[row + Row.FORWARD] = view.getFloat64(body + RUN_FORWARD, true);
      rows[row + Row.YEARS] = view.getFloat64(body + RUN_YEARS, true);
      rows[row + Row.FLAGS] = view.getUint16(at + THEO_FLAGS, true);
      rows[row + Row.CONFIDENCE] = view.getUint16(at + THEO_CONFIDENCE, true);
      rows[row + Row.THEO_SEQ] = event.seq;
      rows[row + Row.THEO_TIME] = event.time;
      this.touch(id);
    }
  }

  private onTop(buffer: ViewBuffer, body: number): void {
    const { top, memory } = this;
    top.__init(body, buffer);
    const id = top.instrument();
    if (id >= this.context.config.instruments || !this.isQuoted(id)) return;
    const row = id * Row.SIZE;
    const { rows } = memory;
    const isLive = top.state() === BookState.LIVE;
    rows[row + Row.TOP_BID] = isLive ? top.bidPrice() : Number.NaN;
    rows[row + Row.TOP_BID_AMOUNT] = top.bidAmount();
    rows[row + Row.TOP_ASK] = isLive ? top.askPrice() : Number.NaN;
    rows[row + Row.TOP_ASK_AMOUNT] = top.askAmount();
    this.seeOthers(id);
  }

  /** Our own quotes at the venue: the market is what is left without them. */
  private onUpdate(buffer: ViewBuffer, body: number): void {
    const { update, memory } = this;
    update.__init(body, buffer);
    const id = update.instrument();
    if (update.strategy() !== Strategy.QUOTER || id >= this.context.config.instruments) return;
    const { rows } = memory;
    const at = id * Row.SIZE + (update.side() === Side.BUY ? Row.OWN_BID : Row.OWN_ASK);
    const ends = isFinished(update.status());
    // A new order stands before the end of the one that it replaces is told.
    if (ends && rows[at] !== update.price() && rows[at + 1] !== update.wantedPrice()) return;
    rows[at] = update.price();
    rows[at + 1] = update.wantedPrice();
    rows[at + 2] = ends ? 0 : update.worstRemaining();
    if (this.isQuoted(id)) this.seeOthers(id);
  }

  private isQuoted(id: number): boolean {
    const kind = this.memory.shelf.kind(id);
    return kind === InstrumentKind.OPTION || (kind === InstrumentKind.PERPETUAL && this.perpetual !== undefined);
  }

  /**
   * Takes our own quotes out of the touch. Where nobody else stands there, the last that was seen of others holds as long as it may still
   * be there: the touch tells nothing of what is behind it.
   */
  private seeOthers(id: number): void {
    const { memory } = this;
    const { rows } = memory;
    const row = id * Row.SIZE;
    const marketBid = rows[row + Row.MARKET_BID]!;
    const marketAsk = rows[row + Row.MARKET_ASK]!;
    const { topsHoldOwn = true } = this.context.config;
    if (!topsHoldOwn || !isOurs(rows, row + Row.TOP_BID, row + Row.OWN_BID))
      rows[row + Row.MARKET_BID] = rows[row + Row.TOP_BID]!;
    else if (rows[row + Row.MARKET_BID]! > rows[row + Row.TOP_BID]!) rows[row + Row.MARKET_BID] = Number.NaN;
    if (!topsHoldOwn || !isOurs(rows, row + Row.TOP_ASK, row + Row.OWN_ASK))
      rows[row + Row.MARKET_ASK] = rows[row + Row.TOP_ASK]!;
    else if (rows[row + Row.MARKET_ASK]! < rows[row + Row.TOP_ASK]!) rows[row + Row.MARKET_ASK] = Number.NaN;
    if (memory.shelf.kind(id) === InstrumentKind.PERPETUAL) {
      this.touch(id);
      return;
    }
    if (rows[row + Row.THEO_TIME] === 0) return;
    const moved = !same(marketBid, rows[row + Row.MARKET_BID]!) || !same(marketAsk, rows[row + Row.MARKET_ASK]!);
    if (this.leads && moved) {
      this.touch(id);
      return;
    }
    // Elsewhere the market matters only where a quote would cross it.
    const bid = rows[row + Row.BID]!;
    const ask = rows[row + Row.ASK]!;
    const crosses = bid >= rows[row + Row.MARKET_ASK]! || ask <= rows[row + Row.MARKET_BID]!;
    const isMid = this.context.config.quoting.model === QuoteModelCode.MID_SKEW;
    if (isMid || crosses || rows[row + Row.BOUND] === QuoteLimit.CROSSING) this.touch(id);
  }

  private onExposure(buffer: ViewBuffer, body: number): void {
    const { exposure, memory } = this;
    exposure.__init(body, buffer);
    const underlying = exposure.underlying();
    if (underlying >= this.context.config.underlyings) return;
    const { pots } = memory;
    const at = underlying * Pot.SIZE;
    pots[at + Pot.INVENTORY] = exposure.weightedVega();
    pots[at + Pot.NET_DELTA] = exposure.netDelta();
    pots[at + Pot.GAMMA] = exposure.gamma();
    const moved = Math.abs(pots[at + Pot.INVENTORY]! - pots[at + Pot.USED]!);
    const movedDelta = Math.abs(pots[at + Pot.NET_DELTA]! - pots[at + Pot.USED_DELTA]!);
    if (moved < INVENTORY_STEP * this.numbers[N.VEGA_LIMIT]! && movedDelta < DELTA_STEP) return;
    this.touchPerpetual(underlying);
    pots[at + Pot.USED] = pots[at + Pot.INVENTORY]!;
    pots[at + Pot.USED_DELTA] = pots[at + Pot.NET_DELTA]!;
    this.touchUnderlying(underlying);
  }

  private onPosition(buffer: ViewBuffer, body: number): void {
    const { position, memory } = this;
    position.__init(body, buffer);
    const id = position.instrument();
    if (id >= this.context.config.instruments) return;
    memory.rows[id * Row.SIZE + Row.POSITION] = position.size();
    if (memory.rows[id * Row.SIZE + Row.THEO_TIME] !== 0) this.touch(id);
  }

  /** Flow on the perpetual and the futures is what options makers are run over by. */
  private onTrades(buffer: ViewBuffer, body: number): void {
    const { toxicity, shelf, underlyings } = this.memory;
    const { view } = buffer;
    this.trades.__init(body, buffer);
    let at = body + TradeRun.sizeOf();
    for (let left = this.trades.count(); left > 0; left--, at += TRADE_BYTES) {
      const id = view.getUint32(at, true);
      if (id >= this.context.config.instruments) continue;
      const kind = shelf.kind(id);
      if (kind !== InstrumentKind.PERPETUAL && kind !== InstrumentKind.FUTURE) continue;
      const aggressor = view.getUint32(at + TRADE_FLAGS, true) & 3;
      const amount = view.getFloat64(at + TRADE_AMOUNT, true);
      toxicity.input[0] = shelf.isInverse(id) ? amount : amount * view.getFloat64(at + TRADE_PRICE, true);
      toxicity.input[1] = this.context.event.time;
      const underlying = underlyings.of(id);
      if (underlying >= 0 && underlying < this.context.config.underlyings)
        toxicity.trade(underlying, aggressor === Side.BUY);
    }
  }

  private onUnderlying(buffer: ViewBuffer, body: number): void {
    const { underlyingState: told, memory } = this;
    told.__init(body, buffer);
    const underlying = memory.underlyings.of(told.option());
    if (underlying < 0 || underlying >= this.context.config.underlyings) return;
    const at = underlying * Pot.SIZE;
    const changed =
      memory.pots[at + Pot.REGIME] !== told.regime() ||
      (memory.pots[at + Pot.FLAGS]! & UNUSABLE) !== (told.flags() & UNUSABLE);
    memory.pots[at + Pot.REGIME] = told.regime();
    memory.pots[at + Pot.FLAGS] = told.flags();
    memory.pots[at + Pot.HEARD] = this.context.event.time;
    memory.pots[at + Pot.VOL] = told.vol1h();
    // The table is solved again when the vol is another, not for every tick of it.
    const off = memory.pots[at + Pot.VOL]! / memory.pots[at + Pot.USED_VOL]!;
    if (memory.pots[at + Pot.VOL]! > 0 && !(off > VOL_LEAST && off < VOL_MOST)) {
      memory.pots[at + Pot.USED_VOL] = memory.pots[at + Pot.VOL]!;
      this.touchPerpetual(underlying);
    }
    if (changed) this.touchPerpetual(underlying);
    if (changed) this.touchUnderlying(underlying);
  }

  private onFill(buffer: ViewBuffer, body: number): void {
    const { fill, memory } = this;
    fill.__init(body, buffer);
    const id = fill.instrument();
    if (id >= this.context.config.instruments || memory.shelf.kind(id) !== InstrumentKind.OPTION) return;
    if (fill.liquidity() === Liquidity.TAKER || !(fill.amount() > 0)) return;
    const { rows, markouts } = memory;
    const row = id * Row.SIZE;
    const { input } = markouts;
    input[0] = fill.price();
    input[1] = rows[row + Row.VEGA]! / this.moneyOf(id);
    input[2] = this.context.event.time;
    input[3] = fill.amount();
    input[4] = fill.number();
    markouts.add(id, fill.side() === Side.BUY, this.bucketOf(id));
  }

  /** A pause, and all the more a halt, pulls every quote at once. */
  private onCommand(buffer: ViewBuffer, body: number): void {
    const { command } = this;
    const { paused } = this.memory;
    command.__init(body, buffer);
    const code = command.command();
    if (code !== CommandCode.PAUSE && code !== CommandCode.HALT && code !== CommandCode.RESUME) return;
    const pauses = code !== CommandCode.RESUME;
    const reason = code === CommandCode.HALT ? PullReason.HALTED : PullReason.PAUSED;
    if (pauses && paused[0] === 0) this.pullEverything(reason);
    paused[0] = pauses ? reason : 0;
    if (!pauses) this.touchEverything();
  }

  /** What is to be closed is not quoted until a trader resumes it: a quote would take from what may be sold. */
  private onRiskCommand(buffer: ViewBuffer, body: number): void {
    const command = this.riskCommand.__init(body, buffer);
    if (command.action() !== RiskAction.FLATTEN) return;
    const scope = command.scope();
    if (scope === StateScope.EVERYTHING) this.controlEverything(TraderAction.PAUSE, 0, 0);
    else if (scope === StateScope.UNDERLYING) this.controlUnderlying(command.key(), TraderAction.PAUSE, 0, 0);
    else if (scope === StateScope.EXPIRY) this.controlExpiry(command.key(), command.expiry(), TraderAction.PAUSE, 0, 0);
  }

  private controlEverything(action: number, side: number, value: number): void {
    const { controls } = this.memory;
    controls.apply(controls.everything(), action, side, value);
    this.touchEverything();
  }

  private controlUnderlying(underlying: number, action: number, side: number, value: number): void {
    const { controls } = this.memory;
    if (underlying >= this.context.config.underlyings) return;
    controls.apply(controls.underlying(underlying), action, side, value);
    this.touchUnderlying(underlying);
    this.touchPerpetual(underlying);
  }

  private controlExpiry(underlying: number, expiry: number, action: number, side: number, value: number): void {
    const { controls, expiries } = this.memory;
    const place = expiries.find(underlying, expiry);
    if (place < 0) return;
    controls.apply(controls.expiry(place), action, side, value);
    for (let id = 0; id < this.context.config.instruments; id++) if (expiries.of(id) === place) this.touchKnown(id);
  }

  private onControl(buffer: ViewBuffer, body: number): void {
    const { control, memory } = this;
    const { controls, underlyings, rows } = memory;
    control.__init(body, buffer);
    const peer = control.peer() & 15;
    // A command that is told twice is one command.
    if (!(control.nonce() > controls.nonces[peer]!)) return;
    controls.nonces[peer] = control.nonce();
    const action = control.action();
    const side = control.side();
    const { instruments } = this.context.config;
    switch (control.scope()) {
      case TraderScope.EVERYTHING:
        this.controlEverything(action, side, control.value());
        break;
      case TraderScope.UNDERLYING:
        this.controlUnderlying(control.underlying(), action, side, control.value());
        break;
      case TraderScope.EXPIRY:
        this.controlExpiry(control.underlying(), control.expiry(), action, side, control.value());
        break;
      case TraderScope.INSTRUMENT:
        if (control.instrument() >= instruments) return;
        controls.apply(controls.instrument(control.instrument()), action, side, control.value());
        this.touchKnown(control.instrument());
        break;
      case TraderScope.STRIKE:
        for (let id = 0; id < instruments; id++) {
          const strike = rows[id * Row.SIZE + Row.STRIKE]!;
          if (!(strike === control.strike() && strike > 0 && underlyings.of(id) === control.underlying())) continue;
          controls.apply(controls.instrument(id), action, side, control.value());
          this.touchKnown(id);
        }
        break;
    }
  }

  private onState(buffer: ViewBuffer, body: number): void {
    const { state, memory } = this;
    state.__init(body, buffer);
    const isOpen = state.state() === LifeCycle.OPEN ? 1 : 0;
    const { instruments } = this.context.config;
    const id = state.instrument();
    const first = id === NO_INSTRUMENT ? 0 : id;
    const end = id === NO_INSTRUMENT ? instruments : Math.min(instruments, id + 1);
    for (let each = first; each < end; each++) {
      const row = each * Row.SIZE;
      memory.rows[row + Row.OPEN] = isOpen;
      if (memory.rows[row + Row.THEO_TIME] !== 0) this.touch(each);
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
    const underlying = memory.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (id >= config.instruments) return;
    memory.shelf.define(id, instrument);
    memory.expiries.define(id, underlying, instrument.expiry);
    const { rows } = memory;
    const row = id * Row.SIZE;
    rows[row + Row.STRIKE] = instrument.strike > 0 ? instrument.strike : 0;
    rows[row + Row.FEE] = instrument.makerFee > 0 ? instrument.makerFee : 0;
    rows[row + Row.OPEN] = instrument.state === LifeCycle.OPEN ? 1 : 0;
    rows[row + Row.MARKET_BID] = Number.NaN;
    rows[row + Row.MARKET_ASK] = Number.NaN;
    rows[row + Row.TOP_BID] = Number.NaN;
    rows[row + Row.TOP_ASK] = Number.NaN;
    let width = 1;
    let amount = 1;
    for (const override of config.quoting.overrides) {
      if (override.expiry !== undefined && override.expiry !== instrument.expiry) continue;
      if (override.strike !== undefined && override.strike !== instrument.strike) continue;
      width *= override.width;
      amount *= override.size;
    }
    rows[row + Row.WIDTH] = width - 1;
    rows[row + Row.AMOUNT] = amount - 1;
    if (rows[row + Row.THEO_TIME] !== 0) this.touch(id);
  }

  /** Makes an option's quote again, and tells it where it has changed. */
  private consider(id: number): void {
    const { memory, model } = this;
    const { rows } = memory;
    if (memory.paused[0] !== 0) return;
    const row = id * Row.SIZE;
    if (memory.shelf.kind(id) === InstrumentKind.PERPETUAL) {
      if (this.perpetual !== undefined) this.considerPerpetual(id, this.perpetual);
      return;
    }
    const reason = this.reasonAgainst(id);
    if (reason !== PullReason.NONE) {
      this.withdraw(id, reason);
      return;
    }
    this.gather(id);
    const underlying = memory.underlyings.of(id);
    const regime = memory.pots[underlying * Pot.SIZE + Pot.REGIME]!;
    const paused = memory.controls.pausedSides(id, memory.expiries.of(id), underlying);
    if (!model.make(memory.shelf.ticks(id), regime, paused)) {
      this.withdraw(id, this.isWithoutMarket(row) ? PullReason.STALE_MARKET : PullReason.NO_THEO);
      return;
    }
    const { output } = model;
    const nothing = output[QuoteOutput.BID_AMOUNT] === 0 && output[QuoteOutput.ASK_AMOUNT] === 0;
    const why = !nothing ? PullReason.NONE : paused === 3 ? PullReason.OPERATOR : PullReason.LIMIT;
    const isSame =
      same(output[QuoteOutput.BID]!, rows[row + Row.BID]!) &&
      same(output[QuoteOutput.ASK]!, rows[row + Row.ASK]!) &&
      output[QuoteOutput.BID_AMOUNT] === rows[row + Row.BID_AMOUNT] &&
      output[QuoteOutput.ASK_AMOUNT] === rows[row + Row.ASK_AMOUNT] &&
      rows[row + Row.REASON] === why;
    rows[row + Row.BOUND] = model.bindingLimit;
    if (isSame) return;
    rows[row + Row.BID] = output[QuoteOutput.BID]!;
    rows[row + Row.ASK] = output[QuoteOutput.ASK]!;
    rows[row + Row.BID_AMOUNT] = output[QuoteOutput.BID_AMOUNT]!;
    rows[row + Row.ASK_AMOUNT] = output[QuoteOutput.ASK_AMOUNT]!;
    rows[row + Row.REASON] = why;
    this.writer.tell(id, underlying + 1, model);
  }

  /** Makes the perpetual's quote again: around the mid of others, by the delta of all that is held on its underlying. */
  private considerPerpetual(id: number, model: PerpetualQuote): void {
    const { memory, writer } = this;
    const { rows, pots, shelf } = memory;
    const row = id * Row.SIZE;
    const underlying = memory.underlyings.of(id);
    const pot = underlying * Pot.SIZE;
    let reason: number = PullReason.NONE;
    if (underlying < 0 || rows[row + Row.OPEN] === 0) reason = PullReason.NOT_TRADING;
    else if ((pots[pot + Pot.FLAGS]! & UNUSABLE) !== 0) reason = PullReason.STALE_MARKET;
    const paused = memory.controls.pausedSides(id, memory.expiries.of(id), underlying);
    if (paused === 3) reason = PullReason.OPERATOR;
    const { input, output } = model;
    input[PerpetualInput.MID] = (rows[row + Row.MARKET_BID]! + rows[row + Row.MARKET_ASK]!) / 2;
    input[PerpetualInput.VOL] = reason === PullReason.NOT_TRADING ? 0 : pots[pot + Pot.USED_VOL]!;
    input[PerpetualInput.HELD] = reason === PullReason.NOT_TRADING ? 0 : pots[pot + Pot.NET_DELTA]!;
    input[PerpetualInput.LOT] = shelf.minimum(id);
    input[PerpetualInput.INVERSE] = shelf.isInverse(id) ? 1 : 0;
    input[PerpetualInput.MARKET_BID] = rows[row + Row.MARKET_BID]!;
    input[PerpetualInput.MARKET_ASK] = rows[row + Row.MARKET_ASK]!;
    if (reason === PullReason.NONE && !model.make(shelf.ticks(id))) reason = PullReason.STALE_MARKET;
    if (reason !== PullReason.NONE) output.fill(Number.NaN);
    const isShown = reason === PullReason.NONE;
    const bidAmount = isShown && (paused & 1) === 0 ? output[PerpetualOutput.BID_AMOUNT]! : 0;
    const askAmount = isShown && (paused & 2) === 0 ? output[PerpetualOutput.ASK_AMOUNT]! : 0;
    const isSame =
      same(output[PerpetualOutput.BID]!, rows[row + Row.BID]!) &&
      same(output[PerpetualOutput.ASK]!, rows[row + Row.ASK]!) &&
      bidAmount === rows[row + Row.BID_AMOUNT] &&
      askAmount === rows[row + Row.ASK_AMOUNT] &&
      reason === rows[row + Row.REASON];
    const wasQuoted = rows[row + Row.BID_AMOUNT]! + rows[row + Row.ASK_AMOUNT]! > 0;
    if (isSame || (!isShown && !wasQuoted)) return;
    rows[row + Row.BID] = output[PerpetualOutput.BID]!;
    rows[row + Row.ASK] = output[PerpetualOutput.ASK]!;
    rows[row + Row.BID_AMOUNT] = bidAmount;
    rows[row + Row.ASK_AMOUNT] = askAmount;
    rows[row + Row.REASON] = reason;
    writer.tellPerpetual(id, underlying + 1, model);
  }

  private isWithoutMarket(row: number): boolean {
    const { rows } = this.memory;
    const isMid = this.context.config.quoting.model === QuoteModelCode.MID_SKEW;
    return isMid && Number.isNaN(rows[row + Row.MARKET_BID]! + rows[row + Row.MARKET_ASK]!);
  }

  /** Why an option cannot be quoted at all; PullReason.NONE where it can. */
  private reasonAgainst(id: number): number {
    const { memory, numbers } = this;
    const { rows, pots, underlyings } = memory;
    const row = id * Row.SIZE;
    const underlying = underlyings.of(id);
    if (underlying < 0 || rows[row + Row.OPEN] === 0) return PullReason.NOT_TRADING;
    if ((rows[row + Row.FLAGS]! & UNUSABLE) !== 0) return PullReason.NO_THEO;
    if ((pots[underlying * Pot.SIZE + Pot.FLAGS]! & UNUSABLE) !== 0) return PullReason.STALE_MARKET;
    if (rows[row + Row.CONFIDENCE]! < numbers[N.CONFIDENCE]!) return PullReason.NO_THEO;
    if (this.isOld(id)) return PullReason.NO_THEO;
    if (this.isEnding(id)) return PullReason.EXPIRY_NEAR;
    const delta = Math.abs(rows[row + Row.DELTA]!);
    // What is held is quoted whatever its delta: how else would it be sold.
    const isQuoted = delta >= numbers[N.DELTA_LEAST]! && delta <= numbers[N.DELTA_MOST]!;
    return isQuoted || rows[row + Row.POSITION] !== 0 ? PullReason.NONE : PullReason.BELOW_TICK;
  }

  /** Whether nobody stands for a value any more: it was not told for too long, and neither was anything of its underlying. */
  private isOld(id: number): boolean {
    const { rows, pots, underlyings } = this.memory;
    const oldest = this.now[0]! - this.numbers[N.THEO_AGE]!;
    return (
      rows[id * Row.SIZE + Row.THEO_TIME]! < oldest && !(pots[underlyings.of(id) * Pot.SIZE + Pot.HEARD]! >= oldest)
    );
  }

  private isEnding(id: number): boolean {
    const expiry = this.memory.shelf.expiry(id);
    return expiry > 0 && this.now[0]! >= expiry - this.numbers[N.STOP_BEFORE]!;
  }

  private moneyOf(id: number): number {
    return this.memory.shelf.isInverse(id) ? this.memory.rows[id * Row.SIZE + Row.FORWARD]! : 1;
  }

  private bucketOf(id: number): number {
    const { rows } = this.memory;
    const row = id * Row.SIZE;
    return tenorBucket(rows[row + Row.YEARS]!) * DELTA_BUCKETS + deltaBucket(Math.abs(rows[row + Row.DELTA]!));
  }

  /** Puts what is known of an option into the model's input. */
  private gather(id: number): void {
    const { memory } = this;
    const { input } = this.model;
    const { rows, pots, losses, controls, toxicity, shelf } = memory;
    const row = id * Row.SIZE;
    const underlying = memory.underlyings.of(id);
    const expiry = memory.expiries.of(id);
    const pot = underlying * Pot.SIZE;
    const forward = rows[row + Row.FORWARD]!;
    const isInverse = shelf.isInverse(id);
    const theo = rows[row + Row.THEO]!;
    const fee = rows[row + Row.FEE]! * (isInverse ? 1 : forward);
    const cap = FEE_CAP * theo;
    const delta = Math.abs(rows[row + Row.DELTA]!);
    input[QuoteInput.THEO] = theo;
    input[QuoteInput.UNCERTAINTY] = rows[row + Row.UNCERTAINTY]!;
    input[QuoteInput.DELTA] = rows[row + Row.NET_DELTA]!;
    input[QuoteInput.VEGA] = rows[row + Row.VEGA]!;
    input[QuoteInput.YEARS] = rows[row + Row.YEARS]!;
    input[QuoteInput.FORWARD] = forward;
    input[QuoteInput.MONEY] = isInverse ? forward : 1;
    input[QuoteInput.MARKET_BID] = rows[row + Row.MARKET_BID]!;
    input[QuoteInput.MARKET_ASK] = rows[row + Row.MARKET_ASK]!;
    input[QuoteInput.POSITION] = rows[row + Row.POSITION]!;
    input[QuoteInput.INVENTORY] = pots[pot + Pot.INVENTORY]!;
    input[QuoteInput.NET_DELTA] = pots[pot + Pot.NET_DELTA]!;
    input[QuoteInput.LOT] = shelf.minimum(id);
    input[QuoteInput.FEE] = fee < cap ? fee : cap;
    input[QuoteInput.MARKOUT_LOSS] = losses[2 * this.bucketOf(id)]!;
    input[QuoteInput.VPIN] = toxicity.vpin(underlying);
    input[QuoteInput.FLOW] = toxicity.imbalance(underlying);
    input[QuoteInput.EVENT] = this.eventWidening();
    input[QuoteInput.WIDTH] = (1 + rows[row + Row.WIDTH]!) * this.deltaWidths[deltaBucket(delta)]!;
    input[QuoteInput.AMOUNT] = 1 + rows[row + Row.AMOUNT]!;
    input[QuoteInput.LAST_BID] = rows[row + Row.BID]!;
    input[QuoteInput.LAST_ASK] = rows[row + Row.ASK]!;
    input[QuoteInput.BLACK_DELTA] = rows[row + Row.DELTA]!;
    input[QuoteInput.GAMMA] = rows[row + Row.GAMMA]!;
    input[QuoteInput.VOL] = rows[row + Row.VOL]!;
    input[QuoteInput.INVENTORY_GAMMA] = pots[pot + Pot.GAMMA]!;
    input[QuoteInput.TRADER_WIDTH] = controls.multiplier(0, id, expiry, underlying);
    input[QuoteInput.TRADER_AMOUNT] = controls.multiplier(1, id, expiry, underlying);
  }

  private eventWidening(): number {
    const { events } = this;
    let widening = 0;
    for (let place = 0; place < events.length; place++) {
      const { beforeSeconds, afterSeconds, widening: one } = this.context.config.quoting.events[place]!;
      const ahead = (events[place]! - this.now[0]!) / 1e6;
      if (ahead <= beforeSeconds && -ahead <= afterSeconds) widening += one;
    }
    return widening;
  }

  /** No quotes for one instrument. Told once: dispatch pulls many of them by one request. */
  private withdraw(id: number, reason: number): void {
    const { rows, underlyings } = this.memory;
    const row = id * Row.SIZE;
    rows[row + Row.BOUND] = QuoteLimit.NONE;
    const isQuoted = rows[row + Row.BID_AMOUNT] !== 0 || rows[row + Row.ASK_AMOUNT] !== 0;
    if (!isQuoted && rows[row + Row.REASON] === reason) return;
    rows[row + Row.BID] = Number.NaN;
    rows[row + Row.ASK] = Number.NaN;
    rows[row + Row.BID_AMOUNT] = 0;
    rows[row + Row.ASK_AMOUNT] = 0;
    rows[row + Row.REASON] = reason;
    this.writer.tell(id, underlyings.of(id) + 1, this.model);
  }

  private pullEverything(reason: number): void {
    const { out, config } = this.context;
    const pulled = this.pulled.__init(out.emit(MessageType.QUOTE_PULL, QuotePull.sizeOf()), out.buffer);
    pulled.mutate_scope(Scope.EVERYTHING);
    pulled.mutate_instrument(NO_INSTRUMENT);
    pulled.mutate_underlying(NO_UNDERLYING);
    pulled.mutate_strategy(Strategy.QUOTER);
    pulled.mutate_group(EVERY_GROUP);
    pulled.mutate_reason(reason);
    pulled.mutate_quoteSet(NO_QUOTE_SET);
    pulled.mutate_minDelta(Number.NaN);
    pulled.mutate_maxDelta(Number.NaN);
    const { rows } = this.memory;
    for (let id = 0; id < config.instruments; id++) {
      const row = id * Row.SIZE;
      rows[row + Row.BID_AMOUNT] = 0;
      rows[row + Row.ASK_AMOUNT] = 0;
      rows[row + Row.REASON] = reason;
    }
  }
}

/** Whether all of a side of the touch is one order of ours: cells [price, amount] against [price, price asked for, amount]. */
function isOurs(rows: Float64Array, top: number, own: number): boolean {
  const price = rows[top]!;
  if (price !== rows[own] && price !== rows[own + 1]) return false;
  return rows[top + 1]! <= rows[own + 2]! * (1 + SAME_AMOUNT);
}

/** Equal, or both missing. */
function same(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}

export function optionsQuoter(config: OptionsQuoterConfig): CoreDefinition {
  return defineStage<OptionsQuoterConfig>({
    name: 'quoter',
    reads: [log, tops, theos, orderStates, exposures],
    writes: desiredQuotes,
    ignores: [
      MessageType.BOOK_UPDATE,
      MessageType.TICKER,
      MessageType.QUOTE,
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
    // Each option once an event, and one pull of everything.
    burst: {
      records: config.instruments + 1,
      bodyBytes: config.instruments * DesiredQuote.sizeOf() + QuotePull.sizeOf(),
    },
    shows: [shownQuotes(config.instruments)],
    stateBytes: OptionsQuoter.stateBytes(config),
    timers: 1,
    create: (context) => new OptionsQuoter(context),
  });
}
