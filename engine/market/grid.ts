/** Nearer than this part of a step, a value stands on the grid: doubles of decimal numbers miss it by less. */
const TOLERANCE = 1e-6;

/** Integers beyond this are not counted exactly by a double. */
const MOST_STEPS = Number.MAX_SAFE_INTEGER;

/**
 * Decimal values as integer multiples of a step: prices as ticks, amounts as lots.
 *
 * Most steps are one over an integer (0.0005 is 1/2000). Dividing by that integer rounds correctly, so `value` gives the
 * very double that the venue's decimal text parses to, which multiplying by the step would not.
 */
export class Grid {
  readonly step: number;
  /** 1 / step where that is an integer; 0 where it is not. */
  readonly perUnit: number;

  constructor(step: number) {
    if (!(step > 0) || !Number.isFinite(step)) throw new Error(`a step must be a positive number, found ${step}`);
    this.step = step;
    const perUnit = Math.round(1 / step);
    this.perUnit = Math.abs(perUnit * step - 1) < 1e-12 ? perUnit : 0;
  }

  /** Steps in a value; NaN where it stands between two, is not finite, or is too large to count. */
  steps(value: number): number {
    const exact = this.perUnit === 0 ? value / this.step : value * this.perUnit;
    const steps = Math.round(exact);
    const off = exact - steps;
    return off < TOLERANCE && off > -TOLERANCE && steps <= MOST_STEPS && steps >= -MOST_STEPS ? steps : Number.NaN;
  }

  /** Steps in the grid point nearest to a value. */
  nearest(value: number): number {
    return Math.round(this.perUnit === 0 ? value / this.step : value * this.perUnit);
  }

  /** The value of so many steps. */
  value(steps: number): number {
    return this.perUnit === 0 ? steps * this.step : steps / this.perUnit;
  }
}

const shared = new Map<number, Grid>();

/** The grid of a step, one for all who ask: a chain of options has one tick, and a grid of each option's own would have to come into the processor's caches with it. */
export function gridOf(step: number): Grid {
  let grid = shared.get(step);
  if (grid === undefined) {
    grid = new Grid(step);
    shared.set(step, grid);
  }
  return grid;
}
