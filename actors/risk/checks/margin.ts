import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

const { PRICE, INDEX } = NUMBER;
const { marginAfterFill: LIMIT_MARGIN_AFTER_FILL } = LIMIT;

/** Initial margin of the account if the intent were open beside all that rests, each instrument at its worst, as a share of the equity. */
export function marginCheck(judged: JudgedIntent): number {
  // Most quotes replace one of the same size: they add nothing.
  if (judged.added[0] === 0) return 0;
  const { margins } = judged.memory;
  // Of an option that no ticker has come of yet.
  if (judged.isOption && !margins.isValued(judged.id)) margins.value(judged.id, judged.numbers, INDEX);
  if (
    margins.surelyWithin(
      judged.id,
      judged.isSell === 1,
      judged.added,
      judged.numbers,
      PRICE,
      judged.limits,
      LIMIT_MARGIN_AFTER_FILL,
    )
  )
    return 0;
  if (!margins.after(judged.id, judged.isSell === 1, judged.added, judged.numbers, PRICE)) return 0;
  const found = margins.share[0]!;
  const most = judged.limits[LIMIT_MARGIN_AFTER_FILL]!;
  return found > most && !judged.reduces() ? judged.refused(RiskCode.MARGIN_AFTER_FILL, found, most) : 0;
}
