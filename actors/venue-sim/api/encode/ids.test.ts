import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idNumber, idText } from './ids.js';

const currency = fc.constantFrom('BTC', 'ETH', 'USDC');
const id = fc.integer({ min: 1, max: 1e12 });
/** Begins of worlds, from 2001 to 2065. */
const era = fc.integer({ min: 1e12, max: 3e12 });
const HOUR_MS = 3_600_000;

test('an id is read as it was written', () => {
  fc.assert(
    fc.property(currency, id, era, (of, number, began) => idNumber(idText(of, number, began), began) === number),
  );
  fc.assert(fc.property(currency, id, (of, number) => idNumber(idText(of, number, 0), 0) === number));
});

test('no id of an hour at a hundred thousand a second is one of a world that began later', () => {
  const number = fc.integer({ min: 1, max: 100 * HOUR_MS });
  fc.assert(
    fc.property(currency, number, era, fc.integer({ min: HOUR_MS, max: 1e11 }), (of, written, began, later) =>
      Number.isNaN(idNumber(idText(of, written, began), began + later)),
    ),
  );
});

test('an id is one number of at most fifteen digits: of two in a row, the feed refused every trade of the simulated venue', () => {
  fc.assert(
    fc.property(currency, id, era, (of, number, began) => /^([A-Z]+-)?\d{1,15}$/.test(idText(of, number, began))),
  );
});

test('ids look like those of the venue', () => {
  expect(idText('BTC', 12, 0)).toBe('12');
  expect(idText('ETH', 12, 0)).toBe('ETH-12');
  expect(idText('ETH', 12, 1767312000123)).toBe('ETH-176731200012312');
  expect(idNumber('ETH-', 0)).toBeNaN();
  expect(idNumber('12x', 0)).toBeNaN();
  expect(idNumber('0', 0)).toBeNaN();
});
