import type { Cells } from '../../engine/market/orders/cells.js';
import { LIVE, LIVE_STRIDE } from '../../engine/quant/surface/live-smile.js';
import { SMILE, SMILE_STRIDE } from '../../engine/quant/surface/smile.js';
import type { FilterConfig } from './filter-config.js';

/** Places of an option's numbers. What `anchor` says is the value at its last exact pricing, from which small moves are extrapolated. */
export const OPTION = {
  /** USD. */
  strike: 0,
  /** The venue's price unit. */
  tick: 1,
  /** The venue's price unit; 0 where there is none. */
  bid: 2,
  ask: 3,
  /** Microseconds of event time of the last quote, of the last nudge by it. */
  quotedAt: 4,
  nudgedAt: 5,
  /** Anchor: ln F, time to expiry in years, vol, USD price and Greeks. */
  logForward: 6,
  years: 7,
  vol: 8,
  price: 9,
  delta: 10,
  gamma: 11,
  vega: 12,
  theta: 13,
  vanna: 14,
  volga: 15,
  speed: 16,
  /** Anchor: first and second derivative of vol by ln F at this strike, while the smile rides along with the forward. */
  volSlope: 17,
  volBend: 18,
  /** Anchor: derivative of vol by the smile's three numbers, and those numbers. */
  byMode: 19,
  mode: 22,
  /** Standard deviation of the vol by the model. */
  uncertainty: 25,
  /** Told last: price in the venue's unit, vol. */
  toldPrice: 26,
  toldVol: 27,
  logStrike: 28,
  /** When its book last spoke, microseconds: tickers come behind it. */
  bookAt: 29,
} as const;
export const OPTION_STRIDE = 30;

/** Places of an option's whole numbers. */
export const OPTION_WORD = {
  /** Index of the expiry plus 1; 0 for what is no option. */
  expiry: 0,
  /** Bit 0 call, bit 1 inverse. */
  kind: 1,
  /** Flags told last plus 1; 0 before the first. */
  told: 2,
  /** Generation of the smile that the anchor is of; 0 for no anchor. */
  generation: 3,
} as const;
export const OPTION_WORDS = 4;
export const IS_CALL = 1;
export const IS_INVERSE = 2;

/** Places of an expiry's numbers. */
export const EXPIRY = {
  /** Microseconds since the Unix epoch. */
  time: 0,
  /** Forward in use, USD, the trader's shift in it; 0 while none is known. ln of it. Half the width of its source's interval. */
  forward: 1,
  logForward: 2,
  halfWidth: 3,
  /** ln(forward / reference) without the shift, its variance, and when that was last observed (microseconds). */
  basis: 4,
  basisVariance: 5,
  basisTime: 6,
  /** A jump of the forward that waits to be believed, USD. */
  jump: 7,
  /** Time to expiry and forward of the fit, its error, its share of quotes inside, its log event and its moment. */
  fitYears: 8,
  fitForward: 9,
  fitError: 10,
  fitInside: 11,
  fitSeq: 12,
  fitTime: 13,
  fitLogForward: 14,
  /** Vol and skew at the money of the fit, and the relative change of level per unit of ln F that the dynamics expect. */
  fitVol: 15,
  fitSkew: 16,
  carry: 17,
  /** Microseconds of event time of the last quote of any option, and of the last nudge. */
  quotedAt: 18,
  nudgedAt: 19,
  /** Mean square of standardised residuals. */
  residual: 20,
  /** Trader's shifts of vol and skew as asked for, of the forward; the smile's three numbers that make them. */
  atmShift: 21,
  skewShift: 22,
  forwardShift: 23,
  shiftMode: 24,
  /** Told last: ln F, and the three numbers of the smile. */
  toldLogForward: 27,
  toldMode: 28,
  /** Smallest tick of its options, as a share of the underlying's value. */
  smallestTick: 31,
  /** When the last jump of the forward was believed, microseconds. */
  jumpTime: 32,
  /** Vol and its two derivatives by ln K at the money as last measured. */
  atmVol: 33,
  skew: 34,
  curvature: 35,
  /** Log return of the forward since the fit, without the trader's shift, and what the dynamics have moved the level by for its size and for the time. */
  moved: 36,
  expected: 37,
  /** When that was last looked at, microseconds. */
  expectedAt: 38,
} as const;
export const EXPIRY_STRIDE = 39;

/** Places of an expiry's whole numbers. */
export const EXPIRY_WORD = {
  /** Index of the underlying plus 1; 0 for a place that is free. */
  underlying: 0,
  options: 1,
  twoSided: 2,
  flags: 3,
  /** Flags told last plus 1. */
  told: 4,
  /** Counts smiles: 0 while there is none. */
  generation: 5,
  /** Instrument id plus 1 of the future of this expiry. */
  future: 6,
  forwardOrigin: 7,
  jumps: 8,
  /** Two-sided quotes of the fit; points with arbitrage in it. */
  fitTwoSided: 9,
  violations: 10,
  /** Since the last fit a quote met the arbitrage bound. */
  bounded: 11,
  /** The trader asked for more than the bound allows. */
  shiftCut: 12,
  firstOption: 13,
  over: 14,
} as const;
export const EXPIRY_WORDS = 16;

