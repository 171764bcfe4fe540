import { logMoneyness } from '../black76/moneyness.js';
import { black76Price } from '../black76/price.js';

const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;

/** Implied volatility of an undiscounted Black-76 price; NaN where there is none. */
export function black76ImpliedVol(price: number, F: number, K: number, T: number, isCall: boolean): number {
  const distance = isCall ? F - K : K - F;
  const timeValue = distance > 0 ? price - distance : price;
  if (!(timeValue > 0 && T > 0)) return Number.NaN;
  const x = -Math.abs(logMoneyness(F, K));
  const beta = timeValue / (Math.sqrt(F) * Math.sqrt(K));
  if (!(beta < Math.exp(0.5 * x))) return Number.NaN;
  let low = 0;
  let high = 20;
  let s = Math.sqrt(2 * -x) || 0.5;
  for (let step = 0; step < 200; step++) {
    const b = black76Price(Math.exp(0.5 * x), Math.exp(-0.5 * x), 1, s, true);
    if (b > beta) high = s;
    else low = s;
    const h = x / s;
    const vega = ONE_OVER_SQRT_TWO_PI * Math.exp(-0.5 * (h * h + 0.25 * s * s));
    let next = s + (b > 0 ? (b * Math.log(beta / b)) / vega : s);
    if (!(next > low && next < high)) next = 0.5 * (low + high);
    if (Math.abs(next - s) <= 1e-16 * s) break;
    s = next;
  }
  return s / Math.sqrt(T);
}
