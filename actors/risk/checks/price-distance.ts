import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const { PRICE, FORWARD, TICK } = NUMBER;
const { MARK, VEGA, TICK_1, THEO, RIGHT, STRIKE } = FACT;
const {
  fromMark: LIMIT_FROM_MARK,
  fromTheoVol: LIMIT_FROM_THEO_VOL,
  fromTheoTicks: LIMIT_FROM_THEO_TICKS,
  fromMarkVol: LIMIT_FROM_MARK_VOL,
} = LIMIT;

/** Prices that a person would call a mistake: too far on the wrong side of the mark or of the theoretical value. */
export function priceDistanceCheck(judged: JudgedIntent): number {
  return judged.isOption ? optionDistance(judged) : futureDistance(judged);
}

function futureDistance(judged: JudgedIntent): number {
  const price = judged.numbers[PRICE]!;
  const mark = judged.facts[judged.row + MARK]!;
  const wrong = judged.isSell ? 1 - price / mark : price / mark - 1;
  const most = judged.limits[LIMIT_FROM_MARK]!;
  // Nothing else judges the price of a future: without a mark there is none to be trusted.
  return !(wrong <= most) ? judged.refused(RiskCode.FAR_FROM_MARK, wrong, most) : 0;
}

function optionDistance(judged: JudgedIntent): number {
  const { numbers, facts, limits, row, isSell } = judged;
  const price = numbers[PRICE]!;
  const forward = numbers[FORWARD]!;
  const perUnit = judged.isInverse ? forward : 1;
  const vega = facts[row + VEGA]! / perUnit;
  const tick = facts[row + TICK_1]!;
  const theo = facts[row + THEO]!;
  const wrong = isSell ? theo - price : price - theo;
  const allowed = vega * limits[LIMIT_FROM_THEO_VOL]! + tick;
  if (!(wrong <= allowed)) return judged.refused(RiskCode.FAR_FROM_THEO, wrong, allowed);
  const exercise = facts[row + RIGHT]! * (forward - facts[row + STRIKE]!);
  if (isSell && exercise > 0 && price < exercise / perUnit - tick) {
    return judged.refused(RiskCode.BELOW_INTRINSIC, price, exercise / perUnit);
  }
  const ticks = limits[LIMIT_FROM_THEO_TICKS]! * numbers[TICK]!;
  if (wrong > ticks) return judged.refused(RiskCode.FAR_FROM_THEO, wrong, ticks);
  // Without a mark there is none to be far from.
  const mark = facts[row + MARK]!;
  const fromMark = isSell ? mark - price : price - mark;
  const allowedMark = vega * limits[LIMIT_FROM_MARK_VOL]! + tick;
  return fromMark > allowedMark ? judged.refused(RiskCode.FAR_FROM_MARK, fromMark, allowedMark) : 0;
}
