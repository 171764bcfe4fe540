import { garmanKlass } from '../realised/range.js';
import { HAR_WINDOWS, LogHarFilter } from './log-har.js';
import { QlikeCalibration } from './qlike-calibration.js';
import type { SeasonalClock } from './seasonal-clock.js';
import { Seasonality } from './seasonality.js';
import type { StateTape } from './state-tape.js';
import { TWO_FACTOR_DEFAULTS, TwoFactorFilter, type TwoFactorParameters } from './two-factor.js';

/** A bar of prices. `time` is in milliseconds since the epoch, at any fixed point of the bar (its opening, say). */
export interface VolBar {
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  /** Variance of the bar's return where it was measured better than from these four prices: replaces Garman-Klass. */
  variance?: number;
}

export interface VolFilterOptions {
  /** Bars of equal length in 24 hours, a whole number: 24 for hours, 1440 for minutes. */
  barsPerDay: number;
  /** Whose hours the seasonal factors follow; New York's by default, also for crypto. */
  clock?: SeasonalClock;
  /** Horizons of the heterogeneous autoregression in bars. */
  harWindows?: readonly number[];
  /** Parameters of the two-factor model, as a re-estimation gives them. */
  twoFactor?: Readonly<TwoFactorParameters>;
  /** Weight of the autoregression against the two-factor model in the combined log forecast, 0 to 1. */
  harWeight?: number;
}

/** What became of a bar that was given to the filter. */
export const BAR = {
  /** Taken in. */
  used: 0,
  /** No usable variance (NaN, infinite, negative, prices that contradict each other): counted as a missing bar. */
  missing: 1,
  /** Time is not a number, or not after the last bar's: ignored. */
  outOfOrder: 2,
} as const;

const DAY_MS = 86_400_000;
/** A bar counts as at least this far below its log forecast: the variance of nearly flat bars is tick size, not news. */
const LOG_FLOOR = Math.log(0.35);
/** And as at least this far below the slow level, so that a halt cannot talk the filter down to nothing. */
const LOG_SLOW_FLOOR = Math.log(1e-3);
/** Innovations are cut at this many standard deviations. */
const CUT = 4;
/** The variance of log forecast errors: where it starts, how fast it follows. */
const ERROR_VARIANCE = 0.4;
const ERROR_GAIN = 0.01;
/** The level from which seasonal deviations are measured follows at this gain. */
const SLOW_GAIN = 0.003;
/** Seasons learn half from the forecast error, half from the deviation from the slow level: faster when cold. */
const DEVIATION_WEIGHT = 0.5;
/** Regressors of the calibration: constant, level, season, last loss, last absolute return. */
const CALIBRATION_TERMS = 5;
/** Below any market's variance per bar in any unit; logarithms stay finite. */
const LEAST_VARIANCE = 1e-250;
/** Least variance of log errors: after a halt, whose bars are all alike, the filter must still be able to move. */
const LEAST_ERROR_VARIANCE = 0.05;

/**
 * Real-time volatility filter: a bar in, the expected variance of bars to come out.
 *
 * Log variance = season + level. The level is forecast by a log-HAR (recursive least squares) and by a two-factor
 * Kalman filter, combined in logs; a recursive gamma regression turns the log forecast into an expected variance that
 * minimises QLIKE, learning what log-normal theory gets wrong. Constant time and no allocation per bar.
 */
export class VolFilter {
  private readonly barMs: number;
  private readonly season: Seasonality;
  private readonly har: LogHarFilter;
  private readonly twoFactor: TwoFactorFilter;
  private readonly harWeight: number;
  private readonly calibration: QlikeCalibration;
  private readonly pending = new Float64Array(CALIBRATION_TERMS);
  private lastTime = Number.NEGATIVE_INFINITY;
  /** Log variance of the first bar: everything inside is measured against it, so that units do not matter. */
  private base = Number.NaN;
  /** Level of log variance without season over some hundred bars. */
  private slow = 0.5;
  private errorVariance = ERROR_VARIANCE;
  /** Combined log forecast for the next bar, without season. */
  private combined = Number.NaN;
  private started = false;
  /** The bar that is taken in: its variance, log return and time. In an array: a number handed to a call may be boxed. */
  private readonly bar = new Float64Array(3);
  /** Expected variance of the bar after `lastTime`; NaN before the first bar, 0 while all bars were flat. */
  private readonly next = Float64Array.of(Number.NaN);

