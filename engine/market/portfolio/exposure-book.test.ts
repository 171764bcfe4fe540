import { describe, expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { Contract } from './contract.js';
import {
  DELTA,
  ExposureBook,
  GAMMA,
  NET_DELTA,
  SUM,
  SUM_FIELDS,
  UNIT_FIELDS,
  VEGA,
  VOLATILITY,
} from './exposure-book.js';
import { PositionBook } from './position-book.js';

const NOW = 1_800_000_000_000_000;
const DAY = 86_400e6;
const NEAR = NOW + 3 * DAY;
const FAR = NOW + 30 * DAY;

/** Three options and a perpetual, on a forward of 100. */
function exposures(): { book: PositionBook; exposure: ExposureBook } {
  const cells = new CellCount();
  const book = new PositionBook(cells, 4);
  const exposure = new ExposureBook(cells, book, 4, 8);
  for (const id of [0, 1, 2]) book.define(id, Contract.OPTION_INVERSE);
  book.define(3, Contract.FUTURE_INVERSE);
  exposure.define(0, 0, NEAR, 100, true);
  exposure.define(1, 0, NEAR, 100, false);
  exposure.define(2, 0, FAR, 130, true);
  exposure.define(3, 0, Number.POSITIVE_INFINITY, Number.NaN, false);
  exposure.forwards.fill(100);
  unit(exposure, 0, { delta: 0.5, gamma: 0.02, vega: 4 });
  unit(exposure, 1, { delta: -0.5, gamma: 0.02, vega: 4 });
  unit(exposure, 2, { delta: 0.1, gamma: 0.01, vega: 6 });
  unit(exposure, 3, { delta: 1 / 100, gamma: 0, vega: 0 });
  return { book, exposure };
}

function unit(exposure: ExposureBook, id: number, greeks: { delta: number; gamma: number; vega: number }): void {
  const row = id * UNIT_FIELDS;
  exposure.units[row + DELTA] = greeks.delta;
  exposure.units[row + NET_DELTA] = greeks.delta - 0.01;
  exposure.units[row + GAMMA] = greeks.gamma;
  exposure.units[row + VEGA] = greeks.vega;
  exposure.units[row + VOLATILITY] = 0.5;
}

function hold(book: PositionBook, id: number, amount: number): void {
  book.trade.set([amount, 1, 0]);
  book.add(id);
}

function summed(exposure: ExposureBook, id: number, now = NOW): Record<keyof typeof SUM, number> {
  const place = exposure.places.of(id);
  for (let each = 0; each < exposure.size; each++) exposure.touch(each);
  exposure.sum(Float64Array.of(now));
  const row = exposure.sums.subarray(place * SUM_FIELDS, (place + 1) * SUM_FIELDS);
  return Object.fromEntries(Object.entries(SUM).map(([name, at]) => [name, row[at]!])) as Record<
    keyof typeof SUM,
    number
  >;
}

describe('exposure book', () => {
  it('sums what is held by expiry', () => {
    const { book, exposure } = exposures();
    hold(book, 0, 3);
    hold(book, 1, -1);
    hold(book, 2, 2);
    const near = summed(exposure, 0);
    expect(near.DELTA).toBeCloseTo(2, 12);
    expect(near.GAMMA).toBeCloseTo(0.04, 12);
    expect(near.VEGA).toBeCloseTo(8, 12);
    expect(near.SHORT_AMOUNT).toBe(1);
    expect(near.POSITIONS).toBe(2);
    // Ten times the time: vega of three days weighs the root of ten more than vega of thirty.
    expect(near.WEIGHTED_VEGA).toBeCloseTo(8 * Math.sqrt(10), 10);
    expect(summed(exposure, 2).WEIGHTED_VEGA).toBeCloseTo(12, 10);
  });

  it('counts perpetuals as delta, and neither vega nor gamma', () => {
    const { book, exposure } = exposures();
    hold(book, 3, -5000);
    const sums = summed(exposure, 3);
    expect(sums.DELTA).toBeCloseTo(-50, 12);
    expect(sums.OPTION_DELTA).toBe(0);
    expect(sums.VEGA).toBe(0);
  });

  it('tells the wings from the middle', () => {
    const { book, exposure } = exposures();
    hold(book, 0, 1);
    hold(book, 2, 1);
    expect(summed(exposure, 0).WING_VEGA).toBe(0);
    // ln(1.3) is 1.8 standard deviations of 50 % over thirty days.
    expect(summed(exposure, 2).WING_VEGA).toBe(6);
    expect(summed(exposure, 2).SKEW_VEGA).toBe(6);
  });

  it('lets delta fade over the half hour that delivery is averaged over, and is gone at its end', () => {
    const { book, exposure } = exposures();
    hold(book, 0, 4);
    expect(summed(exposure, 0, NEAR - 1_800e6).DELTA).toBeCloseTo(2, 12);
    expect(summed(exposure, 0, NEAR - 900e6).DELTA).toBeCloseTo(1, 12);
    expect(summed(exposure, 0, NEAR - 900e6).GAMMA).toBeCloseTo(0.02, 12);
    expect(summed(exposure, 0, NEAR).DELTA).toBe(0);
  });

  it('counts what waits for its delivery after the expiry as a value, and as no risk', () => {
    const { book, exposure } = exposures();
    hold(book, 0, -4);
    exposure.usd[0] = 50;
    const { POSITIONS, VALUE, ...risks } = summed(exposure, 0, NEAR);
    expect([POSITIONS, VALUE]).toEqual([1, -200]);
    expect(Object.entries(risks).filter(([, risk]) => risk !== 0)).toEqual([]);
  });

  it('names what may be pinned: near its strike within a day', () => {
    const { book, exposure } = exposures();
    hold(book, 0, -4);
    expect(summed(exposure, 0).PIN_AMOUNT).toBe(0);
    expect(summed(exposure, 0, NEAR - DAY / 2).PIN_AMOUNT).toBe(4);
  });

  it('leaves expiries alone that nothing has touched', () => {
    const { book, exposure } = exposures();
    hold(book, 0, 1);
    exposure.touch(exposure.places.of(2));
    exposure.sum(Float64Array.of(NOW));
    expect(exposure.sums[exposure.places.of(0) * SUM_FIELDS + SUM.DELTA]).toBe(0);
  });
});
