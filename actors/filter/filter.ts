import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import {
  type CoreActor,
  type CoreContext,
  type CoreDefinition,
  defineStage,
} from '../../engine/runtime/actor/definition.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { OrderReport } from '../../schemas/generated/order-report.js';
import { Quote } from '../../schemas/generated/quote.js';
import { RequestReport } from '../../schemas/generated/request-report.js';
import { SendReport } from '../../schemas/generated/send-report.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { Theo } from '../../schemas/generated/theo.js';
import { TheoRun } from '../../schemas/generated/theo-run.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TopOfBook } from '../../schemas/generated/top-of-book.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { LEVEL, OwnOrders } from '../book/own-orders.js';
import { log, shownChains, shownExpiries, shownTheos, shownUnderlyings, theos, tops } from '../streams.js';
import { ChainRegistry } from './chain-registry.js';
import { Condition } from './condition.js';
import { NOW } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
import { FilterFlag, ForwardOrigin, RefitReason } from './filter-flags.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  FilterState,
  MODES,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import { ForwardTrack } from './forward-track.js';
import { ParityForwards } from './parity-forwards.js';
import { QuoteIntake } from './quote-intake.js';
import { QuoteNudge } from './quote-nudge.js';
import { RealisedVol } from './realised-vol.js';
import { largestSnapshot, RefitRequests } from './refit-requests.js';
import { SmileDynamics } from './smile-dynamics.js';
import { SmileModes } from './smile-modes.js';
import { StateReports } from './state-reports.js';
import { SurfaceAdoption } from './surface-adoption.js';
import { TheoBatch } from './theo-batch.js';
import { TheoPricer } from './theo-pricer.js';
import { TheoWriter } from './theo-writer.js';
import { VolForecasts } from './vol-forecasts.js';

const EVERY_EXPIRY = 0xffffffff;
/** Standard deviations per square root of a year of the walks of level, lean and bend, as relative moves of total variance. */
const DRIFT: readonly number[] = [8, 4, 4];
/** While a feed of best prices speaks within this time, those of tickers come behind it; and a book that stands still is heard again, microseconds. */
const BOOK_HOLDS = 5e6;
/** When a book was heard that goes on telling every change: what it said last holds until it is stale. */
const ALWAYS = Number.POSITIVE_INFINITY;
/** While the reference has a mid within this time, trades say nothing that it does not say better, microseconds. */
const MID_HOLDS = 2e6;
/** Relative error of the venue's own forward, and least of a future's mid. */
const VENUE_ERROR = 5e-5;
/** What a ticker's underlying price is: the index, no forward. */
const UNDERLYING_IS_INDEX = 3;
/** After the last word of an underlying, pulses go on until everything that may grow stale has. */
const PULSES_OUTLIVE = 2e6;
/** Bounds of a trader's adjustment: vol, skew, and the forward's part. */
const LARGEST_SHIFT = { atm: 1, skew: 10, forward: 0.5 } as const;

const AT = {
  tickerBid: fieldOffset(Ticker, 'bestBidPrice'),
  tickerBidAmount: fieldOffset(Ticker, 'bestBidAmount'),
  tickerAsk: fieldOffset(Ticker, 'bestAskPrice'),
  tickerAskAmount: fieldOffset(Ticker, 'bestAskAmount'),
  tickerKind: fieldOffset(Ticker, 'underlying'),
  tickerUnderlying: fieldOffset(Ticker, 'underlyingPrice'),
  tickerIndex: fieldOffset(Ticker, 'indexPrice'),
  topBid: fieldOffset(TopOfBook, 'bestBidPrice'),
  topBidAmount: fieldOffset(TopOfBook, 'bestBidAmount'),
  topAsk: fieldOffset(TopOfBook, 'bestAskPrice'),
  topAskAmount: fieldOffset(TopOfBook, 'bestAskAmount'),
  bookState: fieldOffset(BookTop, 'state'),
  bookBid: fieldOffset(BookTop, 'bidPrice'),
  bookBidAmount: fieldOffset(BookTop, 'bidAmount'),
  bookAsk: fieldOffset(BookTop, 'askPrice'),
  bookAskAmount: fieldOffset(BookTop, 'askAmount'),
  quoteBid: fieldOffset(Quote, 'bidPrice'),
  quoteBidAmount: fieldOffset(Quote, 'bidAmount'),
  quoteAsk: fieldOffset(Quote, 'askPrice'),
  quoteAskAmount: fieldOffset(Quote, 'askAmount'),
  quoteUnderlying: fieldOffset(Quote, 'underlyingPrice'),
  quoteIndex: fieldOffset(Quote, 'indexPrice'),
  tradePrice: fieldOffset(Trade, 'price'),
} as const;

