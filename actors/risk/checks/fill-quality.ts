import { isOption } from '../../../engine/market/portfolio/contract.js';
import { faultOfFills } from '../fill-faults.js';
import type { JudgedIntent } from './judged-intent.js';

/** Whether our quotes are being picked off. What makes the position smaller passes. */
export function fillQualityCheck(judged: JudgedIntent): number {
  const { memory } = judged;
  if (!isOption(memory.table.contracts[judged.id]!)) return 0;
  const code = faultOfFills(memory, judged.underlying, judged.now, judged.found, judged.limit);
  return code === 0 || judged.reducesPosition() ? 0 : code;
}
