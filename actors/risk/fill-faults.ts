import { LIMIT } from '../../engine/market/risk/limits.js';
import { RiskCode } from '../../engine/market/risk/risk-code.js';
import type { RiskMemory } from './risk-memory.js';

const {
  fillsPerMinute: LIMIT_FILLS_PER_MINUTE,
  oneSidedFills: LIMIT_ONE_SIDED_FILLS,
  markoutLossUsd: LIMIT_MARKOUT_LOSS_USD,
} = LIMIT;

/**
 * What is wrong with the fills of an underlying: too many, on one side alone, or such as lose soon after.
 * @param found receives what was found, `bound` the limit
 * @returns a code of `CHECKS`; 0 while they are well
 */
export function faultOfFills(
  memory: RiskMemory,
  underlying: number,
  clock: Float64Array,
  found: Float64Array,
  bound: Float64Array,
): number {
  const { limits, fillRates, markouts } = memory;
  if (!fillRates.allowsRate(underlying, clock, limits, LIMIT_FILLS_PER_MINUTE)) {
    found[0] = fillRates.found[0]!;
    bound[0] = limits[LIMIT_FILLS_PER_MINUTE]!;
    return RiskCode.FILL_RATE;
  }
  if (!fillRates.allowsSide(underlying, clock, limits, LIMIT_FILLS_PER_MINUTE)) {
    found[0] = fillRates.found[0]!;
    bound[0] = limits[LIMIT_ONE_SIDED_FILLS]!;
    return RiskCode.ONE_SIDED;
  }
  if (!markouts.allows(underlying, clock, limits, LIMIT_MARKOUT_LOSS_USD)) {
    found[0] = markouts.found[0]!;
    bound[0] = limits[LIMIT_MARKOUT_LOSS_USD]!;
    return RiskCode.MARKOUT;
  }
  return 0;
}
