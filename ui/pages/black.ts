/** Cumulative normal by a series of Hart's, to about 1e-15 (Hart 1968, as West 2005 gives it). */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size > 37) return x > 0 ? 1 : 0;
  const e = Math.exp((-size * size) / 2);
  let tail: number;
  if (size < 7.07106781186547) {
    let up = 3.52624965998911e-2 * size + 0.700383064443688;
    up = up * size + 6.37396220353165;
    up = up * size + 33.912866078383;
    up = up * size + 112.079291497871;
    up = up * size + 221.213596169931;
    up = up * size + 220.206867912376;
    let down = 8.83883476483184e-2 * size + 1.75566716318264;
    down = down * size + 16.064177579207;
    down = down * size + 86.7807322029461;
    down = down * size + 296.564248779674;
    down = down * size + 637.333633378831;
    down = down * size + 793.826512519948;
    down = down * size + 440.413735824752;
    tail = (e * up) / down;
  } else {
    const chain = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))));
    tail = e / chain / 2.506628274631;
  }
  return x > 0 ? 1 - tail : tail;
}

export interface Black {
  /** USD. */
  price: number;
  delta: number;
  gamma: number;
  /** USD per point of volatility. */
  vega: number;
  /** USD per day. */
  theta: number;
}

/**
 * Black's price and Greeks of an option on a forward, without interest.
 * @param forward USD @param strike USD @param years to expiry @param vol a fraction
 */
export function black(forward: number, strike: number, years: number, vol: number, isCall: boolean): Black {
  const sign = isCall ? 1 : -1;
  const deviation = vol * Math.sqrt(years);
  if (!(deviation > 0)) {
    const price = Math.max(0, sign * (forward - strike));
    return { price, delta: price > 0 ? sign : 0, gamma: 0, vega: 0, theta: 0 };
  }
  const d1 = Math.log(forward / strike) / deviation + deviation / 2;
  const density = Math.exp((-d1 * d1) / 2) / Math.sqrt(2 * Math.PI);
  return {
    price: sign * (forward * normalCdf(sign * d1) - strike * normalCdf(sign * (d1 - deviation))),
    delta: sign * normalCdf(sign * d1),
    gamma: density / (forward * deviation),
    vega: (forward * density * Math.sqrt(years)) / 100,
    theta: (-forward * density * vol) / (2 * Math.sqrt(years)) / 365,
  };
}
