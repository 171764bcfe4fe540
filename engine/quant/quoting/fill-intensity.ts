import { refuse, requireNonNegative, requirePositive } from '../domain.js';

/** Fill rate A exp(-k distance), with standard errors from the number of arrivals. */
export interface FillIntensity {
  /** Rate at the mid, per unit of the duration. */
  A: number;
  /** Decay per unit of the distance. */
  k: number;
  standardErrors: { A: number; k: number };
  /** Arrivals that reached `from`. */
  arrivals: number;
}

export interface FillIntensityRange {
  /** Nearest distance from the mid that counts, >= 0. Default 0. */
  from?: number;
  /**
   * Farthest distance at which arrivals are told apart; those that reach it count as having reached it. Default Infinity. Few
   * ticks are best: the exponential law holds near the touch, and a fit over the full depth may be wrong by a factor.
   */
  to?: number;
}

/**
 * Maximum likelihood of A and k from market orders as they arrive, old ones forgotten at a given half-life. O(1) a step and
 * no allocation: the likelihood needs four sums only.
 *
 * An arrival reaches `depth` from the mid if a quote there would have filled. Those that reach `from` are exponential with
 * rate k beyond it, censored at `to`: k = uncensored / sum(min(depth, to) - from), A = arrivals / duration exp(k from).
 */
export class FillIntensityEstimator {
  readonly from: number;
  readonly to: number;
  readonly #forgetting: number;
  /** Arrivals, uncensored arrivals, sum of their excess depth, duration: each with its weight. */
  readonly #sums = new Float64Array(4);
  #time = Number.NaN;

  /** @throws RangeError unless 0 <= from < to and the half-life, in the unit of time, is above 0 (Infinity: never forget) */
  constructor({ from = 0, to = Infinity, halfLife = Infinity }: FillIntensityRange & { halfLife?: number } = {}) {
    requireNonNegative('FillIntensityEstimator', 'from', from);
    if (!(to > from)) refuse('FillIntensityEstimator', 'to', `above from (${from})`, to);
    if (!(halfLife > 0)) refuse('FillIntensityEstimator', 'halfLife', 'above 0', halfLife);
    this.from = from;
    this.to = to;
    this.#forgetting = Math.LN2 / halfLife;
  }

  /** Lets time pass to `time` without an arrival; the first call starts the clock. Time that goes back is ignored. */
  advance(time: number): void {
    const elapsed = time - this.#time;
    if (elapsed > 0) {
      const sums = this.#sums;
      const rate = this.#forgetting;
      const kept = Math.exp(-rate * elapsed);
      for (let i = 0; i < 4; i++) sums[i] = sums[i]! * kept;
      sums[3] = sums[3]! + (rate > 0 ? (1 - kept) / rate : elapsed);
    }
    if (!(elapsed <= 0)) this.#time = time;
  }

  /** A market order at `time` that would have filled a quote at `depth` from the mid and no farther. */
  arrival(time: number, depth: number): void {
    this.advance(time);
    if (!(depth >= this.from)) return;
    const sums = this.#sums;
    sums[0] = sums[0]! + 1;
    if (depth < this.to) sums[1] = sums[1]! + 1;
    sums[2] = sums[2]! + Math.min(depth, this.to) - this.from;
  }

  /** NaN until an arrival has been told apart. */
  get k(): number {
    return this.#sums[1]! > 0 ? this.#sums[1]! / this.#sums[2]! : Number.NaN;
  }

  /** NaN until an arrival has been told apart. */
  get A(): number {
    return (this.#sums[0]! / this.#sums[3]!) * Math.exp(this.k * this.from);
  }

  /** The estimate with its standard errors (delta method). */
  estimate(): FillIntensity {
    const { k, A, from } = this;
    const arrivals = this.#sums[0]!;
    const uncensored = this.#sums[1]!;
    const relativeA = Math.sqrt(1 / arrivals + (k * from * k * from) / uncensored);
    return { A, k, arrivals, standardErrors: { A: A * relativeA, k: k / Math.sqrt(uncensored) } };
  }
}

/**
 * A and k by maximum likelihood from the depths that market orders reached during `duration`; see `FillIntensityEstimator`.
 *
 * @param depths distance from the mid that each order reached, in any unit; k is per that unit
 * @param duration observed time, > 0; A is per that unit
 * @throws RangeError for a NaN depth, or when no order was told apart between `from` and `to`
 */
export function fitFillIntensity(
  depths: ArrayLike<number>,
  duration: number,
  range: FillIntensityRange = {},
): FillIntensity {
  requirePositive('fitFillIntensity', 'duration', duration);
  const estimator = new FillIntensityEstimator(range);
  estimator.advance(0);
  estimator.advance(duration);
  for (let i = 0; i < depths.length; i++) {
    const depth = depths[i]!;
    if (Number.isNaN(depth)) refuse('fitFillIntensity', `depths[${i}]`, 'a number', depth);
    estimator.arrival(duration, depth);
  }
  const { from, to } = estimator;
  if (!(estimator.k < Infinity)) {
    refuse(
      'fitFillIntensity',
      'depths',
      `such that some lie strictly between ${from} and ${to}`,
      `${depths.length} others`,
    );
  }
  return estimator.estimate();
}

/**
 * A and k by least squares of ln(rate) on distance, the usual way with rates counted per tick. Rates that are 0 carry no
 * logarithm and are left out, which biases the fit where counts are small: prefer `fitFillIntensity`.
 *
 * @param distances from the mid
 * @param rates arrivals per time that reached each distance, >= 0
 * @throws RangeError unless two different distances have rates above 0
 */
export function regressFillIntensity(distances: ArrayLike<number>, rates: ArrayLike<number>): { A: number; k: number } {
  if (distances.length !== rates.length) {
    refuse('regressFillIntensity', 'rates', `as many as distances (${distances.length})`, rates.length);
  }
  let count = 0;
  let meanX = 0;
  let meanY = 0;
  let spread = 0;
  let common = 0;
  for (let i = 0; i < rates.length; i++) {
    requireNonNegative('regressFillIntensity', `rates[${i}]`, rates[i]!);
    if (rates[i] === 0) continue;
    count++;
    const x = distances[i]! - meanX;
    const y = Math.log(rates[i]!) - meanY;
    meanX += x / count;
    meanY += y / count;
    spread += x * (distances[i]! - meanX);
    common += y * (distances[i]! - meanX);
  }
  if (!(spread > 0 && spread < Infinity)) {
    refuse('regressFillIntensity', 'distances', 'at least two different ones with rates above 0', `${count} such`);
  }
  const k = -common / spread;
  return { A: Math.exp(meanY + k * meanX), k };
}
