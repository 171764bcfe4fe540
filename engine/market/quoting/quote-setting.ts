import type { QuotingSettings } from './settings.js';

/** Places of settings in the array of `quoteNumbers`: a double read from an object's field may be boxed. */
export const QuoteSetting = {
  AMOUNT: 0,
  BETA: 1,
  VEGA_LIMIT: 2,
  HALF: 3,
  RELATIVE_HALF: 4,
  MID_SKEW: 5,
  POSITION_LIMIT: 6,
  POSITION_SKEW: 7,
  DELTA_SKEW: 8,
  DELTA_SCALE: 9,
  EDGE_TICKS: 10,
  EDGE_VOL: 11,
  UNCERTAINTY: 12,
  EXPIRY_DAYS: 13,
  EXPIRY_WIDENING: 14,
  EXPIRY_MOST: 15,
  MARKOUT: 16,
  TOXICITY: 17,
  FLOW_SKEW: 18,
  DUTY_WIDTH: 19,
  DUTY_TICKS: 20,
  DUTY_AMOUNT: 21,
  DUTY_LEAST: 22,
  DUTY_MOST: 23,
  EDGE_HEDGE: 24,
  GAMMA_SKEW: 25,
  GAMMA_SCALE: 26,
  TOLERANCE: 27,
  VEGA_CLIP: 28,
  LEAD: 29,
  EDGE_ADVERSE: 30,
  EDGE_SIZE_STEP: 31,
  EDGE_SIZE_MOST: 32,
  EDGE_CLIPS: 33,
  EDGE_KEPT: 34,
  /** One a regime from here on: unknown, calm, normal, stressed, jump. */
  REGIME: 35,
} as const;

/** The settings that a quote is worked out by, as numbers. */
export function quoteNumbers(s: QuotingSettings): Float64Array {
  // biome-ignore format: in the order of QuoteSetting
  return Float64Array.of(
    s.amount, s.beta, s.vegaLimit, s.halfWidth, s.relativeHalfWidth, s.midSkew, s.positionLimit, s.positionSkew,
    s.deltaSkew, s.deltaScale, s.edgeTicks, s.edgeVol, s.uncertainty, s.expiryDays, s.expiryWidening, s.expiryMost,
    s.markout, s.toxicity, s.flowSkew, s.dutyWidth, s.dutyTicks, s.dutyAmount, s.dutyDeltaLeast, s.dutyDeltaMost,
    s.edgeHedge, s.gammaSkew, s.gammaScaleUsd, s.tolerance, s.vegaClip, s.leadTicks,
    s.edgeAdverse, s.edgeSizeStep, s.edgeSizeMost, s.edgeClips, s.edgeKept,
    0, ...s.regime,
  );
}
