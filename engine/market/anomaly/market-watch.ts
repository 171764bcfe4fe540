import { type Instrument, InstrumentKind } from '../instrument.js';
import { CellCount, type Cells } from '../orders/cells.js';
import { ArbitrageDetector } from './arbitrage.js';
import { BarDetector, CLOSE } from './bars.js';
import { AnomalyKind, Severity } from './kinds.js';
import {
  ASK,
  ASK_AMOUNT,
  BAR_OPEN,
  BID,
  BID_AMOUNT,
  FLAGS,
  Flag,
  FORWARD,
  HALF_SPREAD_VOL,
  HEARD_TIME,
  INDEX,
  KIND,
  LINK_CELLS,
  LINKS,
  MARK,
  MARKET_ROW,
  MarketState,
  MEAN_BASIS,
  MODEL_VOL,
  MOST_UNDERLYINGS,
  NEAR_VOL,
  OBSERVATIONS,
  PRICE,
  PRICE_SOURCE,
  REFERENCE,
  ROW_CELLS,
  SAMPLE_PRICE,
  SEEN_TIME,
  STRIKE,
  SWEEP,
  UNDERLYING,
  UNDERLYING_CELLS,
  UNDERLYING_ROW,
  USUAL_GAP,
  VOL,
} from './market-state.js';
import { QuoteDetector } from './quotes.js';
import { TickDetector } from './ticks.js';
import { TradeDetector } from './trades.js';
import {
  AT_PRICE,
  DEVIATION,
  EVIDENCE,
  EXPECTED,
  FOUND,
  NOBODY,
  SINCE,
  type VerdictSink,
  Verdicts,
} from './verdicts.js';

/** Places of a record's numbers in `input`. The first six are what tells a repeat. */
export const IN_BID = 0;
export const IN_BID_AMOUNT = 1;
export const IN_ASK = 2;
export const IN_ASK_AMOUNT = 3;
export const IN_MARK = 4;
export const IN_MARK_VOL = 5;
export const IN_BID_VOL = 6;
export const IN_ASK_VOL = 7;
export const IN_FORWARD = 8;
export const IN_INDEX = 9;
export const IN_OPEN_INTEREST = 10;
const INPUTS = 11;

/** Strikes nearer to the forward than this part of it are near the money. */
const NEAR = 0.05;
const NEAR_GAIN = 0.02;
const BASIS_GAIN = 0.01;
/** An instrument is stale when nothing came for so many times its usual gap, and for so long at the least. */
const STALE_GAPS = 30;
const STALE_MICROS = 5_000_000;
const LEAST_OBSERVATIONS = 60;
/** Where an underlying's price comes from; the index stands in when the reference was silent for so long. */
const FROM_REFERENCE = 1;
const FROM_INDEX = 2;
const SILENT_MICROS = 10_000_000;

export interface MarketWatchOptions {
  instruments: number;
  /** Seconds for which the same anomaly is not told again: one number, or one by kind code. */
  coolDownSeconds: number | readonly number[];
  /** Smallest arbitrage that is told, USD after fees. */
  leastArbitrageUsd: number;
}

/** What a watch remembers. */
export class WatchMemory {
  readonly rows: Float64Array;
  readonly links: Int32Array;
  readonly underlyings: Float64Array;
  readonly extent: Int32Array;
  /** What the verdicts told last. */
  readonly told: Float64Array;
  readonly clock: Float64Array;

  constructor(cells: Cells, instruments: number) {
    this.rows = cells.float64(instruments * ROW_CELLS, 'market rows', MARKET_ROW);
    this.links = cells.int32(instruments * LINK_CELLS, 'links', LINKS);
    this.underlyings = cells.float64(MOST_UNDERLYINGS * UNDERLYING_CELLS, 'underlyings', UNDERLYING_ROW);
    this.extent = cells.int32(1, 'extent');
    this.told = cells.float64(Verdicts.cellsOf(instruments), 'verdicts: quiet until, suppressed');
    this.clock = cells.float64(2, 'clock: time, log event');
  }
}

/**
 * Watches a market event by event: constant time for each, no allocation, and all that it remembers in the memory that it is
 * given. Put the event's time (microseconds) and number into `clock`, its numbers into `input`, then say what it was.
 */
export class MarketWatch {
  readonly clock: Float64Array;
  readonly input = new Float64Array(INPUTS);
  readonly state: MarketState;
  readonly verdicts: Verdicts;
  readonly bars: BarDetector;
  private readonly quotes: QuoteDetector;
  private readonly arbitrage: ArbitrageDetector;
  private readonly ticks: TickDetector;
  private readonly trades: TradeDetector;
  private readonly price = new Float64Array(1);

