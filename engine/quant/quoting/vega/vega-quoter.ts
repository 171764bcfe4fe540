import { refuse, requireBetween, requireFinite, requireInteger, requirePositive } from '../../domain.js';
import { GHOSTS, interpolateRow, setGhosts } from './fill-income.js';
import { logisticDistance } from './logistic-fills.js';
import { VegaEquation, type VegaQuoterParameters } from './vega-equation.js';

/** Longest time step, times the turnover of the grid, at which Runge-Kutta and Euler steps are stable. */
const STABLE_TURNOVER = { accurate: 1.35, monotone: 1 } as const;

/**
 * Market making in many options at once, their vegas frozen: the value v of quoting depends on time, on the portfolio's vega V
 * and, with `variance`, on Heston's variance nu.
 *
 *   0 = v_t + a_P v_nu + nu xi^2 / 2 v_nunu + V (a_P - a_Q) / (2 sqrt(nu)) - gamma xi^2 (1 - rho^2) / 8 V^2
 *       + sum over options and sides of z H((v(V) - v(V')) / z),   v = 0 at T, V' = V +- z vega, |V'| <= Vmax.
 *
 * Without `variance` nothing depends on nu and the grid has one row: the version to run live. Solved backwards in time by a
 * Runge-Kutta scheme of fourth order (Euler's in the monotone scheme). On the paper's book of 20 options the default grid gives
 * 164,054 for the flat book, within 1e-5 of the converged value, in some 10 ms.
 *
 * Source: Baldacci, Bergault and Gueant, "Algorithmic market making for options", Quantitative Finance 21(1), 2021
 * (arXiv:1907.12433), equation 4.
 */
export class VegaQuoter {
  readonly parameters: Readonly<VegaQuoterParameters>;
  readonly steps: number;
  readonly #equation: VegaEquation;
  /** One layer of rows per time step, counted back from T. */
  readonly #values: Float64Array;
  readonly #stage: Float64Array;
  readonly #rates: Float64Array;
  readonly #sum: Float64Array;

  /** @throws RangeError for parameters outside their domain */
  constructor(parameters: VegaQuoterParameters) {
    requirePositive('VegaQuoter', 'T', parameters.T);
    const equation = new VegaEquation(parameters);
    const fewest = Math.max(8, Math.ceil((equation.turnover * parameters.T) / STABLE_TURNOVER[equation.scheme]));
    const { steps = fewest } = parameters;
    requireInteger('VegaQuoter', 'steps', steps, 1);
    const layer = equation.rows * equation.stride;
    this.parameters = parameters;
    this.steps = steps;
    this.#equation = equation;
    this.#values = new Float64Array((steps + 1) * layer).fill(Number.NaN);
    this.#stage = new Float64Array(layer);
    this.#rates = new Float64Array(equation.rows * equation.nodes);
    this.#sum = new Float64Array(equation.rows * equation.nodes);
  }

  /** Solves the equation; until then every answer is NaN. Allocates nothing. */
  solve(): this {
    const layer = this.#stage.length;
    const values = this.#values;
    for (let i = 0; i < layer; i++) values[i] = 0;
    const rungeKutta = this.#equation.scheme === 'accurate';
    for (let step = 0; step < this.steps; step++) {
      if (rungeKutta) this.#rungeKuttaStep(step * layer);
      else this.#eulerStep(step * layer);
    }
    return this;
  }

  /** Value of quoting from `t` to T with vega inventory `V`, in currency: what the book will earn, less the penalty. */
  value(V: number, t = 0, nu = this.parameters.variance?.nu0): number {
    const { Vmax, T } = this.parameters;
    requireBetween('VegaQuoter', 'V', V, -Vmax, Vmax);
    requireBetween('VegaQuoter', 't', t, 0, T);
    return this.#interpolate(V, t, this.#rowPlace(nu));
  }

  /**
   * Distance of the bid for one option from its mid, in currency, at vega inventory `V` and time `t`. Infinity where the fill
   * would pass Vmax: do not quote. May be negative: the inventory makes one pay more than the mid.
   */
  bidDistance(option: number, V: number, t = 0, nu = this.parameters.variance?.nu0): number {
    return this.#distance(option, V, 1, t, nu);
  }

  /** Distance of the ask for one option from its mid; as `bidDistance`. */
  askDistance(option: number, V: number, t = 0, nu = this.parameters.variance?.nu0): number {
    return this.#distance(option, V, -1, t, nu);
  }

