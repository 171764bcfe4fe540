import type { JudgedIntent } from './judged-intent.js';
import { VERDICT } from './standing-verdicts.js';

const { FILLS } = VERDICT;
/** Whether our quotes are being picked off. What makes the position smaller passes. */
export function fillQualityCheck(judged: JudgedIntent): number {
  if (judged.isClear || judged.verdicts.codeOf(judged.underlying, FILLS) === 0) return 0;
  return !judged.isOption || judged.reducesPosition() ? 0 : judged.refusedAsJudged(FILLS);
}
