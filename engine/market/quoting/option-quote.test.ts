import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TickTable } from '../tick-table.js';
import { OptionQuote } from './option-quote.js';
import { QuoteInput, QuoteOutput } from './quote-cells.js';
import { type QuotingSettings, quotingSettings } from './settings.js';

const FORWARD = 90_000;
const TICKS = new TickTable(0.0001, [{ abovePrice: 0.005, tickSize: 0.0005 }]);
const FEE = 0.0003;

/** A model, and a quote of an option of thirty days: what is known of it otherwise, by QuoteInput. */
function quoting(settings: Partial<QuotingSettings>) {
  const model = new OptionQuote(quotingSettings(settings));
  return (known: Partial<Record<keyof typeof QuoteInput, number>> = {}): Float64Array => {
    const usual: Partial<Record<keyof typeof QuoteInput, number>> = {
      THEO: 0.05,
      UNCERTAINTY: 0.002,
      DELTA: 0.5,
      BLACK_DELTA: 0.5,
      VEGA: 10_000,
      YEARS: 30 / 365,
      FORWARD,
      MONEY: FORWARD,
      MARKET_BID: Number.NaN,
      MARKET_ASK: Number.NaN,
      LOT: 0.1,
      FEE,
      WIDTH: 1,
      AMOUNT: 1,
      TRADER_WIDTH: 1,
      TRADER_AMOUNT: 1,
      VOL: 0.46,
    };
    for (const [name, value] of Object.entries({ ...usual, ...known })) {
      model.input[QuoteInput[name as keyof typeof QuoteInput]] = value;
    }
    expect(model.make(TICKS, 2, 0)).toBe(true);
    return model.output;
  };
}

const inventories = fc.double({ min: -300_000, max: 300_000, noNaN: true });
const theos = fc.double({ min: 0.002, max: 0.3, noNaN: true });
const others = fc.double({ min: 0.0005, max: 0.02, noNaN: true });

describe('a quote that works an inventory off', () => {
  it('gives up no more than its profit: trading costs stay between it and the theoretical value', () => {
    const quote = quoting({});
    fc.assert(
      fc.property(inventories, theos, others, (inventory, theo, away) => {
        const output = quote({
          INVENTORY: inventory,
          THEO: theo,
          FEE: Math.min(FEE, theo / 8),
          MARKET_BID: theo - away > 0 ? theo - away : Number.NaN,
          MARKET_ASK: theo + away,
        });
        const fee = Math.min(FEE, theo / 8);
        const bid = output[QuoteOutput.BID]!;
        if (bid > 0) expect(theo - bid).toBeGreaterThanOrEqual(fee - 1e-9);
        expect(output[QuoteOutput.ASK]! - theo).toBeGreaterThanOrEqual(fee - 1e-9);
      }),
    );
  });

  it('stays within the duty on the other side, however much is held', () => {
    const quote = quoting({});
    fc.assert(
      fc.property(inventories, others, (inventory, away) => {
        const theo = 0.05;
        const output = quote({ INVENTORY: inventory, MARKET_BID: theo - away, MARKET_ASK: theo + away });
        const width = output[QuoteOutput.ASK]! - output[QuoteOutput.BID]!;
        // Each side is rounded outwards by a tick at most.
        expect(width).toBeLessThanOrEqual(0.2 * theo + 2 * 0.0005 + 1e-9);
      }),
    );
  });

  it('may give more up where that is wanted', () => {
    const held = { INVENTORY: 100_000, MARKET_BID: 0.0485, MARKET_ASK: 0.0515 };
    const kept = quoting({ edgeKept: 1, aversion: 1 })(held)[QuoteOutput.ASK]!;
    const given = quoting({ edgeKept: 0, aversion: 1 })(held)[QuoteOutput.ASK]!;
    expect(given).toBeLessThan(kept);
  });
});

describe('an amount by edge over risk', () => {
  const wide = { MARKET_BID: 0.04, MARKET_ASK: 0.06 };
  const settings = { edgeSizeMost: 5, edgeClips: 3, vegaClip: 6000, amount: 10 };

  it('is the same at every edge unless more is wanted', () => {
    const output = quoting({ vegaClip: 6000, amount: 10 })({ ...wide, VEGA: 100 });
    expect(output[QuoteOutput.BID_AMOUNT]).toBe(1);
    expect(output[QuoteOutput.ASK_AMOUNT]).toBe(1);
  });

  it('grows with the edge, up to a most', () => {
    const quote = quoting(settings);
    const near = quote({ MARKET_BID: 0.0485, MARKET_ASK: 0.0515, VEGA: 100 })[QuoteOutput.BID_AMOUNT]!;
    const far = quote({ ...wide, VEGA: 100 })[QuoteOutput.BID_AMOUNT]!;
    expect(near).toBeLessThan(far);
    expect(far).toBe(5);
  });

  it('risks what is left of the vega on the side that adds to it, and no less than what is held on the other', () => {
    const quote = quoting({ ...settings, aversion: 1e-9 });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 17_000, noNaN: true }), (inventory) => {
        const output = quote({ ...wide, INVENTORY: inventory });
        const bid = output[QuoteOutput.BID_AMOUNT]! * 10_000;
        const ask = output[QuoteOutput.ASK_AMOUNT]! * 10_000;
        // Never less than the duty's amount, a lot.
        expect(bid).toBeLessThanOrEqual(Math.max(1000, 3 * 6000 - inventory) + 1e-6);
        expect(ask).toBeLessThanOrEqual(3 * 6000 + 1e-6);
        expect(ask).toBeGreaterThanOrEqual(bid);
      }),
    );
  });

  it('of a baseline is its amount', () => {
    const output = quoting({ ...settings, model: 2, halfWidth: 0.006, relativeHalfWidth: 0 })({ VEGA: 100 });
    expect(output[QuoteOutput.BID_AMOUNT]).toBe(1);
  });
});
