import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const MINUTE_MICROS = 60e6;
const { hedgesPerMinute: LIMIT_HEDGES_PER_MINUTE, hedgeSlippageUsd: LIMIT_HEDGE_SLIPPAGE_USD } = LIMIT;

/** How often hedges are asked for, and what they may cost: beyond the budget of the day they wait in the book, and take from nobody. */
export function hedgeCheck(judged: JudgedIntent): number {
  if (!judged.isHedge) return 0;
  const { memory, now, limits, facts } = judged;
  const { meters, slippage } = memory;
  if (!meters.allows(memory.hedgeMeters + judged.underlying, now, limits, LIMIT_HEDGES_PER_MINUTE, MINUTE_MICROS)) {
    return judged.refused(RiskCode.HEDGE_RATE, 0, limits[LIMIT_HEDGES_PER_MINUTE]!);
  }
  if (slippage.allows(now, limits, LIMIT_HEDGE_SLIPPAGE_USD)) return 0;
  const price = judged.numbers[NUMBER.PRICE]!;
  const takes = judged.isSell ? price <= facts[judged.row + FACT.BID]! : price >= facts[judged.row + FACT.ASK]!;
  return takes ? judged.refused(RiskCode.HEDGE_SLIPPAGE, slippage.spent, limits[LIMIT_HEDGE_SLIPPAGE_USD]!) : 0;
}

/** A hedge has passed: it counts for the rate. */
export function countHedge(judged: JudgedIntent): void {
  if (judged.isHedge) judged.memory.meters.count(judged.memory.hedgeMeters + judged.underlying);
}
