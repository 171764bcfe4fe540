import {
  BAR_HIGH,
  BAR_LOW,
  BAR_OPEN,
  GARCH_VARIANCE,
  GARMAN_KLASS,
  MEAN_SQUARE,
  PRICE,
  RANGE_VARIANCE,
  SEASON,
  SEASON_BARS,
  SEASON_HOURS,
} from './market-state.js';

/** Bars that the average of ranges looks back, and weight that the older ones keep in that of Garman and Klass, as `volfilter filter` has it. */
const RANGE_MEMORY = 60;
const EWMA_KEEP = 0.94;
/**
 * Weights of the newest square and of the variance expected before in the next one; what is left goes to the long-run mean ("variance targeting",
 * Engle and Mezrich 1996). They are the usual ones of short returns: to fit them takes longer than an event may.
 */
const GARCH = { alpha: 0.05, beta: 0.94 } as const;
/** Bars that the long-run mean looks back: a day of five-second bars. */
const LONG_MEMORY = 17_280;
const HOUR_MICROS = 3_600e6;
/** Bars of one hour of the day that its mean looks back: a working week of five-second bars. */
const SEASON_MEMORY = 5 * 720;
/** Bars that an hour needs, from another day at the earliest, and hours that a mean over the day needs. */
const LEAST_SEASON_BARS = 720 + 360;
const LEAST_HOURS = 12;

/** Takes the ranges of the bar that ends into the averages of the underlying at `row`. */
export function averageRanges(u: Float64Array, row: number): void {
  const range = Math.log(u[row + BAR_HIGH]! / u[row + BAR_LOW]!);
  const change = Math.log(u[row + PRICE]! / u[row + BAR_OPEN]!);
  const parkinson = (range * range) / (4 * Math.LN2);
  const garmanKlass = 0.5 * range * range - (2 * Math.LN2 - 1) * change * change;
  // A bar whose beginning was missed has neither.
  if (!(parkinson < Number.POSITIVE_INFINITY && garmanKlass >= 0)) return;
  const first = u[row + RANGE_VARIANCE] === 0;
  u[row + RANGE_VARIANCE]! += first ? parkinson : (parkinson - u[row + RANGE_VARIANCE]!) / RANGE_MEMORY;
  u[row + GARMAN_KLASS] = first ? garmanKlass : EWMA_KEEP * u[row + GARMAN_KLASS]! + (1 - EWMA_KEEP) * garmanKlass;
}

/** What a GARCH(1,1) expects of the next bar's variance, by the squared return of the bar that ends, the n-th of `bars`. */
export function expectVariance(u: Float64Array, row: number, square: Float64Array, bars: number): void {
  u[row + MEAN_SQUARE]! += (square[0]! - u[row + MEAN_SQUARE]!) / Math.min(bars, LONG_MEMORY);
  const mean = u[row + MEAN_SQUARE]!;
  const before = u[row + GARCH_VARIANCE]! > 0 ? u[row + GARCH_VARIANCE]! : mean;
  u[row + GARCH_VARIANCE] = (1 - GARCH.alpha - GARCH.beta) * mean + GARCH.alpha * square[0]! + GARCH.beta * before;
}

/** Takes a bar's squared return into the mean of its hour of the day. `clock[0]`: the bar's end, microseconds. */
export function learnSeason(u: Float64Array, row: number, clock: Float64Array, square: Float64Array): void {
  const hour = hourOf(clock);
  const bars = u[row + SEASON_BARS + hour]! + 1;
  u[row + SEASON_BARS + hour] = bars;
  u[row + SEASON + hour]! += (square[0]! - u[row + SEASON + hour]!) / Math.min(bars, SEASON_MEMORY);
}

/** Whether the hour at `clock[0]` has `factor[0]` times the variance of the mean hour of the day; false while there is too little to say so. */
export function isLivelyHour(u: Float64Array, row: number, clock: Float64Array, factor: Float64Array): boolean {
  const now = hourOf(clock);
  if (u[row + SEASON_BARS + now]! < LEAST_SEASON_BARS) return false;
  let sum = 0;
  let hours = 0;
  for (let hour = 0; hour < SEASON_HOURS; hour++) {
    if (u[row + SEASON_BARS + hour] === 0) continue;
    sum += u[row + SEASON + hour]!;
    hours++;
  }
  return hours >= LEAST_HOURS && u[row + SEASON + now]! * hours > factor[0]! * sum;
}

function hourOf(clock: Float64Array): number {
  return Math.floor(clock[0]! / HOUR_MICROS) % SEASON_HOURS;
}
