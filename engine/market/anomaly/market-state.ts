import { type Instrument, InstrumentKind } from '../instrument.js';
import { LEVEL_CELLS } from './level-monitor.js';
import { SCORE_CELLS } from './robust-score.js';

/** Numbers of one instrument, by place in its row. */
export const BID = 0;
export const BID_AMOUNT = 1;
export const ASK = 2;
export const ASK_AMOUNT = 3;
export const MARK = 4;
/** Volatility in the middle of the quotes, or of the mark. */
export const VOL = 5;
/** Half the distance between bid and offer in volatility; NaN where unknown. */
export const HALF_SPREAD_VOL = 6;
/** Volatility that a model has for it; NaN while it has none. */
export const MODEL_VOL = 7;
/** Forward of its expiry, USD. */
export const FORWARD = 8;
export const OPEN_INTEREST = 9;
export const STRIKE = 10;
/** Microseconds since the Unix epoch. */
export const EXPIRY = 11;
export const TICK = 12;
/** Fraction of the amount. */
export const TAKER_FEE = 13;
export const KIND = 14;
export const IS_CALL = 15;
export const IS_INVERSE = 16;
/** Number of its underlying, from 1; 0 for what is not defined. */
export const UNDERLYING = 17;
/** 1 crossed, 2 frozen, 4 has a book of its own, 8 two-sided, 16 is valued by a model of ours: bits. */
export const FLAGS = 18;
/** Time of the last observation, and the usual time between two, microseconds. */
export const SEEN_TIME = 19;
export const USUAL_GAP = 20;
export const OBSERVATIONS = 21;
/** Observations in a row that repeat the one before, when and with which log event that began, and how often it happens. */
export const REPEATS = 22;
export const REPEATS_SINCE = 23;
export const REPEATS_SEQ = 24;
export const REPEAT_RATE = 25;
/** Of the level monitor: see level-monitor.ts. */
export const LEVEL = 26;
/** Of the residual's robust score: see robust-score.ts. */
export const RESIDUAL = LEVEL + LEVEL_CELLS;
/** Usual size of a change of open interest, and observations of it. */
export const INTEREST_CHANGE = RESIDUAL + SCORE_CELLS;
export const INTEREST_SEEN = 39;
/** What is compared with the next observation to tell a repeat. */
export const LAST_TICKER = 40;
export const LAST_TICKER_CELLS = 6;
/** Of the instrument that stands for its expiry: observations of any of its options in a row that are outside their levels. */
export const EXPIRY_OUTSIDE = 46;
export const ROW_CELLS = 47;
/** The places of an instrument's numbers, all of them. */
export const MARKET_ROW = {
  BID,
  BID_AMOUNT,
  ASK,
  ASK_AMOUNT,
  MARK,
  VOL,
  HALF_SPREAD_VOL,
  MODEL_VOL,
  FORWARD,
  OPEN_INTEREST,
  STRIKE,
  EXPIRY,
  TICK,
  TAKER_FEE,
  KIND,
  IS_CALL,
  IS_INVERSE,
  UNDERLYING,
  FLAGS,
  SEEN_TIME,
  USUAL_GAP,
  OBSERVATIONS,
  REPEATS,
  REPEATS_SINCE,
  REPEATS_SEQ,
  REPEAT_RATE,
  LEVEL,
  RESIDUAL,
  INTEREST_CHANGE,
  INTEREST_SEEN,
  LAST_TICKER,
  EXPIRY_OUTSIDE,
} as const;

export const Flag = { CROSSED: 1, FROZEN: 2, HAS_BOOK: 4, TWO_SIDED: 8, HAS_MODEL: 16 } as const;

/** Instruments that one is compared with, by place in its row of links. Each is an id + 1; 0 is none. */
export const LOWER = 0;
export const UPPER = 1;
/** The other right at the same strike. */
export const PAIR = 2;
/** The same strike and right in the expiry before and in the one after. */
export const EARLIER = 3;
export const LATER = 4;
/** The first instrument that was defined of the same expiry: stands for it. */
export const HEAD = 5;
export const LINK_CELLS = 6;
export const LINKS = { LOWER, UPPER, PAIR, EARLIER, LATER, HEAD } as const;

export const MOST_UNDERLYINGS = 8;

