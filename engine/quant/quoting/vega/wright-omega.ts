/**
 * Wright's omega function, omega(x) = W(e^x): the root of omega + ln omega = x, in place over `values[0 .. count)`.
 *
 * Rational start (the [2/1] Pade approximant of W, or the asymptotic series), then two steps of fourth order; within
 * (2 + |x| / (1 + omega)) 2^-52, which is what a double x determines. -Infinity gives 0, Infinity and NaN give themselves.
 * Source: Fritsch, Shafer and Crowley, Communications of the ACM 16 (1973), algorithm 443; Lawrence, Corless and Jeffrey, ACM
 * TOMS 38 (2012), algorithm 917. In arrays because a number returned from a function as long as this one is boxed.
 */
export function wrightOmega(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const x = values[i]!;
    if (!(x > -37)) {
      values[i] = x === x ? Math.exp(x) : Number.NaN;
      continue;
    }
    if (x > 1e17) continue;
    let omega: number;
    if (x < 1) {
      const y = Math.exp(x);
      omega = (y * (1 + 1.3333333333333333 * y)) / (1 + y * (2.3333333333333335 + 0.8333333333333334 * y));
    } else {
      const log = Math.log(x);
      omega = x - log + (log / x) * (1 + (0.5 * log - 1) / x);
    }
    for (let round = 0; round < 2; round++) {
      const residual = x - omega - Math.log(omega);
      const one = 1 + omega;
      const turn = one * (one + 0.6666666666666666 * residual);
      omega *= 1 + (residual / one) * ((turn - 0.5 * residual) / (turn - residual));
    }
    values[i] = omega;
  }
}
