import { refuse, requireFinite, requireInteger, requireNonNegative, requirePositive } from '../../domain.js';
import { FillIncome, GHOSTS, type InventoryScheme } from './fill-income.js';
import type { LogisticFills, QuotedOption } from './logistic-fills.js';

/** Heston's variance as a second dimension: d nu = kappa (theta - nu) dt + xi sqrt(nu) dW. Everything per year. */
export interface VarianceGrid {
  /** Variance now. */
  nu0: number;
  /** Ends of the grid, 0 < low < high, where the value is taken to be flat. */
  low: number;
  high: number;
  /** At least 3. Default 30. */
  nodes?: number;
  /** Mean reversion that really happens. */
  kappaP: number;
  thetaP: number;
  /** Mean reversion that option prices contain. */
  kappaQ: number;
  thetaQ: number;
}

/** The published symbols; currency is that of the option prices, time in years. */
export interface VegaQuoterParameters extends LogisticFills {
  options: readonly QuotedOption[];
  /** Risk aversion, >= 0, per currency: a year's variance of the portfolio's value costs gamma / 2 of it. */
  gamma: number;
  /** Vol of variance, >= 0 (Heston's xi): the vol moves by xi / 2 per square root of a year. */
  xi: number;
  /** Greatest vega inventory, > 0, long or short: a fill that would pass it is not quoted. */
  Vmax: number;
  /** Horizon in years, > 0. Quotes are those of an endless session once it spans some dozens of fills. */
  T: number;
  /** Correlation of spot and vol. Given, the spot hedges the vol too, which leaves 1 - rho^2 of its variance. Default 0. */
  rho?: number;
  /**
   * Expected drift of the vol beyond what prices contain, per year: (a_P - a_Q) / (2 sqrt(nu)), a view on vol. Default 0, which
   * makes everything symmetric in the inventory. Not together with `variance`, which implies it.
   */
  volDrift?: number;
  /** Given, the value depends on the variance too: the two-dimensional grid. */
  variance?: VarianceGrid;
  /** Nodes of the inventory grid, at least 5; odd ones include zero inventory. Default 41. */
  nodes?: number;
  /** Time steps, at least 1. Default: the fewest that are stable whatever the inventory. */
  steps?: number;
  /** Default `accurate`. */
  scheme?: InventoryScheme;
}

const OWNER = 'VegaQuoter';

/**
 * The right-hand side of the Hamilton-Jacobi-Bellman equation on a grid of one row of inventories per variance: what the
 * value earns per year, all but its derivative by time.
 */
export class VegaEquation {
  /** Variances, one in the one-dimensional case. */
  readonly rows: number;
  /** Inventories per row. */
  readonly nodes: number;
  /** Numbers from one row to the next, ghosts included. */
  readonly stride: number;
  /** Bound on how often a year the value at a node is replaced by others': what limits the time step. */
  readonly turnover: number;
  readonly scheme: InventoryScheme;
  readonly #income: FillIncome;
  /** Income without any fill, by row and node. */
  readonly #running: Float64Array;
  /** Weights of the next and of the previous variance, by row; 0 beyond the ends. */
  readonly #up: Float64Array;
  readonly #down: Float64Array;

