import { describe, expect, it } from 'vitest';
import { deducedInstrument } from '../deduced-instrument.js';
import { CellCount } from '../orders/cells.js';
import { Underlyings } from '../underlyings.js';
import { Venue } from '../venue.js';
import { HeldSums } from './held-sums.js';
import { REST_UNIT_FIELDS, RestingBook, UNIT_DELTA } from './resting-book.js';
import { FACT, FACT_FIELDS, RiskTable } from './risk-table.js';
import { JUDGED_STRATEGIES, StrategyLosses } from './strategy-losses.js';

const CALL = 3;
const PERPETUAL = 1;
const LINEAR_CALL = 2;
const INSTRUMENTS = 4;
/** Row and column of the index: of the second underlying, as the portfolio's rows have it. */
const STRIDE = 2;
const INDEX = 1;
const indexes = Float64Array.of(0, 7, 0, 50_000);

function book() {
  const cells = new CellCount();
  const table = new RiskTable(cells, INSTRUMENTS);
  const underlyings = new Underlyings(cells, INSTRUMENTS);
  underlyings.define(0, Venue.DERIBIT, 'other');
  for (const [id, name] of [
    [CALL, 'BTC-25DEC26-60000-C'],
    [PERPETUAL, 'BTC-PERPETUAL'],
    [LINEAR_CALL, 'SOL_USDC-25DEC26-100-C'],
  ] as const) {
    table.define(id, deducedInstrument(Venue.DERIBIT, name)!);
    underlyings.define(id, Venue.DERIBIT, 'btc_usd');
  }
  const set = (id: number, facts: Partial<Record<keyof typeof FACT, number>>): void => {
    for (const [name, value] of Object.entries(facts))
      table.facts[id * FACT_FIELDS + FACT[name as keyof typeof FACT]] = value;
  };
  return { cells, table, underlyings, set };
}

describe('what is held, whatever its sign', () => {
  const { cells, table, set } = book();
  const resting = new RestingBook(cells, INSTRUMENTS, 2, 2);
  const sums = new HeldSums(cells, table, resting, 2);
  const take = (id: number): [number, number] => {
    sums.begin();
    sums.add(id, 1, indexes, INDEX, STRIDE);
    expect([sums.grossDeltas[0], sums.unwindings[0]]).toEqual([0, 0]);
    return [sums.grossDeltas[1]!, sums.unwindings[1]!];
  };
  resting.units[CALL * REST_UNIT_FIELDS + UNIT_DELTA] = 0.5;
  resting.units[PERPETUAL * REST_UNIT_FIELDS + UNIT_DELTA] = 1 / 50_000;

  it.each([
    // Sold at the bid or bought at the ask, beside what they are worth, in coin.
    [CALL, { POSITION: 4, THEO: 0.06, MARK: 0.05, BID: 0.055, ASK: 0.07 }, 2, 4 * 0.005 * 50_000],
    [CALL, { POSITION: -4, THEO: 0.06, BID: 0.055, ASK: 0.07 }, 2, 4 * 0.01 * 50_000],
    // By the mark where nobody has a theoretical value; all of it where nobody bids, and nothing where nobody knows what it is worth.
    [CALL, { POSITION: 4, THEO: Number.NaN, MARK: 0.05, BID: 0.045 }, 2, 4 * 0.005 * 50_000],
    [CALL, { POSITION: 4, THEO: 0.06, BID: Number.NaN }, 2, 4 * 0.06 * 50_000],
    [CALL, { POSITION: 4, THEO: Number.NaN, MARK: Number.NaN }, 2, 0],
    // What closes better than its value costs nothing, and makes up for no other.
    [CALL, { POSITION: 4, THEO: 0.06, BID: 0.065 }, 2, 0],
    [PERPETUAL, { POSITION: -100_000, MARK: 50_000, ASK: 50_500 }, 2, 2 * (1 - 50_000 / 50_500) * 50_000],
    [PERPETUAL, { POSITION: 100_000, MARK: 50_000, BID: 0 }, 2, 100_000],
    [LINEAR_CALL, { POSITION: 10, THEO: 6, BID: 5.5, ASK: 7 }, 0, 5],
  ])('of instrument %i with %o has a delta of %f, and costs %f to be rid of', (id, facts, delta, cost) => {
    set(id, facts);
    const [found, unwinding] = take(id);
    expect(found).toBeCloseTo(delta, 9);
    expect(unwinding).toBeCloseTo(cost, 6);
  });
});

describe('what a strategy has lost', () => {
  const { cells, table, underlyings, set } = book();
  const losses = new StrategyLosses(cells, table);
  const fill = (strategy: number, id: number, price: number, amount: number): void => {
    losses.fill.set([price, amount]);
    losses.add(strategy, id);
  };
  const lossOf = (strategy: number): number => {
    losses.value(strategy, underlyings, indexes, INDEX, STRIDE);
    return losses.loss[0]!;
  };

  it('is what its own fills cost, less what they have brought and what is left of them is worth', () => {
    set(CALL, { THEO: 0.06 });
    set(PERPETUAL, { MARK: 50_000 });
    set(LINEAR_CALL, { THEO: 6 });
    fill(1, CALL, 0.07, 2);
    expect(lossOf(1)).toBeCloseTo(2 * 0.01 * 50_000, 6);
    expect(lossOf(2)).toBe(0);
    fill(1, CALL, 0.08, -2);
    expect(lossOf(1)).toBeCloseTo(-2 * 0.01 * 50_000, 6);
    // A short of 100,000 USD from 40,000: 2.5 coins were sold that cost 2 now.
    fill(2, PERPETUAL, 40_000, -100_000);
    expect(lossOf(2)).toBeCloseTo(0.5 * 50_000, 6);
    fill(3, LINEAR_CALL, 7, 10);
    expect(lossOf(3)).toBeCloseTo(10, 6);
  });

  it('takes a strategy beyond those that it knows for the one whose place it falls in, and what has no price for what it cost', () => {
    fill(JUDGED_STRATEGIES + 5, CALL, 0.07, 1);
    expect(lossOf(5)).toBeCloseTo(0.01 * 50_000, 6);
    fill(6, CALL, Number.NaN, 1);
    fill(7, CALL, 0.07, 1);
    set(CALL, { THEO: Number.NaN });
    expect([lossOf(6), lossOf(7)]).toEqual([0, 0]);
  });

  it('is the same after a restart from its cells', () => {
    set(CALL, { THEO: 0.06 });
    const before = [1, 2, 3, 5, 7].map(lossOf);
    expect(before).not.toContain(0);
    losses.onRestore();
    expect([1, 2, 3, 5, 7].map(lossOf)).toEqual(before);
  });
});
