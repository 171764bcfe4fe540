import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROTECTED, REST, REST_FIELDS } from '../../../engine/market/risk/resting-book.js';
import { bytesPerCall } from '../../../engine/testing/allocation.js';
import { OPTIONS, QUOTES, RiskLoad, underlyingOf } from './risk-load.js';

/** A boxed number is 12 bytes or more: far less than that, spread over all calls, is none. */
const NOTHING = 0.5;

interface Quote {
  option: number;
  isSell: boolean;
  amount: number;
  isProtected: boolean;
}

/** Worst cases of an underlying, summed plainly from its quotes and Greeks: the definition, without the stage. */
function summed(quotes: readonly Quote[], greeks: readonly number[][], underlying: number): Float64Array {
  const sums = new Float64Array(REST_FIELDS);
  for (const { option, isSell, amount, isProtected } of quotes) {
    if (underlyingOf(option) !== underlying) continue;
    const shift = isProtected ? PROTECTED : 0;
    const [delta, vega, gamma] = greeks[option] as [number, number, number];
    const sign = isSell ? -1 : 1;
    const added = sign * delta * amount;
    sums[shift + (added > 0 ? REST.DELTA_UP : REST.DELTA_DOWN)]! += added;
    sums[shift + (isSell ? REST.VEGA_DOWN : REST.VEGA_UP)]! += sign * vega * amount;
    if (!isSell) continue;
    sums[shift + REST.GAMMA_DOWN]! -= gamma * amount;
    sums[shift + REST.SHORT_UP]! += amount;
  }
  return sums;
}

describe('the risk of 800 resting quotes', () => {
  it('is, kept as orders come and go and as Greeks move, what a summation of them all gives, to 1e-9', () => {
    const step = fc.record({
      option: fc.nat(OPTIONS - 1),
      isSell: fc.boolean(),
      isProtected: fc.boolean(),
      amount: fc.double({ min: 0, max: 50, noNaN: true }),
      delta: fc.double({ min: -1, max: 1, noNaN: true }),
      vega: fc.double({ min: 0, max: 500, noNaN: true }),
      isMove: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 2000, maxLength: 2000 }), (steps) => {
        const load = new RiskLoad();
        const quotes: Quote[] = [];
        const greeks: number[][] = Array.from({ length: OPTIONS }, () => [0, 0, 0]);
        for (let option = 0; option < OPTIONS; option++) {
          greeks[option] = [Math.sin(option), 100, 1e-5];
          load.theo(option, ...(greeks[option] as [number, number, number]));
          for (const isSell of [false, true]) {
            quotes.push({ option, isSell, amount: 1 + (option % 9) / 10, isProtected: true });
            load.rest(2 * option + (isSell ? 1 : 0), option, isSell, 1 + (option % 9) / 10);
          }
        }
        expect(quotes).toHaveLength(QUOTES);
        for (const { option, isSell, isProtected, amount, delta, vega, isMove } of steps) {
          if (isMove) {
            greeks[option] = [delta, vega, vega / 1e6];
            load.theo(option, delta, vega, vega / 1e6);
          } else {
            const slot = 2 * option + (isSell ? 1 : 0);
            quotes[slot] = { option, isSell, amount, isProtected };
            load.rest(slot, option, isSell, amount, isProtected);
          }
        }
        for (const underlying of [0, 1]) {
          const exact = summed(quotes, greeks, underlying);
          for (let field = 0; field < REST_FIELDS; field++) {
            const kept = load.memory.resting.ofUnderlying[underlying * REST_FIELDS + field]!;
            expect(Math.abs(kept - exact[field]!)).toBeLessThan(1e-9 * Math.max(1, Math.abs(exact[field]!)));
          }
        }
      }),
      { numRuns: 5 },
    );
  });

  it('lets a whole chain pass when no limit binds, again and again', () => {
    const load = new RiskLoad();
    for (let round = 1; round <= 3; round++) {
      load.chain();
      load.settleChain();
      expect(load.approved).toBe(round * QUOTES);
    }
  });

  it('is judged without taking memory', () => {
    const module = 'actors/testing/risk/risk-load.js';
    const setup = 'const load = new RiskLoad();';
    const call = 'const quote = i % 64; load.ask(quote); load.settle(quote); if (quote === 63) load.publish();';
    expect(bytesPerCall({ module, setup, call }, 50_000)).toBeLessThan(NOTHING);
  });
});