  constructor(options: VolFilterOptions) {
    const { barsPerDay, clock = 'newYork', harWindows = HAR_WINDOWS, twoFactor = TWO_FACTOR_DEFAULTS } = options;
    const { harWeight = 0.6 } = options;
    if (!(Number.isInteger(barsPerDay) && barsPerDay >= 1 && barsPerDay <= 86_400)) {
      throw new RangeError(`barsPerDay must be a whole number from 1 to 86400, found ${barsPerDay}`);
    }
    if (!(harWeight >= 0 && harWeight <= 1)) {
      throw new RangeError(`harWeight must lie between 0 and 1, found ${harWeight}`);
    }
    this.barMs = DAY_MS / barsPerDay;
    this.season = new Seasonality(barsPerDay, clock);
    this.har = new LogHarFilter(harWindows);
    this.twoFactor = new TwoFactorFilter(twoFactor);
    this.harWeight = harWeight;
    this.calibration = new QlikeCalibration(CALIBRATION_TERMS);
  }

  /** Takes in the next bar; returns a code of `BAR`. Bars left out since the last one count as missing. */
  update(bar: VolBar): number {
    this.bar[0] = varianceOf(bar);
    this.bar[1] = Math.log(bar.close / bar.open);
    this.bar[2] = bar.time;
    return this.advance();
  }

  /** The same as `update` for callers without a bar object: the bar's variance and its log return (NaN: unknown). */
  step(time: number, variance: number, logReturn: number): number {
    this.bar[0] = variance;
    this.bar[1] = logReturn;
    this.bar[2] = time;
    return this.advance();
  }

  /**
   * Expected variance of the bar `horizon` bars after the last one; 1 is the next. NaN before the first bar or for a
   * horizon that is not a whole number >= 1; 0 while every bar so far was flat. Constant time for the next bar,
   * O(horizon) beyond.
   */
  forecast(horizon = 1): number {
    return horizon === 1 ? this.next[0]! : this.forecastAhead(horizon);
  }

  private forecastAhead(horizon: number): number {
    if (!(Number.isInteger(horizon) && horizon >= 1)) return Number.NaN;
    if (!(this.next[0]! > 0)) return this.next[0]!;
    const { season, har, twoFactor, harWeight, calibration, errorVariance } = this;
    season.time[0] = this.lastTime + horizon * this.barMs;
    season.seek();
    const level =
      harWeight * har.forecastAhead(horizon, 0.5 * errorVariance) + (1 - harWeight) * twoFactor.forecast(horizon);
    // What the next bar will be learnt from is put back: asking for a forecast changes nothing.
    this.pending.set(calibration.row);
    calibration.row[1] = level - this.slow;
    calibration.row[2] = season.factor[0]!;
    calibration.row[3] = 0;
    calibration.row[4] = 0;
    calibration.predict();
    const correction = calibration.correction[0]!;
    calibration.row.set(this.pending);
    calibration.predict();
    const spread = 0.5 * errorVariance * twoFactor.relativeUncertainty(horizon);
    return Math.exp(this.base + season.factor[0]! + level + spread + correction);
  }

  /** Factor in log variance of the season at a time (ms), as learnt so far. */
  seasonalFactor(time: number): number {
    this.season.time[0] = time;
    this.season.seek();
    return this.season.factor[0]!;
  }

  /** Replaces the parameters of the two-factor model, keeping every state: for a re-estimation that ran elsewhere. */
  adopt(parameters: Readonly<TwoFactorParameters>): void {
    this.twoFactor.adopt(parameters);
  }

  /** Carries the filter's whole state out or in: for owners that must be able to stop and go on. */
  carry(tape: StateTape): void {
    this.season.carry(tape);
    this.har.carry(tape);
    this.twoFactor.carry(tape);
    this.calibration.carry(tape);
    tape.array(this.next);
    this.lastTime = tape.number(this.lastTime);
    this.base = tape.number(this.base);
    this.slow = tape.number(this.slow);
    this.errorVariance = tape.number(this.errorVariance);
    this.combined = tape.number(this.combined);
    this.started = tape.number(this.started ? 1 : 0) === 1;
  }

