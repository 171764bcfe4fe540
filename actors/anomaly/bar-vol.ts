import { REALISED } from '../../engine/market/anomaly/bars.js';

const YEAR_SECONDS = 365 * 86_400;

/** Volatility of the last bars of the underlying at `row`, annualised. */
export function realisedVol(underlyings: Float64Array, row: number, barSeconds: number): number {
  return Math.sqrt(underlyings[row + REALISED]! * (YEAR_SECONDS / barSeconds));
}
