import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idNumber, idText } from './ids.js';

const currency = fc.constantFrom('BTC', 'ETH', 'USDC');
const id = fc.integer({ min: 1, max: 1e12 });
const era = fc.integer({ min: 0, max: 4e9 });

test('an id is read as it was written, in its own era alone', () => {
  fc.assert(
    fc.property(currency, id, era, era, (of, number, written, read) => {
      const text = idText(of, number, written);
      expect(idNumber(text, written)).toBe(number);
      // Without eras nobody asks for one.
      if (read !== written && read !== 0) expect(idNumber(text, read)).toBeNaN();
    }),
  );
});

test('ids look like those of the venue where there is no era', () => {
  expect(idText('BTC', 12, 0)).toBe('12');
  expect(idText('ETH', 12, 0)).toBe('ETH-12');
  expect(idText('ETH', 12, 1767312000)).toBe('ETH-1767312000-12');
  expect(idNumber('ETH-', 0)).toBeNaN();
  expect(idNumber('12x', 0)).toBeNaN();
});