  private advance(): number {
    const variance = this.bar[0]!;
    const time = this.bar[2]!;
    const first = this.lastTime === Number.NEGATIVE_INFINITY;
    if (!(time > Number.NEGATIVE_INFINITY && time < Number.POSITIVE_INFINITY)) return BAR.outOfOrder;
    // Half a bar of tolerance: times of arrival jitter.
    const elapsed = first ? 1 : Math.round((time - this.lastTime) / this.barMs);
    if (elapsed < 1) return BAR.outOfOrder;
    if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY)) return BAR.missing;
    this.lastTime = first ? time : this.lastTime + elapsed * this.barMs;
    if (Number.isNaN(this.base)) {
      // A logarithm needs something to be measured against.
      if (variance < LEAST_VARIANCE) {
        this.next[0] = 0;
        return BAR.used;
      }
      this.base = Math.log(variance);
      this.next[0] = variance;
    } else if (elapsed > 1) {
      this.skip(elapsed - 1);
    }
    this.absorb();
    this.predict();
    return BAR.used;
  }

  /** Lets bars pass unseen before the one at `lastTime`. */
  private skip(bars: number): void {
    const { twoFactor, har } = this;
    twoFactor.skip(bars);
    har.skip(bars, Math.exp(twoFactor.next[0]! + 0.5 * this.errorVariance));
    this.lastTime -= this.barMs;
    this.predict();
    this.lastTime += this.barMs;
  }

  /** Learns from the bar that `next` forecast, and moves the states past it. */
  private absorb(): void {
    const { season, har, twoFactor, calibration } = this;
    const variance = this.bar[0]!;
    const logReturn = this.bar[1]!;
    const next = this.next[0]!;
    season.time[0] = this.lastTime;
    season.seek();
    // Not against `next`, whose corrections could then feed themselves.
    const floor = Math.max(this.combined + season.factor[0]! + LOG_FLOOR, this.slow + LOG_SLOW_FLOOR);
    const measured = variance > LEAST_VARIANCE ? Math.log(variance) - this.base : floor;
    const logVariance = this.started ? Math.max(measured, floor) : measured;
    let level = logVariance - season.factor[0]!;
    if (this.started) {
      const bound = CUT * Math.sqrt(this.errorVariance);
      const error = level - this.combined;
      const cutError = Math.max(-bound, Math.min(bound, error));
      const deviation = Math.max(-bound, Math.min(bound, level - this.slow));
      har.error[0] = Math.max(-bound, Math.min(bound, level - har.next[0]!));
      har.learn();
      season.error[0] = (1 - DEVIATION_WEIGHT) * cutError + DEVIATION_WEIGHT * deviation;
      season.noise[0] = this.errorVariance;
      season.learn();
      calibration.ratio[0] = variance / next;
      calibration.learn();
      const square = Math.min(error * error, 9 * this.errorVariance);
      this.errorVariance = Math.max(
        LEAST_ERROR_VARIANCE,
        this.errorVariance + ERROR_GAIN * (square - this.errorVariance),
      );
      level = logVariance - season.factor[0]!;
      // A halt says nothing about the level at which trading will go on.
      if (variance > 0) this.slow += SLOW_GAIN * (level - this.slow);
    } else {
      this.slow = level;
      this.started = true;
    }
    twoFactor.observed[0] = level;
    twoFactor.update();
    har.observed[0] = level;
    const shock = logReturn / Math.sqrt(Math.max(variance, 0.1 * next));
    har.shock[0] = Number.isNaN(shock) ? 0 : shock;
    har.update();
  }

  /** Forecasts the bar after `lastTime`. */
  private predict(): void {
    const { season, har, twoFactor, harWeight, calibration } = this;
    season.time[0] = this.lastTime + this.barMs;
    season.seek();
    const level = harWeight * har.next[0]! + (1 - harWeight) * twoFactor.next[0]!;
    calibration.row[1] = level - this.slow;
    calibration.row[2] = season.factor[0]!;
    calibration.row[3] = har.loss[0]!;
    calibration.row[4] = har.absolute[0]!;
    calibration.predict();
    this.combined = level;
    const log = this.base + season.factor[0]! + level + 0.5 * this.errorVariance + calibration.correction[0]!;
    this.next[0] = Math.max(LEAST_VARIANCE, Math.exp(log));
  }
}

/** The variance of a bar as the filter takes it: the given one, otherwise Garman-Klass; NaN for a broken bar. */
export function varianceOf({ open, high, low, close, variance }: VolBar): number {
  return variance === undefined ? garmanKlass(open, high, low, close) : variance;
}

/** A volatility filter for bars of one length; throws a RangeError for options that make none. */
export function createVolFilter(options: VolFilterOptions): VolFilter {
  return new VolFilter(options);
}
