import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CellCount } from '../orders/cells.js';
import { AckLatency } from './ack-latency.js';
import { ClockOffset } from './clock-offset.js';
import { FillRates } from './fill-rates.js';
import { HedgeSlippage } from './hedge-slippage.js';
import { MarkoutLosses } from './markout-losses.js';

const SECOND = 1e6;
const START = 1_800_000_000 * SECOND;
const at = (seconds: number): Float64Array => Float64Array.of(START + seconds * SECOND);

describe('how long the venue takes to answer', () => {
  it('is the second longest of the last hundred, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 100, maxLength: 400 }), (answers) => {
        const acks = new AckLatency(new CellCount());
        answers.forEach((millis, place) => {
          acks.add(Float64Array.of(millis * 1000), Float64Array.of(0));
          if (place < 99) return;
          const last = answers.slice(place - 99, place + 1).sort((a, b) => b - a);
          expect(acks.found[0]).toBe(last[1]);
        });
      }),
      { numRuns: 20 },
    );
  });

  it('is the second longest of the last hundred answers, and nothing before there are so many', () => {
    const acks = new AckLatency(new CellCount());
    const limits = Float64Array.of(0, 3);
    for (let answer = 1; answer < 100; answer++) acks.add(Float64Array.of(answer * 1000), at(0));
    expect([acks.found[0], acks.allows(at(0), limits, 1)]).toEqual([0, true]);
    acks.add(Float64Array.of(500), at(0));
    expect([acks.found[0], acks.allows(at(0), limits, 1)]).toEqual([98, false]);
    expect(acks.allows(at(0), Float64Array.of(0, 98), 1)).toBe(true);
    // The oldest leave: a hundred short ones later nothing is left of the long.
    for (let answer = 0; answer < 99; answer++) acks.add(Float64Array.of(2000), at(1));
    expect(acks.found[0]).toBe(2);
    acks.add(Float64Array.of(Number.NaN), at(1));
    expect(acks.found[0]).toBe(2);
  });

  it('is forgotten after ten seconds without an answer, so that it does not stop everything for ever', () => {
    const acks = new AckLatency(new CellCount());
    const limits = Float64Array.of(1);
    for (let answer = 0; answer < 100; answer++) acks.add(Float64Array.of(5000), at(answer / 100));
    expect(acks.allows(at(10.99), limits, 0)).toBe(false);
    acks.onRestore();
    expect(acks.found[0]).toBe(5);
    expect(acks.allows(at(11), limits, 0)).toBe(true);
    acks.add(Float64Array.of(9000), at(11));
    expect(acks.found[0]).toBe(0);
  });
});

describe("how far the venue's clock is away", () => {
  it('is the least that a message took over five to ten seconds, either way', () => {
    const clock = new ClockOffset(new CellCount());
    const limits = Float64Array.of(0, 2);
    const hear = (seconds: number, took: number): void =>
      clock.hear(Float64Array.of(START + (seconds - took) * SECOND), at(seconds));
    expect(clock.allows(limits, 1)).toBe(true);
    hear(0, 3);
    expect([clock.allows(limits, 1), clock.found[0]]).toEqual([false, 3]);
    hear(1, 1);
    expect([clock.allows(limits, 1), clock.found[0]]).toEqual([true, 1]);
    hear(6, 4);
    expect([clock.allows(limits, 1), clock.found[0]]).toEqual([true, 1]);
    hear(12, 4);
    expect([clock.allows(limits, 1), clock.found[0]]).toEqual([false, 4]);
    hear(13, -5);
    expect([clock.allows(limits, 1), clock.found[0]]).toEqual([false, 5]);
    clock.hear(Float64Array.of(0), at(14));
    expect(clock.allows(limits, 1)).toBe(false);
    // After a long silence what was before counts no more.
    hear(30, 0.5);
    expect([clock.allows(limits, 1), clock.found[0]]).toEqual([true, 0.5]);
  });
});

describe('fills', () => {
  const limits = Float64Array.of(99, 60, 6);
  it('are counted by underlying, and forgotten at the rate that is allowed', () => {
    const rates = new FillRates(new CellCount(), 3);
    for (let fill = 0; fill < 61; fill++) rates.count(2, fill % 2 === 0, at(0), limits, 1);
    expect([rates.allowsRate(2, at(0), limits, 1), rates.found[0]]).toEqual([false, 61]);
    expect([rates.allowsRate(1, at(0), limits, 1), rates.allowsSide(2, at(0), limits, 1)]).toEqual([true, true]);
    expect(rates.allowsRate(2, at(0.9), limits, 1)).toBe(false);
    expect(rates.allowsRate(2, at(1), limits, 1)).toBe(true);
    // A minute later all are forgotten: sixty more are allowed, and no more than that.
    for (let fill = 0; fill < 60; fill++) rates.count(2, fill % 2 === 0, at(120), limits, 1);
    expect(rates.allowsRate(2, at(120), limits, 1)).toBe(true);
    rates.count(2, true, at(120), limits, 1);
    expect(rates.allowsRate(2, at(120), limits, 1)).toBe(false);
  });

  it.each([true, false])('on one side alone are a surplus that time takes away, bought: %s', (bought) => {
    const rates = new FillRates(new CellCount(), 2);
    for (let fill = 0; fill < 7; fill++) rates.count(1, bought, at(0), limits, 1);
    expect([rates.allowsSide(1, at(0), limits, 1), rates.found[0]]).toEqual([false, 7]);
    expect(rates.allowsSide(1, at(5), limits, 1)).toBe(false);
    expect(rates.found[0]).toBeCloseTo(6.5, 9);
    expect(rates.allowsSide(1, at(10), limits, 1)).toBe(true);
    for (let fill = 0; fill < 7; fill++) rates.count(1, !bought, at(10), limits, 1);
    expect(rates.allowsSide(1, at(10), limits, 1)).toBe(true);
    for (let fill = 0; fill < 6; fill++) rates.count(1, !bought, at(10), limits, 1);
    expect([rates.allowsSide(1, at(10), limits, 1), rates.found[0]]).toEqual([false, 7]);
  });
});

