import { type FieldOf, fieldOffset } from '../../../schemas/field-offset.js';
import { Header } from '../../../schemas/generated/header.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { Trade } from '../../../schemas/generated/trade.js';
import type { OrderBook } from '../order-book.js';
import type { TickTable } from '../tick-table.js';
import { Reason, type ReasonCode } from './reason.js';
import { RobustWindow } from './robust-window.js';
import { Verdict, type VerdictCode } from './verdict.js';

const HEADER_BYTES = 56;
const TICKER_DOUBLES = 30;
const inTicker = (field: FieldOf<Ticker>) => HEADER_BYTES + fieldOffset(Ticker, field);

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

const TRADE_PRICE = fieldOffset(Trade, 'price');
const TRADE_AMOUNT = fieldOffset(Trade, 'amount');
const TRADE_SEQ = fieldOffset(Trade, 'tradeSeq');
const TRADE_FLAGS = fieldOffset(Trade, 'flags');
/** Block trades and legs of combinations are priced off the screen's ticks and bands. */
const OFF_SCREEN = 16 | 32;

export interface GuardSettings {
  /** A mark this many robust standard deviations from the median is a spike. */
  spikeSigmas: number;
  /** No move smaller than this part of the median is a spike. */
  spikeFraction: number;
  /** No move smaller than this many ticks is a spike. */
  spikeTicks: number;
  /** A spike that comes this often in a row is the new level. */
  spikePersistence: number;
  /** Marks that the median is taken of. */
  spikeWindow: number;
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
 * price band, crossing, spikes against a robust median, and whether book and ticker agree.
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
  readonly #marks: RobustWindow;
  #spikes = 0;
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
    this.#marks = new RobustWindow(settings.spikeWindow);
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
    const verdict = this.#touch(view, record);
    if (verdict !== Verdict.GOOD) return verdict;
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

  /** A ticker's best prices and amounts on their own. */
  #touch(view: DataView, record: number): VerdictCode {
    const bid = view.getFloat64(record + BID_PRICE, true);
    const bidAmount = view.getFloat64(record + BID_AMOUNT, true);
    const ask = view.getFloat64(record + ASK_PRICE, true);
    const askAmount = view.getFloat64(record + ASK_AMOUNT, true);
    if (bidAmount < 0) return this.#say(Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT, bidAmount, 0);
    if (askAmount < 0) return this.#say(Verdict.QUARANTINED, Reason.NEGATIVE_AMOUNT, askAmount, 0);
    const { finest } = this.#ticks;
    if (bidAmount > 0 && Number.isNaN(finest.steps(bid)))
      return this.#say(Verdict.QUARANTINED, Reason.OFF_TICK, bid, finest.step);
    if (askAmount > 0 && Number.isNaN(finest.steps(ask)))
      return this.#say(Verdict.QUARANTINED, Reason.OFF_TICK, ask, finest.step);
    if (bidAmount > 0 && askAmount > 0 && bid >= ask) return this.#say(Verdict.QUARANTINED, Reason.CROSSED, bid, ask);
    const highest = view.getFloat64(record + MAX_PRICE, true);
    const lowest = view.getFloat64(record + MIN_PRICE, true);
    if (bidAmount > 0 && bid > highest) return this.#say(Verdict.QUARANTINED, Reason.OUT_OF_BAND, bid, highest);
    if (askAmount > 0 && ask < lowest) return this.#say(Verdict.QUARANTINED, Reason.OUT_OF_BAND, ask, lowest);
    return Verdict.GOOD;
  }

  /** A mark far from the median of those before is held back, unless it persists. */
  #spiking(mark: number): VerdictCode {
    if (Number.isNaN(mark)) return this.#say(Verdict.QUARANTINED, Reason.BAD_NUMBER, mark, Number.NaN);
    const { spikeSigmas, spikeFraction, spikeTicks, spikePersistence, spikeWindow } = this.#settings;
    const marks = this.#marks;
    if (marks.count >= spikeWindow >> 1) {
      const median = marks.median();
      const allowed = Math.max(
        spikeSigmas * marks.sigma(),
        spikeFraction * Math.abs(median),
        spikeTicks * this.#ticks.finest.step,
      );
      if (Math.abs(mark - median) > allowed) {
        if (++this.#spikes < spikePersistence) {
          return this.#say(Verdict.QUARANTINED, Reason.SPIKE, mark, median + Math.sign(mark - median) * allowed);
        }
        marks.clear();
        this.#spikes = 0;
        marks.push(mark);
        return this.#say(Verdict.REPAIRED, Reason.SPIKE, mark, median);
      }
    }
    this.#spikes = 0;
    marks.push(mark);
    return this.#say(Verdict.GOOD, Reason.NONE, Number.NaN, Number.NaN);
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
