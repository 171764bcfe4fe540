import { RecursiveLeastSquares } from '../statistics/recursive-least-squares.js';

/** Where the heterogeneous autoregression looks, in bars; the weights follow Corsi's cascade of horizons. */
export const HAR_WINDOWS: readonly number[] = [1, 6, 24, 168];

/** Mean of |z| and of max(-z, 0) of a standard normal z: centring by them makes forecasts of them zero. */
const MEAN_ABSOLUTE = Math.sqrt(2 / Math.PI);
const MEAN_LOSS = MEAN_ABSOLUTE / 2;
/** A standardised return beyond this tells no more. */
const LARGEST_RETURN = 3;
/** Levels are cut at e^5 times the forecast: a bad print must not stay in the weekly average for a week. */
const LARGEST_JUMP = 5;
/** Exponential averages whose centre of mass lies as far back as that of a window, roughly. */
const WINDOW_TO_GAIN = 1.3;

/**
 * Log-HAR by recursive least squares (Corsi 2009), with leverage: the log of the next variance is regressed on logs of
 * average variances over several horizons, on the size of the last return and on its size if it was a loss.
 *
 * The averages are exponential (Bollerslev, Hood, Huss & Pedersen 2018): constant time without a ring of past bars,
 * and a jump leaves them gradually. Inputs are logs of variance without season, against a constant base.
 */
export class LogHarFilter {
  private readonly gains: Float64Array;
  private readonly averages: Float64Array;
  /** Scratch for forecasts further ahead than one bar. */
  private readonly ahead: Float64Array;
  private readonly row: Float64Array;
  private readonly rowAhead: Float64Array;
  private readonly regression: RecursiveLeastSquares;
  private bars = 0;
  private next = Number.NaN;

  constructor(windows: readonly number[] = HAR_WINDOWS, forgetting = 0.9999) {
    if (windows.length === 0 || windows.some((window) => !(window >= 1 && window < Number.POSITIVE_INFINITY))) {
      throw new RangeError(`windows are whole numbers of bars, at least one of them: found [${windows.join(', ')}]`);
    }
    const size = windows.length + 3;
    this.gains = Float64Array.from(windows, (window) => (window === 1 ? 1 : Math.min(1, WINDOW_TO_GAIN / window)));
    this.averages = new Float64Array(windows.length);
    this.ahead = new Float64Array(windows.length);
    this.row = new Float64Array(size);
    this.rowAhead = new Float64Array(size);
    // Prior: a persistent cascade, its weights falling with the horizon, and a small effect of losses.
    const total = windows.reduce((sum, _, index) => sum + 1 / (index + 2), 0);
    const cascade = windows.map((_, index) => 0.95 / (index + 2) / total);
    this.regression = new RecursiveLeastSquares(
      [0, ...cascade, 0.1, 0],
      [0.05, ...windows.map(() => 0.05), 0.02, 0.02],
      forgetting,
    );
  }

  /** Coefficients of: constant, one per window, loss, absolute return. */
  get coefficients(): Float64Array {
    return this.regression.coefficients;
  }

  /** Expected log variance of the next bar; NaN before the first. */
  get forecast(): number {
    return this.next;
  }

  /** The loss part and the absolute size of the last standardised return, centred: regressors of the next bar. */
  get loss(): number {
    return this.row[this.row.length - 2]!;
  }

  get absolute(): number {
    return this.row[this.row.length - 1]!;
  }

  /** Learns from the miss of the last forecast. */
  learn(error: number): void {
    this.regression.update(this.row, error);
  }

  /** Takes in a bar; `smear` is the log of the mean of exp(error), `standardised` its return over its volatility. */
  update(logVariance: number, standardised: number, smear: number): void {
    const { gains, averages, row } = this;
    const size = gains.length;
    const largest = this.next + smear + LARGEST_JUMP;
    const level = Math.exp(logVariance > largest ? largest : logVariance);
    this.bars++;
    row[0] = 1;
    for (let i = 0; i < size; i++) {
      // The first bars are averaged plainly.
      averages[i]! += Math.max(gains[i]!, 1 / this.bars) * (level - averages[i]!);
      row[i + 1] = Math.log(averages[i]!);
    }
    const size_ = Math.min(Math.abs(standardised), LARGEST_RETURN);
    row[size + 1] = (standardised < 0 ? size_ : 0) - MEAN_LOSS;
    row[size + 2] = size_ - MEAN_ABSOLUTE;
    this.next = this.regression.predict(row);
  }

  /** Lets bars pass unseen: the averages drift towards `level`, what the variance is expected to be meanwhile. */
  skip(bars: number, level: number): void {
    const { gains, averages, row } = this;
    const size = gains.length;
    for (let i = 0; i < size; i++) {
      const kept = gains[i] === 1 ? 0 : Math.exp(bars * Math.log1p(-gains[i]!));
      averages[i] = kept * averages[i]! + (1 - kept) * level;
      row[i + 1] = Math.log(averages[i]!);
    }
    row[size + 1] = 0;
    row[size + 2] = 0;
    this.next = this.regression.predict(row);
  }

  /**
   * Expected log variance `horizon` bars ahead, by feeding forecasts back; O(horizon), 1 is the next bar.
   * From a week ahead on it is told by the last step walked, so that the cost stays bounded.
   */
  forecastAhead(horizon: number, smear: number): number {
    const { gains, averages, ahead, rowAhead } = this;
    const size = gains.length;
    let forecast = this.next;
    if (horizon <= 1) return forecast;
    ahead.set(averages);
    rowAhead.fill(0);
    rowAhead[0] = 1;
    const steps = Math.min(horizon, LONGEST_WALK);
    for (let step = 1; step < steps; step++) {
      const expectedLevel = Math.exp(forecast + smear);
      for (let i = 0; i < size; i++) {
        ahead[i]! += gains[i]! * (expectedLevel - ahead[i]!);
        rowAhead[i + 1] = gains[i] === 1 ? forecast : Math.log(ahead[i]!);
      }
      forecast = this.regression.predict(rowAhead);
    }
    return forecast;
  }
}

const LONGEST_WALK = 2_000;
