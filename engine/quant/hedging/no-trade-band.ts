/**
 * Half-width of the band around the ideal hedge in which not to trade: (3/2 e^{-r tau} cost S gamma^2 / aversion)^{1/3}, in
 * units of the underlying.
 *
 * @param S price of the underlying, > 0
 * @param gamma of the whole book: d2V/dS2, any sign
 * @param cost of trading, as a fraction of the value traded, >= 0 (5 bp = 0.0005)
 * @param aversion absolute risk aversion per currency, > 0 (exponential utility)
 * @param r rate, per year. Default 0
 * @param tau years to the end of the hedge. Default 0
 * @returns NaN for arguments outside the domain
 *
 * Leading order for small costs. Source: Whalley and Wilmott, "An asymptotic analysis of an optimal hedging model for option
 * pricing with transaction costs", Mathematical Finance 7 (1997).
 */
export function whalleyWilmottHalfBand(
  S: number,
  gamma: number,
  cost: number,
  aversion: number,
  r = 0,
  tau = 0,
): number {
  if (!(S > 0 && cost >= 0 && aversion > 0)) return Number.NaN;
  return Math.cbrt((1.5 * Math.exp(-r * tau) * cost * S * gamma * gamma) / aversion);
}

/**
 * How much of the underlying to trade (positive: buy): nothing inside the band, to its nearer edge outside it.
 *
 * @param position held now
 * @param target ideal position, minus the book's delta
 * @param halfBand >= 0
 */
export function tradeToBand(position: number, target: number, halfBand: number): number {
  const excess = position - target;
  if (excess > halfBand) return halfBand - excess;
  if (excess < -halfBand) return -halfBand - excess;
  return Number.isNaN(excess) ? Number.NaN : 0;
}
