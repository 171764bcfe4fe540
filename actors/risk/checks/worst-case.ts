import {
  PROTECTED,
  REST,
  REST_UNIT_FIELDS,
  UNIT_VEGA,
} from '../../../engine/market/risk/resting-book.js';
import { BASE } from '../risk-memory.js';
import { type JudgedIntent, NUMBER } from './judged-intent.js';

/** What the intent would add to what may trade, of amount, delta and vega: once for expiry and underlying. */
export function weighAddition(judged: JudgedIntent): void {
  const { numbers, added, isSell } = judged;
  const { units } = judged.memory.resting;
  const open = numbers[NUMBER.AMOUNT]! - (judged.isProtected ? numbers[NUMBER.RESTING]! : 0);
  const amount = open > 0 ? open : 0;
  const signed = isSell ? -amount : amount;
  const delta = numbers[NUMBER.UNIT_DELTA]!;
  added[0] = amount;
  numbers[NUMBER.DELTA] = signed * delta;
  numbers[NUMBER.VEGA] = signed * units[judged.id * REST_UNIT_FIELDS + UNIT_VEGA]!;
  judged.isUp = isSell ? delta < 0 : delta > 0;
}

/** Delta on the side that the intent makes worse, positive, units of the underlying, in `worst[0]`; negative where that side is short of it. */
export function worstDelta(
  judged: JudgedIntent,
  held: Float64Array,
  base: number,
  sums: Float64Array,
  row: number,
): void {
  const { numbers, isUp, isProtected } = judged;
  const sum = row + (isUp ? REST.DELTA_UP : REST.DELTA_DOWN);
  const added = numbers[NUMBER.DELTA]!;
  const cap = numbers[NUMBER.DELTA_CAP]!;
  const open = held[base + BASE.DELTA]! + sums[sum]! + (isProtected ? 0 : added);
  const shielded = sums[sum + PROTECTED]! + (isProtected ? added : 0);
  if (isUp) judged.worst[0] = open + (shielded < cap ? shielded : cap);
  else judged.worst[0] = -(open + (shielded > -cap ? shielded : -cap));
}

/** The same for vega, USD per 1.00 of volatility. */
export function worstVega(
  judged: JudgedIntent,
  held: Float64Array,
  base: number,
  sums: Float64Array,
  row: number,
): void {
  const { numbers, isSell, isProtected } = judged;
  const sum = row + (isSell ? REST.VEGA_DOWN : REST.VEGA_UP);
  const added = numbers[NUMBER.VEGA]!;
  const cap = numbers[NUMBER.VEGA_CAP]!;
  const open = held[base + BASE.VEGA]! + sums[sum]! + (isProtected ? 0 : added);
  const shielded = sums[sum + PROTECTED]! + (isProtected ? added : 0);
  if (isSell) judged.worst[0] = -(open + (shielded > -cap ? shielded : -cap));
  else judged.worst[0] = open + (shielded < cap ? shielded : cap);
}
