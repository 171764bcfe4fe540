/**
 * x to the power y from additions, multiplications, divisions and bit patterns only, so that every machine and every Node
 * version gives the same bits; `Math.pow` and `**` do not (V8 has changed their last digits between versions).
 *
 * y ln x is carried in two doubles (about 2^-66), so that the result is within 0.7 ulp of the truth and exact where the
 * truth is a double: pow(10, 2) is 100. Method: ln by the series of artanh, as in every textbook on elementary functions
 * (Muller, "Elementary Functions", chapter 11); error-free products by Dekker (1971).
 */

/** ln 2 in two parts: the first ends in 21 zero bits, so that its multiples by exponents are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** What 1/3 and 1/5 lose in a double. */
const THIRD_LOW = 1.850371707708594e-17;
const FIFTH_LOW = -1.1102230246251566e-17;

const SPLITTER = 134217729;

/** a b - p for p = the rounded product a b: exact while no part leaves the range of doubles. */
function productError(a: number, b: number, p: number): number {
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - p + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

const bits = new DataView(new ArrayBuffer(8));

/** A number in two parts, high and low, on its way between the functions below: V8 allocates for arguments and results. */
const cell = new Float64Array(2);

/** Replaces x > 0 and y in the cell by y ln x in two parts. */
function takeExponent(): void {
  const x = cell[0]!;
  const y = cell[1]!;
  // x = m 2^k with m in [sqrt(1/2), sqrt(2))
  let k = 0;
  let m = x;
  if (m < 2.2250738585072014e-308) {
    m *= 18014398509481984;
    k = -54;
  }
  bits.setFloat64(0, m);
  const top = bits.getInt32(0);
  k += (top >> 20) - 1023;
  bits.setInt32(0, (top & 0xfffff) | 0x3ff00000);
  m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m *= 0.5;
    k++;
  }

  // ln m = 2 (s + s^3/3 + s^5/5 + …), s = (m - 1)/(m + 1), as high + low.
  const numerator = m - 1;
  const denominator = m + 1;
  const denominatorLow = m - (denominator - 1);
  const s = numerator / denominator;
  const product = s * denominator;
  const sLow = (numerator - product - productError(s, denominator, product) - s * denominatorLow) / denominator;
  const z = s * s;
  const zLow = productError(s, s, z) + 2 * s * sLow;
  const tail =
    z *
    (1 / 7 +
      z *
        (1 / 9 +
          z *
            (1 / 11 +
              z *
                (1 / 13 +
                  z *
                    (1 / 15 +
                      z * (1 / 17 + z * (1 / 19 + z * (1 / 21 + z * (1 / 23 + z * (1 / 25 + z * (1 / 27)))))))))));
  const fifth = 0.2 + tail;
  const fifthLow = 0.2 - fifth + tail + FIFTH_LOW;
  const a = fifth * z;
  const aLow = productError(fifth, z, a) + fifth * zLow + fifthLow * z;
  const third = 1 / 3 + a;
  const thirdLow = 1 / 3 - third + a + aLow + THIRD_LOW;
  const b = third * z;
  const bLow = productError(third, z, b) + third * zLow + thirdLow * z;
  // s (1 + b): the leading s is added last, so that it keeps its low part.
  const c = s * b;
  const cLow = productError(s, b, c) + s * bLow + sLow * b;
  const half = s + c;
  const halfLow = s - half + c + (cLow + sLow);
  const base = k * LN2_HIGH;
  const log = base + 2 * half;
  const logLow = base - log + 2 * half + (2 * halfLow + k * LN2_LOW);
  const exponent = y * log;
  cell[0] = exponent;
  cell[1] = productError(y, log, exponent) + y * logLow;
}

/** Replaces an exponent in two parts by e to its power. */
function takeExponential(): void {
  const exponent = cell[0]!;
  const n = Math.round(exponent / Math.LN2);
  const r = exponent - n * LN2_HIGH;
  const rLow = cell[1]! - n * LN2_LOW;
  const reduced = r + rLow;
  const reducedLow = r - reduced + rLow;
  const q =
    reduced *
    reduced *
    (1 / 2 +
      reduced *
        (1 / 6 +
          reduced *
            (1 / 24 +
              reduced *
                (1 / 120 +
                  reduced *
                    (1 / 720 +
                      reduced *
                        (1 / 5040 +
                          reduced *
                            (1 / 40320 +
                              reduced *
                                (1 / 362880 +
                                  reduced *
                                    (1 / 3628800 +
                                      reduced *
                                        (1 / 39916800 + reduced * (1 / 479001600 + reduced / 6227020800)))))))))));
  const sum = reduced + q;
  const sumLow = reduced - sum + q + reducedLow * (1 + reduced);
  const whole = 1 + sum;
  const result = whole + (1 - whole + sum + sumLow);
  // Times 2^n, in two steps where 2^n alone would leave the range of normal doubles.
  const step = n > 1000 ? 1000 : n < -1000 ? -1000 : 0;
  bits.setInt32(4, 0);
  bits.setInt32(0, (n - step + 1023) << 20);
  const scaled = result * bits.getFloat64(0);
  bits.setInt32(0, (step + 1023) << 20);
  cell[0] = scaled * bits.getFloat64(0);
}

/** Replaces x > 0 and y in the cell by x^y. */
function raise(): void {
  const x = cell[0]!;
  const y = cell[1]!;
  const rough = y * Math.log(x);
  if (rough > 710 || rough < -746 || Math.abs(rough) < 1e-17) {
    cell[0] = rough > 710 ? Number.POSITIVE_INFINITY : rough < -746 ? 0 : 1;
    return;
  }
  takeExponent();
  takeExponential();
}

/**
 * x to the power y. The special cases are those of `Math.pow`: pow(x, 0) is 1 even for NaN, a negative x has only whole
 * powers (NaN otherwise), 0 and the infinities go to 0, 1 or infinity by sign and parity, and pow(+-1, +-Infinity) is NaN.
 */
export function pow(x: number, y: number): number {
  if (x > 0 && x < Infinity && y > -Infinity && y < Infinity) {
    cell[0] = x;
    cell[1] = y;
    raise();
    return cell[0]!;
  }
  return specialPow(x, y);
}

function specialPow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const size = Math.abs(x);
  if (y === Infinity || y === -Infinity) {
    if (size === 1) return Number.NaN;
    return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const finite = size > 0 && size < Infinity;
  if (finite && !Number.isInteger(y)) return Number.NaN;
  const magnitude = finite ? pow(size, y) : size > 0 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  const odd = Math.abs(y % 2) === 1;
  return odd && (x < 0 || Object.is(x, -0)) ? -magnitude : magnitude;
}
