import { millsRatio } from './mills-ratio.js';

const ONE_OVER_SQRT_TWO_PI = 0.3989422804014327;

/**
 * exp(-z^2/2) with full relative accuracy far out, where rounding z^2 alone would cost hundreds of ulp: z is split so
 * that the square of its head is exact.
 */
function gauss(z: number): number {
  if (!(z > -40 && z < 40)) return Number.isNaN(z) ? z : 0;
  const head = Math.round(z * 16) * 0.0625;
  return Math.exp(-0.5 * head * head) * Math.exp(-0.5 * (z - head) * (z + head));
}

/** Standard normal density n(z). Subnormal beyond |z| = 37.5, 0 beyond 38.6. NaN for NaN. */
export function normalPdf(z: number): number {
  return ONE_OVER_SQRT_TWO_PI * gauss(z);
}

/**
 * Standard normal cumulative distribution N(z), to 4 ulp in both tails (relative on the left, where it is small). 0 and 1
 * at the infinities, NaN for NaN.
 */
export function normalCdf(z: number): number {
  const tail = ONE_OVER_SQRT_TWO_PI * gauss(z) * millsRatio(z < 0 ? -z : z);
  return z > 0 ? 1 - tail : tail;
}

const SQRT_TWO_OVER_PI = 0.7978845608028654;

/** Scaled complementary error function erfcx(x) = exp(x^2) erfc(x), to 5 ulp. Infinity below x = -26.7, NaN for NaN. */
export function erfcx(x: number): number {
  const scaled = SQRT_TWO_OVER_PI * millsRatio(Math.SQRT2 * (x < 0 ? -x : x));
  if (!(x < 0)) return scaled;
  if (x < -26.7) return Number.POSITIVE_INFINITY;
  const head = Math.round(x * 16) * 0.0625;
  return 2 * Math.exp(head * head) * Math.exp((x - head) * (x + head)) - scaled;
}

/** Complementary error function erfc(x) = 1 - erf(x), to 5 ulp in both tails. NaN for NaN. */
export function erfc(x: number): number {
  if (!(x > -28 && x < 28)) return x > 0 ? 0 : x < 0 ? 2 : Number.NaN;
  const head = Math.round(x * 16) * 0.0625;
  const gaussian = Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
  const upper = gaussian * SQRT_TWO_OVER_PI * millsRatio(Math.SQRT2 * (x < 0 ? -x : x));
  return x < 0 ? 2 - upper : upper;
}