describe('markouts', () => {
  const limits = Float64Array.of(0, 300);
  const fill = (losses: MarkoutLosses, price: number, amount: number, id: number, seconds: number): void => {
    losses.fill.set([price, amount, 10]);
    losses.add(id, at(seconds));
  };

  it('are judged ten seconds after each fill, the oldest first, by underlying', () => {
    const losses = new MarkoutLosses(new CellCount(), 3);
    expect(losses.due(at(100))).toBe(-1);
    fill(losses, 5, 2, 7, 0);
    fill(losses, 5, -3, 8, 1);
    expect([losses.due(at(9.9)), losses.due(at(10))]).toEqual([-1, 7]);
    losses.take(2, Float64Array.of(4), at(10), limits, 1);
    expect(losses.due(at(10))).toBe(-1);
    expect(losses.due(at(11))).toBe(8);
    expect(losses.allows(2, at(10), Float64Array.of(0, 19), 1)).toBe(false);
    expect(losses.found[0]).toBe(20);
    expect([losses.allows(2, at(10), Float64Array.of(0, 20), 1), losses.allows(1, at(10), limits, 1)]).toEqual([
      true,
      true,
    ]);
    // What was sold and rose has lost too.
    losses.take(2, Float64Array.of(15), at(10), limits, 1);
    expect([losses.allows(2, at(10), limits, 1), losses.found[0]]).toEqual([false, 320]);
  });

  it('that gain make up for those that lose, and never for those to come; time forgives', () => {
    const losses = new MarkoutLosses(new CellCount(), 1);
    for (const [price, value] of [
      [5, 105],
      [45, 5],
    ] as const) {
      fill(losses, price, 1, 0, 0);
      losses.take(0, Float64Array.of(value), at(10), limits, 1);
    }
    expect([losses.allows(0, at(10), limits, 1), losses.found[0]]).toEqual([false, 400]);
    expect([losses.allows(0, at(109), limits, 1), losses.allows(0, at(110), limits, 1)]).toEqual([false, true]);
    fill(losses, 45, 1, 0, 110);
    losses.take(0, Float64Array.of(Number.NaN), at(120), limits, 1);
    expect(losses.allows(0, at(120), limits, 1)).toBe(true);
    fill(losses, 45, 1, 0, 110);
    losses.take(-1, Float64Array.of(5), at(120), limits, 1);
    expect(losses.allows(0, at(120), limits, 1)).toBe(true);
  });

  it('of more fills than there is room for leave out the oldest', () => {
    const losses = new MarkoutLosses(new CellCount(), 1);
    for (let id = 0; id < 1026; id++) fill(losses, 5, 1, id, id);
    expect(losses.due(at(2000))).toBe(2);
  });
});

describe('what hedges cost', () => {
  it('is counted against the mark, by what they are worth, until the day of the venue ends', () => {
    const slippage = new HedgeSlippage(new CellCount());
    const morning = Float64Array.of(20_000 * 86_400e6 + 8 * 3600e6);
    const limits = Float64Array.of(0, 100);
    const hedge = (price: number, mark: number, usd: number): void => {
      slippage.fill.set([price, mark, usd]);
      slippage.add(morning);
    };
    hedge(101, 100, 10_000);
    expect(slippage.spent).toBeCloseTo(100, 9);
    hedge(101, 100, -5_000);
    expect(slippage.spent).toBeCloseTo(50, 9);
    hedge(100, Number.NaN, 5_000);
    expect(slippage.spent).toBeCloseTo(50, 9);
    expect(slippage.allows(morning, limits, 1)).toBe(true);
    hedge(102, 100, 10_000);
    expect(slippage.allows(morning, limits, 1)).toBe(false);
    expect(slippage.allows(Float64Array.of(morning[0]! + 86_399e6), limits, 1)).toBe(false);
    const next = Float64Array.of(morning[0]! + 86_400e6);
    expect(slippage.allows(next, limits, 1)).toBe(true);
    slippage.fill.set([101, 100, 1000]);
    slippage.add(next);
    expect(slippage.spent).toBeCloseTo(10, 9);
  });
});
