import { beforeEach, describe, expect, it } from 'vitest';
import { black76Greeks, GREEK, GREEK_COUNT } from '../../engine/quant/black76/index.js';
import { FilterWorld } from '../testing/filter/filter-world.js';
import { marketQuote, marketVol, type SyntheticChain, syntheticChain } from '../testing/filter/synthetic-chain.js';
import { FilterFlag, UNUSABLE } from './filter-flags.js';

const START = Date.UTC(2026, 0, 5, 12) * 1000;
const SECOND = 1e6;
const YEAR_MICROS = 365 * 86_400e6;
const FORWARD = 60_000;

let chain: SyntheticChain;
let world: FilterWorld;

/** A ticker of every option, and of the perpetual, at this forward. */
function quoteAll(forward: number, level = 0.55): void {
  world.ticker(chain.perpetual.id, { bid: forward - 0.5, ask: forward + 0.5, index: forward });
  for (const option of chain.options) {
    world.ticker(option.id, {
      ...marketQuote(option, forward, world.now, level),
      underlying: forward,
      index: forward,
    });
  }
}

/** Quotes, and waits for the first surface. */
function begin(days: readonly number[] = [2, 9, 30, 90], strikes = 21): void {
  chain = syntheticChain(START, days, strikes);
  world = new FilterWorld(START, { instruments: 512 });
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  quoteAll(FORWARD);
  world.advance(START + 2 * SECOND);
}

describe('the filter', () => {
  beforeEach(() => begin());

  it('gives every option a value near the market’s once the first surface is there', () => {
    for (const { id, strike, expiry } of chain.options) {
      const theo = world.theo(id);
      const vol = marketVol(strike, FORWARD, (expiry - world.now) / YEAR_MICROS);
      expect(theo?.volatility).toBeGreaterThan(vol * 0.97);
      expect(theo?.volatility).toBeLessThan(vol * 1.03);
      expect(theo?.flags).toBe(0);
      expect(theo?.confidence).toBe(100);
    }
    expect(world.expiry(2)?.atmVol()).toBeCloseTo(0.55, 2);
    expect(world.expiry(2)?.skew()).toBeLessThan(0);
    expect(world.expiry(2)?.surfaceSeq()).toBeGreaterThan(0);
    expect(world.underlying(0)?.index()).toBe(FORWARD);
  });

  it('tells Greeks that are those of its own volatility', () => {
    const greeks = new Float64Array(GREEK_COUNT);
    for (const { id, strike, isCall } of chain.options) {
      const theo = world.theo(id)!;
      black76Greeks(greeks, theo.forward, strike, theo.years, theo.volatility, isCall);
      expect(theo.price * theo.forward).toBeCloseTo(greeks[GREEK.price]!, 1);
      expect(theo.delta).toBeCloseTo(greeks[GREEK.delta]!, 5);
      expect(theo.netDelta).toBeCloseTo(greeks[GREEK.delta]! - theo.price, 5);
      expect(theo.vega / greeks[GREEK.vega]!).toBeCloseTo(1, 3);
    }
  });

  it('moves every value with a tick of the perpetual', () => {
    const before = chain.options.map(({ id }) => world.theo(id)!);
    const told = world.told;
    world.ticker(chain.perpetual.id, { bid: FORWARD * 1.002 - 0.5, ask: FORWARD * 1.002 + 0.5, index: FORWARD });
    expect(world.told - told).toBeGreaterThan(0.8 * chain.options.length);
    chain.options.forEach(({ id, isCall }, index) => {
      const after = world.theo(id)!;
      if (after === before[index]) return;
      expect(after.forward / before[index]!.forward).toBeCloseTo(1.002, 6);
      expect(after.price > before[index]!.price).toBe(isCall);
    });
  });

  it('extrapolates small moves to what exact pricing gives', () => {
    const greeks = new Float64Array(GREEK_COUNT);
    for (let tick = 1; tick <= 40; tick++) {
      const forward = FORWARD * (1 + 0.0004 * tick);
      world.advance(world.now + 0.2 * SECOND);
      world.ticker(chain.perpetual.id, { bid: forward - 0.5, ask: forward + 0.5, index: forward });
      for (const { id, strike, isCall } of chain.options) {
        const theo = world.theo(id)!;
        black76Greeks(greeks, theo.forward, strike, theo.years, theo.volatility, isCall);
        // A hundredth of a tick.
        expect(Math.abs(theo.price - greeks[GREEK.price]! / theo.forward)).toBeLessThan(1e-6);
      }
    }
  });

  it('follows quotes that move, and tells the whole expiry when its smile has', () => {
    const expiry = chain.options[60]!.expiry;
    const some = chain.options.filter((option) => option.expiry === expiry);
    for (let round = 1; round <= 8; round++) {
      for (const option of some) {
        world.advance(world.now + 10_000);
        world.ticker(option.id, {
          ...marketQuote(option, FORWARD, world.now, 0.56),
          underlying: FORWARD,
          index: FORWARD,
        });
      }
    }
    const atm = some.reduce((best, option) =>
      Math.abs(option.strike - FORWARD) < Math.abs(best.strike - FORWARD) ? option : best,
    );
    expect(world.theo(atm.id)?.volatility).toBeCloseTo(0.56, 2);
  });

  it('asks for refits on schedule, and says how old the fit in force is', () => {
    const numbers: number[] = [];
    world.onFit = (fit) => numbers.push(fit.number());
    for (let second = 0; second < 65; second++) {
      world.advance(world.now + SECOND);
      quoteAll(FORWARD + second);
    }
    expect(numbers.length).toBeGreaterThanOrEqual(2);
    expect(numbers).toEqual(numbers.map((_, index) => numbers[0]! + index));
    expect(world.expiry(1)!.fitAge()).toBeLessThan(35);
  });

  it('takes a trader’s shift on top, within the bound that keeps it free of arbitrage, and back', () => {
    const option = chain.options[100]!;
    const before = world.theo(option.id)!.volatility;
    const shift = (atm: number, forward: number): void =>
      world.adjust((adjustment) => {
        adjustment.mutate_underlying(0);
        adjustment.mutate_expiry(2);
        adjustment.mutate_atmShift(atm);
        adjustment.mutate_forwardShift(forward);
      });
    shift(0.01, 0);
    expect(world.theo(option.id)!.volatility - before).toBeGreaterThan(0.008);
    expect(world.theo(option.id)!.flags).toBe(FilterFlag.ADJUSTED);
    expect(world.expiry(2)!.atmShift()).toBeCloseTo(0.01, 3);
    shift(0.9, 0);
    expect(world.theo(option.id)!.flags & FilterFlag.ADJUSTMENT_CUT).toBe(FilterFlag.ADJUSTMENT_CUT);
    expect(world.expiry(2)!.boundUsed()).toBe(1);
    shift(0, 30);
    expect(world.theo(option.id)!.forward).toBeCloseTo(FORWARD + 30, 1);
    shift(0, 0);
    expect(world.theo(option.id)!.flags).toBe(0);
    expect(Math.abs(world.theo(option.id)!.volatility - before)).toBeLessThan(5e-4);
  });
});

