import { FilterFlag, UNUSABLE } from './filter-flags.js';

/** What each bit takes from the confidence in a value, in hundredths of what the bits before it have left. */
const COSTS: readonly (readonly [flag: number, cost: number])[] = [
  [FilterFlag.DEGRADED, 30],
  [FilterFlag.NO_TWO_SIDED, 50],
  [FilterFlag.ONE_STRIKE, 40],
  [FilterFlag.FORWARD_CARRIED, 15],
  [FilterFlag.BOUNDED, 25],
  [FilterFlag.FALLBACK, 25],
  [FilterFlag.ADJUSTMENT_CUT, 10],
];
const FLAG_BITS = 13;

/** Confidence by flags: a table, because it is asked for with every value. */
const table = Uint8Array.from({ length: 1 << FLAG_BITS }, (_, flags) => {
  if ((flags & UNUSABLE) !== 0) return 0;
  const left = COSTS.reduce((rest, [flag, cost]) => ((flags & flag) !== 0 ? (rest * (100 - cost)) / 100 : rest), 100);
  return Math.round(left);
});

/** How far a value with these flags may be trusted: 0 not at all, to 100. */
export function confidenceOf(flags: number): number {
  return table[flags & ((1 << FLAG_BITS) - 1)]!;
}
