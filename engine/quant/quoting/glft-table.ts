import { refuse, requireInteger, requireNonNegative, requirePositive } from '../domain.js';
import { tridiagonalExponentialOfOnes } from '../linear-algebra/tridiagonal-exponential.js';
import { tridiagonalGroundState } from '../linear-algebra/tridiagonal-ground-state.js';
import { logFillDiscount } from './glft-closed-form.js';
import { logOnePlusOver } from './log-one-plus.js';

/**
 * Gueant-Lehalle-Fernandez-Tapia distances for every inventory -levels delta, ..., 0, ..., levels delta at once, exact on
 * that finite set. Owns its workspaces: `solve` allocates nothing and may be called on every change of sigma, A or k.
 */
export class GlftTable {
  /** Mid to bid by inventory, lowest inventory first; Infinity at the greatest, where no bid is shown. */
  readonly bidDistances: Float64Array;
  /** Ask to mid by inventory; Infinity at the lowest, where no ask is shown. */
  readonly askDistances: Float64Array;
  /** How many fills the inventory may be long or short. */
  readonly levels: number;
  /** Size of one fill. */
  readonly delta: number;
  readonly #diagonal: Float64Array;
  readonly #couplings: Float64Array;
  readonly #logRatios: Float64Array;
  readonly #workspace: Float64Array;

  /** @throws RangeError unless `levels` is a whole number >= 1 and `delta` > 0 */
  constructor(levels: number, delta = 1) {
    requireInteger('GlftTable', 'levels', levels, 1);
    requirePositive('GlftTable', 'delta', delta);
    const places = 2 * levels + 1;
    this.levels = levels;
    this.delta = delta;
    this.bidDistances = new Float64Array(places).fill(Number.NaN);
    this.askDistances = new Float64Array(places).fill(Number.NaN);
    this.#diagonal = new Float64Array(places);
    this.#couplings = new Float64Array(places - 1);
    this.#logRatios = new Float64Array(places - 1);
    this.#workspace = new Float64Array(4 * places);
  }

  /**
   * Solves for the given market; arguments as in `GlftParameters`, `timeLeft` = T - t, Infinity for the stationary quotes.
   *
   * With theta the value of the inventory, v = exp(k theta / delta) obeys v' = M v with M = diag(k gamma sigma^2 q^2 / (2 delta))
   * - A C (shift up + shift down), C = (1 + xi delta / k)^-(1 + k / (xi delta)): the quotes are differences of ln v.
   * Source: Gueant, "Optimal market making", Applied Mathematical Finance 24(2), 2017 (arXiv:1605.01862), section 3; for
   * delta = 1 and xi = gamma Gueant, Lehalle and Fernandez-Tapia, "Dealing with the inventory risk" (2013), theorems 1 and 2.
   *
   * @returns whether every distance came out finite; NaN is written where one did not (arguments out of their domain, or
   * a finite horizon with an inventory so unlikely that its weight is below the smallest double)
   */
  solve(sigma: number, A: number, k: number, gamma: number, xi: number, timeLeft = Infinity): boolean {
    const { bidDistances, askDistances, levels, delta } = this;
    const diagonal = this.#diagonal;
    const couplings = this.#couplings;
    const logRatios = this.#logRatios;
    const places = diagonal.length;
    const scale = timeLeft === Infinity ? 1 : timeLeft;
    const curvature = scale * 0.5 * k * gamma * sigma * sigma * delta;
    const coupling = scale * A * Math.exp(-logFillDiscount(k, xi, delta));
    for (let i = 0; i < places; i++) diagonal[i] = curvature * (i - levels) * (i - levels);
    // Not fill(): it would box the number.
    for (let i = 0; i < places - 1; i++) couplings[i] = coupling;
    if (!(coupling >= 0 && coupling < Infinity && diagonal[0]! < Infinity && timeLeft >= 0)) {
      bidDistances.fill(Number.NaN);
      askDistances.fill(Number.NaN);
      return false;
    }
    if (timeLeft === Infinity) tridiagonalGroundState(logRatios, diagonal, couplings, this.#workspace);
    else tridiagonalExponentialOfOnes(logRatios, diagonal, couplings, this.#workspace);
    const base = logOnePlusOver(xi * delta, k);
    bidDistances[places - 1] = Infinity;
    askDistances[0] = Infinity;
    let finite = true;
    for (let i = 0; i < places - 1; i++) {
      const marginal = logRatios[i]! / k;
      if (!(marginal > -Infinity && marginal < Infinity)) finite = false;
      bidDistances[i] = finite ? base + marginal : Number.NaN;
      askDistances[i + 1] = finite ? base - marginal : Number.NaN;
    }
    return finite;
  }

  /** Place of an inventory in the arrays. @throws RangeError unless it is a multiple of delta within the limit */
  placeOf(inventory: number): number {
    const level = inventory / this.delta;
    const whole = Math.round(level);
    if (!(Math.abs(level - whole) <= 1e-9 * Math.max(1, Math.abs(whole)) && Math.abs(whole) <= this.levels)) {
      const limit = this.levels * this.delta;
      refuse('GlftTable', 'inventory', `a multiple of ${this.delta} from ${-limit} to ${limit}`, inventory);
    }
    return whole + this.levels;
  }
}

/** A table for the inventory limit Q, in the unit of inventory. @throws RangeError unless Q is a multiple of delta */
export function glftTableFor(Q: number, delta: number): GlftTable {
  requireNonNegative('glftQuotes', 'Q', Q);
  requirePositive('glftQuotes', 'delta', delta);
  const levels = Math.round(Q / delta);
  if (!(levels >= 1 && Math.abs(Q / delta - levels) <= 1e-9 * levels)) {
    refuse('glftQuotes', 'Q', `a multiple of delta (${delta}), at least once`, Q);
  }
  return new GlftTable(levels, delta);
}