  constructor(options: MarketWatchOptions, sink: VerdictSink, memory?: WatchMemory) {
    const { instruments, coolDownSeconds, leastArbitrageUsd } = options;
    const { rows, links, underlyings, extent, told, clock } =
      memory ?? new WatchMemory(new CellCount(), options.instruments);
    this.state = new MarketState(instruments, rows, links, underlyings, extent);
    this.clock = clock;
    this.verdicts = new Verdicts(this.state, sink, told, this.clock, coolDownSeconds);
    this.quotes = new QuoteDetector(this.state, this.verdicts, this.clock);
    this.arbitrage = new ArbitrageDetector(this.state, this.verdicts, leastArbitrageUsd);
    this.ticks = new TickDetector(this.state, this.verdicts, this.clock);
    this.trades = new TradeDetector(this.state, this.verdicts);
    this.bars = new BarDetector(this.state, this.verdicts, this.clock);
  }

  define(id: number, instrument: Instrument): void {
    this.state.define(id, instrument);
  }

  /** A venue's summary of an instrument, or a quote with its reference prices: all of `input`. */
  ticker(id: number): void {
    const number = this.begin(id);
    if (number < 0) return;
    const { input, state, quotes } = this;
    const { rows, underlyings } = state;
    const at = id * ROW_CELLS;
    const row = MarketState.underlyingRow(number);
    rows[at + MARK] = isPrice(input[IN_MARK]!) ? input[IN_MARK]! : Number.NaN;
    if (isPrice(input[IN_FORWARD]!)) rows[at + FORWARD] = input[IN_FORWARD]!;
    if (isPrice(input[IN_INDEX]!)) underlyings[row + INDEX] = input[IN_INDEX]!;
    if (((rows[at + FLAGS]! | 0) & Flag.HAS_BOOK) === 0) this.takeTouch(at);
    quotes.heard(id);
    quotes.touched(id);
    quotes.repeated(id, input);
    quotes.interest(id, input, IN_OPEN_INTEREST);
    if (rows[at + KIND] === InstrumentKind.OPTION) {
      this.revalue(id, row);
      this.arbitrage.check(id);
    } else {
      this.rebase(id, row);
    }
    this.follow(id, number, row);
  }

  /** The top of an instrument's book: bid, offer and amounts in `input`; NaN prices where there is none or it is stale. */
  top(id: number): void {
    const number = this.begin(id);
    if (number < 0) return;
    const { rows } = this.state;
    const at = id * ROW_CELLS;
    rows[at + FLAGS] = rows[at + FLAGS]! | 0 | Flag.HAS_BOOK;
    this.takeTouch(at);
    this.quotes.heard(id);
    this.quotes.touched(id);
    if (rows[at + KIND] === InstrumentKind.OPTION) this.arbitrage.check(id);
    this.follow(id, number, MarketState.underlyingRow(number));
  }

  /** A trade: price and amount in `input[0]` and `input[1]`. */
  trade(id: number): void {
    if (this.begin(id) >= 0) this.trades.trade(id, this.input, 0);
  }

  /** The volatility that a model has for an option, at `values[at]`. */
  model(id: number, values: Float64Array, at: number): void {
    if (id >= this.state.instruments) return;
    const { rows } = this.state;
    const row = id * ROW_CELLS;
    rows[row + FLAGS] = rows[row + FLAGS]! | 0 | Flag.HAS_MODEL;
    rows[row + MODEL_VOL] = values[at]!;
  }

  private begin(id: number): number {
    const { state } = this;
    if (id >= state.instruments) return -1;
    const number = state.underlyingOf(id);
    if (number >= 0) state.underlyings[MarketState.underlyingRow(number) + HEARD_TIME] = this.clock[0]!;
    return number;
  }

  private takeTouch(at: number): void {
    const { input } = this;
    const { rows } = this.state;
    rows[at + BID] = isPrice(input[IN_BID]!) ? input[IN_BID]! : Number.NaN;
    rows[at + BID_AMOUNT] = input[IN_BID_AMOUNT]!;
    rows[at + ASK] = isPrice(input[IN_ASK]!) ? input[IN_ASK]! : Number.NaN;
    rows[at + ASK_AMOUNT] = input[IN_ASK_AMOUNT]!;
  }

