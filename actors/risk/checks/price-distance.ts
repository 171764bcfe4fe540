import { Contract, isOption } from '../../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

const {
  fromMark: LIMIT_FROM_MARK,
  fromTheoVol: LIMIT_FROM_THEO_VOL,
  fromTheoTicks: LIMIT_FROM_THEO_TICKS,
  fromMarkVol: LIMIT_FROM_MARK_VOL,
} = LIMIT;

/** Prices that a person would call a mistake: too far on the wrong side of the mark or of the theoretical value. */
export function priceDistanceCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const { facts, limits } = judged.tables;
  const price = judged.price[0]!;
  const isAnOption = isOption(memory.table.contracts[judged.id]!);
  const opposite = facts[judged.row + FACT.MARK]!;
  if (!isAnOption) {
    const wrong = judged.isSell ? 1 - price / opposite : price / opposite - 1;
    if (wrong > limits[LIMIT_FROM_MARK]!)
      return judged.refused(RiskCode.FAR_FROM_MARK, wrong, limits[LIMIT_FROM_MARK]!);
    return 0;
  }
  const theo = facts[judged.row + FACT.THEO]!;
  const forward = memory.ofExpiry[judged.expiry * BASE_FIELDS + BASE.FORWARD]!;
  const inverse = memory.table.contracts[judged.id] === Contract.OPTION_INVERSE;
  const vega = facts[judged.row + FACT.VEGA]! / (inverse ? forward : 1);
  const wrong = judged.isSell ? theo - price : price - theo;
  const allowed = vega * limits[LIMIT_FROM_THEO_VOL]! + facts[judged.row + FACT.TICK_1]!;
  if (!(wrong <= allowed)) return judged.refused(RiskCode.FAR_FROM_THEO, wrong, allowed);
  const exercise = facts[judged.row + FACT.RIGHT]! * (forward - facts[judged.row + FACT.STRIKE]!);
  const intrinsic = exercise > 0 ? exercise / (inverse ? forward : 1) : 0;
  if (judged.isSell && price < intrinsic - facts[judged.row + FACT.TICK_1]!) {
    return judged.refused(RiskCode.BELOW_INTRINSIC, price, intrinsic);
  }
  const ticks = limits[LIMIT_FROM_THEO_TICKS]! * memory.table.tickAt(judged.id, judged.price);
  if (wrong > ticks) return judged.refused(RiskCode.FAR_FROM_THEO, wrong, ticks);
  // Without a mark there is none to be far from.
  const fromMark = judged.isSell ? opposite - price : price - opposite;
  const allowedMark = vega * limits[LIMIT_FROM_MARK_VOL]! + facts[judged.row + FACT.TICK_1]!;
  if (fromMark > allowedMark) return judged.refused(RiskCode.FAR_FROM_MARK, fromMark, allowedMark);
  return 0;
}
