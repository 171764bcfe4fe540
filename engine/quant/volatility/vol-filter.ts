import { garmanKlass } from '../realised/range.js';
import { RecursiveLeastSquares } from '../statistics/recursive-least-squares.js';
import { HAR_WINDOWS, LogHarFilter } from './log-har.js';
import type { SeasonalClock } from './seasonal-clock.js';
import { Seasonality } from './seasonality.js';
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
/** A bar's log variance counts as at least this fraction of its forecast: flat bars are ticks, not information. */
const FLOOR = 0.2;
/** And as at least this fraction of the slow level, so that a halt cannot talk the filter down to nothing. */
const SLOW_FLOOR = 1e-3;
/** Innovations are cut at this many standard deviations. */
const CUT = 4;
/** The variance of log forecast errors: where it starts, how fast it follows. */
const ERROR_VARIANCE = 0.4;
const ERROR_GAIN = 0.01;
/** The level from which seasonal deviations are measured follows at this gain. */
const SLOW_GAIN = 0.003;
/** Seasons learn half from the forecast error, half from the deviation from the slow level: faster when cold. */
const DEVIATION_WEIGHT = 0.5;
/** Realised over forecast beyond this teaches no more. */
const LARGEST_RATIO = 20;
const CALIBRATION_TERMS = 5;

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
  private readonly calibration: RecursiveLeastSquares;
  private readonly calibrationRow = new Float64Array(CALIBRATION_TERMS);
  private readonly aheadRow = new Float64Array(CALIBRATION_TERMS);
  private lastTime = Number.NEGATIVE_INFINITY;
  /** Log variance of the first bar: everything inside is measured against it, so that units do not matter. */
  private base = Number.NaN;
  private slow = 0;
  private errorVariance = ERROR_VARIANCE;
  private combined = Number.NaN;
  /** Expected variance of the bar after `lastTime`; NaN before the first bar, 0 while all bars were flat. */
  private next = Number.NaN;

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
    this.calibration = new RecursiveLeastSquares(
      new Float64Array(CALIBRATION_TERMS),
      new Float64Array(CALIBRATION_TERMS).fill(0.001),
      0.9998,
    );
  }

  /** Takes in the next bar; returns a code of `BAR`. Bars left out since the last one count as missing. */
  update(bar: VolBar): number {
    return this.step(bar.time, varianceOf(bar), Math.log(bar.close / bar.open));
  }

  /** The same as `update` for callers without a bar object: the bar's variance and its log return. */
  step(time: number, variance: number, logReturn: number): number {
    const first = this.lastTime === Number.NEGATIVE_INFINITY;
    if (!(time > Number.NEGATIVE_INFINITY && time < Number.POSITIVE_INFINITY)) return BAR.outOfOrder;
    // Half a bar of tolerance: times of arrival jitter.
    const elapsed = first ? 1 : Math.round((time - this.lastTime) / this.barMs);
    if (elapsed < 1) return BAR.outOfOrder;
    if (!(variance >= 0 && variance < Number.POSITIVE_INFINITY)) return BAR.missing;
    this.lastTime = first ? time : this.lastTime + elapsed * this.barMs;
    if (Number.isNaN(this.base)) {
      this.begin(variance);
      if (variance === 0) return BAR.used;
    } else if (elapsed > 1) {
      this.skip(elapsed - 1);
    }
    this.absorb(variance, logReturn);
    this.predict();
    return BAR.used;
  }

  /**
   * Expected variance of the bar `horizon` bars after the last one; 1 is the next. NaN before the first bar or for a
   * horizon that is not a whole number >= 1; 0 while every bar so far was flat.
   */
  forecast(horizon = 1): number {
    if (horizon === 1) return this.next;
    if (!(Number.isInteger(horizon) && horizon >= 1)) return Number.NaN;
    if (!(this.next > 0)) return this.next;
    const season = this.season.factor(this.lastTime + horizon * this.barMs);
    const level =
      this.harWeight * this.har.forecastAhead(horizon, 0.5 * this.errorVariance) +
      (1 - this.harWeight) * this.twoFactor.forecast(horizon);
    const row = this.aheadRow;
    this.fillCalibration(row, level, season, 0, 0);
    const spread = 0.5 * (this.errorVariance + this.twoFactor.extraVariance(horizon));
    return Math.exp(this.base + season + level + spread + this.calibration.predict(row));
  }

  /** Factor in log variance of the season at a time (ms), as learnt so far. */
  seasonalFactor(time: number): number {
    return this.season.factor(time);
  }

  /** Replaces the parameters of the two-factor model, keeping every state: for a re-estimation that ran elsewhere. */
  adopt(parameters: Readonly<TwoFactorParameters>): void {
    this.twoFactor.adopt(parameters);
  }

  private begin(variance: number): void {
    if (variance === 0) {
      this.next = 0;
      return;
    }
    this.base = Math.log(variance);
    this.next = variance;
    this.combined = 0;
  }

  private skip(bars: number): void {
    this.twoFactor.skip(bars);
    this.har.skip(bars, Math.exp(this.twoFactor.forecast() + 0.5 * this.errorVariance));
    this.lastTime -= this.barMs;
    this.predict();
    this.lastTime += this.barMs;
  }

  /** Learns from the bar that `next` forecast, and moves the states past it. */
  private absorb(variance: number, logReturn: number): void {
    const { season, har, twoFactor, next } = this;
    const floor = Math.max(FLOOR * next, SLOW_FLOOR * Math.exp(this.base + this.slow));
    const floored = variance > floor ? variance : floor;
    const logVariance = Math.log(floored) - this.base;
    let level = logVariance - season.factor(this.lastTime);
    const started = !Number.isNaN(har.forecast);
    if (started) {
      const bound = CUT * Math.sqrt(this.errorVariance);
      const error = level - this.combined;
      const deviation = level - this.slow;
      har.learn(cut(level - har.forecast, bound));
      season.learn(
        (1 - DEVIATION_WEIGHT) * cut(error, bound) + DEVIATION_WEIGHT * cut(deviation, bound),
        this.errorVariance,
      );
      this.calibration.update(this.calibrationRow, Math.min(variance / next, LARGEST_RATIO) - 1);
      const square = Math.min(error * error, 9 * this.errorVariance);
      this.errorVariance += ERROR_GAIN * (square - this.errorVariance);
      level = logVariance - season.current();
      this.slow += SLOW_GAIN * (level - this.slow);
    } else {
      this.slow = level;
    }
    twoFactor.update(level);
    const volatility = Math.sqrt(Math.max(variance, 0.1 * next));
    const standardised = Number.isFinite(logReturn) ? logReturn / volatility : 0;
    har.update(level, standardised, 0.5 * this.errorVariance);
  }

  private predict(): void {
    const { har, twoFactor, harWeight } = this;
    const season = this.season.factor(this.lastTime + this.barMs);
    const level = harWeight * har.forecast + (1 - harWeight) * twoFactor.forecast();
    const row = this.calibrationRow;
    this.fillCalibration(row, level, season, har.loss, har.absolute);
    this.combined = level;
    this.next = Math.exp(this.base + season + level + 0.5 * this.errorVariance + this.calibration.predict(row));
  }

  private fillCalibration(row: Float64Array, level: number, season: number, loss: number, absolute: number): void {
    row[0] = 1;
    row[1] = level - this.slow;
    row[2] = season;
    row[3] = loss;
    row[4] = absolute;
  }
}

/** The variance of a bar as the filter takes it: the given one, otherwise Garman-Klass; NaN for a broken bar. */
export function varianceOf({ open, high, low, close, variance }: VolBar): number {
  return variance === undefined ? garmanKlass(open, high, low, close) : variance;
}

function cut(value: number, bound: number): number {
  return value > bound ? bound : value < -bound ? -bound : value;
}

/** A volatility filter for bars of one length; throws a RangeError for options that make none. */
export function createVolFilter(options: VolFilterOptions): VolFilter {
  return new VolFilter(options);
}
