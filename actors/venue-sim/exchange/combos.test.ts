import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comboOf, legPrices } from './combos.js';
import { instrumentOf } from './contracts.js';

/** Legs from their names, `-2 NAME` where two are sold. */
const legs = (...texts: string[]) =>
  texts.map((text) => {
    const [amount, name] = text.includes(' ') ? text.split(' ') : ['1', text];
    return { definition: instrumentOf(name!), ratio: Number(amount) };
  });

describe('a combination', () => {
  it.each([
    [['BTC-29APR22', '-1 BTC-PERPETUAL'], 'BTC-FS-29APR22_PERP', [1, -1]],
    [['BTC-24JUN22', '-1 BTC-29APR22'], 'BTC-FS-24JUN22_29APR22', [1, -1]],
    [['BTC-29APR22-39300-C', '-1 BTC-29APR22-39600-C'], 'BTC-CS-29APR22-39300_39600', [1, -1]],
    [['-1 BTC-29APR22-39300-P', 'BTC-29APR22-39600-P'], 'BTC-PS-29APR22-39300_39600', [-1, 1]],
    [['BTC-29APR22-37500-C', '-1 BTC-29APR22-37500-P'], 'BTC-REV-29APR22-37500', [1, -1]],
    [['BTC-29APR22-37500-C', 'BTC-29APR22-37500-P'], 'BTC-STRD-29APR22-37500', [1, 1]],
    [['BTC-29APR22-35000-P', 'BTC-29APR22-40000-C'], 'BTC-STRG-29APR22-35000_40000', [1, 1]],
    [['-1 BTC-29APR22-35000-P', 'BTC-29APR22-40000-C'], 'BTC-RR-29APR22-35000_40000', [-1, 1]],
    [['-1 BTC-29APR22-40000-C', 'BTC-24JUN22-40000-C'], 'BTC-CCAL-29APR22_24JUN22-40000', [-1, 1]],
    [['-1 BTC-29APR22-40000-P', 'BTC-24JUN22-35000-P'], 'BTC-PDIAG-29APR22_24JUN22-40000_35000', [-1, 1]],
    [
      ['BTC-29APR22-35000-C', '-2 BTC-29APR22-40000-C', 'BTC-29APR22-45000-C'],
      'BTC-CBUT-29APR22-35000_40000_45000',
      [1, -2, 1],
    ],
    [['BTC_USDC-29APR22-35000-C', '-1 BTC_USDC-29APR22-36000-C'], 'BTC_USDC-CS-29APR22-35000_36000', [1, -1]],
  ] as const)('of %s is %s, in whatever order and on either side it is asked for', (names, name, ratios) => {
    const parts = legs(...names);
    const wanted = comboOf(parts)!;
    expect([wanted.name, wanted.legs.map(({ ratio }) => ratio)]).toEqual([name, ratios]);
    fc.assert(
      fc.property(
        fc.shuffledSubarray(parts, { minLength: parts.length }),
        fc.constantFrom(-3, -1, 0.1, 7),
        (some, by) => {
          expect(comboOf(some.map(({ definition, ratio }) => ({ definition, ratio: ratio * by })))).toEqual(wanted);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each([
    ['one leg', ['BTC-PERPETUAL']],
    ['one leg twice', ['BTC-PERPETUAL', '-1 BTC-PERPETUAL']],
    ['two currencies', ['BTC-PERPETUAL', '-1 ETH-PERPETUAL']],
    ['two settlements', ['BTC-PERPETUAL', '-1 BTC_USDC-PERPETUAL']],
    ['an option and a future', ['BTC-29APR22-35000-C', '-1 BTC-PERPETUAL']],
    ['two calls bought', ['BTC-29APR22-35000-C', 'BTC-29APR22-36000-C']],
    ['unequal amounts', ['BTC-29APR22-35000-C', '-2 BTC-29APR22-36000-C']],
    ['two futures bought', ['BTC-29APR22', 'BTC-PERPETUAL']],
    ['uneven wings', ['BTC-29APR22-35000-C', '-2 BTC-29APR22-40000-C', 'BTC-29APR22-47000-C']],
  ])('of %s there is none', (_, names) => {
    expect(comboOf(legs(...names))).toBeUndefined();
  });
});

describe('prices of legs', () => {
  it('add up to the price of the whole', () => {
    const mark = fc.double({ min: 0.001, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.constantFrom([1, -1], [1, 1], [1, -2, 1]),
        fc.tuple(mark, mark, mark),
        mark,
        (ratios, all, price) => {
          const prices = legPrices(ratios, all.slice(0, ratios.length), price);
          const sum = prices.reduce((so, one, leg) => so + ratios[leg]! * one, 0);
          expect(sum).toBeCloseTo(price, 9);
        },
      ),
    );
  });
});