describe('what the filter says when something is wrong', () => {
  beforeEach(() => begin());

  const every = (bit: number): void => {
    for (const { id } of chain.options) expect(world.theo(id)!.flags & bit).toBe(bit);
  };

  it('an index that stops makes everything unusable, and its return makes it whole', () => {
    world.advance(world.now + 15 * SECOND);
    every(FilterFlag.INDEX_STALE);
    for (const { id } of chain.options) expect(world.theo(id)!.confidence).toBe(0);
    expect(world.underlying(0)!.flags() & FilterFlag.INDEX_STALE).toBe(FilterFlag.INDEX_STALE);
    quoteAll(FORWARD + 5);
    world.advance(world.now + SECOND);
    for (const { id } of chain.options) expect(world.theo(id)!.flags & UNUSABLE).toBe(0);
  });

  it('an expiry without a two-sided quote is degraded, the others are not', () => {
    for (const option of chain.options.filter(({ expiry }) => expiry === chain.options[0]!.expiry)) {
      world.ticker(option.id, { ask: 0.5, underlying: FORWARD, index: FORWARD });
    }
    world.advance(world.now + SECOND);
    expect(world.theo(0)!.flags & FilterFlag.NO_TWO_SIDED).toBe(FilterFlag.NO_TWO_SIDED);
    expect(world.theo(0)!.confidence).toBeLessThan(60);
    expect(world.theo(chain.options.length - 1)!.flags).toBe(0);
  });

  it('a forward that jumps by 30 % is held until it is said again, and flagged until a refit', () => {
    const before = world.theo(100)!;
    const jumped = FORWARD * 1.3;
    const perpetual = { bid: jumped - 0.5, ask: jumped + 0.5, index: jumped };
    world.ticker(chain.perpetual.id, perpetual);
    world.advance(world.now + 0.5 * SECOND);
    expect(world.theo(100)!.forward).toBeCloseTo(before.forward, 6);
    every(FilterFlag.FORWARD_JUMP);
    for (let round = 0; round < 3; round++) quoteAll(jumped);
    world.advance(world.now + 5 * SECOND);
    quoteAll(jumped);
    world.advance(world.now + SECOND);
    expect(world.theo(100)!.forward).toBeCloseTo(jumped, 0);
    expect(world.theo(100)!.flags & FilterFlag.FORWARD_JUMP).toBe(0);
  });

  it('a reference that jumps by 30 % is told in the same event, and not when it is back', () => {
    const price = (forward: number): void =>
      world.ticker(chain.perpetual.id, { bid: forward - 0.5, ask: forward + 0.5, index: FORWARD });
    price(FORWARD);
    expect(world.underlying(0)!.flags() & FilterFlag.FORWARD_JUMP).toBe(0);
    price(1.3 * FORWARD);
    expect(world.underlying(0)!.flags() & FilterFlag.FORWARD_JUMP).not.toBe(0);
    price(FORWARD);
    world.advance(world.now + SECOND);
    expect(world.underlying(0)!.flags() & FilterFlag.FORWARD_JUMP).toBe(0);
  });

  it('the last minute of an expiry is flagged, and after its end its values stay so', () => {
    const first = chain.options[0]!;
    const jump = first.expiry - 30 * SECOND;
    world.advance(jump);
    quoteAll(FORWARD);
    world.advance(jump + SECOND);
    expect(world.theo(first.id)!.flags & FilterFlag.NEAR_EXPIRY).toBe(FilterFlag.NEAR_EXPIRY);
    world.advance(first.expiry + 40 * SECOND);
    quoteAll(FORWARD);
    world.advance(world.now + SECOND);
    expect(world.theo(first.id)!.flags & FilterFlag.NEAR_EXPIRY).toBe(FilterFlag.NEAR_EXPIRY);
    expect(world.theo(first.id)!.confidence).toBe(0);
  });

  it('says NO_SURFACE, and no value, before there is one', () => {
    world = new FilterWorld(START, { instruments: 512 });
    for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
    world.ticker(chain.perpetual.id, { bid: 59_999, ask: 60_001, index: FORWARD });
    world.ticker(0, { ask: 0.5, underlying: FORWARD, index: FORWARD });
    world.advance(world.now + 2 * SECOND);
    expect(world.theo(0)).toBeUndefined();
    expect(world.expiry(0)!.flags() & FilterFlag.NO_SURFACE).toBe(FilterFlag.NO_SURFACE);
    expect(world.expiry(0)!.atmVol()).toBe(0);
  });
});