/** Numbers of one underlying, by place in its row. */
const INDEX_HASH = 0;
/** The instrument whose price stands for the underlying, + 1; 0 while none is known. */
export const REFERENCE = 1;
export const PRICE = 2;
export const INDEX = 3;
/** Of the jump detector: last sampled price and time, and a robust scale of returns over the root of seconds. */
export const SAMPLE_PRICE = 4;
export const SAMPLE_TIME = 5;
export const TICK_SCORE = 6;
/** Bar under way. */
export const BAR_OPEN = 10;
export const BAR_HIGH = 11;
export const BAR_LOW = 12;
export const BAR_VOLUME = 13;
/** Moments of bars' returns: see bars.ts. */
export const MOMENTS = 14;
const MOMENT_CELLS = 16;
/** Product moments with each underlying before it, slow and fast. */
export const PRODUCTS = MOMENTS + MOMENT_CELLS;
export const FAST_PRODUCTS = PRODUCTS + MOST_UNDERLYINGS;
export const VOLUME_SCORE = FAST_PRODUCTS + MOST_UNDERLYINGS;
export const CROSSED_NOW = VOLUME_SCORE + SCORE_CELLS;
export const FROZEN_NOW = CROSSED_NOW + 1;
export const TWO_SIDED_NOW = CROSSED_NOW + 2;
export const MEAN_SPREAD = CROSSED_NOW + 3;
export const MEAN_BASIS = CROSSED_NOW + 4;
export const NEAR_VOL = CROSSED_NOW + 5;
/** Volatility forecast and implied volatility of 30 days as the filter tells them; 0 while it does not. */
export const FORECAST = CROSSED_NOW + 6;
export const IMPLIED = CROSSED_NOW + 7;
export const BAR_TRADES = CROSSED_NOW + 8;
/** The next instrument whose silence is looked at. */
export const SWEEP = CROSSED_NOW + 9;
export const ANOMALIES_TOLD = CROSSED_NOW + 10;
export const FILTERED_BARS = CROSSED_NOW + 11;
/** Time of the last observation of any of its instruments. */
export const HEARD_TIME = CROSSED_NOW + 12;
/** Mean square of the moves that TICK_SCORE scores. */
export const TICK_SQUARE = CROSSED_NOW + 13;
/** Where the price comes from: 1 the reference, 2 the index. */
export const PRICE_SOURCE = CROSSED_NOW + 14;
/** More of what the filter tells: forecasts for the next second, quarter of an hour and hour, and implied less forecast of 30 days; 0 while it does not. */
export const FORECAST_1S = CROSSED_NOW + 15;
export const FORECAST_15M = CROSSED_NOW + 16;
export const FORECAST_1H = CROSSED_NOW + 17;
export const RISK_PREMIUM = CROSSED_NOW + 18;
/** Variance a bar by highs and lows, and by Garman and Klass, both averages of the last bars; 0 before the first. */
export const RANGE_VARIANCE = CROSSED_NOW + 19;
export const GARMAN_KLASS = CROSSED_NOW + 20;
/** Variance a bar in each hour of the day, UTC, and bars of that hour so far. */
export const SEASON_HOURS = 24;
export const SEASON = CROSSED_NOW + 21;
export const SEASON_BARS = SEASON + SEASON_HOURS;
/** Variance that a GARCH expects of the next bar, 0 before the first, and the mean square of bars' returns that it goes back to. */
export const GARCH_VARIANCE = SEASON_BARS + SEASON_HOURS;
export const MEAN_SQUARE = GARCH_VARIANCE + 1;
export const UNDERLYING_CELLS = GARCH_VARIANCE + 2;
/** The places of an underlying's numbers, all of them. */
export const UNDERLYING_ROW = {
  INDEX_HASH,
  REFERENCE,
  PRICE,
  INDEX,
  SAMPLE_PRICE,
  SAMPLE_TIME,
  TICK_SCORE,
  BAR_OPEN,
  BAR_HIGH,
  BAR_LOW,
  BAR_VOLUME,
  MOMENTS,
  PRODUCTS,
  FAST_PRODUCTS,
  VOLUME_SCORE,
  CROSSED_NOW,
  FROZEN_NOW,
  TWO_SIDED_NOW,
  MEAN_SPREAD,
  MEAN_BASIS,
  NEAR_VOL,
  FORECAST,
  IMPLIED,
  BAR_TRADES,
  SWEEP,
  ANOMALIES_TOLD,
  FILTERED_BARS,
  HEARD_TIME,
  TICK_SQUARE,
  PRICE_SOURCE,
  FORECAST_1S,
  FORECAST_15M,
  FORECAST_1H,
  RISK_PREMIUM,
  RANGE_VARIANCE,
  GARMAN_KLASS,
  SEASON,
  SEASON_BARS,
  GARCH_VARIANCE,
  MEAN_SQUARE,
} as const;

/**
 * What is known of every instrument and underlying, in blocks of numbers that a snapshot copies. Doubles pass between the
 * detectors through cells: handed to a call, they may be boxed.
 */
export class MarketState {
  readonly instruments: number;
  readonly rows: Float64Array;
  readonly links: Int32Array;
  readonly underlyings: Float64Array;
  /** At [0]: ids from here on are not defined yet. */
  private readonly extent: Int32Array;

  constructor(
    instruments: number,
    rows: Float64Array,
    links: Int32Array,
    underlyings: Float64Array,
    extent: Int32Array,
  ) {
    this.instruments = instruments;
    this.rows = rows;
    this.links = links;
    this.underlyings = underlyings;
    this.extent = extent;
  }

