import { evaluateMills, millsAt, millsRatioAt, millsSlopeAt } from '../normal/mills-ratio.js';

/**
 * The heart of pricing and of implied volatility: the out-of-the-money option of log-moneyness |x| = |ln(F/K)| and total
 * volatility s = sigma sqrt(T), in units of sqrt(F K). Its value b and its derivative b' = db/ds are
 *
 *   b = b' (M(a - t) - M(a + t)),   b' = exp(-(a^2 + t^2)/2) / sqrt(2 pi),   a = |x|/s, t = s/2,
 *
 * with the Mills ratio M. Three forms of the quotient b/b' together reach the attainable accuracy (1 + s b'/b) 2^-52
 * everywhere (Jaeckel, "Let's Be Rational", Wilmott 2015, names that bound):
 *
 * - t < 1/2 and |x| < 0.7: the difference cancels, so its Taylor series in t, whose terms are odd derivatives of M at a;
 * - a >= t: the difference;
 * - a < t: M's argument would be negative; then the distance to the largest value, e^{-|x|/2} - b = b' (M(t - a) + M(t + a)).
 */

export const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;

/** Numbers that cross from one kernel to the next: V8 allocates for those in arguments and results. */
export const cell = new Float64Array(12);

/** Places in `cell`: arguments of the public functions, … */
export const FORWARD = 0;
export const STRIKE = 1;
export const YEARS = 2;
export const SIGMA = 3;
/** … |x| and s, which `evaluateQuotient` reads, … */
export const MONEYNESS = 4;
export const TOTAL_VOL = 5;
/** … and what it leaves: b/b' or, negative, (b - e^{-|x|/2})/b'; M(|d1|); and |x|/s, which is too dear to be divided twice. */
export const QUOTIENT = 6;
export const TAIL = 7;
export const DISTANCE = 8;

/** Coefficients 1/(2k+1)! of the series. */
const C3 = 1 / 6;
const C5 = C3 / 20;
const C7 = C5 / 42;
const C9 = C7 / 72;
const C11 = C9 / 110;
const C13 = C11 / 156;
const C15 = C13 / 210;
const C17 = C15 / 272;
const C19 = C17 / 342;
const C21 = C19 / 420;

/** Which of a - t and a + t is |d1|, whose Mills ratio delta needs: the inner one when F <= K; or neither is wanted. */
export const NO_TAIL = 0;
export const INNER_TAIL = 1;
export const OUTER_TAIL = 2;

/** Reads |x| and s from `cell`, both finite, s > 0; writes the quotient and, if wanted, the Mills ratio at |d1|. */
export function evaluateQuotient(tail: number): void {
  const x = cell[MONEYNESS]!;
  const s = cell[TOTAL_VOL]!;
  const a = x / s;
  cell[DISTANCE] = a;
  const t = 0.5 * s;
  const inner = a < t ? t - a : a - t;
  if (t < 0.5 && x < 0.7) {
    millsAt[0] = a;
    millsAt[1] = tail === INNER_TAIL ? inner : a + t;
    evaluateMills(tail === NO_TAIL ? 1 : 2);
    // The odd derivatives of Y(z) = M(-z) at z = -a: d1 = 1 - aM, d3 = (y+3) d1 - 1, d(n+2) = (y+2n+1) d(n) - n(n-1) d(n-2).
    const y = a * a;
    const w = t * t;
    const d1 = millsSlopeAt[0]!;
    const d3 = (y + 3) * d1 - 1;
    const d5 = (y + 7) * d3 - 6 * d1;
    const d7 = (y + 11) * d5 - 20 * d3;
    const d9 = (y + 15) * d7 - 42 * d5;
    const d11 = (y + 19) * d9 - 72 * d7;
    const w2 = w * w;
    const w4 = w2 * w2;
    let sum = w * C3 * d3 + w2 * C5 * d5 + (w2 * w * C7 * d7 + w4 * C9 * d9 + w4 * w * C11 * d11);
    // Below these t the later terms are under the last bit.
    if (t > 0.1) {
      const d13 = (y + 23) * d11 - 110 * d9;
      const d15 = (y + 27) * d13 - 156 * d11;
      sum += w4 * w2 * (C13 * d13 + w * C15 * d15);
      if (t > 0.2) {
        const d17 = (y + 31) * d15 - 210 * d13;
        const d19 = (y + 35) * d17 - 272 * d15;
        const d21 = (y + 39) * d19 - 342 * d17;
        sum += w4 * w4 * (C17 * d17 + w * C19 * d19 + w2 * C21 * d21);
      }
    }
    cell[QUOTIENT] = s * (d1 + sum);
    cell[TAIL] = millsRatioAt[1]!;
    return;
  }
  millsAt[0] = inner;
  millsAt[1] = a + t;
  evaluateMills(2);
  cell[QUOTIENT] = a < t ? -(millsRatioAt[0]! + millsRatioAt[1]!) : millsRatioAt[0]! - millsRatioAt[1]!;
  cell[TAIL] = millsRatioAt[tail === OUTER_TAIL ? 1 : 0]!;
}
