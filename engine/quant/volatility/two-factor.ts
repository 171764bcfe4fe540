import type { StateTape } from './state-tape.js';
/**
 * Log variance as the sum of a slow and a fast first-order autoregression, seen through noise:
 *
 *     y = mean + slow + fast + e,   slow' = phi1 slow + n1,   fast' = phi2 fast + n2
 *
 * Parameters are per bar. The mixture of two speeds is what long memory ("rough" volatility) looks like at the
 * horizons at which one quotes (Alizadeh, Brandt & Diebold 2002).
 */
export interface TwoFactorParameters {
  /** Persistence of the slow and the fast factor per bar, in (0, 1). */
  slowPersistence: number;
  fastPersistence: number;
  /** Variance of each factor's shock per bar, >= 0. */
  slowShock: number;
  fastShock: number;
  /** Variance of the measurement noise of a bar's log variance, > 0. */
  noise: number;
}

/** Fitted by hand to hourly variances of BTC and ETH, 2022 to mid-2025; at minutes it serves as well. */
export const TWO_FACTOR_DEFAULTS: Readonly<TwoFactorParameters> = {
  slowPersistence: 0.995,
  fastPersistence: 0.8,
  slowShock: 0.003,
  fastShock: 0.12,
  noise: 0.15,
};

/** Innovations beyond this many standard deviations are cut: one absurd bar must not own the state. */
const CUT = 4;
/** Gain at which the mean follows the innovations. */
const MEAN_GAIN = 5e-4;

/** The Kalman filter of the model, two states with the covariance unrolled; constant time, no allocation. */
export class TwoFactorFilter {
  /** One number each, in and out without boxing: the observed log variance, and the expected one of the next bar. */
  readonly observed = new Float64Array(1);
  readonly next = new Float64Array(1);
  private mean = 0;
  private slow = 0;
  private fast = 0;
  /** Covariance of the prediction for the next bar. */
  private slowVariance = 1.5;
  private covariance = 0;
  private fastVariance = 0.5;
  private parameters: Readonly<TwoFactorParameters>;

  constructor(parameters: Readonly<TwoFactorParameters> = TWO_FACTOR_DEFAULTS) {
    this.parameters = checkedTwoFactor(parameters);
  }

  /** Replaces the parameters and keeps the state: how a re-estimation that ran elsewhere takes effect. */
  adopt(parameters: Readonly<TwoFactorParameters>): void {
    this.parameters = checkedTwoFactor(parameters);
  }

  /** Carries its state out or in; the parameters are configuration. */
  carry(tape: StateTape): void {
    tape.array(this.next);
    this.mean = tape.number(this.mean);
    this.slow = tape.number(this.slow);
    this.fast = tape.number(this.fast);
    this.slowVariance = tape.number(this.slowVariance);
    this.covariance = tape.number(this.covariance);
    this.fastVariance = tape.number(this.fastVariance);
  }

  /** Expected log variance `horizon` bars ahead, >= 1; 1 is the next bar. */
  forecast(horizon = 1): number {
    const { slowPersistence, fastPersistence } = this.parameters;
    const steps = horizon - 1;
    return this.mean + power(slowPersistence, steps) * this.slow + power(fastPersistence, steps) * this.fast;
  }

  /** How uncertain the log variance is `horizon` bars ahead, against the next bar's: 1 and more. */
  relativeUncertainty(horizon: number): number {
    const { slowPersistence, fastPersistence, slowShock, fastShock, noise } = this.parameters;
    const slow = power(slowPersistence, horizon - 1);
    const fast = power(fastPersistence, horizon - 1);
    const next = this.slowVariance + 2 * this.covariance + this.fastVariance + noise;
    const then =
      slow * slow * this.slowVariance +
      2 * slow * fast * this.covariance +
      fast * fast * this.fastVariance +
      (slowShock * (1 - slow * slow)) / (1 - slowPersistence * slowPersistence) +
      (fastShock * (1 - fast * fast)) / (1 - fastPersistence * fastPersistence) +
      noise;
    return Math.max(1, then / next);
  }

  /** Takes in the log variance of the bar that was forecast, `observed[0]`, and moves on to the next: see `next`. */
  update(): void {
    const { slowVariance, covariance, fastVariance } = this;
    const { slowPersistence, fastPersistence, slowShock, fastShock, noise } = this.parameters;
    const total = slowVariance + 2 * covariance + fastVariance + noise;
    const bound = CUT * Math.sqrt(total);
    const error = Math.max(-bound, Math.min(bound, this.observed[0]! - this.mean - this.slow - this.fast));
    const slowGain = (slowVariance + covariance) / total;
    const fastGain = (covariance + fastVariance) / total;
    this.slow = slowPersistence * (this.slow + slowGain * error);
    this.fast = fastPersistence * (this.fast + fastGain * error);
    this.mean += MEAN_GAIN * error;
    const slowLeft = slowVariance - slowGain * (slowVariance + covariance);
    const covarianceLeft = covariance - slowGain * (covariance + fastVariance);
    const fastLeft = fastVariance - fastGain * (covariance + fastVariance);
    this.slowVariance = slowPersistence * slowPersistence * slowLeft + slowShock;
    this.covariance = slowPersistence * fastPersistence * covarianceLeft;
    this.fastVariance = fastPersistence * fastPersistence * fastLeft + fastShock;
    this.next[0] = this.mean + this.slow + this.fast;
  }

  /** Lets `bars` bars pass unseen: the factors decay and their uncertainty grows. */
  skip(bars: number): void {
    const { slowPersistence, fastPersistence, slowShock, fastShock } = this.parameters;
    const slow = power(slowPersistence, bars);
    const fast = power(fastPersistence, bars);
    this.slow *= slow;
    this.fast *= fast;
    this.slowVariance =
      slow * slow * this.slowVariance + (slowShock * (1 - slow * slow)) / (1 - slowPersistence * slowPersistence);
    this.covariance *= slow * fast;
    this.fastVariance =
      fast * fast * this.fastVariance + (fastShock * (1 - fast * fast)) / (1 - fastPersistence * fastPersistence);
    this.next[0] = this.mean + this.slow + this.fast;
  }
}

function power(base: number, exponent: number): number {
  return Math.exp(exponent * Math.log(base));
}

/** The parameters, or an error that names the one that makes no filter. */
export function checkedTwoFactor(parameters: Readonly<TwoFactorParameters>): Readonly<TwoFactorParameters> {
  const { slowPersistence, fastPersistence, slowShock, fastShock, noise } = parameters;
  for (const [name, value] of Object.entries({ slowPersistence, fastPersistence })) {
    if (!(value > 0 && value < 1)) throw new RangeError(`${name} must lie strictly between 0 and 1, found ${value}`);
  }
  for (const [name, value] of Object.entries({ slowShock, fastShock })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${name} is a variance: expected a finite number >= 0, found ${value}`);
    }
  }
  if (!(noise > 0 && noise < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`noise is a variance: expected a finite number > 0, found ${noise}`);
  }
  return { ...parameters };
}
