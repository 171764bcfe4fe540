import { RobustZScore } from './robust-z-score.js';

/** Options of the outlier detector of a surface. */
export interface SurfaceOutlierOptions {
  /** Number of instruments, whose indices are 0 .. instruments - 1. */
  instruments: number;
  /** Observations per instrument that its residual's centre and scale look back. */
  memory?: number;
  /** Robust standard deviations that make an outlier. */
  threshold?: number;
}

/** Deviations of less than this many half-spreads are never outliers: a quote around the surface is a good quote. */
const ALWAYS_FINE = 1;
const LEAST_HALF_SPREAD = 1e-5;

/**
 * Outliers of a volatility surface: the residual of each instrument's mid vol in half-spreads, scored against that
 * instrument's own running median and MAD. A constant misfit of the surface is not an outlier; a quote that leaves its
 * usual place is. Constant time per quote.
 */
export class SurfaceResidualOutliers {
  private readonly scores: RobustZScore[];
  private readonly threshold: number;

  constructor({ instruments, memory = 200, threshold = 6 }: SurfaceOutlierOptions) {
    if (!(Number.isInteger(instruments) && instruments >= 1)) {
      throw new RangeError(`instruments must be a whole number >= 1, found ${instruments}`);
    }
    if (!(threshold > 0)) throw new RangeError(`threshold must be positive, found ${threshold}`);
    this.scores = Array.from({ length: instruments }, () => new RobustZScore(memory));
    this.threshold = threshold;
  }

  /**
   * Scores a quote: 0 when it is in place, otherwise its signed robust z-score beyond the threshold (positive: bid too
   * high against the surface). NaN for an unknown instrument, crossed or broken vols, and while history is too short.
   */
  update(instrument: number, bidVol: number, askVol: number, modelVol: number): number {
    const score = this.scores[instrument];
    if (score === undefined || !(askVol >= bidVol)) return Number.NaN;
    const halfSpread = Math.max(0.5 * (askVol - bidVol), LEAST_HALF_SPREAD);
    const residual = (0.5 * (bidVol + askVol) - modelVol) / halfSpread;
    const usual = score.centre;
    const z = score.update(residual);
    if (Number.isNaN(z)) return Number.NaN;
    return Math.abs(z) > this.threshold && Math.abs(residual - usual) > ALWAYS_FINE ? z : 0;
  }
}
