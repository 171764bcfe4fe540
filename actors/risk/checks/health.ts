import { isOption } from '../../../engine/market/portfolio/contract.js';
import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { FACT } from '../../../engine/market/risk/risk-table.js';
import { BookState } from '../../book/book.js';
import { UNUSABLE } from '../../filter/filter-flags.js';
import { BASE, BASE_FIELDS, FLAG } from '../risk-memory.js';
import type { JudgedIntent } from './judged-intent.js';

const SECOND_MICROS = 1e6;
const {
  underlyingAgeSeconds: LIMIT_UNDERLYING_AGE_SECONDS,
  divergence: LIMIT_DIVERGENCE,
  perpetualDivergence: LIMIT_PERPETUAL_DIVERGENCE,
  clockOffsetSeconds: LIMIT_CLOCK_OFFSET_SECONDS,
  ackLatencyMs: LIMIT_ACK_LATENCY_MS,
} = LIMIT;

/** Whether what the price was made from is to be trusted: the underlying, the book, the theoretical value, the forward. */
export function healthCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  const { limits } = judged.tables;
  const { clock, acks } = memory;
  if (memory.flags[FLAG.LIVE] === 1 && !clock.allows(limits, LIMIT_CLOCK_OFFSET_SECONDS)) {
    return judged.refused(RiskCode.CLOCK_OFFSET, clock.found[0]!, limits[LIMIT_CLOCK_OFFSET_SECONDS]!);
  }
  if (!acks.allows(judged.now, limits, LIMIT_ACK_LATENCY_MS)) {
    return judged.refused(RiskCode.ACK_LATENCY, acks.found[0]!, limits[LIMIT_ACK_LATENCY_MS]!);
  }
  const base = judged.underlying * BASE_FIELDS;
  const silent = (judged.now[0]! - memory.ofUnderlying[base + BASE.HEARD]!) / SECOND_MICROS;
  if (!(silent <= limits[LIMIT_UNDERLYING_AGE_SECONDS]!)) {
    return judged.refused(RiskCode.UNDERLYING_STALE, silent, limits[LIMIT_UNDERLYING_AGE_SECONDS]!);
  }
  const index = memory.ofUnderlying[base + BASE.INDEX]!;
  const perpetual = memory.ofUnderlying[base + BASE.PERPETUAL]!;
  const off = perpetual > 0 && index > 0 ? Math.abs(perpetual / index - 1) : 0;
  if (off > limits[LIMIT_PERPETUAL_DIVERGENCE]!) {
    return judged.refused(RiskCode.PERPETUAL_DIVERGENCE, off, limits[LIMIT_PERPETUAL_DIVERGENCE]!);
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
  const forward = memory.ofExpiry[judged.expiry * BASE_FIELDS + BASE.FORWARD]!;
  const apart = forward > 0 && index > 0 ? Math.abs(forward / index - 1) : 0;
  if (apart > limits[LIMIT_DIVERGENCE]!) return judged.refused(RiskCode.DIVERGENCE, apart, limits[LIMIT_DIVERGENCE]!);
  return 0;
}
