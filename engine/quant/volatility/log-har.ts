import { RecursiveLeastSquares } from '../statistics/recursive-least-squares.js';
import type { StateTape } from './state-tape.js';

/** Where the heterogeneous autoregression looks, in bars; the weights follow Corsi's cascade of horizons. */
export const HAR_WINDOWS: readonly number[] = [1, 6, 24, 168];

/** Mean of |z| and of max(-z, 0) of a standard normal z: centring by them makes forecasts of them zero. */
const MEAN_ABSOLUTE = Math.sqrt(2 / Math.PI);
const MEAN_LOSS = MEAN_ABSOLUTE / 2;
/** A standardised return beyond this tells no more. */
const LARGEST_RETURN = 3;
/** Levels are cut at e^5 times the forecast: a bad print must not stay in the weekly average for a week. */
const LARGEST_JUMP = 5;
/** A forecast lies at most this far outside the averages that it is made from, in logs. */
const LARGEST_STEP = 1;
/** Gain times window. 2 would put the centre of mass where the window has it; memory that fades may reach further back. */
const WINDOW_TO_GAIN = 1.3;

/**
 * Log-HAR by recursive least squares (Corsi 2009), with leverage: the log of the next variance is regressed on logs of
 * average variances over several horizons, on the size of the last return and on its size if it was a loss.
 *
 * The averages are exponential (Bollerslev, Hood, Huss & Pedersen 2018): constant time without a ring of past bars,
 * and a jump leaves them gradually. Inputs are logs of variance without season, against a constant base.
 */
export class LogHarFilter {
  // One number each, in and out: a number that crosses a call may be boxed.
  /** In: the log variance of a bar, and its return over its volatility. */
  readonly observed = new Float64Array(1);
  readonly shock = new Float64Array(1);
  /** In: the miss of the last forecast. */
  readonly error = new Float64Array(1);
  /** Out: the expected log variance of the next bar. */
  readonly next = Float64Array.of(Number.NaN);
  /** Out: size of the last shock if it was a loss, and its size, both centred. */
  readonly loss = new Float64Array(1);
  readonly absolute = new Float64Array(1);
  private readonly gains: Float64Array;
  private readonly averages: Float64Array;
  /** Scratch for forecasts further ahead than one bar, and what it must put back. */
  private readonly ahead: Float64Array;
  private readonly now: Float64Array;
  private readonly row: Float64Array;
  private readonly regression: RecursiveLeastSquares;
  private bars = 0;

  constructor(windows: readonly number[] = HAR_WINDOWS, forgetting = 0.9999) {
    if (windows.length === 0 || windows.some((window) => !(window >= 1 && window < Number.POSITIVE_INFINITY))) {
      throw new RangeError(`windows are whole numbers of bars, at least one of them: found [${windows.join(', ')}]`);
    }
    const size = windows.length + 3;
    this.gains = Float64Array.from(windows, (window) => (window === 1 ? 1 : Math.min(1, WINDOW_TO_GAIN / window)));
    this.averages = new Float64Array(windows.length);
    this.ahead = new Float64Array(windows.length);
    this.now = new Float64Array(size);
    // Prior: a persistent cascade, its weights falling with the horizon, and a small effect of losses.
    const total = windows.reduce((sum, _, index) => sum + 1 / (index + 2), 0);
    const cascade = windows.map((_, index) => 0.95 / (index + 2) / total);
    this.regression = new RecursiveLeastSquares(
      [0, ...cascade, 0.1, 0],
      [0.05, ...windows.map(() => 0.05), 0.02, 0.02],
      forgetting,
    );
    this.row = this.regression.row;
  }

  /** Coefficients of: constant, one per window, loss, absolute return. */
  get coefficients(): Float64Array {
    return this.regression.coefficients;
  }

  /** Carries its state out or in. */
  carry(tape: StateTape): void {
    for (const numbers of this.regression.memory) tape.array(numbers);
    for (const numbers of [this.averages, this.next, this.loss, this.absolute]) tape.array(numbers);
    this.bars = tape.number(this.bars);
  }

  /** Learns from the miss of the last forecast, `error[0]`. */
  learn(): void {
    this.regression.error[0] = this.error[0]!;
    this.regression.learn();
  }

  /** Takes in the bar of `observed[0]` and `shock[0]`, and forecasts the next: see `next`. */
  update(): void {
    const { gains, averages, row } = this;
    const size = gains.length;
    const observed = this.observed[0]!;
    const shock = this.shock[0]!;
    const level = Math.exp(this.bars === 0 ? observed : Math.min(observed, this.next[0]! + LARGEST_JUMP));
    this.bars++;
    row[0] = 1;
    for (let i = 0; i < size; i++) {
      // The first bars are averaged plainly.
      averages[i]! += Math.max(gains[i]!, 1 / this.bars) * (level - averages[i]!);
      row[i + 1] = Math.log(averages[i]!);
    }
    const magnitude = Math.min(Math.abs(shock), LARGEST_RETURN);
    this.loss[0] = (shock < 0 ? magnitude : 0) - MEAN_LOSS;
    this.absolute[0] = magnitude - MEAN_ABSOLUTE;
    row[size + 1] = this.loss[0];
    row[size + 2] = this.absolute[0];
    this.predict();
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
    this.loss[0] = 0;
    this.absolute[0] = 0;
    row[size + 1] = 0;
    row[size + 2] = 0;
    this.predict();
  }

  /** Regresses on a row; the result stays near the averages that it came from ("insanity filter", Swanson & White 1997). */
  private predict(): void {
    const { regression, row } = this;
    const size = this.gains.length;
    let least = row[1]!;
    let most = row[1]!;
    for (let i = 2; i <= size; i++) {
      least = Math.min(least, row[i]!);
      most = Math.max(most, row[i]!);
    }
    regression.predict();
    this.next[0] = Math.max(least - LARGEST_STEP, Math.min(most + LARGEST_STEP, regression.fitted[0]!));
  }

  /**
   * Expected log variance `horizon` bars ahead, by feeding forecasts back; O(horizon), 1 is the next bar.
   * From a week ahead on it is told by the last step walked, so that the cost stays bounded.
   */
  forecastAhead(horizon: number, smear: number): number {
    const { gains, averages, ahead, now, row, next } = this;
    const size = gains.length;
    const nextBar = next[0]!;
    if (horizon <= 1) return nextBar;
    ahead.set(averages);
    now.set(row);
    row.fill(0);
    row[0] = 1;
    const steps = Math.min(horizon, LONGEST_WALK);
    for (let step = 1; step < steps; step++) {
      const expectedLevel = Math.exp(next[0]! + smear);
      for (let i = 0; i < size; i++) {
        ahead[i]! += gains[i]! * (expectedLevel - ahead[i]!);
        row[i + 1] = gains[i] === 1 ? next[0]! : Math.log(ahead[i]!);
      }
      this.predict();
    }
    const forecast = next[0]!;
    // The next bar's row and forecast are what will be learnt from.
    row.set(now);
    next[0] = nextBar;
    return forecast;
  }
}

/** Beyond this many bars a forecast is the long run's. */
const LONGEST_WALK = 2_000;