/**
 * The volatility filter: quotes of options and of what they are on go in, theoretical values come out. Between fits, which come from the
 * calibrator by way of the log, each quote nudges its smile and each tick of the underlying moves its forwards; what changed by more than is worth
 * telling is told.
 */
class Filter implements CoreActor {
  private readonly context: CoreContext<FilterConfig>;
  private readonly state: FilterState;
  private readonly forecasts: VolForecasts;
  /** Event time, shared by the parts. */
  private readonly moment = new Float64Array(1);
  private readonly registry: ChainRegistry;
  private readonly intake: QuoteIntake;
  private readonly modes: SmileModes;
  private readonly forwards: ForwardTrack;
  private readonly parity: ParityForwards;
  private readonly pricer: TheoPricer;
  private readonly nudge: QuoteNudge;
  private readonly dynamics: SmileDynamics;
  private readonly adoption: SurfaceAdoption;
  private readonly realised: RealisedVol;
  private readonly condition: Condition;
  private readonly writer: TheoWriter;
  private readonly requests: RefitRequests;
  private readonly reports: StateReports;
  private readonly adjustment = new SmileAdjustment();
  /** What tickers and best prices hold of ours; absent where that is nothing. Books are told without it. */
  private readonly own: OwnOrders | undefined;
  private readonly send = new SendReport();
  private readonly report = new OrderReport();
  private readonly refusal = new RequestReport();
  private readonly worth: Float64Array;

  constructor(context: CoreContext<FilterConfig>) {
    const { config, state } = context;
    const { moment } = this;
    const noise = Float64Array.from(DRIFT, (deviation) => deviation * deviation);
    this.context = context;
    this.worth = Float64Array.of(config.publishTicks, config.publishVol);
    this.state = new FilterState(state, config);
    this.forecasts = new VolForecasts(state, config.underlyings, config.model);
    this.registry = new ChainRegistry(this.state);
    this.intake = new QuoteIntake(this.state, moment);
    this.modes = new SmileModes(this.state);
    this.dynamics = new SmileDynamics(this.state, moment);
    this.forwards = new ForwardTrack(this.state, moment, this.modes, this.dynamics);
    this.parity = new ParityForwards(this.state, this.forwards);
    this.pricer = new TheoPricer(this.state, moment, noise);
    this.nudge = new QuoteNudge(this.state, moment, this.pricer, this.modes, noise);
    this.adoption = new SurfaceAdoption(this.state, this.modes, this.dynamics, this.nudge);
    this.realised = new RealisedVol(this.state, moment, this.forecasts);
    this.condition = new Condition(this.state, moment, this.forwards);
    this.writer = new TheoWriter(context, this.state, new TheoBatch(this.state, this.pricer, moment), moment);
    this.requests = new RefitRequests(context, this.state, moment);
    this.reports = new StateReports(context, this.state, moment, this.forwards, this.dynamics, this.modes);
    if (config.ownInMarket === true)
      this.own = new OwnOrders(state.float64(OwnOrders.cellsOf(config.instruments)), config.instruments);
  }

