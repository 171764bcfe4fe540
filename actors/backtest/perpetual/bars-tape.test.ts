import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { QueueRule } from '../../../engine/market/fills/index.js';
import { type Bars, type BarsPath, barsTape, EXTREMES } from './bars-tape.js';
import { TapeRow } from './depth-tape.js';
import { MAKER_DEFAULTS } from './glft-maker.js';
import { PerpetualRun } from './perpetual-run.js';
import type { PerpetualSettings } from './perpetual-settings.js';

const START = 1_767_312_000_000_000;
const OPTIONS = { source: 'bars', instrument: 'TEST', hash: '', tick: 0.1, lot: 0.001 };
const PATH: BarsPath = { extremes: 'nearest-first', steps: 3, spreadTicks: 2, touchAmount: 1 };

/** Bars in ticks: open, high, low, close. */
type InTicks = readonly [open: number, high: number, low: number, close: number];

function barsOf(list: readonly InTicks[], seconds = 60): Bars {
  const column = (place: number): Float64Array => Float64Array.from(list, (bar) => bar[place]! / 10);
  return {
    openTime: Float64Array.from(list, (_, bar) => START + bar * seconds * 1e6),
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: Float64Array.from(list, () => 12),
    seconds,
  };
}

const bar = fc
  .tuple(fc.integer({ min: 5000, max: 9000 }), fc.nat(500), fc.nat(500), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([open, up, down, share]): InTicks => {
    return [open, open + up, open - down, Math.round(open - down + share * (up + down))];
  });

describe('a tape of bars', () => {
  test('trades at each of the four prices, at none beyond them, in the order of time, and ends each bar at its close', () => {
    fc.assert(
      fc.property(
        fc.array(bar, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...EXTREMES),
        fc.integer({ min: 1, max: 7 }),
        (list, extremes, steps) => {
          const tape = barsTape(barsOf(list), OPTIONS, { ...PATH, extremes, steps });
          const ofBar: number[][] = list.map(() => []);
          for (let row = 0; row < tape.rows; row++) {
            if (row > 0) expect(tape.exchangeTime[row]).toBeGreaterThanOrEqual(tape.exchangeTime[row - 1]!);
            if (tape.kind[row] !== TapeRow.TRADE) continue;
            const trade = tape.at[row]!;
            ofBar[Math.floor(trade / (1 + 3 * steps))]!.push(tape.tradeTicks[trade]!);
          }
          for (const [place, [open, high, low, close]] of list.entries()) {
            const ticks = ofBar[place]!;
            expect([ticks[0], Math.max(...ticks), Math.min(...ticks), ticks.at(-1)]).toEqual([open, high, low, close]);
          }
        },
      ),
    );
  });

  test('the extreme nearer to the open comes first, or last where that is assumed', () => {
    const one = barsOf([[1000, 1010, 900, 950]]);
    const placeOf = (extremes: BarsPath['extremes'], ticks: number): number =>
      barsTape(one, OPTIONS, { ...PATH, extremes }).tradeTicks.indexOf(ticks);
    expect(placeOf('nearest-first', 1010)).toBeLessThan(placeOf('nearest-first', 900));
    expect(placeOf('farthest-first', 1010)).toBeGreaterThan(placeOf('farthest-first', 900));
  });

  test('no bar is no tape', () => {
    expect(() => barsTape(barsOf([]), OPTIONS, PATH)).toThrow('bars: expected at least one bar, found none');
  });
});

describe('making a market on bars', () => {
  const SETTINGS: PerpetualSettings = {
    seed: 1,
    maker: { ...MAKER_DEFAULTS, lookMs: 1000, fillDecay: 1 },
    queue: QueueRule.TRADE_THROUGH,
    exponent: 3,
    data: { kind: 'constant', ms: 1 },
    order: { kind: 'constant', ms: 1 },
    answer: { kind: 'constant', ms: 1 },
    makerFee: 0.0002,
    takerFee: 0.0005,
    feeScale: 1,
    fundingRate: 0,
    speedBumpMs: 0,
    credits: { capacity: 1000, refillPerSecond: 1000 },
    lookSeconds: 60,
    part: [0, 1],
  };

  test('fills nothing that the bar of that time did not go beyond', () => {
    let filled = 0;
    fc.assert(
      fc.property(fc.array(bar, { minLength: 2, maxLength: 20 }), (list) => {
        const bars = barsOf(list);
        const { fills } = new PerpetualRun(barsTape(bars, OPTIONS, PATH), SETTINGS).run();
        filled += fills.length;
        for (const { time, side, price } of fills) {
          const place = Math.min(list.length - 1, Math.floor((time * 1000 - START) / 60e6));
          // At the very moment of an opening it may be the close of the bar before that has gone beyond.
          const reached = [place, place - 1].some((at) =>
            at < 0 ? false : side === 'buy' ? price > bars.low[at]! : price < bars.high[at]!,
          );
          expect(reached, `${side} at ${price}`).toBe(true);
        }
      }),
    );
    expect(filled).toBeGreaterThan(10);
  });
});
