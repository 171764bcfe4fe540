import { erfc } from '../normal/index.js';

/**
 * Probability that a chi-square variable with `degrees` (whole, >= 1) exceeds `x`: the finite sum
 * Q(n/2, y) = [erfc(sqrt(y)) for odd n] + e^-y sum y^j / Gamma(j + 1), j = n/2 - 1, n/2 - 2, ... >= 0, at y = x/2.
 *
 * 1 for x <= 0, NaN for NaN. Relative error some 1e-14 times the number of terms. Abramowitz and Stegun 26.4.4 and 26.4.5.
 */
export function chiSquareSurvival(x: number, degrees: number): number {
  if (!(x > 0)) return Number.isNaN(x) ? Number.NaN : 1;
  const y = 0.5 * x;
  const odd = degrees % 2 === 1;
  // From the lowest power up: y^0 / 0! or y^(1/2) / Gamma(3/2).
  let logTerm = odd ? 0.5 * Math.log(y) - Math.log(0.5 * Math.sqrt(Math.PI)) : 0;
  let sum = 0;
  for (let j = odd ? 0.5 : 0; j <= 0.5 * degrees - 1; j++) {
    sum += Math.exp(logTerm - y);
    logTerm += Math.log(y / (j + 1));
  }
  return (odd ? erfc(Math.sqrt(y)) : 0) + sum;
}
