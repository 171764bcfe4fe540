/**
 * An oracle for tests: elementary functions and Black-76 in fixed point on BigInt, with 720 decimals after the point, because the far tails come from differences.
 * Slow and simple on purpose; it shares nothing with the code that it judges.
 */

const BITS = 2400n;
const ONE = 1n << BITS;

/** The exact value of a double. */
export function exact(x: number): bigint {
  if (!Number.isFinite(x)) throw new RangeError(`only finite numbers are exact, got ${x}`);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const mantissa = (word & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  const shift = BigInt(Math.max(exponent, 1) - 1075) + BITS;
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return word >> 63n === 1n ? -magnitude : magnitude;
}

export const multiply = (a: bigint, b: bigint): bigint => (a * b) >> BITS;
export const divide = (a: bigint, b: bigint): bigint => (a << BITS) / b;

export function squareRoot(a: bigint): bigint {
  const target = a << BITS;
  let root = 1n << BigInt((target.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + target / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** artanh(1/n) */
function artanhOfInverse(n: bigint): bigint {
  let power = ONE / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power /= n * n;
    sum += power / k;
  }
  return sum;
}

/** arctan(1/n) */
function arctanOfInverse(n: bigint): bigint {
  let power = ONE / n;
  let sum = power;
  for (let k = 3n; power !== 0n; k += 2n) {
    power = -power / (n * n);
    sum += power / k;
  }
  return sum;
}

const LN2 = 2n * artanhOfInverse(3n);
/** Machin's formula. */
const PI = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n);
const ROOT_TWO_PI = squareRoot(2n * PI);

export function exp(x: bigint): bigint {
  const n = x / LN2 - (x < 0n ? 1n : 0n);
  const halvings = 16n;
  const r = (x - n * LN2) >> halvings;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term !== 0n; k++) {
    term = multiply(term, r) / k;
    sum += term;
  }
  for (let k = 0n; k < halvings; k++) sum = multiply(sum, sum);
  return n >= 0n ? sum << n : sum >> -n;
}

export function ln(x: bigint): bigint {
  const k = BigInt(x.toString(2).length) - 1n - BITS;
  const m = k >= 0n ? x >> k : x << -k;
  const s = divide(m - ONE, m + ONE);
  const z = multiply(s, s);
  let power = s;
  let sum = s;
  for (let n = 3n; power !== 0n; n += 2n) {
    power = multiply(power, z);
    sum += power / n;
  }
  return 2n * sum + k * LN2;
}

export const normalPdf = (z: bigint): bigint => divide(exp(-multiply(z, z) / 2n), ROOT_TWO_PI);

/** N(z) = 1/2 + n(z) (z + z^3/3 + z^5/15 + …): all terms of one sign. */
export function normalCdf(z: bigint): bigint {
  const square = multiply(z, z);
  let term = z;
  let sum = z;
  for (let k = 3n; term !== 0n; k += 2n) {
    term = multiply(term, square) / k;
    sum += term;
  }
  return ONE / 2n + multiply(normalPdf(z), sum);
}

/** |value - truth| / |truth|, as a double. */
export function relativeError(value: number, truth: bigint): number {
  return toNumber(divide(exact(value) - truth, truth), true);
}

/** The double nearest to a fixed-point number (within an ulp), or its size. */
export function toNumber(a: bigint, size = false): number {
  const magnitude = a < 0n ? -a : a;
  const length = BigInt(magnitude.toString(2).length);
  const shift = length > 64n ? length - 64n : 0n;
  // The power of two goes in two steps: it may be below the smallest normal double.
  const power = Number(shift - BITS);
  const half = Math.trunc(power / 2);
  const result = Number(magnitude >> shift) * 2 ** half * 2 ** (power - half);
  return a < 0n && !size ? -result : result;
}

/** The truth about an out-of-the-money option. */
export interface ExactOption {
  /** Black-76 value. */
  value: bigint;
  /** sigma sqrt(T). */
  totalVol: bigint;
  /** Derivative of the value by the total volatility. */
  vega: bigint;
  /** How much a relative error of the volatility grows in the value: |s b'/b|. */
  condition: number;
}

/** Value and vega of a call with K >= F, in exact arithmetic on the doubles given. */
export function exactCall(F: number, K: number, T: number, sigma: number): ExactOption {
  const forward = exact(F);
  const strike = exact(K);
  const totalVol = multiply(exact(sigma), squareRoot(exact(T)));
  const x = ln(divide(forward, strike));
  const d1 = divide(x, totalVol) + totalVol / 2n;
  const d2 = d1 - totalVol;
  const value = multiply(forward, normalCdf(d1)) - multiply(strike, normalCdf(d2));
  const vega = multiply(forward, normalPdf(d1));
  return { value, totalVol, vega, condition: toNumber(divide(multiply(totalVol, vega), value), true) };
}
