/**
 * The positive eigenvector f of the smallest eigenvalue of a symmetric tridiagonal matrix with `diagonal` and, beside it,
 * minus `couplings`; as logarithms of the ratios of neighbouring components: `logRatios[i] = ln(f[i] / f[i + 1])`.
 *
 * Ratios, not components, because the components of an inventory problem fall below the smallest double within a few
 * hundred places while their ratios stay ordinary numbers. Every ratio has a small relative error: pivots run from
 * both ends and meet where the remainder is smallest, at the largest component, so that the recurrence damps errors on
 * either side (a twisted factorisation: Parlett and Dhillon, "Fernando's solution to Wilkinson's problem", 1997).
 *
 * Allocates nothing, not even boxed numbers, which is why it takes arrays only. Inputs that are not finite give NaN.
 *
 * @param logRatios receives n - 1 numbers
 * @param diagonal n >= 1 numbers
 * @param couplings n - 1 numbers above 0: `couplings[i]` joins i and i + 1
 * @param pivots workspace of 2 n numbers
 */
export function tridiagonalGroundState(
  logRatios: Float64Array,
  diagonal: Float64Array,
  couplings: Float64Array,
  pivots: Float64Array,
): void {
  const last = diagonal.length - 1;
  let peak = last >> 1;
  let reach = 0;
  for (let i = 0; i <= last; i++) {
    if (diagonal[i]! < diagonal[peak]!) peak = i;
    if (i < last && couplings[i]! > reach) reach = couplings[i]!;
  }
  const least = diagonal[peak]!;
  // Gershgorin below; above, the Rayleigh quotient of a single place.
  let low = least - 2 * reach;
  let high = least;
  const resolution = 2.3e-16 * Math.max(Math.abs(low), Math.abs(high));
  let eigenvalue = low;
  // The twisted pivot is falling and concave up to its pole, so Newton's method closes in from the right; bisection guards
  // the way there.
  for (let round = 0; round < 200; round++) {
    let twisted = least - eigenvalue;
    let slope = -1;
    let positive = true;
    let pivot = 1;
    let pivotSlope = 0;
    let square = 0;
    for (let i = 0; i < peak && positive; i++) {
      pivotSlope = (square * pivotSlope) / (pivot * pivot) - 1;
      pivot = diagonal[i]! - eigenvalue - square / pivot;
      positive = pivot > 0;
      square = couplings[i]! * couplings[i]!;
    }
    twisted -= square / pivot;
    slope += (square * pivotSlope) / (pivot * pivot);
    square = 0;
    for (let i = last; i > peak && positive; i--) {
      pivotSlope = (square * pivotSlope) / (pivot * pivot) - 1;
      pivot = diagonal[i]! - eigenvalue - square / pivot;
      positive = pivot > 0;
      square = couplings[i - 1]! * couplings[i - 1]!;
    }
    twisted -= square / pivot;
    slope += (square * pivotSlope) / (pivot * pivot);
    if (positive && twisted >= 0) low = eigenvalue;
    else high = eigenvalue;
    let next = eigenvalue - twisted / slope;
    if (!(positive && next > low && next < high)) next = 0.5 * (low + high);
    if (Math.abs(next - eigenvalue) <= resolution || high - low <= resolution) break;
    eigenvalue = next;
  }
  const fromRight = last + 1;
  for (let i = 0, pivot = Infinity; i <= last; i++) {
    const coupling = i > 0 ? couplings[i - 1]! : 0;
    pivot = diagonal[i]! - eigenvalue - (coupling * coupling) / pivot;
    pivots[i] = pivot;
  }
  for (let i = last, pivot = Infinity; i >= 0; i--) {
    const coupling = i < last ? couplings[i]! : 0;
    pivot = diagonal[i]! - eigenvalue - (coupling * coupling) / pivot;
    pivots[fromRight + i] = pivot;
  }
  let twist = 0;
  let smallest = Infinity;
  for (let i = 0; i <= last; i++) {
    const remainder = Math.abs(pivots[i]! + pivots[fromRight + i]! - (diagonal[i]! - eigenvalue));
    if (remainder < smallest) {
      smallest = remainder;
      twist = i;
    }
  }
  for (let i = 0; i < twist; i++) logRatios[i] = Math.log(couplings[i]! / pivots[i]!);
  for (let i = twist; i < last; i++) logRatios[i] = Math.log(pivots[fromRight + i + 1]! / couplings[i]!);
}
