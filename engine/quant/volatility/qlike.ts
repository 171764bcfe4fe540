/**
 * QLIKE loss of a variance forecast: x - ln x - 1 with x = realised / forecast. 0 for a perfect forecast, and robust to
 * noise in the realised variance (Patton 2011). Both must be positive; NaN otherwise.
 */
export function qlike(realised: number, forecast: number): number {
  if (!(realised > 0 && forecast > 0)) return Number.NaN;
  const ratio = realised / forecast;
  return ratio - Math.log(ratio) - 1;
}