  /** An option's volatility, from the venue's volatilities of its quotes or else of its mark. */
  private revalue(id: number, row: number): void {
    const { input, state } = this;
    const { rows, underlyings } = state;
    const at = id * ROW_CELLS;
    const bid = input[IN_BID_VOL]!;
    const ask = input[IN_ASK_VOL]!;
    const isQuoted = bid > 0 && ask > bid && ask < Number.POSITIVE_INFINITY;
    const vol = isQuoted ? 0.5 * (bid + ask) : input[IN_MARK_VOL]!;
    if (!isPrice(vol)) return;
    rows[at + VOL] = vol;
    rows[at + HALF_SPREAD_VOL] = isQuoted ? 0.5 * (ask - bid) : Number.NaN;
    // The venue's own mark is the model until there is a better one.
    if (((rows[at + FLAGS]! | 0) & Flag.HAS_MODEL) === 0) rows[at + MODEL_VOL] = input[IN_MARK_VOL]!;
    this.quotes.revalued(id);
    const moneyness = rows[at + STRIKE]! / rows[at + FORWARD]! - 1;
    if (!(Math.abs(moneyness) < NEAR)) return;
    if (underlyings[row + NEAR_VOL] === 0) underlyings[row + NEAR_VOL] = vol;
    underlyings[row + NEAR_VOL]! += NEAR_GAIN * (vol - underlyings[row + NEAR_VOL]!);
  }

  /** A future's basis over the index. */
  private rebase(id: number, row: number): void {
    const { rows, underlyings } = this.state;
    const at = id * ROW_CELLS;
    const index = underlyings[row + INDEX]!;
    const middle = 0.5 * (rows[at + BID]! + rows[at + ASK]!);
    const price = middle > 0 ? middle : rows[at + MARK]!;
    if (!(index > 0 && price > 0)) return;
    rows[at + VOL] = price / index - 1;
    underlyings[row + MEAN_BASIS]! += BASIS_GAIN * (rows[at + VOL]! - underlyings[row + MEAN_BASIS]!);
    this.quotes.rebased(id);
  }

  /** Moves the underlying where this instrument stands for it; while the one that does is silent, the index does. */
  private follow(id: number, number: number, row: number): void {
    const { rows, underlyings } = this.state;
    const reference = underlyings[row + REFERENCE]! - 1;
    let source = FROM_REFERENCE;
    if (reference === id) {
      const at = id * ROW_CELLS;
      const crossed = ((rows[at + FLAGS]! | 0) & Flag.CROSSED) !== 0;
      this.price[0] = crossed ? Number.NaN : 0.5 * (rows[at + BID]! + rows[at + ASK]!);
    } else if (this.isSilent(reference) && underlyings[row + INDEX]! !== underlyings[row + PRICE]!) {
      source = FROM_INDEX;
      this.price[0] = underlyings[row + INDEX]!;
    } else {
      return;
    }
    if (!(this.price[0]! > 0)) return;
    if (underlyings[row + PRICE_SOURCE] !== source) {
      // The basis between the two is no move: neither the tick's nor the bar's return goes across.
      underlyings[row + PRICE_SOURCE] = source;
      underlyings[row + SAMPLE_PRICE] = 0;
      underlyings[row + CLOSE] = 0;
      underlyings[row + BAR_OPEN] = 0;
    }
    this.ticks.move(number, this.price, 0);
    this.sweep(number, row);
  }

  private isSilent(reference: number): boolean {
    if (reference < 0) return true;
    const at = reference * ROW_CELLS;
    const { rows } = this.state;
    return rows[at + OBSERVATIONS] === 0 || this.clock[0]! - rows[at + SEEN_TIME]! > SILENT_MICROS;
  }

  /** With each move of an underlying the silence of one of all instruments is looked at. */
  private sweep(number: number, row: number): void {
    const { state, clock, verdicts } = this;
    const { rows, underlyings } = state;
    const id = underlyings[row + SWEEP]!;
    underlyings[row + SWEEP] = id + 1 < state.instruments ? id + 1 : 0;
    const at = id * ROW_CELLS;
    if (rows[at + UNDERLYING] !== number + 1 || rows[at + OBSERVATIONS]! < LEAST_OBSERVATIONS) return;
    if (((rows[at + FLAGS]! | 0) & Flag.TWO_SIDED) === 0) return;
    const silence = clock[0]! - rows[at + SEEN_TIME]!;
    if (!(silence > STALE_MICROS && silence > STALE_GAPS * rows[at + USUAL_GAP]!)) return;
    const numbers = verdicts.begin();
    numbers[FOUND] = silence / 1e6;
    numbers[EXPECTED] = rows[at + USUAL_GAP]! / 1e6;
    numbers[DEVIATION] = silence / rows[at + USUAL_GAP]!;
    numbers[AT_PRICE] = rows[at + BID]!;
    numbers[SINCE] = rows[at + SEEN_TIME]!;
    numbers[EVIDENCE] = silence / rows[at + USUAL_GAP]!;
    verdicts.tell(AnomalyKind.STALE_QUOTE, Severity.WARNING, id, id, NOBODY, NOBODY, number);
  }
}

function isPrice(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}
