import { type FieldOf, fieldOffset } from '../../../schemas/field-offset.js';
import { Header } from '../../../schemas/generated/header.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { TopOfBook } from '../../../schemas/generated/top-of-book.js';
import { Trade } from '../../../schemas/generated/trade.js';
import type { OrderBook } from '../order-book.js';
import type { TickTable } from '../tick-table.js';
import { Reason, type ReasonCode } from './reason.js';
import { SpikeFilter, type SpikeSettings } from './spike-filter.js';
import { Verdict, type VerdictCode } from './verdict.js';

const HEADER_BYTES = 56;
const TICKER_DOUBLES = 30;
const inTicker = (field: FieldOf<Ticker>) => HEADER_BYTES + fieldOffset(Ticker, field);
const inTop = (field: FieldOf<TopOfBook>) => HEADER_BYTES + fieldOffset(TopOfBook, field);

const EXCHANGE_TIME = fieldOffset(Header, 'exchangeTime');
const FIRST_NUMBER = inTicker('bestBidPrice');
/** Places in the remembered ticker. */
const HELD_BID_PRICE = 0;
const HELD_BID_AMOUNT = 1;
const HELD_ASK_PRICE = 2;
const HELD_ASK_AMOUNT = 3;
const BID_PRICE = inTicker('bestBidPrice');
const BID_AMOUNT = inTicker('bestBidAmount');
const ASK_PRICE = inTicker('bestAskPrice');
const ASK_AMOUNT = inTicker('bestAskAmount');
const MARK_PRICE = inTicker('markPrice');
const MIN_PRICE = inTicker('minPrice');
const MAX_PRICE = inTicker('maxPrice');

const TOP_BID_PRICE = inTop('bestBidPrice');
const TOP_BID_AMOUNT = inTop('bestBidAmount');
const TOP_ASK_PRICE = inTop('bestAskPrice');
const TOP_ASK_AMOUNT = inTop('bestAskAmount');

const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_SEQ = fieldOffset(Trade, 'tradeSeq');
const TRADE_FLAGS = fieldOffset(Trade, 'flags');
/** Block trades and legs of combinations are priced off the screen's ticks and bands. */
const OFF_SCREEN = 16 | 32;

/** Spikes are those of marks, and of trades and best prices against the book. */
export interface GuardSettings extends SpikeSettings {
  /** No move smaller than this many ticks is a spike. */
  spikeTicks: number;
  /** Microseconds that a book may lag a ticker before a difference of their best prices makes it stale. */
  crossCheckGrace: number;
  /** Microseconds that a book may stay crossed. */
  crossedGrace: number;
}

export const defaultGuardSettings: GuardSettings = {
  spikeSigmas: 12,
  spikeFraction: 0.2,
  spikeTicks: 10,
  spikePersistence: 3,
  spikeWindow: 31,
  crossCheckGrace: 2_000_000,
  crossedGrace: 0,
};

/**
 * Looks at every record of one instrument before anything else does: sequence, order in time, numbers, ticks, the venue's
 * price band, crossing, spikes against a robust median and against the book, and whether book and ticker agree.
 */
export class InstrumentGuard {
  /** Why the last verdict was not GOOD. */
  reason: ReasonCode = Reason.NONE;
  /** The value that the last verdict was about, and the bound that it broke. */
  found = Number.NaN;
  bound = Number.NaN;

  readonly book: OrderBook;
  readonly #ticks: TickTable;
  readonly #settings: GuardSettings;
  readonly #marks: SpikeFilter;
  /** Trades in a row that were far from the book, and best prices that were. */
  #farTrades = 0;
  #farTops = 0;
  /** The last good ticker, as it stood in its record. */
  readonly #ticker = new Float64Array(TICKER_DOUBLES);
  #tickerTime = Number.NEGATIVE_INFINITY;
  #tradeSeq = Number.NaN;
  #crossedSince = Number.NaN;
  #differsSince = Number.NaN;

  constructor(book: OrderBook, ticks: TickTable, settings: GuardSettings = defaultGuardSettings) {
    this.book = book;
    this.#ticks = ticks;
    this.#settings = settings;
    this.#marks = new SpikeFilter(settings, settings.spikeTicks * ticks.finest.step);
  }