  /** Place of an underlying's row; `number` from 0. */
  static underlyingRow(number: number): number {
    return number * UNDERLYING_CELLS;
  }

  /** Number of an instrument's underlying, from 0; -1 where it is not defined. */
  underlyingOf(id: number): number {
    return this.rows[id * ROW_CELLS + UNDERLYING]! - 1;
  }

  /** Takes in a definition. What was known of the instrument's quotes stays. Ids without room are left out. */
  define(id: number, instrument: Instrument): void {
    const { rows } = this;
    const number = this.numberOf(instrument);
    if (id >= this.instruments || number < 0) return;
    if (id >= this.extent[0]!) this.extent[0] = id + 1;
    const at = id * ROW_CELLS;
    const isNew = rows[at + UNDERLYING] === 0;
    rows[at + STRIKE] = instrument.strike;
    rows[at + EXPIRY] = instrument.expiry;
    rows[at + TICK] = instrument.tickSize;
    rows[at + TAKER_FEE] = instrument.takerFee > 0 ? instrument.takerFee : 0;
    rows[at + KIND] = instrument.kind;
    rows[at + IS_CALL] = instrument.right === 'call' ? 1 : 0;
    rows[at + IS_INVERSE] = instrument.inverse ? 1 : 0;
    rows[at + UNDERLYING] = number + 1;
    if (isNew)
      for (const cell of [BID, ASK, MARK, VOL, HALF_SPREAD_VOL, MODEL_VOL, FORWARD]) rows[at + cell] = Number.NaN;
    if (instrument.kind === InstrumentKind.PERPETUAL) this.chooseReference(id, number);
    if (instrument.kind === InstrumentKind.OPTION) this.link(id);
  }

  /** The first perpetual stands for its underlying. */
  private chooseReference(id: number, number: number): void {
    const at = MarketState.underlyingRow(number) + REFERENCE;
    if (this.underlyings[at] === 0) this.underlyings[at] = id + 1;
  }

  private numberOf({ priceIndex, baseCurrency }: Instrument): number {
    const hash = hashOf(priceIndex === '' ? baseCurrency : priceIndex);
    for (let number = 0; number < MOST_UNDERLYINGS; number++) {
      const at = MarketState.underlyingRow(number) + INDEX_HASH;
      if (this.underlyings[at] === 0) this.underlyings[at] = hash;
      if (this.underlyings[at] === hash) return number;
    }
    return -1;
  }

  /** Finds an option's neighbours, and makes it theirs. */
  private link(id: number): void {
    const { rows } = this;
    const defined = this.extent[0]!;
    const mine = id * ROW_CELLS;
    let lower = -1;
    let upper = -1;
    let earlier = -1;
    let later = -1;
    let head = id;
    for (let other = 0; other < defined; other++) {
      const at = other * ROW_CELLS;
      if (other === id || rows[at + KIND] !== InstrumentKind.OPTION) continue;
      if (rows[at + UNDERLYING] !== rows[mine + UNDERLYING] || rows[at + IS_INVERSE] !== rows[mine + IS_INVERSE])
        continue;
      const strike = rows[at + STRIKE]!;
      const sameRight = rows[at + IS_CALL] === rows[mine + IS_CALL];
      if (rows[at + EXPIRY] === rows[mine + EXPIRY]) {
        if (other < head) head = other;
        if (!sameRight) {
          if (strike === rows[mine + STRIKE]) this.join(id, PAIR, other, PAIR);
        } else if (strike < rows[mine + STRIKE]!) {
          if (lower < 0 || strike > rows[lower * ROW_CELLS + STRIKE]!) lower = other;
        } else if (strike > rows[mine + STRIKE]!) {
          if (upper < 0 || strike < rows[upper * ROW_CELLS + STRIKE]!) upper = other;
        }
      } else if (sameRight && strike === rows[mine + STRIKE]) {
        const expiry = rows[at + EXPIRY]!;
        if (expiry < rows[mine + EXPIRY]!) {
          if (earlier < 0 || expiry > rows[earlier * ROW_CELLS + EXPIRY]!) earlier = other;
        } else if (later < 0 || expiry < rows[later * ROW_CELLS + EXPIRY]!) later = other;
      }
    }
    this.join(id, LOWER, lower, UPPER);
    this.join(id, UPPER, upper, LOWER);
    this.join(id, EARLIER, earlier, LATER);
    this.join(id, LATER, later, EARLIER);
    this.links[id * LINK_CELLS + HEAD] = head + 1;
  }

  private join(id: number, link: number, other: number, back: number): void {
    this.links[id * LINK_CELLS + link] = other + 1;
    if (other >= 0) this.links[other * LINK_CELLS + back] = id + 1;
  }
}

/** FNV-1a of a name, never 0: the state holds numbers only. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  return (hash >>> 0) + 1;
}