/** Places of an underlying's numbers. */
export const UNDERLYING = {
  /** USD, microseconds. */
  index: 0,
  indexTime: 1,
  /** Price that bars are built from and forwards ride on, its log and time. */
  reference: 2,
  logReference: 3,
  referenceTime: 4,
  /** Log of the index at the fit in force, its log event, its moment. */
  fitLogIndex: 5,
  fitSeq: 6,
  fitTime: 7,
  requestTime: 8,
  failures: 9,
  lastJumpTime: 10,
  lastJumpSize: 11,
  /** Event time of the next pulse; 0 while none is asked for. */
  pulse: 12,
  /** When anything was last heard of it. */
  heard: 13,
  /** Forecast vols, annualised fractions; 0 for none. */
  vol1s: 14,
  vol1m: 15,
  vol15m: 16,
  vol1h: 17,
  realised1h: 18,
  forecast30d: 19,
  implied30d: 20,
  percentile: 21,
  /** A jump of the reference that waits to be believed, USD. */
  jump: 22,
  /** Log event of the fit in force. */
  adoptedSeq: 23,
  /** Sums of the regression of changes of vol on skew times return, by class of tenor: products, squares. */
  stickiness: 24,
  /** Expected variance a year of the hours ahead in `FORECAST_HOURS`; 0 for none. */
  ahead: 34,
  /** Bars under way: event time of the last pulse, ln of the price then. */
  barTime: 38,
  barPrice: 39,
  /** Of 1 s, 1 min, 15 min, 1 h: number of the bar under way, sum of squares so far, ln of the price at its start, at the last finer close. */
  bars: 40,
  /** What is left of changes of level: sums of its regression on news by class of tenor (products, squares), then its mean square. */
  news: 56,
  newsScale: 66,
  /** Its regression on time passed by part of the week: products, squares. */
  week: 71,
} as const;
export const TENORS = 5;
export const BAR_SIZES = 4;
/** Number, squares, ln price at the start, ln price at the last finer close. */
export const BAR_STRIDE = 4;
/** Quarters of a working day, then those of a day of the weekend, UTC. */
const WEEK_PARTS = 8;
export const UNDERLYING_STRIDE = 71 + 2 * WEEK_PARTS;
/** Hours ahead at which a forecast is kept; between them it is interpolated, beyond the last it is flat. */
export const FORECAST_HOURS = [1, 6, 24, 168] as const;
/** Classes of the forecast's own past, from 1 % to 1000 % a year in equal steps of its logarithm. */
export const PAST_CLASSES = 128;

export const UNDERLYING_WORD = {
  /** Hash of what it is, two words; whether the place is taken. */
  hash: 0,
  hash2: 1,
  taken: 2,
  firstOption: 3,
  /** Instrument id plus 1 of what bars are built from; whether it is a perpetual. */
  reference: 4,
  isPerpetual: 5,
  requests: 6,
  answered: 7,
  regime: 8,
  flags: 9,
  told: 10,
  pulses: 11,
  jumps: 12,
  /** A refit wanted before its time, by its reason. */
  wanted: 13,
} as const;
export const UNDERLYING_WORDS = 14;

/** Three numbers of the smile in use: the market's nudges and the trader's shift, within the bound. */
export const MODES = 3;

/** Everything that the filter remembers, as arrays over the actor's state. */
export class FilterState {
  readonly config: FilterConfig;
  readonly options: Float64Array;
  readonly optionWords: Int32Array;
  readonly expiries: Float64Array;
  readonly expiryWords: Int32Array;
  readonly underlyings: Float64Array;
  readonly underlyingWords: Int32Array;
  /** Options of each expiry: instrument ids by strike, calls before puts. */
  readonly chains: Int32Array;
  /** The fitted smile of each expiry, see engine/quant/surface/smile.ts. */
  readonly smiles: Float64Array;
  /** Its live numbers, see engine/quant/surface/live-smile.ts. */
  readonly lives: Float64Array;
  /** Numbers of the smile in use. */
  readonly modes: Float64Array;
  /** Underlying of each instrument plus 1, and expiry plus 1 of a future; 0 for none. */
  readonly instrumentUnderlying: Int32Array;
  readonly instrumentExpiry: Int32Array;
  /** How often each underlying's forecast was in each class. */
  readonly past: Float64Array;

  constructor(cells: Cells, config: FilterConfig) {
    const { instruments, underlyings, expiries, optionsPerExpiry } = config;
    this.config = config;
    this.options = cells.float64(instruments * OPTION_STRIDE, 'options', OPTION);
    this.optionWords = cells.int32(instruments * OPTION_WORDS, 'option words', OPTION_WORD);
    this.expiries = cells.float64(expiries * EXPIRY_STRIDE, 'expiries', EXPIRY);
    this.expiryWords = cells.int32(expiries * EXPIRY_WORDS, 'expiry words', EXPIRY_WORD);
    this.underlyings = cells.float64(underlyings * UNDERLYING_STRIDE, 'underlyings', UNDERLYING);
    this.underlyingWords = cells.int32(underlyings * UNDERLYING_WORDS, 'underlying words', UNDERLYING_WORD);
    this.chains = cells.int32(expiries * optionsPerExpiry, 'chains');
    this.smiles = cells.float64(expiries * SMILE_STRIDE, 'smiles', SMILE);
    this.lives = cells.float64(expiries * LIVE_STRIDE, 'lives', LIVE);
    this.modes = cells.float64(expiries * MODES, 'modes');
    this.instrumentUnderlying = cells.int32(instruments, 'instrument underlying');
    this.instrumentExpiry = cells.int32(instruments, 'instrument expiry');
    this.past = cells.float64(underlyings * PAST_CLASSES, 'past');
  }

  /** Whether an expiry has, or had, a smile and a forward: then its options have values, and flags that say what they are worth. */
  hasValues(expiry: number): boolean {
    const { expiries } = this;
    const e = expiry * EXPIRY_STRIDE;
    return expiries[e + EXPIRY.fitSeq]! > 0 && expiries[e + EXPIRY.forward]! > 0;
  }
}
