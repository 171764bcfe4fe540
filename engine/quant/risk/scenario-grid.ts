import { black76Price } from '../black76/index.js';
import { requireFinite, requireNonNegative } from '../domain.js';
import { type OptionBook, requireBook } from './option-book.js';

export interface ScenarioParameters {
  book: OptionBook;
  /** Relative moves of every forward, > -1: 0.1 is up 10 %. */
  spotShocks: ArrayLike<number>;
  /** Relative moves of every vol, >= -1: 0.5 is up by half. */
  volShocks: ArrayLike<number>;
  /** Added to the vol per standard deviation that a strike lies above the forward (ln(K/F) / (sigma sqrt(T))). Default 0. */
  skewTwist?: number;
  /** Years that pass, >= 0. Default 0. */
  timeForward?: number;
  /** Values in coin, that is prices over their forward. Default false. */
  inverse?: boolean;
}

/**
 * Profit of a book in every combination of shocks, each option revalued in full: `volShocks.length` rows of
 * `spotShocks.length` numbers. An option that expires on the way counts with its intrinsic value.
 *
 * @throws RangeError for shocks outside their domain or arrays of different lengths; a position whose present price is NaN makes
 * every scenario NaN
 */
export function scenarioGrid(parameters: ScenarioParameters): Float64Array {
  const { book, skewTwist = 0, timeForward = 0, inverse = false } = parameters;
  const spotShocks = Float64Array.from(parameters.spotShocks);
  const volShocks = Float64Array.from(parameters.volShocks);
  requireBook('scenarioGrid', book);
  requireFinite('scenarioGrid', 'skewTwist', skewTwist);
  requireNonNegative('scenarioGrid', 'timeForward', timeForward);
  for (const [name, shocks] of Object.entries({ spotShocks, volShocks })) {
    shocks.forEach((shock, place) => {
      const least = name === 'spotShocks' ? shock > -1 : shock >= -1;
      if (!(least && shock < Infinity)) {
        throw new RangeError(`scenarioGrid: ${name}[${place}] must be a relative move above -1, not ${shock}`);
      }
    });
  }
  const out = new Float64Array(spotShocks.length * volShocks.length);
  fillScenarioGrid(out, book, spotShocks, volShocks, skewTwist, timeForward, inverse);
  return out;
}

/** The kernel of `scenarioGrid`: writes into `out`, allocates nothing, checks nothing. */
export function fillScenarioGrid(
  out: Float64Array,
  book: OptionBook,
  spotShocks: Float64Array,
  volShocks: Float64Array,
  skewTwist: number,
  timeForward: number,
  inverse: boolean,
): void {
  const { quantity, forward, strike, years, sigma, isCall } = book;
  const columns = spotShocks.length;
  for (let cell = 0; cell < out.length; cell++) out[cell] = 0;
  for (let i = 0; i < quantity.length; i++) {
    const call = isCall[i] === 1;
    const F = forward[i]!;
    const K = strike[i]!;
    const T = years[i]!;
    const now = black76Price(F, K, T, sigma[i]!, call) / (inverse ? F : 1);
    const left = Math.max(0, T - timeForward);
    const spread = sigma[i]! * Math.sqrt(T);
    for (let column = 0; column < columns; column++) {
      const moved = F * (1 + spotShocks[column]!);
      const unit = inverse ? moved : 1;
      const twist = skewTwist === 0 || spread === 0 ? 0 : (skewTwist * Math.log(K / moved)) / spread;
      for (let row = 0; row < volShocks.length; row++) {
        const vol = Math.max(0, sigma[i]! * (1 + volShocks[row]!) + twist);
        const then = black76Price(moved, K, left, vol, call) / unit;
        const cell = row * columns + column;
        out[cell] = out[cell]! + quantity[i]! * (then - now);
      }
    }
  }
}

/** The scenario with the least profit. @returns its row, column and profit; -1, -1 and NaN for an empty grid or one with NaN */
export function worstScenario(grid: Float64Array, columns: number): { row: number; column: number; profit: number } {
  let worst = -1;
  for (let cell = 0; cell < grid.length; cell++) {
    if (Number.isNaN(grid[cell])) return { row: -1, column: -1, profit: Number.NaN };
    if (worst < 0 || grid[cell]! < grid[worst]!) worst = cell;
  }
  if (worst < 0) return { row: -1, column: -1, profit: Number.NaN };
  return { row: Math.floor(worst / columns), column: worst % columns, profit: grid[worst]! };
}
