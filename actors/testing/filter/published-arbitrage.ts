/** Options of one expiry as they were told: strikes over the forward in increasing order, and call values in units of the forward. */
export interface ToldSmile {
  years: number;
  moneyness: number[];
  call: number[];
}

/** Rounding of what was told may not count as arbitrage. */
const TOLERANCE = 1e-8;

/** Spreads and butterflies of one expiry that cost less than nothing. */
export function butterflies({ moneyness, call }: ToldSmile): number {
  let found = 0;
  let before = -1;
  for (let index = 1; index < moneyness.length; index++) {
    const slope = (call[index]! - call[index - 1]!) / (moneyness[index]! - moneyness[index - 1]!);
    if (slope > TOLERANCE || slope < before - TOLERANCE) found++;
    before = slope;
  }
  return found;
}

/**
 * Calendar spreads that cost less than nothing: a call of the nearer expiry dearer than the later ones of the same moneyness, of which a chord
 * between two strikes is an upper bound.
 */
export function calendars(near: ToldSmile, far: ToldSmile): number {
  let found = 0;
  let right = 1;
  for (let index = 0; index < near.moneyness.length; index++) {
    const m = near.moneyness[index]!;
    while (right < far.moneyness.length - 1 && far.moneyness[right]! < m) right++;
    const from = far.moneyness[right - 1]!;
    const to = far.moneyness[right]!;
    if (!(m >= from && m <= to)) continue;
    const part = (m - from) / (to - from);
    if (near.call[index]! > far.call[right - 1]! * (1 - part) + far.call[right]! * part + TOLERANCE) found++;
  }
  return found;
}
