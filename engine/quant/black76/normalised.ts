import { millsRatio, millsSlope } from '../normal/mills-ratio.js';

/**
 * The normalised Black function b(x, s) = e^{x/2} N(x/s + s/2) - e^{-x/2} N(x/s - s/2): the price of a call in units of
 * sqrt(F K), with x = ln(F/K) and s = sigma sqrt(T). A put of moneyness x is a call of moneyness -x. Here always x <= 0,
 * the out-of-the-money side, which alone carries the volatility without loss.
 *
 * With h = x/s, t = s/2 and the Mills ratio M, b = n(h, t) (M(-h-t) - M(-h+t)) where n(h, t) = db/ds =
 * exp(-(h^2 + t^2)/2)/sqrt(2 pi). The difference cancels when t is small; there it is the odd Taylor series of M. Both
 * reach the attainable accuracy (1 + |s b'/b|) 2^-52 (Jaeckel, "Let's Be Rational", Wilmott 2015).
 */

export const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;

/** Half total volatilities below this take the series. */
const SERIES_BELOW = 0.3;

/** b/b' = M(-h-t) - M(-h+t) for h <= 0, 0 <= t < SERIES_BELOW and |h| t not large: odd derivatives of M at -h. */
function priceOverVegaSeries(h: number, t: number): number {
  const y = h * h;
  const w = t * t;
  // d1, d3, … are the odd derivatives of Y(h) = M(-h): d1 = 1 + hY, d3 = (y+3)d1 - 1, d(n+2) = (y+2n+1)d(n) - n(n-1)d(n-2).
  const d1 = millsSlope(-h);
  const d3 = (y + 3) * d1 - 1;
  const d5 = (y + 7) * d3 - 6 * d1;
  const d7 = (y + 11) * d5 - 20 * d3;
  const d9 = (y + 15) * d7 - 42 * d5;
  const d11 = (y + 19) * d9 - 72 * d7;
  const d13 = (y + 23) * d11 - 110 * d9;
  const d15 = (y + 27) * d13 - 156 * d11;
  const d17 = (y + 31) * d15 - 210 * d13;
  return (
    2 *
    t *
    (d1 +
      w *
        (d3 / 6 +
          w *
            (d5 / 120 +
              w *
                (d7 / 5040 +
                  w *
                    (d9 / 362880 +
                      w *
                        (d11 / 39916800 +
                          w * (d13 / 6227020800 + w * (d15 / 1307674368000 + w * (d17 / 355687428096000)))))))))
  );
}

/** b(x, s) for x <= 0 and s > 0, both finite. */
export function normalisedBlack(x: number, s: number): number {
  const h = x / s;
  const t = 0.5 * s;
  // Below the smallest double.
  if (h < -39) return 0;
  const vega = ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * (h * h + t * t));
  const d1 = h + t;
  if (t < SERIES_BELOW) return vega * priceOverVegaSeries(h, t);
  if (d1 <= 0) return vega * (millsRatio(-d1) - millsRatio(t - h));
  return Math.exp(0.5 * x) - vega * (millsRatio(d1) + millsRatio(t - h));
}
