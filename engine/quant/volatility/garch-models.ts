import { normalCdf } from '../normal/index.js';

/** Parameters of a GARCH(1,1) or, with gamma, of a GJR model (Glosten, Jagannathan & Runkle 1993). */
export interface GarchParameters {
  /** Mean return per bar. */
  mu: number;
  /** h' = omega + (alpha + gamma [e < 0]) e^2 + beta h, e the return less mu, h its variance. */
  omega: number;
  alpha: number;
  beta: number;
  gamma?: number;
}

/** ln h' = omega + alpha z + gamma (|z| - E|z|) + beta ln h, z = e / sqrt(h) (Nelson 1991). */
export interface EgarchParameters {
  mu: number;
  omega: number;
  /** Effect of the shock's sign. */
  alpha: number;
  beta: number;
  /** Effect of the shock's size. */
  gamma: number;
}

const LOG_TWO_PI = Math.log(2 * Math.PI);
const MEAN_ABSOLUTE_NORMAL = Math.sqrt(2 / Math.PI);

function meanSquare(returns: Float64Array, mu: number): number {
  let sum = 0;
  for (let t = 0; t < returns.length; t++) sum += (returns[t]! - mu) * (returns[t]! - mu);
  return sum / returns.length;
}

/**
 * Gaussian log-likelihood of returns; writes each bar's share to `shares` and returns the variance expected for the bar
 * after the last. The variance and the squared shock before the sample are the sample's mean square.
 */
export function garchLikelihood(parameters: GarchParameters, returns: Float64Array, shares: Float64Array): number {
  const { mu, omega, alpha, beta, gamma = 0 } = parameters;
  const before = meanSquare(returns, mu);
  let h = omega + (alpha + 0.5 * gamma + beta) * before;
  for (let t = 0; t < returns.length; t++) {
    const e = returns[t]! - mu;
    shares[t] = -0.5 * (LOG_TWO_PI + Math.log(h) + (e * e) / h);
    h = omega + (e < 0 ? alpha + gamma : alpha) * e * e + beta * h;
  }
  return h;
}

/** The same for EGARCH; the log variance before the sample is that of the sample's mean square. */
export function egarchLikelihood(parameters: EgarchParameters, returns: Float64Array, shares: Float64Array): number {
  const { mu, omega, alpha, beta, gamma } = parameters;
  let logVariance = Math.log(meanSquare(returns, mu));
  for (let t = 0; t < returns.length; t++) {
    const e = returns[t]! - mu;
    const z = e * Math.exp(-0.5 * logVariance);
    shares[t] = -0.5 * (LOG_TWO_PI + logVariance + z * z);
    logVariance = omega + alpha * z + gamma * (Math.abs(z) - MEAN_ABSOLUTE_NORMAL) + beta * logVariance;
  }
  return Math.exp(logVariance);
}

/** Online GARCH(1,1) or GJR: a return in, the variance of bars to come out; constant time, no allocation. */
export class GarchFilter {
  private readonly parameters: Required<GarchParameters>;
  private readonly persistence: number;
  /** Starts as a number, so that the field holds one without a box. */
  private next = Number.NaN;

  /** Starts from `variance`, by default the model's own long-run variance. */
  constructor(parameters: GarchParameters, variance?: number) {
    const { omega, alpha, beta, gamma = 0 } = parameters;
    this.parameters = { ...parameters, gamma };
    this.persistence = alpha + 0.5 * gamma + beta;
    this.next = variance ?? omega / (1 - this.persistence);
    if (!(omega >= 0 && alpha >= 0 && beta >= 0 && alpha + gamma >= 0 && this.persistence < 1 && this.next >= 0)) {
      throw new RangeError(
        `GARCH needs omega, alpha, beta, alpha + gamma >= 0 and a persistence below 1, found omega ${omega}, alpha ${alpha}, beta ${beta}, gamma ${gamma}`,
      );
    }
  }

  /** Takes in a bar's return. NaN is a missing bar: the variance moves on as expected. */
  update(logReturn: number): void {
    const { mu, omega, alpha, beta, gamma } = this.parameters;
    const e = logReturn - mu;
    const news = (alpha + (e < 0 ? gamma : 0)) * e * e + beta * this.next;
    this.next = omega + (Number.isFinite(news) ? news : this.persistence * this.next);
  }

  /** Expected variance of the bar `horizon` ahead; 1 is the next. */
  forecast(horizon = 1): number {
    return horizon === 1 ? this.next : this.forecastAhead(horizon);
  }

  private forecastAhead(horizon: number): number {
    const longRun = this.parameters.omega / (1 - this.persistence);
    const kept = this.persistence > 0 ? Math.exp((horizon - 1) * Math.log(this.persistence)) : 0;
    return longRun + kept * (this.next - longRun);
  }
}

/** Online EGARCH(1,1): a return in, the variance of bars to come out; constant time, no allocation. */
export class EgarchFilter {
  private readonly parameters: Readonly<EgarchParameters>;
  /** Log variance of the next bar; starts as a number, so that the field holds one without a box. */
  private next = Number.NaN;

  /** Starts from `variance`, by default that of the model's mean log variance. */
  constructor(parameters: Readonly<EgarchParameters>, variance?: number) {
    const { omega, beta } = parameters;
    if (!(Math.abs(beta) < 1)) throw new RangeError(`EGARCH needs a beta between -1 and 1, found ${beta}`);
    this.parameters = { ...parameters };
    this.next = variance === undefined ? omega / (1 - beta) : Math.log(variance);
    if (!Number.isFinite(this.next))
      throw new RangeError(`EGARCH needs a positive variance to start, found ${variance}`);
  }

  /** Takes in a bar's return. NaN is a missing bar: log variance moves on as expected. */
  update(logReturn: number): void {
    const { mu, omega, alpha, beta, gamma } = this.parameters;
    const z = (logReturn - mu) * Math.exp(-0.5 * this.next);
    const news = alpha * z + gamma * (Math.abs(z) - MEAN_ABSOLUTE_NORMAL);
    this.next = omega + beta * this.next + (Number.isFinite(news) ? news : 0);
  }

  /** Expected variance of the bar `horizon` ahead, normal shocks assumed; 1 is the next. O(horizon). */
  forecast(horizon = 1): number {
    return horizon === 1 ? Math.exp(this.next) : this.forecastAhead(horizon);
  }

  /** Nelson (1991), theorem A1.1: shocks enter by the mean of their exponential, weighted by how long they decay. */
  private forecastAhead(horizon: number): number {
    const { omega, alpha, beta, gamma } = this.parameters;
    let logVariance = this.next;
    let weight = 1;
    let growth = 0;
    for (let step = 1; step < horizon; step++) {
      const up = weight * (gamma + alpha);
      const down = weight * (gamma - alpha);
      growth +=
        Math.log(Math.exp(0.5 * up * up) * normalCdf(up) + Math.exp(0.5 * down * down) * normalCdf(down)) -
        weight * gamma * MEAN_ABSOLUTE_NORMAL;
      logVariance = omega + beta * logVariance;
      weight *= beta;
    }
    return Math.exp(logVariance + growth);
  }
}
