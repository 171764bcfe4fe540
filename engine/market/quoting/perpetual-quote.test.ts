import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avellanedaStoikovQuotes, glftQuotes } from '../../quant/quoting/index.js';
import { TickTable } from '../tick-table.js';
import {
  PerpetualModelCode,
  PerpetualOutput,
  PerpetualQuote,
  type PerpetualSettings,
  perpetualSettings,
} from './perpetual-quote.js';

const MID = 60_000;
const YEAR = 365 * 86_400;

function made(given: Partial<PerpetualSettings>, held: number, vol = 0.5, ticks?: TickTable): Float64Array {
  const quote = new PerpetualQuote(perpetualSettings({ leastHalf: 0, ...given }));
  quote.input.set([MID, vol, held, 10, 1, Number.NaN, Number.NaN]);
  expect(quote.make(ticks)).toBe(true);
  return quote.output;
}

describe('a perpetual', () => {
  it('by Gueant, Lehalle and Fernandez-Tapia is quoted at the published distances of every inventory', () => {
    const settings = perpetualSettings({ clips: 10 });
    const units = settings.clipUsd / MID;
    for (let clips = -8; clips <= 8; clips++) {
      const output = made({ clips: 10 }, clips * units);
      const expected = glftQuotes({
        sigma: (settings.clipUsd * 0.5) / Math.sqrt(YEAR),
        A: settings.fillsPerSecond,
        k: settings.decayPerUsd / units,
        gamma: settings.aversion,
        q: clips,
        Q: 10,
      });
      expect(MID - output[PerpetualOutput.BID]!).toBeCloseTo(expected.bidDistance / units, 6);
      expect(output[PerpetualOutput.ASK]! - MID).toBeCloseTo(expected.askDistance / units, 6);
    }
  });

  it('by Avellaneda and Stoikov is quoted at the published distances', () => {
    const settings = perpetualSettings({ model: PerpetualModelCode.AVELLANEDA_STOIKOV });
    const units = settings.clipUsd / MID;
    for (const clips of [-5, 0, 3]) {
      const output = made({ model: PerpetualModelCode.AVELLANEDA_STOIKOV }, clips * units);
      const expected = avellanedaStoikovQuotes({
        gamma: settings.aversion,
        sigma: (settings.clipUsd * 0.5) / Math.sqrt(YEAR),
        k: settings.decayPerUsd / units,
        T: settings.horizonSeconds,
        q: clips,
      });
      expect(MID - output[PerpetualOutput.BID]!).toBeCloseTo(expected.bidDistance / units, 6);
      expect(output[PerpetualOutput.ASK]! - MID).toBeCloseTo(expected.askDistance / units, 6);
    }
  });

  it('leans against what is held, never shows a side that would pass the limit, and stands on the tick, whatever the numbers', () => {
    const ticks = new TickTable(0.5);
    const world = fc.record({
      model: fc.constantFrom(1 as const, 2 as const),
      held: fc.double({ min: -10, max: 10, noNaN: true }),
      vol: fc.double({ min: 0.05, max: 3, noNaN: true }),
    });
    fc.assert(
      fc.property(world, ({ model, held, vol }) => {
        const output = made({ model }, held, vol, ticks);
        const flat = made({ model }, 0, vol, ticks);
        const clips = (held * MID) / 10_000;
        if (Math.abs(clips) > 0.1) expect(output[PerpetualOutput.SKEW]! * held).toBeLessThanOrEqual(0);
        if (clips > 19) expect(output[PerpetualOutput.BID_AMOUNT]).toBe(0);
        if (clips < -19) expect(output[PerpetualOutput.ASK_AMOUNT]).toBe(0);
        expect(flat[PerpetualOutput.BID]!).toBeLessThan(MID);
        expect(flat[PerpetualOutput.ASK]!).toBeGreaterThan(MID);
        expect(output[PerpetualOutput.BID]! % 0.5).toBe(0);
        expect(output[PerpetualOutput.BID]!).toBeLessThan(output[PerpetualOutput.ASK]!);
      }),
    );
  });

  it('stands behind the other side where it would trade at once', () => {
    const quote = new PerpetualQuote(perpetualSettings({}));
    quote.input.set([MID, 0.5, 3, 10, 1, MID - 0.5, MID + 0.5]);
    quote.make(new TickTable(0.5));
    expect(quote.output[PerpetualOutput.ASK]!).toBeGreaterThanOrEqual(MID);
  });

  it('of no price, no vol or no number is not quoted', () => {
    const quote = new PerpetualQuote(perpetualSettings({}));
    for (const [mid, vol, held] of [
      [Number.NaN, 0.5, 0],
      [MID, 0, 0],
      [MID, Number.NaN, 0],
      [MID, 0.5, Number.NaN],
      [MID, 0.5, Number.POSITIVE_INFINITY],
    ] as const) {
      quote.input.set([mid, vol, held, 10, 1, Number.NaN, Number.NaN]);
      expect(quote.make(undefined)).toBe(false);
    }
    expect(() => perpetualSettings({ clips: 0 })).toThrow(
      'quoting.perpetual.clips: expected a number from 1 to 500, found 0',
    );
  });
});