  static stateBytes(config: FilterConfig): number {
    const own = config.ownInMarket === true ? 8 * OwnOrders.cellsOf(config.instruments) : 0;
    return FilterState.bytes(config) + VolForecasts.bytes(config.underlyings) + own;
  }

  onRestore(): void {
    this.forecasts.restore();
  }

  onRecord(type: number, buffer: ViewBuffer, offset: number): void {
    this.moment[NOW] = this.context.event.time;
    const body = offset + HEADER_BYTES;
    switch (type) {
      case MessageType.TICKER:
        this.onTicker(buffer, body);
        break;
      case MessageType.BOOK_TOP:
        this.onBookTop(buffer, body);
        break;
      case MessageType.QUOTE:
        this.onQuote(buffer, body);
        break;
      case MessageType.TOP_OF_BOOK:
        this.onTopOfBook(buffer, body);
        break;
      case MessageType.TRADE_RUN:
        this.onTrades(buffer, body);
        break;
      case MessageType.SURFACE_FIT:
        this.onFit(buffer, offset);
        break;
      case MessageType.SMILE_ADJUSTMENT:
        this.onAdjustment(buffer, body);
        break;
      case MessageType.INSTRUMENT_DEFINITION:
        this.onDefinition(buffer, offset);
        break;
      case MessageType.SEND_REPORT:
        this.own?.onSend(this.send.__init(body, buffer));
        break;
      case MessageType.ORDER_REPORT:
        this.own?.onReport(this.report.__init(body, buffer));
        break;
      case MessageType.REQUEST_REPORT:
        this.own?.onRefusal(this.refusal.__init(body, buffer));
        break;
    }
  }

