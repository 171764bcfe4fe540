/**
 * Delta that leaves the least variance when the vol moves with the forward: delta + vega dsigma/dF.
 *
 * `volPerForward` is the expected move of the option's vol per move of the forward: the regression slope, `hestonVolPerForward`,
 * or from the smile: its slope d sigma(K)/d ln K over -F under sticky moneyness, 0 under sticky strike. Any delta and
 * vega of one currency fit (a net delta in coin with a coin vega). Source: Hull and White, "Optimal delta hedging for
 * options", Journal of Banking & Finance 82 (2017).
 *
 * @param vega per 1.00 of vol
 * @param volPerForward per currency of the forward
 */
export function minimumVarianceDelta(delta: number, vega: number, volPerForward: number): number {
  return delta + vega * volPerForward;
}

/**
 * d sigma / dF that Heston's model expects: rho xi / (2 sqrt(nu) F), per currency. With it the spot position
 * -(delta + vega dsigma/dF) is the hedge of Baldacci, Bergault and Gueant (2021), section 3.3, which leaves 1 - rho^2 of the
 * variance of vol: quote with the same `rho` in `VegaQuoter`.
 *
 * @param nu variance, > 0
 * @param F forward, > 0
 * @param xi vol of variance
 * @param rho correlation of spot and vol
 */
export function hestonVolPerForward(nu: number, F: number, xi: number, rho: number): number {
  return (rho * xi) / (2 * Math.sqrt(nu) * F);
}
