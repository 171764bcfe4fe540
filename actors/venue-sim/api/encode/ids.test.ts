import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idNumber, idsFrom, idText } from './ids.js';

const currency = fc.constantFrom('BTC', 'ETH', 'USDC');
/** A day of a world that gives a hundred thousand ids a second. */
const id = fc.integer({ min: 1, max: 8.64e9 });
const start = fc.date({ min: new Date('2024-01-01'), max: new Date('2050-01-01'), noInvalidDate: true });

test('an id is read as it was written', () => {
  fc.assert(
    fc.property(currency, id, start, (of, number, began) => {
      for (const from of [0, idsFrom(began.getTime())]) expect(idNumber(idText(of, number, from), from)).toBe(number);
    }),
  );
});

test('the id of a world is none of the world after it', () => {
  fc.assert(
    fc.property(currency, fc.integer({ min: 1, max: 999 }), start, (of, number, began) => {
      const text = idText(of, number, idsFrom(began.getTime()));
      expect(idNumber(text, idsFrom(began.getTime() + 1))).toBeNaN();
    }),
  );
});

test('ids are of the form that readers of trades take, however late a world begins', () => {
  fc.assert(
    fc.property(currency, id, start, (of, number, began) => {
      expect(idText(of, number, idsFrom(began.getTime()))).toMatch(/^([A-Z]+-)?\d{1,15}$/);
    }),
  );
});

test('ids look like those of the venue', () => {
  expect(idText('BTC', 12, 0)).toBe('12');
  expect(idText('ETH', 12, 0)).toBe('ETH-12');
  expect(idNumber('ETH-', 0)).toBeNaN();
  expect(idNumber('ETH-0', 0)).toBeNaN();
  expect(idNumber('12x', 0)).toBeNaN();
});
