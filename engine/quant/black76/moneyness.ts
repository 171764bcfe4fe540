/**
 * ln(F/K) for positive finite F and K, to about 1 ulp: near the money from the difference, which is exact there, so that
 * the logarithm of a number near 1 does not cost its leading digits.
 */
export function logMoneyness(F: number, K: number): number {
  const distance = (F - K) / K;
  if (distance > -0.5 && distance < 1) return Math.log1p(distance);
  const ratio = F / K;
  // The quotient of extreme prices leaves the range of normal doubles; their logarithms do not.
  return ratio > 1e-300 && ratio < 1e300 ? Math.log(ratio) : Math.log(F) - Math.log(K);
}
