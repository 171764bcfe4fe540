import { RecursiveLeastSquares } from '../statistics/recursive-least-squares.js';
import type { StateTape } from './state-tape.js';

/** Realised over forecast beyond this teaches no more. */
const LARGEST_RATIO = 20;
/** The calibration is for what log-normal theory gets wrong, not for making up a level. */
const LARGEST_CORRECTION = 1.5;
const PRIOR_VARIANCE = 0.001;
const FORGETTING = 0.9998;

/**
 * Turns log forecasts into expected variances that minimise QLIKE: a recursive gamma regression with log link, whose
 * score in every bar is realised / forecast - 1 (McCullagh & Nelder 1989, ch. 8). Starts at no correction at all.
 *
 * Numbers go in and out through arrays, because a number that crosses a call may be boxed.
 */
export class QlikeCalibration {
  /** In: the regressors; the first is the constant and stays 1. */
  readonly row: Float64Array;
  /** In: realised over forecast variance of the bar that was predicted for. */
  readonly ratio = new Float64Array(1);
  /** Out: what is to be added to the log forecast. */
  readonly correction = new Float64Array(1);
  private readonly regression: RecursiveLeastSquares;

  constructor(terms: number) {
    this.regression = new RecursiveLeastSquares(
      new Float64Array(terms),
      new Float64Array(terms).fill(PRIOR_VARIANCE),
      FORGETTING,
    );
    this.row = this.regression.row;
    this.row[0] = 1;
  }

  /** Carries its state out or in. */
  carry(tape: StateTape): void {
    for (const numbers of this.regression.memory) tape.array(numbers);
    tape.array(this.correction);
  }

  /** Computes `correction` from `row`. */
  predict(): void {
    this.regression.predict();
    const fitted = this.regression.fitted[0]!;
    this.correction[0] = Math.max(-LARGEST_CORRECTION, Math.min(LARGEST_CORRECTION, fitted));
  }

  /** Learns from `ratio`, of the bar whose regressors are still in `row`. */
  learn(): void {
    const miss = Math.min(this.ratio[0]!, LARGEST_RATIO) - 1;
    const fitted = this.regression.fitted[0]!;
    // Where the correction is cut off, errors would only wind it up.
    if (miss * fitted > 0 && Math.abs(fitted) > LARGEST_CORRECTION) return;
    this.regression.error[0] = miss;
    this.regression.learn();
  }
}
