import { expect, test } from 'vitest';
import { uniform } from '../../testing/random.js';
import {
  black76ChainGreeks,
  black76Greeks,
  createOptionChain,
  GREEK_COUNT,
  inverseChainGreeks,
  inverseGreeks,
} from './index.js';

test('a chain in columns has the same bits as its options one by one', () => {
  const next = uniform(900);
  const count = 300;
  const stride = 320;
  const chain = createOptionChain(stride);
  for (let option = 0; option < count; option++) {
    chain.forward[option] = 65_000 + 1_000 * next();
    chain.strike[option] = 30_000 + 80_000 * next();
    chain.years[option] = 2 * next();
    chain.sigma[option] = 0.2 + next();
    chain.isCall[option] = next() < 0.5 ? 1 : 0;
  }
  // An option outside the domain and one at expiry leave the others alone.
  chain.sigma[7] = Number.NaN;
  chain.years[8] = 0;
  const columns = new Float64Array(GREEK_COUNT * stride);
  const single = new Float64Array(GREEK_COUNT);
  for (const [batched, one] of [
    [black76ChainGreeks, black76Greeks],
    [inverseChainGreeks, inverseGreeks],
  ] as const) {
    columns.fill(-1);
    batched(columns, chain, count, stride);
    for (let option = 0; option < count; option++) {
      const { forward, strike, years, sigma, isCall } = chain;
      one(single, forward[option]!, strike[option]!, years[option]!, sigma[option]!, isCall[option] === 1);
      for (let greek = 0; greek < GREEK_COUNT; greek++) {
        expect(columns[greek * stride + option]).toBe(single[greek]);
      }
    }
    expect(columns[count]).toBe(-1);
  }
});

test('a chain says what capacity it can have', () => {
  expect(() => createOptionChain(-1)).toThrow('capacity is a whole number >= 0, got -1');
  expect(() => createOptionChain(2.5)).toThrow('got 2.5');
});