  /** A pulse of one underlying: ages, bars, schedules, reports. */
  onTimer(underlying: number): void {
    const { state, moment, context } = this;
    const { underlyings, underlyingWords, config } = state;
    moment[NOW] = context.event.time;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    underlyings[u + UNDERLYING.pulse] = 0;
    underlyingWords[words + UNDERLYING_WORD.pulses]! += 1;
    const isReport = underlyingWords[words + UNDERLYING_WORD.pulses]! % config.pulsesPerReport === 0;
    this.realised.pulse(underlying);
    const flags = this.condition.judgeUnderlying(underlying);
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = state.expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      if (owner === underlying + 1) this.pulseExpiry(expiry, isReport);
    }
    if (isReport || flags + 1 !== underlyingWords[words + UNDERLYING_WORD.told]) {
      this.reports.writeUnderlying(underlying);
    }
    this.requests.pulse(underlying);
    const quiet = moment[NOW]! - underlyings[u + UNDERLYING.heard]!;
    const longest = Math.max(config.staleIndexSeconds, config.staleQuoteSeconds) * 1e6 + PULSES_OUTLIVE;
    if (quiet < longest) this.askForPulse(underlying);
  }

  private pulseExpiry(expiry: number, isReport: boolean): void {
    const { state, moment } = this;
    const { expiries, expiryWords } = state;
    const words = expiry * EXPIRY_WORDS;
    if (expiryWords[words + EXPIRY_WORD.over] === 1 || expiryWords[words + EXPIRY_WORD.options] === 0) return;
    if (isReport && this.forwards.origin(expiry) !== ForwardOrigin.FUTURE) this.parity.observe(expiry);
    if (isReport) this.forwards.passTime(expiry);
    const flags = this.condition.judgeExpiry(expiry);
    const changed = flags + 1 !== expiryWords[words + EXPIRY_WORD.told];
    if (!changed && !isReport) return;
    // Time too moves values: what it has moved by more than is worth telling goes out here.
    if (this.hasValues(expiry)) {
      this.writer.writeExpiry(expiry);
      this.writer.show(expiry);
    }
    this.reports.writeExpiry(expiry);
    if (moment[NOW]! >= expiries[expiry * EXPIRY_STRIDE + EXPIRY.time]!) expiryWords[words + EXPIRY_WORD.over] = 1;
  }

  /** Whether an expiry has, or had, a smile and a forward: then its options have values, and flags that say what they are worth. */
  private hasValues(expiry: number): boolean {
    const { expiries } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    return expiries[e + EXPIRY.fitSeq]! > 0 && expiries[e + EXPIRY.forward]! > 0;
  }

  private onTicker(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.hear(underlying);
    this.forwards.observed[0] = view.getFloat64(body + AT.tickerIndex, true);
    this.takeIndex(underlying);
    this.intake.read(
      buffer,
      body + AT.tickerBid,
      body + AT.tickerBidAmount,
      body + AT.tickerAsk,
      body + AT.tickerAskAmount,
    );
    this.leaveOutOwn(id, buffer, body + AT.tickerBidAmount, body + AT.tickerAskAmount);
    const expiry = this.expiryOf(id);
    if (expiry < 0) {
      this.takeFuture(id, underlying);
      return;
    }
    if (view.getUint16(body + AT.tickerKind, true) !== UNDERLYING_IS_INDEX) {
      this.forwards.observed[0] = view.getFloat64(body + AT.tickerUnderlying, true);
      this.forwards.observed[1] = VENUE_ERROR;
      if (this.forwards.observe(expiry, ForwardOrigin.VENUE)) this.tellMovedForward(expiry);
    }
    const { options } = this.state;
    const at = id * OPTION_STRIDE;
    const isBook = options[at + OPTION.bookAt] === ALWAYS;
    const heardAt = options[at + (isBook ? OPTION.quotedAt : OPTION.bookAt)]!;
    if (heardAt > 0 && this.moment[NOW]! - heardAt < BOOK_HOLDS) return;
    // A book that stands still says what it said last.
    if (isBook) this.intake.recall(id);
    this.takeQuote(id, expiry);
  }

  private onBookTop(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.hear(underlying);
    if (view.getUint32(body + AT.bookState, true) === BookState.LIVE) {
      this.intake.read(buffer, body + AT.bookBid, body + AT.bookBidAmount, body + AT.bookAsk, body + AT.bookAskAmount);
    } else this.intake.clear();
    if (this.own?.any(id) === true) this.own.settle(id);
    this.takeBest(id, underlying);
    const isLive = view.getUint32(body + AT.bookState, true) === BookState.LIVE;
    this.state.options[id * OPTION_STRIDE + OPTION.bookAt] = isLive ? ALWAYS : 0;
  }

  /** Takes our own orders out of the best prices in the intake: where nobody else stands there, the side says nothing. */
  private leaveOutOwn(id: number, { view }: ViewBuffer, bidAmountAt: number, askAmountAt: number): void {
    const { own, intake } = this;
    if (own === undefined || !own.any(id)) return;
    const { best } = intake;
    const { level } = own;
    for (let side = 0; side < 2; side++) {
      if (best[side] === 0) continue;
      level[LEVEL.PRICE] = best[side]!;
      level[LEVEL.AMOUNT] = view.getFloat64(side === 0 ? bidAmountAt : askAmountAt, true);
      own.take(id, side);
      if (level[LEVEL.AMOUNT] === 0) best[side] = 0;
    }
    own.settle(id);
  }

  private onTopOfBook(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.hear(underlying);
    this.intake.read(buffer, body + AT.topBid, body + AT.topBidAmount, body + AT.topAsk, body + AT.topAskAmount);
    this.leaveOutOwn(id, buffer, body + AT.topBidAmount, body + AT.topAskAmount);
    this.takeBest(id, underlying);
  }

  private onQuote(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.hear(underlying);
    this.forwards.observed[0] = view.getFloat64(body + AT.quoteIndex, true);
    this.takeIndex(underlying);
    const expiry = this.expiryOf(id);
    const forward = view.getFloat64(body + AT.quoteUnderlying, true);
    if (expiry >= 0 && forward > 0) {
      this.forwards.observed[0] = forward;
      this.forwards.observed[1] = VENUE_ERROR;
      if (this.forwards.observe(expiry, ForwardOrigin.VENUE)) this.tellMovedForward(expiry);
    }
    this.intake.read(
      buffer,
      body + AT.quoteBid,
      body + AT.quoteBidAmount,
      body + AT.quoteAsk,
      body + AT.quoteAskAmount,
    );
    this.leaveOutOwn(id, buffer, body + AT.quoteBidAmount, body + AT.quoteAskAmount);
    if (expiry >= 0) this.takeQuote(id, expiry);
    else this.takeFuture(id, underlying);
  }

  /** The best prices in the intake, from a book. */
  private takeBest(id: number, underlying: number): void {
    const expiry = this.expiryOf(id);
    if (expiry < 0) {
      this.takeFuture(id, underlying);
      return;
    }
    this.state.options[id * OPTION_STRIDE + OPTION.bookAt] = this.moment[NOW]!;
    this.takeQuote(id, expiry);
  }

  /** Best prices of a future or perpetual: what the forwards ride on, or what tells one of them. */
  private takeFuture(id: number, underlying: number): void {
    const { intake, forwards, state } = this;
    if (!intake.isTwoSided) return;
    const bid = intake.best[0]!;
    const ask = intake.best[1]!;
    const mid = 0.5 * (bid + ask);
    const expiry = state.instrumentExpiry[id]! - 1;
    if (expiry >= 0) {
      forwards.observed[0] = mid;
      forwards.observed[1] = (0.5 * (ask - bid)) / mid;
      if (forwards.observe(expiry, ForwardOrigin.FUTURE)) this.tellMovedForward(expiry);
      return;
    }
    if (state.underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.reference] !== id + 1) return;
    forwards.observed[0] = mid;
    this.moveReference(underlying);
  }

  private onTrades(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const { state, forwards, moment } = this;
    const count = view.getUint32(body, true);
    for (let index = 0; index < count; index++) {
      const at = body + TradeRun.sizeOf() + index * Trade.sizeOf();
      const id = view.getUint32(at, true);
      const underlying = this.underlyingOf(id);
      if (underlying < 0) continue;
      this.hear(underlying);
      if (state.underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.reference] !== id + 1) continue;
      const spoken = state.underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.referenceTime]!;
      if (moment[NOW]! - spoken < MID_HOLDS) continue;
      forwards.observed[0] = view.getFloat64(at + AT.tradePrice, true);
      this.moveReference(underlying);
    }
  }

  /** `forwards.observed[0]` is the index, where it is a price at all. */
  private takeIndex(underlying: number): void {
    const { state, forwards, moment } = this;
    const index = forwards.observed[0]!;
    if (!(index > 0 && index < Number.POSITIVE_INFINITY)) return;
    const { underlyings, underlyingWords, config } = state;
    const u = underlying * UNDERLYING_STRIDE;
    underlyings[u + UNDERLYING.index] = index;
    underlyings[u + UNDERLYING.indexTime] = moment[NOW]!;
    // While the perpetual speaks it is the reference: it is there first.
    const silent = moment[NOW]! - underlyings[u + UNDERLYING.referenceTime]! > config.staleIndexSeconds * 1e6;
    if (underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.reference]! > 0 && !silent) return;
    this.moveReference(underlying);
  }

  /** `forwards.observed[0]` is the reference's price: every forward that has moved enough takes its values along. */
  private moveReference(underlying: number): void {
    if (!this.forwards.moveReference(underlying)) {
      this.tellJump(underlying);
      return;
    }
    const { expiryWords, config } = this.state;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      if (owner === underlying + 1) this.tellMovedForward(expiry);
    }
  }

  /** A jump that is not believed yet is told at once: until the next pulse quotes would stand where nobody knows what they are worth. */
  private tellJump(underlying: number): void {
    const { underlyingWords } = this.state;
    const words = underlying * UNDERLYING_WORDS;
    if (underlyingWords[words + UNDERLYING_WORD.jumps] === 0) return;
    const flags = this.condition.judgeUnderlying(underlying);
    if (flags + 1 !== underlyingWords[words + UNDERLYING_WORD.told]) this.reports.writeUnderlying(underlying);
  }

  private tellMovedForward(expiry: number): void {
    const { expiries, expiryWords } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const moved = expiries[e + EXPIRY.logForward]! - expiries[e + EXPIRY.toldLogForward]!;
    const worth = this.worth[0]! * expiries[e + EXPIRY.smallestTick]!;
    if (moved === 0 || (moved < worth && moved > -worth)) return;
    if (expiryWords[words + EXPIRY_WORD.generation]! > 0 && expiryWords[words + EXPIRY_WORD.over] === 0) {
      this.writer.writeExpiry(expiry);
    }
  }

  /** The best prices in the intake are an option's. */
  private takeQuote(option: number, expiry: number): void {
    const { state, intake, nudge, writer } = this;
    const { expiries, expiryWords, modes } = state;
    const words = expiry * EXPIRY_WORDS;
    const changed = intake.keep(option, expiry);
    if (expiryWords[words + EXPIRY_WORD.generation] === 0) return;
    const flags = expiryWords[words + EXPIRY_WORD.flags]!;
    // Before a jump is believed, quotes are of one forward and the smile of another.
    const frozen = (flags & (FilterFlag.FORWARD_JUMP | FilterFlag.NEAR_EXPIRY)) !== 0;
    if (frozen || expiryWords[words + EXPIRY_WORD.jumps] !== 0) return;
    if (!nudge.apply(option, expiry, changed)) {
      if (changed) writer.writeOption(option, expiry);
      return;
    }
    const e = expiry * EXPIRY_STRIDE;
    const m = expiry * MODES;
    const moved =
      Math.abs(modes[m]! - expiries[e + EXPIRY.toldMode]!) +
      Math.abs(modes[m + 1]! - expiries[e + EXPIRY.toldMode + 1]!) +
      Math.abs(modes[m + 2]! - expiries[e + EXPIRY.toldMode + 2]!);
    if (moved * expiries[e + EXPIRY.fitVol]! >= 2 * this.worth[1]!) writer.writeExpiry(expiry);
    else writer.writeOption(option, expiry);
  }

  /** A surface from the calibrator, or its failure. */
  private onFit(buffer: ViewBuffer, offset: number): void {
    const { state } = this;
    const underlying = this.adoption.adopt(buffer, offset);
    const concerned = buffer.view.getUint32(offset + HEADER_BYTES, true);
    if (concerned >= state.config.underlyings) return;
    this.hear(concerned);
    this.condition.judgeUnderlying(concerned);
    for (let expiry = 0; expiry < state.config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (state.expiryWords[words + EXPIRY_WORD.underlying] !== concerned + 1) continue;
      if (state.expiryWords[words + EXPIRY_WORD.over] === 1 || state.expiryWords[words + EXPIRY_WORD.options] === 0)
        continue;
      const changed = this.condition.judgeExpiry(expiry) + 1 !== state.expiryWords[words + EXPIRY_WORD.told];
      if (underlying < 0 && !changed) continue;
      if (this.hasValues(expiry)) this.writer.writeExpiry(expiry);
      this.reports.writeExpiry(expiry);
    }
    this.reports.writeUnderlying(concerned);
  }

  /** A trader's shift of one expiry, or of every one of an underlying; the one before is forgotten. */
  private onAdjustment(buffer: ViewBuffer, body: number): void {
    const { state } = this;
    const adjustment = this.adjustment.__init(body, buffer);
    const underlying = adjustment.underlying();
    if (underlying >= state.config.underlyings) return;
    const chosen = adjustment.expiry();
    const bounded =
      Math.abs(adjustment.atmShift()) <= LARGEST_SHIFT.atm && Math.abs(adjustment.skewShift()) <= LARGEST_SHIFT.skew;
    if (!bounded) return;
    for (let expiry = 0; expiry < state.config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (state.expiryWords[words + EXPIRY_WORD.underlying] !== underlying + 1) continue;
      if (chosen !== EVERY_EXPIRY && chosen !== expiry) continue;
      this.adjust(expiry, adjustment);
    }
    state.underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.wanted] = RefitReason.OPERATOR;
    this.hear(underlying);
  }

  private adjust(expiry: number, adjustment: SmileAdjustment): void {
    const { expiries } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const forward = expiries[e + EXPIRY.forward]!;
    const forwardShift = adjustment.forwardShift();
    // Written so that a NaN, and a shift that leaves no forward, is refused.
    if (!(Math.abs(forwardShift) <= LARGEST_SHIFT.forward * forward)) return;
    expiries[e + EXPIRY.atmShift] = adjustment.atmShift();
    expiries[e + EXPIRY.skewShift] = adjustment.skewShift();
    expiries[e + EXPIRY.forwardShift] = forwardShift;
    this.forwards.settle(expiry);
    this.modes.applyShift(expiry);
    this.condition.judgeExpiry(expiry);
    if (this.hasValues(expiry)) this.writer.writeExpiry(expiry);
    this.reports.writeExpiry(expiry);
  }

  private onDefinition(buffer: ViewBuffer, offset: number): void {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    const bytes = new Uint8Array(length - HEADER_BYTES);
    for (let index = 0; index < bytes.length; index++) bytes[index] = buffer.readUint8(offset + HEADER_BYTES + index);
    const { id, instrument } = decodeInstrument(bytes);
    this.registry.define(id, instrument);
  }

  private underlyingOf(id: number): number {
    return id < this.state.config.instruments ? this.state.instrumentUnderlying[id]! - 1 : -1;
  }

  private expiryOf(id: number): number {
    return this.state.optionWords[id * OPTION_WORDS + OPTION_WORD.expiry]! - 1;
  }

  /** Something was heard of an underlying: it has a pulse from now on. */
  private hear(underlying: number): void {
    const { underlyings } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    underlyings[u + UNDERLYING.heard] = this.moment[NOW]!;
    if (underlyings[u + UNDERLYING.pulse] === 0) this.askForPulse(underlying);
  }

  private askForPulse(underlying: number): void {
    const { pulseMicros } = this.state.config;
    const next = (Math.floor(this.moment[NOW]! / pulseMicros) + 1) * pulseMicros;
    this.state.underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.pulse] = next;
    this.context.schedule(underlying, next);
  }
}

