import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Grid, gridOf } from './grid.js';
import { TickTable, ticksOf } from './tick-table.js';

const option = new TickTable(0.0001, [{ abovePrice: 0.005, tickSize: 0.0005 }]);

describe('a grid', () => {
  test.each([0.0001, 0.0005, 0.001, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 25])(
    'of %d gives back every price that its venue prints',
    (step) => {
      const grid = new Grid(step);
      const decimals = String(step).split('.')[1]?.length ?? 0;
      fc.assert(
        fc.property(fc.integer({ min: -1_000_000, max: 10_000_000 }), (steps) => {
          const printed = Number((steps * step).toFixed(decimals));
          expect(grid.steps(printed)).toBe(steps);
          expect(grid.value(steps)).toBe(printed);
        }),
      );
    },
  );

  test('refuses what stands between two steps, and what cannot be counted', () => {
    const grid = new Grid(0.0005);
    for (const value of [0.00051, 0.00025, 1e300, Number.NaN, Number.POSITIVE_INFINITY])
      expect(grid.steps(value)).toBeNaN();
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('is not made of %d', (step) => {
    expect(() => new Grid(step)).toThrow('a step must be a positive number');
  });
});

describe('a tick table', () => {
  test('is one for all instruments of the same ticks, and so is a grid', () => {
    const steps = [{ abovePrice: 0.005, tickSize: 0.0005 }];
    expect(ticksOf(0.0001, steps)).toBe(ticksOf(0.0001, [...steps]));
    for (const other of [ticksOf(0.0001), ticksOf(0.0005, steps), ticksOf(0.0001, [{ ...steps[0]!, abovePrice: 1 }])]) {
      expect(other).not.toBe(ticksOf(0.0001, steps));
    }
    expect(ticksOf(0.0001, steps).finest).toBe(gridOf(0.0001));
    expect(gridOf(0.0001)).not.toBe(gridOf(0.0005));
  });

  test('allows the fine tick up to the boundary and the coarse one above', () => {
    expect([0.0001, 0.0049, 0.005, 0.0055, 0.1].every((price) => option.allows(price))).toBe(true);
    expect([0.00015, 0.0051, 0.1001].some((price) => option.allows(price))).toBe(false);
  });

  test('rounds down and up to allowed prices, across the boundary too', () => {
    expect([option.roundDown(0.00517), option.roundUp(0.00507)]).toEqual([0.005, 0.0055]);
    expect([option.roundDown(0.00497), option.roundUp(0.00497)]).toEqual([0.0049, 0.005]);
    expect([option.roundDown(0.005), option.roundUp(0.005)]).toEqual([0.005, 0.005]);
  });

  test('rounds any price to the nearest allowed ones around it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.0001, max: 0.5, noNaN: true }), (price) => {
        const down = option.roundDown(price);
        const up = option.roundUp(price);
        expect(option.allows(down) && option.allows(up)).toBe(true);
        expect(down).toBeLessThanOrEqual(price);
        expect(up).toBeGreaterThanOrEqual(price);
        expect(up - down).toBeLessThan(0.0005 + 1e-12);
      }),
    );
  });

  test('refuses steps that do not rise and ticks that are no multiples', () => {
    expect(
      () =>
        new TickTable(0.0001, [
          { abovePrice: 1, tickSize: 0.0005 },
          { abovePrice: 1, tickSize: 0.001 },
        ]),
    ).toThrow('must rise');
    expect(() => new TickTable(0.0002, [{ abovePrice: 1, tickSize: 0.0005 }])).toThrow('multiple of 0.0002');
  });
});

test('rounding a pair outwards is rounding each of it, to the last bit', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-6, max: 0.02, noNaN: true }),
      fc.double({ min: 1e-6, max: 0.02, noNaN: true }),
      (bid, ask) => {
        const pair = Float64Array.of(bid, ask);
        option.roundOutwards(pair);
        expect([...pair]).toEqual([option.roundDown(bid), option.roundUp(ask)]);
        pair[0] = bid;
        option.stepAt(pair);
        expect(pair[1]).toBe(option.gridAt(bid).step);
      },
    ),
  );
});
