/** ln(1 + a / k) / a, and its limit 1 / k at a = 0: what exponential fill rates ask for a fill, before inventory. */
export function logOnePlusOver(a: number, k: number): number {
  const ratio = a / k;
  return ratio < 1e-17 ? 1 / k : Math.log1p(ratio) / a;
}