export function filter(config: FilterConfig): CoreDefinition {
  const { instruments, underlyings, expiries, optionsPerExpiry } = config;
  const snapshot = largestSnapshot(instruments);
  return defineStage<FilterConfig>({
    name: 'filter',
    reads: [log, tops],
    writes: theos,
    ignores: [
      MessageType.BOOK_UPDATE,
      // What is our own is asked for only where the market holds it.
      ...(config.ownInMarket === true
        ? []
        : [MessageType.ORDER_REPORT, MessageType.SEND_REPORT, MessageType.REQUEST_REPORT]),
    ],
    config,
    shows: [
      shownExpiries(expiries),
      shownUnderlyings(underlyings),
      shownTheos(expiries, optionsPerExpiry),
      shownChains(underlyings, snapshot),
    ],
    // A pulse or a fit may tell all values, twice where a forward moved in it, and all states.
    burst: {
      records: 4 * expiries + 3 * underlyings,
      bodyBytes:
        2 * (instruments * Theo.sizeOf() + expiries * (TheoRun.sizeOf() + ExpiryState.sizeOf())) +
        underlyings * (2 * UnderlyingState.sizeOf() + snapshot),
    },
    stateBytes: Filter.stateBytes(config),
    timers: underlyings,
    create: (context) => new Filter(context),
  });
}
