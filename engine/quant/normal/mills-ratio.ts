/**
 * The Mills ratio M(u) = N(-u)/n(u) for u >= 0 and its slope -M'(u) = 1 - u M(u): what is left of the normal tail when the
 * exponential is taken out. It falls from sqrt(pi/2) like 1/u and never under- or overflows, so differences of option
 * values that are far too small for N itself stay accurate in it.
 *
 * Two rationals, each a minimax fit made for this file with 80 digits: M itself below u = 4.5 (relative error 1.1e-17) and
 * u^2 times the slope above, in 1/u^2 (1.4e-17). All coefficients are positive, so that nothing cancels.
 */

/** Where the fit of M gives way to the fit of its slope. */
const FAR = 4.5;

/** Where `evaluateMills` finds up to two arguments, and where it leaves the Mills ratio and its slope at each. */
export const millsAt = new Float64Array(2);
export const millsRatioAt = new Float64Array(2);
export const millsSlopeAt = new Float64Array(2);

/**
 * Mills ratio and slope at the first `count` numbers of `millsAt`, 1 or 2. The slope is accurate to 2e-16 below u = 4.5 and
 * relatively above, where 1 - u M(u) would be all rounding.
 *
 * It takes and gives numbers in arrays because V8 allocates for every number that crosses a call it does not inline, and
 * this is too long to be inlined everywhere. The polynomials are summed in pairs (Estrin's scheme): as accurate here as
 * Horner's and half as long in latency.
 */
export function evaluateMills(count: number): void {
  for (let index = 0; index < count; index++) {
    const u = millsAt[index]!;
    if (u < FAR) {
      const u2 = u * u;
      const u4 = u2 * u2;
      const p =
        1.2533141373155003 +
        1.4426860822483456 * u +
        (0.8338134467563616 + 0.29685985679977084 * u) * u2 +
        (0.06925962690306986 + 0.01051583492231394 * u + (0.0009620713596998788 + 0.00004113385043774442 * u) * u2) *
          u4;
      const q =
        1 +
        1.9489815119139906 * u +
        (1.7203491334032093 + 0.9009706735050839 * u) * u2 +
        (0.3073112963085761 +
          0.07022031019366591 * u +
          (0.01055704742947006 + 0.0009620684621265289 * u + 0.00004113390251650648 * u2) * u2) *
          u4;
      const ratio = p / q;
      millsRatioAt[index] = ratio;
      millsSlopeAt[index] = 1 - u * ratio;
    } else {
      const v = 1 / (u * u);
      const v2 = v * v;
      const v4 = v2 * v2;
      const p =
        1 +
        63.193358788861325 * v +
        (1384.4623695781054 + 12788.04602242278 * v) * v2 +
        (47813.47776464218 + 54882.32238146844 * v + 3605.16039448937 * v2) * v4;
      const q =
        1 +
        66.19335878886119 * v +
        (1568.0424459449316 + 16604.27297826359 * v) * v2 +
        (80110.96273929642 + 158637.83668301877 * v + 92449.4768029838 * v2) * v4;
      const slope = (v * p) / q;
      millsRatioAt[index] = (1 - slope) / u;
      millsSlopeAt[index] = slope;
    }
  }
}

/** Mills ratio N(-u)/n(u), u >= 0 (not checked), to about 1.5 ulp. */
export function millsRatio(u: number): number {
  millsAt[0] = u;
  evaluateMills(1);
  return millsRatioAt[0]!;
}
