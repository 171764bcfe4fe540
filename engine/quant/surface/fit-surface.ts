import { fitCarriers } from './carrier-fit.js';
import { FittedSlice } from './fitted-slice.js';
import { type PreparedQuotes, prepareQuotes, type Rejection, type SurfaceQuotes } from './quotes.js';
import { ResidualFitter } from './residual-fit.js';
import { carrierVariance, SMILE_STRIDE, smileTotalVariance } from './smile.js';
import { countViolations } from './smile-arbitrage.js';

/** Numbers of grid points with arbitrage: butterfly (Durrleman's g < 0) and calendar (total variance falling with time). */
export interface ViolationCount {
  butterfly: number;
  calendar: number;
}

export interface SurfaceFit {
  /** One smile per usable expiry, the nearest first. */
  slices: FittedSlice[];
  /** Root mean square distance of the vols to the mids of the two-sided quotes, basis points of vol (0.01 vol points). */
  rmseBp: number;
  /** Share of the two-sided quotes whose fitted vol lies within bid and ask, 0..1. */
  insideShare: number;
  /** Points with arbitrage, counted at every slice out to 5 standard deviations of the widest: 0 by construction. */
  violations: ViolationCount;
  /** The same two figures for the eSSVI carriers alone. */
  carrier: { rmseBp: number; insideShare: number };
  /** Quotes and slices that were left out, and why. */
  rejected: Rejection[];
  /** Gauss-Newton steps of the residual fit. */
  steps: number;
  /** Part of the residuals kept: below 1 only where no tightening of the constraints removed all arbitrage. */
  residualKept: number;
}

export interface FitOptions {
  /** The last fit of the same expiries: starting from it takes a fraction of the time. */
  previous?: SurfaceFit | undefined;
}

/** Expiries whose times differ by less than this ratio are taken for the same one between two fits. */
const SAME_EXPIRY = 1.25;

/**
 * Calibrates smiles again and again: keeps its memory, and starts each fit from the last one while the expiries stay the same.
 * {@link fitSurface} is the same for a single fit.
 */
export class SurfaceCalibrator {
  private readonly fitter = new ResidualFitter();
  private previous: SurfaceFit | undefined;

  /** Starts from `previous` instead of this calibrator's own last fit; undefined makes the next fit a cold one. */
  startFrom(previous: SurfaceFit | undefined): void {
    this.previous = previous;
  }

  /** See {@link fitSurface}. */
  fit(input: SurfaceQuotes): SurfaceFit {
    const quotes = prepareQuotes(input);
    const smiles = new Float64Array(quotes.slices * SMILE_STRIDE);
    const warm = this.recall(quotes, smiles);
    fitCarriers(quotes, smiles, warm);
    const outcome = this.fitter.fit(quotes, smiles, warm);
    const slices = Array.from(
      { length: quotes.slices },
      (_, slice) => new FittedSlice(quotes.T[slice]!, quotes.F[slice]!, smiles, slice),
    );
    const fit: SurfaceFit = {
      slices,
      ...measure(quotes, smiles, smileTotalVariance),
      violations: countViolations(smiles, quotes.slices),
      carrier: measure(quotes, smiles, carrierVariance),
      rejected: quotes.rejected,
      steps: outcome.steps,
      residualKept: outcome.kept,
    };
    this.previous = fit;
    return fit;
  }

  /** Copies the previous parameters when every expiry is still there. */
  private recall(quotes: PreparedQuotes, smiles: Float64Array): boolean {
    const before = this.previous?.slices;
    if (before === undefined || before.length !== quotes.slices) return false;
    for (let slice = 0; slice < quotes.slices; slice++) {
      const ratio = quotes.T[slice]! / before[slice]!.T;
      if (!(ratio < SAME_EXPIRY && ratio > 1 / SAME_EXPIRY)) return false;
      before[slice]!.copyInto(smiles, slice);
    }
    return true;
  }
}

/**
 * Fits a volatility surface without static arbitrage to bid and ask implied vols.
 *
 * Each smile is an eSSVI carrier plus a penalised cubic spline (see {@link SmileParameters}). All residuals are fitted together by
 * Gauss-Newton: a hinge loss that is zero inside the spread and linear far outside (a stale quote pulls with bounded force), in units
 * of the half-spread in total variance; a weak pull to the mid; smoothness; and walls at Durrleman's g >= 0 and at total variance
 * non-decreasing in time. Beyond the quotes the smile returns to its carrier, whose parameters satisfy Gatheral & Jacquier's
 * butterfly and Hendriks & Martini's calendar conditions, so the absence of arbitrage holds for every strike.
 *
 * Units: T in years, F and K in one price unit, vols as fractions. Quotes with one side count as bounds only.
 * A quote or slice that cannot be used is named in `rejected` with its code; slices come back in the order of expiry.
 *
 * @throws RangeError when a T or F is not a positive finite number, when two slices share one T, or when no slice has a two-sided quote.
 */
export function fitSurface(input: SurfaceQuotes, options: FitOptions = {}): SurfaceFit {
  const calibrator = new SurfaceCalibrator();
  calibrator.startFrom(options.previous);
  return calibrator.fit(input);
}

function measure(
  quotes: PreparedQuotes,
  smiles: Float64Array,
  variance: (smiles: Float64Array, offset: number, k: number) => number,
): { rmseBp: number; insideShare: number } {
  let squares = 0;
  let inside = 0;
  let count = 0;
  for (let slice = 0; slice < quotes.slices; slice++) {
    const years = quotes.T[slice]!;
    for (let q = quotes.first[slice]!; q < quotes.first[slice + 1]!; q++) {
      const low = quotes.low[q]!;
      const high = quotes.high[q]!;
      if (low === 0 || high === Number.POSITIVE_INFINITY) continue;
      const w = variance(smiles, slice * SMILE_STRIDE, quotes.k[q]!);
      const error = (Math.sqrt(w) - 0.5 * (Math.sqrt(low) + Math.sqrt(high))) / Math.sqrt(years);
      squares += error * error;
      if (w >= low && w <= high) inside++;
      count++;
    }
  }
  return { rmseBp: 1e4 * Math.sqrt(squares / count), insideShare: inside / count };
}