  /** Distances of all bids and asks, written by option. */
  distances(bids: Float64Array, asks: Float64Array, V: number, t = 0, nu = this.parameters.variance?.nu0): void {
    for (let option = 0; option < this.parameters.options.length; option++) {
      bids[option] = this.#distance(option, V, 1, t, nu);
      asks[option] = this.#distance(option, V, -1, t, nu);
    }
  }

  #distance(index: number, V: number, side: 1 | -1, t: number, nu: number | undefined): number {
    const { options, Vmax, T } = this.parameters;
    const option = options[index];
    if (option === undefined) refuse('VegaQuoter', 'option', `a place in options, below ${options.length}`, index);
    requireFinite('VegaQuoter', 'V', V);
    requireBetween('VegaQuoter', 't', t, 0, T);
    const row = this.#rowPlace(nu);
    const step = side * option.vega * option.size;
    if (side * V + step * side > Vmax * (1 + 1e-12)) return Infinity;
    // Beyond the limit the marginal values at the limit serve: only quotes that bring the inventory back are left there.
    const from = Math.min(Vmax, Math.max(-Vmax, V));
    const cost = this.#interpolate(from, t, row) - this.#interpolate(from + step, t, row);
    return logisticDistance(option, this.parameters, cost / option.size);
  }

  /** Linear in time and variance; in the inventory as the scheme is. */
  #interpolate(V: number, t: number, rowPlace: number): number {
    const { rows, nodes, stride, scheme } = this.#equation;
    const { Vmax, T } = this.parameters;
    const sharp = scheme === 'monotone';
    const place = Math.min(nodes - 1, Math.max(0, ((V + Vmax) / (2 * Vmax)) * (nodes - 1)));
    const stepPlace = ((T - t) / T) * this.steps;
    const step = Math.min(this.steps - 1, Math.floor(stepPlace));
    const row = Math.min(Math.max(0, rows - 2), Math.floor(rowPlace));
    let value = 0;
    for (let corner = 0; corner < 4; corner++) {
      const late = corner & 1;
      const far = corner >> 1;
      const weight = (late ? stepPlace - step : 1 - (stepPlace - step)) * (far ? rowPlace - row : 1 - (rowPlace - row));
      if (weight === 0) continue;
      const first = ((step + late) * rows + row + far) * stride + GHOSTS;
      value += weight * interpolateRow(this.#values, first, nodes, place, sharp);
    }
    return value;
  }

  #rowPlace(nu: number | undefined): number {
    const { variance } = this.parameters;
    if (variance === undefined || nu === undefined) return 0;
    requireBetween('VegaQuoter', 'nu', nu, variance.low, variance.high);
    return ((nu - variance.low) / (variance.high - variance.low)) * (this.#equation.rows - 1);
  }

  #eulerStep(at: number): void {
    const step = this.parameters.T / this.steps;
    const { rows, nodes, stride } = this.#equation;
    const values = this.#values;
    this.#equation.evaluate(this.#rates, values, at);
    for (let row = 0; row < rows; row++) {
      const first = at + row * stride + GHOSTS;
      const next = first + this.#stage.length;
      for (let j = 0; j < nodes; j++) values[next + j] = values[first + j]! + step * this.#rates[row * nodes + j]!;
      setGhosts(values, next, nodes);
    }
  }

  #rungeKuttaStep(at: number): void {
    const step = this.parameters.T / this.steps;
    const { rows, nodes, stride } = this.#equation;
    const values = this.#values;
    const stage = this.#stage;
    const rates = this.#rates;
    const sum = this.#sum;
    this.#equation.evaluate(rates, values, at);
    for (let part = 0; part < 4; part++) {
      const weight = part === 0 || part === 3 ? step / 6 : step / 3;
      const reach = part === 2 ? step : 0.5 * step;
      for (let row = 0; row < rows; row++) {
        const first = at + row * stride + GHOSTS;
        const staged = row * stride + GHOSTS;
        const next = first + stage.length;
        for (let j = 0; j < nodes; j++) {
          const rate = rates[row * nodes + j]!;
          const total = (part === 0 ? values[first + j]! : sum[row * nodes + j]!) + weight * rate;
          sum[row * nodes + j] = total;
          if (part < 3) stage[staged + j] = values[first + j]! + reach * rate;
          else values[next + j] = total;
        }
        if (part < 3) setGhosts(stage, staged, nodes);
        else setGhosts(values, next, nodes);
      }
      if (part < 3) this.#equation.evaluate(rates, stage, 0);
    }
  }
}
