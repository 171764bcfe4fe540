import { type DeltaConvention, strikeForDelta } from './delta-strike.js';
import type { VarianceSlice } from './vol-surface.js';

/** A smile in the numbers traders quote; vols and differences are fractions per year. */
export interface SmileMetrics {
  /** Vol at the forward. */
  atmVol: number;
  /** d sigma / dk at the forward. */
  skew: number;
  /** d2 sigma / dk2 at the forward. */
  curvature: number;
  /** Vol of the 25-delta call minus that of the 25-delta put; the same at 10 delta. */
  riskReversal25: number;
  riskReversal10: number;
  /** Mean vol of call and put minus the vol at the forward. */
  butterfly25: number;
  butterfly10: number;
}

/** Implied vol at log-moneyness k. */
export function smileVol(slice: VarianceSlice, k: number): number {
  return Math.sqrt(slice.totalVariance(k) / slice.T);
}

/** Vol of the call minus vol of the put of the same absolute delta, 0 < delta < 1/2. */
export function riskReversal(slice: VarianceSlice, delta: number, convention?: DeltaConvention): number {
  return volAtDelta(slice, delta, true, convention) - volAtDelta(slice, -delta, false, convention);
}

/** Mean vol of call and put of the same absolute delta, less the vol at the forward. */
export function butterfly(slice: VarianceSlice, delta: number, convention?: DeltaConvention): number {
  const wings = volAtDelta(slice, delta, true, convention) + volAtDelta(slice, -delta, false, convention);
  return 0.5 * wings - smileVol(slice, 0);
}

/** Vol of the strike with this delta; NaN where there is none. */
export function volAtDelta(slice: VarianceSlice, delta: number, isCall: boolean, convention?: DeltaConvention): number {
  return smileVol(slice, Math.log(strikeForDelta(slice, delta, isCall, convention) / slice.F));
}

/** Step of the central differences, in standard deviations: the error of the second is 1e-4 of it. */
const STEP = 0.01;

/** All of {@link SmileMetrics}. */
export function smileMetrics(slice: VarianceSlice, convention?: DeltaConvention): SmileMetrics {
  const h = STEP * Math.sqrt(slice.totalVariance(0));
  const atmVol = smileVol(slice, 0);
  const up = smileVol(slice, h);
  const down = smileVol(slice, -h);
  return {
    atmVol,
    skew: (up - down) / (2 * h),
    curvature: (up - 2 * atmVol + down) / (h * h),
    riskReversal25: riskReversal(slice, 0.25, convention),
    riskReversal10: riskReversal(slice, 0.1, convention),
    butterfly25: butterfly(slice, 0.25, convention),
    butterfly10: butterfly(slice, 0.1, convention),
  };
}

/** Vol between two expiries from their total variances; NaN where variance falls or time does not rise. */
export function forwardVol(earlierVariance: number, earlierT: number, laterVariance: number, laterT: number): number {
  return laterT > earlierT ? Math.sqrt((laterVariance - earlierVariance) / (laterT - earlierT)) : Number.NaN;
}
