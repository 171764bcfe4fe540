import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { BookState } from '../../book/book.js';
import { UNUSABLE } from '../../filter/filter-flags.js';
import type { JudgedIntent } from './judged-intent.js';
import { EXPIRY, EXPIRY_FIELDS, VERDICT } from './standing-verdicts.js';

const { THEO } = FACT;
const { APART } = EXPIRY;
const { HEALTH } = VERDICT;
const { divergence: LIMIT_DIVERGENCE } = LIMIT;

/** Whether what the price was made from is to be trusted: the underlying, the book, the theoretical value, the forward. */
export function healthCheck(judged: JudgedIntent): number {
  if (judged.isClear) return 0;
  const { verdicts, id } = judged;
  const { table } = judged.memory;
  if (verdicts.codeOf(judged.underlying, HEALTH) !== 0) return judged.refusedAsJudged(HEALTH);
  const book = table.books[id]!;
  if (book === BookState.STALE || book === BookState.CROSSED) return RiskCode.BOOK_STALE;
  if (!judged.isOption) return 0;
  const theo = judged.facts[judged.row + THEO]!;
  if (Number.isNaN(theo) || (table.theoFlags[id]! & UNUSABLE) !== 0) return RiskCode.THEO_UNUSABLE;
  const apart = verdicts.times[judged.expiry * EXPIRY_FIELDS + APART]!;
  const most = judged.limits[LIMIT_DIVERGENCE]!;
  return apart > most ? judged.refused(RiskCode.DIVERGENCE, apart, most) : 0;
}
