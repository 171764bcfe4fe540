import { PROTECTED, REST_UNIT_FIELDS, UNIT_VEGA } from '../../../engine/market/risk/resting-book.js';
import { CAP, type JudgedIntent, NUMBER } from './judged-intent.js';

const { AMOUNT, RESTING, UNIT_DELTA, DELTA, VEGA } = NUMBER;

/** What the intent would add to what may trade, of amount, delta and vega: once for expiry and underlying. */
export function weighAddition(judged: JudgedIntent): void {
  const { numbers, added, isSell } = judged;
  const { units } = judged.memory.resting;
  const open = numbers[AMOUNT]! - (judged.isProtected ? numbers[RESTING]! : 0);
  const amount = open > 0 ? open : 0;
  const signed = isSell ? -amount : amount;
  const delta = numbers[UNIT_DELTA]!;
  added[0] = amount;
  numbers[DELTA] = signed * delta;
  numbers[VEGA] = signed * units[judged.id * REST_UNIT_FIELDS + UNIT_VEGA]!;
  judged.isUp = isSell ? delta < 0 : delta > 0;
}

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
