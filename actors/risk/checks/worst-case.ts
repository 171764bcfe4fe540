import { PROTECTED } from '../../../engine/market/risk/resting-book.js';
import { CAP, type JudgedIntent } from './judged-intent.js';

/**
 * A Greek on the side that the intent makes worse, positive, in `worst[0]`; negative where that side is short of it. What is held of it stands in `held[at]`, what rests on that
 * side in `sums[sum]`, what the intent would add in the number `greek`.
 */
export function worstOf(
  judged: JudgedIntent,
  held: Float64Array,
  at: number,
  sums: Float64Array,
  sum: number,
  greek: number,
  isUp: boolean,
): void {
  const { numbers, isProtected } = judged;
  const added = numbers[greek]!;
  const cap = numbers[greek + CAP]!;
  const open = held[at]! + sums[sum]! + (isProtected ? 0 : added);
  const shielded = sums[sum + PROTECTED]! + (isProtected ? added : 0);
  judged.worst[0] = isUp ? open + (shielded < cap ? shielded : cap) : -(open + (shielded > -cap ? shielded : -cap));
}
