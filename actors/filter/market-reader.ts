import { fieldOffset } from '../../schemas/field-offset.js';
import { BookTop } from '../../schemas/generated/book-top.js';
import { Quote } from '../../schemas/generated/quote.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { TopOfBook } from '../../schemas/generated/top-of-book.js';
import { Trade } from '../../schemas/generated/trade.js';
import { TradeRun } from '../../schemas/generated/trade-run.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { BookState } from '../book/book.js';
import { LEVEL, type OwnOrders } from '../book/own-orders.js';
import { NOW } from './event-moment.js';
import { ForwardOrigin } from './filter-flags.js';
import {
  type FilterState,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import type { ForwardTrack } from './forward-track.js';
import type { PriceMoves } from './price-moves.js';
import type { Pulses } from './pulses.js';
import type { QuoteIntake } from './quote-intake.js';

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

export interface MarketReaderParts {
  state: FilterState;
  moment: Float64Array;
  intake: QuoteIntake;
  forwards: ForwardTrack;
  moves: PriceMoves;
  pulses: Pulses;
  /** What tickers and best prices hold of ours; undefined where that is nothing. Books are told without it. */
  own: OwnOrders | undefined;
}

/** Reads the market's records: which price of which instrument each of them tells, and whether another source tells it better. */
export class MarketReader {
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly intake: QuoteIntake;
  private readonly forwards: ForwardTrack;
  private readonly moves: PriceMoves;
  private readonly pulses: Pulses;
  private readonly own: OwnOrders | undefined;

  constructor({ state, moment, intake, forwards, moves, pulses, own }: MarketReaderParts) {
    this.state = state;
    this.moment = moment;
    this.intake = intake;
    this.forwards = forwards;
    this.moves = moves;
    this.pulses = pulses;
    this.own = own;
  }

  onTicker(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.pulses.hear(underlying);
    this.forwards.observed[0] = view.getFloat64(body + AT.tickerIndex, true);
    this.moves.takeIndex(underlying);
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
      this.moves.takeFuture(id, underlying);
      return;
    }
    if (view.getUint16(body + AT.tickerKind, true) !== UNDERLYING_IS_INDEX) {
      this.forwards.observed[0] = view.getFloat64(body + AT.tickerUnderlying, true);
      this.forwards.observed[1] = VENUE_ERROR;
      if (this.forwards.observe(expiry, ForwardOrigin.VENUE)) this.moves.tellMovedForward(expiry);
    }
    const { options } = this.state;
    const at = id * OPTION_STRIDE;
    const isBook = options[at + OPTION.bookAt] === ALWAYS;
    const heardAt = options[at + (isBook ? OPTION.quotedAt : OPTION.bookAt)]!;
    if (heardAt > 0 && this.moment[NOW]! - heardAt < BOOK_HOLDS) return;
    // A book that stands still says what it said last.
    if (isBook) this.intake.recall(id);
    this.moves.takeQuote(id, expiry);
  }

  onBookTop(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.pulses.hear(underlying);
    if (view.getUint32(body + AT.bookState, true) === BookState.LIVE) {
      this.intake.read(buffer, body + AT.bookBid, body + AT.bookBidAmount, body + AT.bookAsk, body + AT.bookAskAmount);
    } else this.intake.clear();
    if (this.own?.any(id) === true) this.own.settle(id);
    this.takeBest(id, underlying);
    const isLive = view.getUint32(body + AT.bookState, true) === BookState.LIVE;
    this.state.options[id * OPTION_STRIDE + OPTION.bookAt] = isLive ? ALWAYS : 0;
  }

  onTopOfBook(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.pulses.hear(underlying);
    this.intake.read(buffer, body + AT.topBid, body + AT.topBidAmount, body + AT.topAsk, body + AT.topAskAmount);
    this.leaveOutOwn(id, buffer, body + AT.topBidAmount, body + AT.topAskAmount);
    this.takeBest(id, underlying);
  }

  onQuote(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const id = view.getUint32(body, true);
    const underlying = this.underlyingOf(id);
    if (underlying < 0) return;
    this.pulses.hear(underlying);
    this.forwards.observed[0] = view.getFloat64(body + AT.quoteIndex, true);
    this.moves.takeIndex(underlying);
    const expiry = this.expiryOf(id);
    const forward = view.getFloat64(body + AT.quoteUnderlying, true);
    if (expiry >= 0 && forward > 0) {
      this.forwards.observed[0] = forward;
      this.forwards.observed[1] = VENUE_ERROR;
      if (this.forwards.observe(expiry, ForwardOrigin.VENUE)) this.moves.tellMovedForward(expiry);
    }
    this.intake.read(
      buffer,
      body + AT.quoteBid,
      body + AT.quoteBidAmount,
      body + AT.quoteAsk,
      body + AT.quoteAskAmount,
    );
    this.leaveOutOwn(id, buffer, body + AT.quoteBidAmount, body + AT.quoteAskAmount);
    if (expiry >= 0) this.moves.takeQuote(id, expiry);
    else this.moves.takeFuture(id, underlying);
  }

  onTrades(buffer: ViewBuffer, body: number): void {
    const { view } = buffer;
    const { state, forwards, moment } = this;
    const count = view.getUint32(body, true);
    for (let index = 0; index < count; index++) {
      const at = body + TradeRun.sizeOf() + index * Trade.sizeOf();
      const id = view.getUint32(at, true);
      const underlying = this.underlyingOf(id);
      if (underlying < 0) continue;
      this.pulses.hear(underlying);
      if (state.underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.reference] !== id + 1) continue;
      const spoken = state.underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.referenceTime]!;
      if (moment[NOW]! - spoken < MID_HOLDS) continue;
      forwards.observed[0] = view.getFloat64(at + AT.tradePrice, true);
      this.moves.moveReference(underlying);
    }
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

  /** The best prices in the intake, from a book. */
  private takeBest(id: number, underlying: number): void {
    const expiry = this.expiryOf(id);
    if (expiry < 0) {
      this.moves.takeFuture(id, underlying);
      return;
    }
    this.state.options[id * OPTION_STRIDE + OPTION.bookAt] = this.moment[NOW]!;
    this.moves.takeQuote(id, expiry);
  }

  private underlyingOf(id: number): number {
    return id < this.state.config.instruments ? this.state.instrumentUnderlying[id]! - 1 : -1;
  }

  private expiryOf(id: number): number {
    return this.state.optionWords[id * OPTION_WORDS + OPTION_WORD.expiry]! - 1;
  }
}
