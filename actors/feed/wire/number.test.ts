import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCAN_PADDING } from './ascii.js';
import { scanNumber } from './number.js';

const memory = new DataView(new ArrayBuffer(8));

/** What the scanner makes of a text that stands between other bytes: its value, or undefined where it refuses. */
function scanned(text: string, behind = ','): { value: number; end: number } | undefined {
  const bytes = Buffer.from(`:${text}${behind}${' '.repeat(SCAN_PADDING)}`, 'latin1');
  const end = scanNumber(bytes, 1, memory, 0);
  return end < 0 ? undefined : { value: memory.getFloat64(0, true), end: end - 1 };
}

function expectSameBits(text: string): void {
  const result = scanned(text);
  const value: unknown = JSON.parse(text);
  // An expectation costs more than the scan, and there are half a million.
  if (result !== undefined && Object.is(result.value, value) && result.end === text.length) return;
  expect(result, text).toEqual({ value, end: text.length });
  expect.fail(`${text}: ${result?.value} is not ${value} in all its bits`);
}

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const jsonNumber = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      fc.tuple(fc.constantFrom(...'123456789'), digits(0, 22)).map(([a, b]) => a + b),
    ),
    fc.oneof(
      fc.constant(''),
      digits(1, 24).map((text) => `.${text}`),
    ),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      fc
        .tuple(fc.constantFrom('e', 'E', 'e+', 'e-', 'E-'), fc.integer({ min: 0, max: 40 }))
        .map(([sign, exponent]) => `${sign}${exponent}`),
    ),
  )
  .map((parts) => parts.join(''));

describe('scanning a number', () => {
  test('gives the bits of JSON.parse for every form that JSON allows', () => {
    fc.assert(fc.property(jsonNumber, expectSameBits), { numRuns: 200_000 });
  });

  test('gives the bits of JSON.parse for every double as JavaScript prints it', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
        expectSameBits(JSON.stringify(value)),
      ),
      { numRuns: 100_000 },
    );
  });

  test('rounds decimals of 16 to 18 digits, which need more than one double, as JSON.parse does', () => {
    const long = fc
      .tuple(fc.constantFrom(...'123456789'), digits(15, 17), fc.nat(14))
      .map(([first, rest, point]) =>
        `${first}${rest}`.slice(0, point + 1).concat('.', `${first}${rest}0`.slice(point + 1)),
      );
    fc.assert(fc.property(long, expectSameBits), { numRuns: 200_000 });
  });

  test.each(['3.2e4', '-4.0e-7', '0', '-0', '-0.0', '0.0', '1e308', '5e-324', '2.2250738585072011e-308', '1e23'])(
    'reads %s as JSON.parse does',
    expectSameBits,
  );

  test.each(['0.0028213400122472977', '9007199254740993', '9007199254740993.0', '123456789012345678', '1626993723632'])(
    'reads the long %s as JSON.parse does',
    expectSameBits,
  );

  test.each([
    '',
    '-',
    '+1',
    '.5',
    '1.',
    '1.e3',
    '01',
    '-01',
    '1e',
    '1e+',
    'NaN',
    'Infinity',
    '--1',
    '1e400',
    '-1e999',
    'null',
  ])('refuses %j, which is no number or beyond range', (text) => {
    expect(scanned(text)).toBeUndefined();
  });

  test('stops at the second point of a number, as no number has two', () => {
    expect(scanned('1.2.3')?.end).toBe(3);
  });

  test('writes nothing where it refuses', () => {
    memory.setFloat64(0, 42, true);
    scanned('1.');
    expect(memory.getFloat64(0, true)).toBe(42);
  });
});