  /** Applies a BookUpdate record to the book and says what it was worth. */
  onBook(view: DataView, record: number): VerdictCode {
    const { book } = this;
    const time = view.getFloat64(record + EXCHANGE_TIME, true);
    if (book.live && time > book.exchangeTime && !this.#agreesWithTicker()) {
      return this.#refuseBook(Reason.CROSS_CHECK, book.exchangeTime);
    }
    const reason = book.apply(view, record);
    if (reason === Reason.DUPLICATE) return this.#say(Verdict.DROPPED, reason, book.changeId, Number.NaN);
    if (reason !== Reason.NONE) return this.#say(Verdict.QUARANTINED, reason, Number.NaN, book.changeId);
    if (!Number.isNaN(this.#differsSince) && this.#bestAgrees()) this.#differsSince = Number.NaN;
    return this.#standing(time);
  }

  /** Says what a Ticker record is worth, and remembers it when it is good. */
  onTicker(view: DataView, record: number): VerdictCode {
    const time = view.getFloat64(record + EXCHANGE_TIME, true);
    if (time < this.#tickerTime) return this.#say(Verdict.DROPPED, Reason.OUT_OF_ORDER, time, this.#tickerTime);
    if (time === this.#tickerTime && this.#sameTicker(view, record)) {
      return this.#say(Verdict.DROPPED, Reason.DUPLICATE, time, time);
    }
    const verdict = this.#touch(view, record + BID_PRICE, record + BID_AMOUNT, record + ASK_PRICE, record + ASK_AMOUNT);
    if (verdict !== Verdict.GOOD) return verdict;
    const highest = view.getFloat64(record + MAX_PRICE, true);
    const lowest = view.getFloat64(record + MIN_PRICE, true);
    const bid = view.getFloat64(record + BID_PRICE, true);
    const ask = view.getFloat64(record + ASK_PRICE, true);
    if (view.getFloat64(record + BID_AMOUNT, true) > 0 && bid > highest)
      return this.#say(Verdict.QUARANTINED, Reason.OUT_OF_BAND, bid, highest);
    if (view.getFloat64(record + ASK_AMOUNT, true) > 0 && ask < lowest)
      return this.#say(Verdict.QUARANTINED, Reason.OUT_OF_BAND, ask, lowest);
    const repaired = this.#spiking(view.getFloat64(record + MARK_PRICE, true));
    if (repaired === Verdict.QUARANTINED) return repaired;

    const { book } = this;
    if (book.live && time > this.#tickerTime && time > book.exchangeTime && !this.#agreesWithTicker()) {
      book.markStale(Reason.CROSS_CHECK, time);
    }
    this.#tickerTime = time;
    const ticker = this.#ticker;
    for (let index = 0; index < TICKER_DOUBLES; index++) {
      ticker[index] = view.getFloat64(record + FIRST_NUMBER + 8 * index, true);
    }
    this.#waitForBook(time);
    return repaired;
  }

  /** Says what a TopOfBook record is worth: best prices that come alone. */
  onTop(view: DataView, record: number): VerdictCode {
    const bidAmount = view.getFloat64(record + TOP_BID_AMOUNT, true);
    const askAmount = view.getFloat64(record + TOP_ASK_AMOUNT, true);
    if (Number.isNaN(bidAmount) || Number.isNaN(askAmount))
      return this.#say(Verdict.QUARANTINED, Reason.BAD_NUMBER, Number.NaN, Number.NaN);
    const verdict = this.#touch(
      view,
      record + TOP_BID_PRICE,
      record + TOP_BID_AMOUNT,
      record + TOP_ASK_PRICE,
      record + TOP_ASK_AMOUNT,
    );
    if (verdict !== Verdict.GOOD) return verdict;
    const bid = view.getFloat64(record + TOP_BID_PRICE, true);
    const ask = view.getFloat64(record + TOP_ASK_PRICE, true);
    const isFar = (bidAmount > 0 && this.#isFar(bid)) || (askAmount > 0 && this.#isFar(ask));
    if (isFar && ++this.#farTops < this.#settings.spikePersistence)
      return this.#say(Verdict.QUARANTINED, Reason.SPIKE, bid, this.#middle());
    this.#farTops = 0;
    return this.#say(isFar ? Verdict.REPAIRED : Verdict.GOOD, isFar ? Reason.SPIKE : Reason.NONE, bid, Number.NaN);
  }

  /** Says what the Trade struct at `at` is worth. */
  onTrade(view: DataView, at: number): VerdictCode {
    const price = view.getFloat64(at + TRADE_PRICE, true);
    const amount = view.getFloat64(at + TRADE_AMOUNT, true);
    const seq = view.getFloat64(at + TRADE_SEQ, true);
    if (seq <= this.#tradeSeq) return this.#say(Verdict.DROPPED, Reason.DUPLICATE, seq, this.#tradeSeq);
    if (!Number.isFinite(price) || !Number.isFinite(amount)) {
      return this.#say(Verdict.QUARANTINED, Reason.BAD_NUMBER, price, Number.NaN);
    }
    if (amount <= 0) return this.#say(Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT, amount, 0);
    if ((view.getUint32(at + TRADE_FLAGS, true) & OFF_SCREEN) === 0) {
      if (Number.isNaN(this.#ticks.finest.steps(price))) {
        return this.#say(Verdict.QUARANTINED, Reason.OFF_TICK, price, this.#ticks.finest.step);
      }
      if (this.#isFar(price)) {
        if (++this.#farTrades < this.#settings.spikePersistence)
          return this.#say(Verdict.QUARANTINED, Reason.SPIKE, price, this.#middle());
      }
      this.#farTrades = 0;
    }
    this.#tradeSeq = seq;
    return this.#say(Verdict.GOOD, Reason.NONE, Number.NaN, Number.NaN);
  }

  /** Whether nothing has been heard of the instrument's ticker for longer than `heartbeat` microseconds. */
  isFrozen(now: number, heartbeat: number): boolean {
    return now - this.#tickerTime > heartbeat;
  }

  /** Crossing and the venue's band, of the book as it now stands. */
  #standing(time: number): VerdictCode {
    const { book } = this;
    if (book.crossed) {
      if (Number.isNaN(this.#crossedSince)) this.#crossedSince = time;
      if (time - this.#crossedSince >= this.#settings.crossedGrace) {
        this.#crossedSince = Number.NaN;
        return this.#refuseBook(Reason.CROSSED, time);
      }
    } else this.#crossedSince = Number.NaN;
    const highest = this.#ticker[(MAX_PRICE - FIRST_NUMBER) / 8]!;
    const lowest = this.#ticker[(MIN_PRICE - FIRST_NUMBER) / 8]!;
    const { tick } = book;
    // A passive order may outlive a move of the band; an aggressive one cannot stand beyond it.
    if (this.#tickerTime === time && highest > 0) {
      const bid = tick.value(book.bestBid);
      const ask = tick.value(book.bestAsk);
      if (bid > highest) return this.#refuseBook(Reason.OUT_OF_BAND, time, bid, highest);
      if (ask < lowest) return this.#refuseBook(Reason.OUT_OF_BAND, time, ask, lowest);
    }
    return this.#say(Verdict.GOOD, Reason.NONE, Number.NaN, Number.NaN);
  }

  /** Best prices and amounts on their own, each at its place in a record. */
  #touch(view: DataView, bidAt: number, bidAmountAt: number, askAt: number, askAmountAt: number): VerdictCode {
    const bid = view.getFloat64(bidAt, true);
    const bidAmount = view.getFloat64(bidAmountAt, true);
    const ask = view.getFloat64(askAt, true);
    const askAmount = view.getFloat64(askAmountAt, true);
    if (bidAmount === Number.POSITIVE_INFINITY || askAmount === Number.POSITIVE_INFINITY)
      return this.#say(Verdict.QUARANTINED, Reason.BAD_NUMBER, Number.POSITIVE_INFINITY, Number.NaN);
    if (bidAmount < 0) return this.#say(Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT, bidAmount, 0);
    if (askAmount < 0) return this.#say(Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT, askAmount, 0);
    const { finest } = this.#ticks;
    if (bidAmount > 0 && Number.isNaN(finest.steps(bid)))
      return this.#say(Verdict.QUARANTINED, Reason.OFF_TICK, bid, finest.step);
    if (askAmount > 0 && Number.isNaN(finest.steps(ask)))
      return this.#say(Verdict.QUARANTINED, Reason.OFF_TICK, ask, finest.step);
    if (bidAmount > 0 && askAmount > 0 && bid >= ask) return this.#say(Verdict.QUARANTINED, Reason.CROSSED, bid, ask);
    return Verdict.GOOD;
  }

  /** Middle of the book. */
  #middle(): number {
    const { book } = this;
    return (book.tick.value(book.bestBid) + book.tick.value(book.bestAsk)) / 2;
  }

  /** Whether a price is far from what the book shows, where that is live and tight: options that hardly anybody quotes may trade anywhere. */
  #isFar(price: number): boolean {
    const { book } = this;
    if (!book.live || book.bids.count === 0 || book.asks.count === 0) return false;
    const { spikeFraction, spikeTicks } = this.#settings;
    const middle = this.#middle();
    const allowed = spikeFraction * middle;
    const step = book.tick.step;
    if ((book.bestAsk - book.bestBid) * step > allowed) return false;
    return Math.abs(price - middle) > Math.max(allowed, spikeTicks * step);
  }

  /** A mark far from the median of those before is held back, unless it persists. */
  #spiking(mark: number): VerdictCode {
    if (Number.isNaN(mark)) return this.#say(Verdict.QUARANTINED, Reason.BAD_NUMBER, mark, Number.NaN);
    const verdict = this.#marks.judge(mark);
    if (verdict === Verdict.GOOD) return this.#say(Verdict.GOOD, Reason.NONE, Number.NaN, Number.NaN);
    return this.#say(verdict, Reason.SPIKE, mark, this.#marks.bound);
  }

  /** A ticker may come before the book change that it shows; that the change never comes is a fault of the book. */
  #waitForBook(time: number): void {
    const { book } = this;
    if (!book.live || time <= book.exchangeTime || this.#bestAgrees()) this.#differsSince = Number.NaN;
    else if (Number.isNaN(this.#differsSince)) this.#differsSince = time;
    else if (time - this.#differsSince > this.#settings.crossCheckGrace) {
      this.#differsSince = Number.NaN;
      book.markStale(Reason.CROSS_CHECK, time);
    }
  }

  #sameTicker(view: DataView, record: number): boolean {
    const ticker = this.#ticker;
    for (let index = 0; index < TICKER_DOUBLES; index++) {
      const value = view.getFloat64(record + FIRST_NUMBER + 8 * index, true);
      // NaN is equal to NaN here.
      if (value !== ticker[index] && !(Number.isNaN(value) && Number.isNaN(ticker[index]!))) return false;
    }
    return true;
  }

  /**
   * Whether the book and the last ticker show the same best prices and amounts, where both are of the same moment. Venues
   * send the two one after the other, so this is asked only once time has moved past them.
   */
  #agreesWithTicker(): boolean {
    return this.#tickerTime !== this.book.exchangeTime || this.#bestAgrees();
  }

  #bestAgrees(): boolean {
    const ticker = this.#ticker;
    const { bids, asks, tick, lot } = this.book;
    const bidAmount = ticker[HELD_BID_AMOUNT]!;
    const askAmount = ticker[HELD_ASK_AMOUNT]!;
    const bid = bids.length - 1;
    const ask = asks.length - 1;
    const bidAgrees =
      bid < 0
        ? bidAmount === 0
        : bids.keys[bid] === tick.nearest(ticker[HELD_BID_PRICE]!) && bids.lots[bid] === lot.nearest(bidAmount);
    const askAgrees =
      ask < 0
        ? askAmount === 0
        : -asks.keys[ask]! === tick.nearest(ticker[HELD_ASK_PRICE]!) && asks.lots[ask] === lot.nearest(askAmount);
    return bidAgrees && askAgrees;
  }

  #refuseBook(reason: ReasonCode, time: number, found = Number.NaN, bound = Number.NaN): VerdictCode {
    this.book.markStale(reason, time);
    return this.#say(Verdict.QUARANTINED, reason, found, bound);
  }

  #say(verdict: VerdictCode, reason: ReasonCode, found: number, bound: number): VerdictCode {
    this.reason = reason;
    this.found = found;
    this.bound = bound;
    return verdict;
  }
}
