import type { JudgedIntent } from './judged-intent.js';
import { VERDICT } from './standing-verdicts.js';

const { HOLDINGS } = VERDICT;
/** What stands against any risk more, whatever the intent: what is held already, and the margin that is used. */
export function standingCheck(judged: JudgedIntent): number {
  if (judged.isClear || judged.verdicts.codeOf(judged.underlying, HOLDINGS) === 0 || judged.reduces()) return 0;
  return judged.refusedAsJudged(HOLDINGS);
}
