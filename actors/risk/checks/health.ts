import { isOption } from '../../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { BookState } from '../../book/book.js';
import { UNUSABLE } from '../../filter/filter-flags.js';
import { BASE, BASE_FIELDS } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

const SECOND_MICROS = 1e6;
const { underlyingAgeSeconds: LIMIT_UNDERLYING_AGE_SECONDS, divergence: LIMIT_DIVERGENCE } = LIMIT;

/** Whether what the price was made from is to be trusted: the underlying, the book, the theoretical value, the forward. */
export function healthCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const { limits } = judged.tables;
  const base = judged.underlying * BASE_FIELDS;
  const silent = (judged.now[0]! - memory.ofUnderlying[base + BASE.HEARD]!) / SECOND_MICROS;
  if (!(silent <= limits[LIMIT_UNDERLYING_AGE_SECONDS]!)) {
    return judged.refused(RiskCode.UNDERLYING_STALE, silent, limits[LIMIT_UNDERLYING_AGE_SECONDS]!);
  }
  const book = memory.table.books[judged.id]!;
  if (book === BookState.STALE || book === BookState.CROSSED) return RiskCode.BOOK_STALE;
  if (!isOption(memory.table.contracts[judged.id]!)) return 0;
  if (
    Number.isNaN(judged.tables.facts[judged.row + FACT.THEO]!) ||
    (memory.table.theoFlags[judged.id]! & UNUSABLE) !== 0
  ) {
    return RiskCode.THEO_UNUSABLE;
  }
  const index = memory.ofUnderlying[base + BASE.INDEX]!;
  const forward = memory.ofExpiry[judged.expiry * BASE_FIELDS + BASE.FORWARD]!;
  const apart = forward > 0 && index > 0 ? Math.abs(forward / index - 1) : 0;
  if (apart > limits[LIMIT_DIVERGENCE]!) return judged.refused(RiskCode.DIVERGENCE, apart, limits[LIMIT_DIVERGENCE]!);
  return 0;
}
