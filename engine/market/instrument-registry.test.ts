import { describe, expect, test } from 'vitest';
import { canBecome, type Instrument, InstrumentKind, LifeCycle, stateAt } from './instrument.js';
import { decodeInstrument, encodeInstrument } from './instrument-codec.js';
import { NEVER } from './instrument-name.js';
import { InstrumentRegistry } from './instrument-registry.js';

const option: Instrument = {
  venue: 1,
  kind: InstrumentKind.OPTION,
  name: 'BTC-30JAN26-90000-C',
  baseCurrency: 'BTC',
  quoteCurrency: 'BTC',
  settlementCurrency: 'BTC',
  counterCurrency: 'USD',
  priceIndex: 'btc_usd',
  inverse: true,
  right: 'call',
  state: LifeCycle.OPEN,
  strike: 90_000,
  expiry: Date.UTC(2026, 0, 30, 8) * 1000,
  created: Date.UTC(2025, 11, 1) * 1000,
  contractSize: 1,
  minimumAmount: 0.1,
  tickSize: 0.0001,
  tickSteps: [{ abovePrice: 0.005, tickSize: 0.0005 }],
  makerFee: 0.0003,
  takerFee: 0.0003,
  legs: [],
};
const { right: _, ...withoutRight } = option;
const perpetual: Instrument = {
  ...withoutRight,
  kind: InstrumentKind.PERPETUAL,
  name: 'BTC-PERPETUAL',
  strike: Number.NaN,
  expiry: NEVER,
  tickSteps: [],
};
const combo: Instrument = {
  ...withoutRight,
  kind: InstrumentKind.OPTION_COMBO,
  name: 'BTC-CS-30JAN26-90000_95000',
  strike: Number.NaN,
  legs: [
    { instrument: 'BTC-30JAN26-90000-C', ratio: 1 },
    { instrument: 'BTC-30JAN26-95000-C', ratio: -1 },
  ],
};

describe('a registry', () => {
  test('gives ids in the order of definition, by venue', () => {
    const registry = new InstrumentRegistry();
    expect([registry.define(option), registry.define(perpetual), registry.define({ ...option, venue: 2 })]).toEqual([
      0, 1, 2,
    ]);
    expect([registry.idOf(2, option.name), registry.idOf(3, option.name)]).toEqual([2, -1]);
    expect([...registry].map(([id, { name }]) => [id, name])[1]).toEqual([1, 'BTC-PERPETUAL']);
  });

  test('keeps the id of what is defined again, with its new ticks and fees', () => {
    const registry = new InstrumentRegistry();
    registry.define(option);
    expect(registry.define({ ...option, tickSize: 0.0005, tickSteps: [] })).toBe(0);
    expect(registry.get(0)?.tickSize).toBe(0.0005);
    expect(() => registry.define({ ...option, strike: 95_000 })).toThrow(
      'was defined with strike 90000, and now has 95000',
    );
  });

  test('that is restored from the log gives the ids that the log used, or says that it cannot', () => {
    const registry = new InstrumentRegistry();
    registry.restore(0, option);
    expect(() => registry.restore(2, perpetual)).toThrow("the log gave 'BTC-PERPETUAL' the id 2, this registry 1");
  });

  test('moves lives on and never back from the dead', () => {
    const registry = new InstrumentRegistry();
    registry.define({ ...option });
    const path = [LifeCycle.HALTED, LifeCycle.OPEN, LifeCycle.SETTLING, LifeCycle.EXPIRED];
    expect(path.map((state) => registry.become(0, state))).toEqual([true, true, true, true]);
    expect([registry.become(0, LifeCycle.OPEN), registry.get(0)?.state]).toEqual([false, LifeCycle.EXPIRED]);
    expect(registry.become(7, LifeCycle.OPEN)).toBe(false);
  });
});

test('a life has no way out of expiry, and none back to new', () => {
  const states = Object.values(LifeCycle);
  for (const state of states) {
    expect(canBecome(state, state)).toBe(true);
    expect(canBecome(LifeCycle.EXPIRED, state)).toBe(state === LifeCycle.EXPIRED);
    if (state > LifeCycle.NEW) expect(canBecome(state, LifeCycle.NEW)).toBe(false);
  }
});

test('past its expiry an instrument settles, whatever was heard of it last', () => {
  expect(stateAt(option, option.expiry - 1)).toBe(LifeCycle.OPEN);
  expect(stateAt(option, option.expiry)).toBe(LifeCycle.SETTLING);
  expect(stateAt({ ...option, state: LifeCycle.EXPIRED }, option.expiry + 1)).toBe(LifeCycle.EXPIRED);
});

test.each([option, perpetual, combo])(
  'the definition of $name is read back as it was written, and always makes the same bytes',
  (instrument) => {
    const bytes = encodeInstrument(42, instrument);
    expect(decodeInstrument(bytes)).toEqual({ id: 42, instrument });
    expect(Buffer.compare(bytes, encodeInstrument(42, { ...instrument }))).toBe(0);
  },
);