  constructor(parameters: VegaQuoterParameters) {
    const { options, alpha, beta, gamma, xi, Vmax, rho = 0, volDrift = 0, variance, nodes = 41 } = parameters;
    const { scheme = 'accurate' } = parameters;
    requireNonNegative(OWNER, 'gamma', gamma);
    requireNonNegative(OWNER, 'xi', xi);
    requirePositive(OWNER, 'Vmax', Vmax);
    requireFinite(OWNER, 'volDrift', volDrift);
    if (!(rho >= -1 && rho <= 1)) refuse(OWNER, 'rho', 'a correlation from -1 to 1', rho);
    requireInteger(OWNER, 'nodes', nodes, 5);
    if (scheme !== 'accurate' && scheme !== 'monotone') refuse(OWNER, 'scheme', "'accurate' or 'monotone'", scheme);
    if (variance !== undefined && volDrift !== 0) refuse(OWNER, 'volDrift', 'left out beside variance', volDrift);
    this.scheme = scheme;
    this.nodes = nodes;
    this.stride = nodes + 2 * GHOSTS;
    this.#income = new FillIncome(OWNER, options, { alpha, beta }, Vmax, nodes, scheme);
    const grid = variance === undefined ? { drifts: [volDrift], up: [0], down: [0] } : varianceSteps(variance, xi);
    this.rows = grid.drifts.length;
    this.#up = Float64Array.from(grid.up);
    this.#down = Float64Array.from(grid.down);
    const penalty = (gamma * xi * xi * (1 - rho * rho)) / 8;
    this.#running = Float64Array.from({ length: this.rows * nodes }, (_, index) => {
      const V = inventoryOf(index % nodes, nodes, Vmax);
      return grid.drifts[Math.floor(index / nodes)]! * V - penalty * V * V;
    });
    const requests = options.reduce((sum, { lambda }) => sum + lambda, 0);
    this.turnover = requests + Math.max(...grid.up.map((weight, row) => weight + grid.down[row]!));
  }

  /** Writes the rates (rows times nodes numbers) for the layer of values whose first ghost is `values[at]`. */
  evaluate(rates: Float64Array, values: Float64Array, at: number): void {
    const { nodes, stride, rows } = this;
    const running = this.#running;
    for (let i = 0; i < running.length; i++) rates[i] = running[i]!;
    for (let row = 0; row < rows; row++) {
      const first = at + row * stride + GHOSTS;
      const into = row * nodes;
      this.#income.add(rates, into, values, first);
      const up = this.#up[row]!;
      const down = this.#down[row]!;
      const above = up === 0 ? first : first + stride;
      const below = down === 0 ? first : first - stride;
      for (let j = 0; j < nodes && rows > 1; j++) {
        const here = values[first + j]!;
        rates[into + j] = rates[into + j]! + up * (values[above + j]! - here) + down * (values[below + j]! - here);
      }
    }
  }
}

/** Inventory of a node, mirrored exactly about zero. */
export function inventoryOf(node: number, nodes: number, Vmax: number): number {
  return (Vmax * (2 * node - (nodes - 1))) / (nodes - 1);
}

/** Diffusion by central and drift by upwind differences (monotone), flat at both ends. */
function varianceSteps(grid: VarianceGrid, xi: number): { drifts: number[]; up: number[]; down: number[] } {
  const { nu0, low, high, nodes = 30, kappaP, thetaP, kappaQ, thetaQ } = grid;
  requirePositive(OWNER, 'variance.low', low);
  requireFinite(OWNER, 'variance.high', high);
  if (!(high > low)) refuse(OWNER, 'variance.high', `above variance.low (${low})`, high);
  if (!(nu0 >= low && nu0 <= high)) refuse(OWNER, 'variance.nu0', `from ${low} to ${high}`, nu0);
  requireInteger(OWNER, 'variance.nodes', nodes, 3);
  for (const [name, value] of Object.entries({ kappaP, thetaP, kappaQ, thetaQ })) {
    requireNonNegative(OWNER, `variance.${name}`, value);
  }
  const spacing = (high - low) / (nodes - 1);
  const drifts: number[] = [];
  const up: number[] = [];
  const down: number[] = [];
  for (let row = 0; row < nodes; row++) {
    const nu = low + row * spacing;
    const drift = kappaP * (thetaP - nu);
    const diffusion = (0.5 * nu * xi * xi) / (spacing * spacing);
    drifts.push((drift - kappaQ * (thetaQ - nu)) / (2 * Math.sqrt(nu)));
    up.push(row === nodes - 1 ? 0 : diffusion + Math.max(0, drift) / spacing);
    down.push(row === 0 ? 0 : diffusion + Math.max(0, -drift) / spacing);
  }
  return { drifts, up, down };
}