describe('one strike alone', () => {
  it('makes a level, flagged as such', () => {
    chain = syntheticChain(START, [9, 30], 21);
    world = new FilterWorld(START, { instruments: 512 });
    for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
    world.ticker(chain.perpetual.id, { bid: 59_999.5, ask: 60_000.5, index: FORWARD });
    const near = chain.options.filter(({ expiry }) => expiry === chain.options[0]!.expiry);
    const only = near.find(({ strike, isCall }) => strike >= FORWARD && isCall)!;
    const rest = chain.options.filter((option) => !near.includes(option));
    for (const option of [only, ...rest]) {
      world.ticker(option.id, { ...marketQuote(option, FORWARD, world.now), underlying: FORWARD, index: FORWARD });
    }
    world.advance(world.now + 3 * SECOND);
    const theo = world.theo(only.id)!;
    expect(theo.flags & FilterFlag.ONE_STRIKE).toBe(FilterFlag.ONE_STRIKE);
    expect(theo.confidence).toBeLessThan(60);
    expect(theo.volatility).toBeGreaterThan(0.5);
    expect(theo.volatility).toBeLessThan(0.6);
  });
});

describe('refits that fail', () => {
  it('leave the last good surface in force, and say so', () => {
    let failing = false;
    chain = syntheticChain(START, [2, 9, 30, 90], 21);
    world = new FilterWorld(START, { instruments: 512, failing: () => failing });
    for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
    quoteAll(FORWARD);
    world.advance(START + 2 * SECOND);
    const seq = world.expiry(1)!.surfaceSeq();
    failing = true;
    for (let second = 0; second < 40; second++) {
      quoteAll(FORWARD);
      world.advance(world.now + SECOND);
    }
    expect(world.theo(60)!.flags & FilterFlag.FALLBACK).toBe(FilterFlag.FALLBACK);
    expect(world.theo(60)!.flags & UNUSABLE).toBe(0);
    expect(world.expiry(1)!.surfaceSeq()).toBe(seq);
    expect(world.underlying(0)!.failedFits()).toBeGreaterThan(0);
    failing = false;
    for (let second = 0; second < 40; second++) {
      quoteAll(FORWARD);
      world.advance(world.now + SECOND);
    }
    expect(world.theo(60)!.flags).toBe(0);
  });
});
