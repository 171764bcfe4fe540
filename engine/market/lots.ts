/**
 * Amount of a whole number of lots, without the rounding that multiplying leaves: 6 lots of 0.1 are 0.6, and not 0.6000000000000001, which a
 * venue refuses and which is more than a position of 0.6. Ticks of a price are counted the same way.
 *
 * @param lot the smallest amount, the venue's unit
 */
export function amountOfLots(lots: number, lot: number): number {
  const perUnit = Math.round(1 / lot);
  return perUnit > 1 && Math.abs(perUnit * lot - 1) < 1e-9 ? lots / perUnit : lots * lot;
}
