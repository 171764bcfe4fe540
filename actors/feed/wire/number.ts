/** Powers of ten that a double holds exactly. */
const POWER_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** Characters of numbers. The hot scanner has its own: only a function's constants are known to the compiler. */
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** From here on a double does not hold every integer. */
const EXACT_INTEGERS = 9007199254740992;

/** 2^27 + 1, which splits a double into two halves whose products are exact (Veltkamp, Dekker 1971). */
const SPLITTER = 134217729;

/** Bounds of the correction's own rounding error, with room to spare. */
const BELOW = 1 - 4 * Number.EPSILON;
const ABOVE = 1 + 4 * Number.EPSILON;

/**
 * Writes the JSON number at `at` to a float64, with the very bits that JSON.parse gives, and returns the position behind
 * it; -1 where there is no JSON number or it is beyond the range of a double. It writes instead of returning the value
 * because a returned double would be boxed.
 *
 * Up to 18 digits gather in two machine integers. While they make an integer below 2^53 and the power of ten is exact,
 * one division rounds correctly (Clinger 1990); anything else takes the long way.
 */
export function scanNumber(bytes: Uint8Array, at: number, target: DataView, offset: number): number {
  const MINUS = 0x2d;
  const POINT = 0x2e;
  const ZERO = 0x30;
  let position = at;
  let character = bytes[position]!;
  const negative = character === MINUS;
  if (negative) character = bytes[++position]!;
  const start = position;

  let leading = 0;
  let point = -1;
  // Nine digits fit an integer register; the point is stepped over wherever it stands.
  for (let room = 9; ; ) {
    const digit = character ^ ZERO;
    if (digit <= 9) {
      if (--room < 0) break;
      leading = (Math.imul(leading, 10) + digit) | 0;
    } else if (character === POINT && point < 0) point = position;
    else break;
    character = bytes[++position]!;
  }
  let trailing = 0;
  let trailingDigits = 0;
  while (true) {
    const digit = character ^ ZERO;
    if (digit <= 9) {
      if (++trailingDigits > 9) return scanLongNumber(bytes, at, target, offset);
      trailing = (Math.imul(trailing, 10) + digit) | 0;
    } else if (character === POINT && point < 0) point = position;
    else break;
    character = bytes[++position]!;
  }

  const integerEnd = point < 0 ? position : point;
  if (integerEnd === start || point === position - 1) return -1;
  if (bytes[start] === ZERO && integerEnd - start > 1) return -1;
  if ((character | 0x20) === 0x65) return scanLongNumber(bytes, at, target, offset);

  const scale = point < 0 ? 0 : position - point - 1;
  const digits = trailingDigits === 0 ? leading : leading * POWER_OF_TEN[trailingDigits]! + trailing;
  if (digits >= 9007199254740992) return scanLongNumber(bytes, at, target, offset);
  const value = digits / POWER_OF_TEN[scale]!;
  // A product, not a conditional negation: V8 was seen to box the values of the latter.
  target.setFloat64(offset, value * (negative ? -1 : 1), true);
  return position;
}

/**
 * The long way: exponents and 16 to 18 digits without garbage where that can be done exactly, and the language's own
 * parser for the rest.
 */
function scanLongNumber(bytes: Uint8Array, at: number, target: DataView, offset: number): number {
  let position = at;
  const negative = bytes[position] === MINUS;
  if (negative) position++;
  const start = position;
  let leading = 0;
  let trailing = 0;
  let count = 0;
  let point = -1;
  for (; ; position++) {
    const digit = bytes[position]! ^ ZERO;
    if (digit <= 9) {
      if (++count <= 9) leading = leading * 10 + digit;
      else if (count <= 18) trailing = trailing * 10 + digit;
    } else if (bytes[position] === POINT && point < 0) point = position;
    else break;
  }
  const integerEnd = point < 0 ? position : point;
  if (integerEnd === start || point === position - 1) return -1;
  if (bytes[start] === ZERO && integerEnd - start > 1) return -1;
  let scale = position - integerEnd - (point < 0 ? 0 : 1);
  if ((bytes[position]! | 0x20) === 0x65) {
    const sign = bytes[++position]!;
    if (sign === MINUS || sign === PLUS) position++;
    const exponentStart = position;
    let exponent = 0;
    while ((bytes[position]! ^ ZERO) <= 9) exponent = Math.min(exponent * 10 + (bytes[position++]! ^ ZERO), 9999);
    if (position === exponentStart) return -1;
    scale -= sign === MINUS ? -exponent : exponent;
  }
  const trailingDigits = Math.max(0, count - 9);
  if (count > 18 || !writeScaled(leading, trailing, trailingDigits, scale, negative, target, offset)) {
    const value = Number(String.fromCharCode(...bytes.subarray(start, position)));
    if (value === Number.POSITIVE_INFINITY) return -1;
    target.setFloat64(offset, negative ? -value : value, true);
  }
  return position;
}

/**
 * Writes (leading * 10^trailingDigits + trailing) / 10^scale, rounded correctly; false where that cannot be decided here.
 * The digits are the exact sum of two doubles. Their quotient's rounding error is repaired by the exact remainder, and the
 * result stands when the repair's own error cannot change it.
 */
function writeScaled(
  leading: number,
  trailing: number,
  trailingDigits: number,
  scale: number,
  negative: boolean,
  target: DataView,
  offset: number,
): boolean {
  if (scale < -22 || scale > 22) return false;
  const shift = POWER_OF_TEN[trailingDigits]!;
  const upper = (leading >>> 15) * shift * 32768;
  const lower = (leading & 32767) * shift + trailing;
  const sum = upper + lower;
  if (sum < EXACT_INTEGERS) {
    const exact = scale < 0 ? sum * POWER_OF_TEN[-scale]! : sum / POWER_OF_TEN[scale]!;
    target.setFloat64(offset, negative ? -exact : exact, true);
    return true;
  }
  if (scale < 0) return false;
  const divisor = POWER_OF_TEN[scale]!;
  const rest = lower - (sum - upper);
  const quotient = sum / divisor;

  const scaledQuotient = SPLITTER * quotient;
  const quotientHigh = scaledQuotient - (scaledQuotient - quotient);
  const quotientLow = quotient - quotientHigh;
  const scaledDivisor = SPLITTER * divisor;
  const divisorHigh = scaledDivisor - (scaledDivisor - divisor);
  const divisorLow = divisor - divisorHigh;
  const product = quotient * divisor;
  const productError =
    quotientLow * divisorLow -
    (product - quotientHigh * divisorHigh - quotientLow * divisorHigh - quotientHigh * divisorLow);
  const repair = (sum - product - productError + rest) / divisor;

  const value = quotient + repair * BELOW;
  if (value !== quotient + repair * ABOVE) return false;
  target.setFloat64(offset, negative ? -value : value, true);
  return true;
}
