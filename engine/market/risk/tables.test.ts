import { describe, expect, it } from 'vitest';
import { black76Price } from '../../quant/black76/index.js';
import { deducedInstrument } from '../deduced-instrument.js';
import { CellCount } from '../orders/cells.js';
import { Contract } from '../portfolio/contract.js';
import { Venue } from '../venue.js';
import { FACT, FACT_FIELDS, RiskTable } from './risk-table.js';
import { HELD, HELD_FIELDS, ScenarioScan, SPOT_MOVES, VOL_MOVES, WORST_FIELDS } from './scenario-scan.js';

describe('the table of instruments', () => {
  const table = new RiskTable(new CellCount(), 4);
  const call = {
    ...deducedInstrument(Venue.DERIBIT, 'BTC-25DEC26-60000-C')!,
    minimumAmount: 0.1,
    tickSize: 0.0001,
    tickSteps: [
      { abovePrice: 0.005, tickSize: 0.0005 },
      { abovePrice: 0.1, tickSize: 0.001 },
    ],
  };
  const put = { ...deducedInstrument(Venue.DERIBIT, 'BTC-25DEC26-50000-P')!, tickSize: 0.5, tickSteps: [] };
  table.define(2, call);
  table.define(1, put);
  const fact = (id: number, field: number): number => table.facts[id * FACT_FIELDS + field]!;

  it('knows of each what its definition says', () => {
    expect([fact(2, FACT.STRIKE), fact(1, FACT.STRIKE)]).toEqual([60_000, 50_000]);
    expect([fact(2, FACT.RIGHT), fact(1, FACT.RIGHT)]).toEqual([1, -1]);
    expect([fact(2, FACT.LEAST_AMOUNT), fact(2, FACT.EXPIRY)]).toEqual([0.1, call.expiry]);
    expect([table.contracts[2], table.contracts[1], table.contracts[3]]).toEqual([
      Contract.OPTION_INVERSE,
      Contract.OPTION_INVERSE,
      Contract.NONE,
    ]);
    expect(table.states[2]).toBe(call.state);
    expect(table.capacity).toBe(4);
  });

  it('knows no price of what was defined for the first time, and keeps those of what is defined anew', () => {
    const unknown = [FACT.MIN_PRICE, FACT.MAX_PRICE, FACT.MARK, FACT.THEO, FACT.VEGA, FACT.BID, FACT.ASK];
    for (const field of [...unknown, FACT.OWN_BID, FACT.OWN_ASK, FACT.QUOTED_BID, FACT.QUOTED_ASK]) {
      expect(fact(2, field)).toBeNaN();
    }
    expect([fact(2, FACT.POSITION), fact(3, FACT.MARK)]).toEqual([0, 0]);
    table.facts[2 * FACT_FIELDS + FACT.MARK] = 0.04;
    table.define(2, call);
    expect(fact(2, FACT.MARK)).toBe(0.04);
  });

  it.each([
    [0.0012, true],
    [0.00125, false],
    // A step begins above its price.
    [0.005, true],
    [0.0051, false],
    [0.0055, true],
    [0.1, true],
    [0.1005, false],
    [0.101, true],
  ])('finds the tick that holds at %d', (price, isOn) => {
    expect(table.isOnTick(2, Float64Array.of(price))).toBe(isOn);
  });

  it('takes the tick of an instrument without steps at any price, and multiples of the least amount alone', () => {
    expect([1.5, 1e6 + 0.5, 0.25].map((price) => table.isOnTick(1, Float64Array.of(price)))).toEqual([
      true,
      true,
      false,
    ]);
    expect([0.1, 0.30000000000000004, 0.15, 0.0999].map((amount) => table.isLot(2, Float64Array.of(amount)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('the scan of scenarios', () => {
  const UNDERLYINGS = 3;
  const NODES = SPOT_MOVES.length * VOL_MOVES.length;

  function held(...rows: Partial<Record<keyof typeof HELD, number>>[]): Float64Array {
    const cells = new Float64Array(rows.length * HELD_FIELDS);
    rows.forEach((row, place) => {
      for (const [name, value] of Object.entries(row))
        cells[place * HELD_FIELDS + HELD[name as keyof typeof HELD]] = value;
    });
    return cells;
  }

  /** A whole turn; what each underlying would lose at worst, and by which moves. */
  function worst(scan: ScenarioScan, cells: Float64Array): number[][] {
    for (let node = 1; node <= NODES; node++) expect(scan.step(cells, cells.length / HELD_FIELDS)).toBe(node === NODES);
    return Array.from({ length: UNDERLYINGS }, (_, underlying) => [
      ...scan.worst.subarray(underlying * WORST_FIELDS, (underlying + 1) * WORST_FIELDS),
    ]);
  }

  it('finds the move that hurts each underlying most, futures by their own payoff', () => {
    const rows = held(
      { SIZE: 10, CONTRACT: Contract.FUTURE_LINEAR, FORWARD: 1000, INDEX: 1000, UNDERLYING: 2 },
      { SIZE: -60_000, CONTRACT: Contract.FUTURE_INVERSE, FORWARD: 60_000, INDEX: 59_000, UNDERLYING: 1 },
    );
    const [none, inverse, linear] = worst(new ScenarioScan(new CellCount(), UNDERLYINGS), rows);
    expect(none).toEqual([0, 0, 0]);
    expect(linear![0]).toBeCloseTo(3000, 6);
    expect(linear!.slice(1)).toEqual([-0.3, -0.25]);
    // Sixty thousand dollars sold lose coin as the coin rises: 1 - 1 / 1.3 of one.
    expect(inverse![0]).toBeCloseTo((1 - 1 / 1.3) * 59_000, 6);
    expect(inverse!.slice(1)).toEqual([0.3, -0.25]);
  });

  it('revalues options in full, paid in coin or in dollars, and adds up what is of one underlying', () => {
    const option = { FORWARD: 60_000, STRIKE: 62_000, YEARS: 0.1, VOLATILITY: 0.6, INDEX: 60_100, UNDERLYING: 1 };
    const call = { ...option, SIZE: -2, CONTRACT: Contract.OPTION_INVERSE, RIGHT: 1 };
    const put = { ...option, SIZE: -3, CONTRACT: Contract.OPTION_LINEAR, RIGHT: -1 };
    const [, found] = worst(new ScenarioScan(new CellCount(), UNDERLYINGS), held(call, put));
    let most = 0;
    let at: number[] = [];
    for (const vol of VOL_MOVES) {
      for (const spot of SPOT_MOVES) {
        const moved = 60_000 * (1 + spot);
        const price = (forward: number, sigma: number, isCall: boolean): number =>
          black76Price(forward, 62_000, 0.1, sigma, isCall);
        const ofCall = -2 * (price(moved, 0.6 * (1 + vol), true) / moved - price(60_000, 0.6, true) / 60_000) * 60_100;
        const ofPut = -3 * (price(moved, 0.6 * (1 + vol), false) - price(60_000, 0.6, false));
        if (-(ofCall + ofPut) > most) [most, at] = [-(ofCall + ofPut), [spot, vol]];
      }
    }
    expect(found![0]).toBeCloseTo(most, 6);
    expect(found!.slice(1)).toEqual(at);
  });

  it('finds what a bad day could cost: within its move, and no further than the volatility of what is held says', () => {
    const day = (...rows: Parameters<typeof held>): number[] => {
      const scan = new ScenarioScan(new CellCount(), UNDERLYINGS);
      worst(scan, held(...rows));
      return [...scan.valueAtRisk];
    };
    const future = { CONTRACT: Contract.FUTURE_LINEAR, FORWARD: 1000, INDEX: 1000 };
    // A coin alone moves by 100 % a year, so by 12.2 % a day in 99 of a hundred; a loss lies on either side of what is held.
    const move = 2.326 / Math.sqrt(365);
    const [long, short, none] = day({ ...future, SIZE: 10, UNDERLYING: 0 }, { ...future, SIZE: -1, UNDERLYING: 1 });
    expect([long, short, none].map((found) => Math.round(found! * 1e6) / 1e6)).toEqual(
      [10_000 * move, 1000 * move, 0].map((found) => Math.round(found * 1e6) / 1e6),
    );
    // With options their volatility counts, by amount; worthless ones by theirs all the same.
    const dust = { ...future, CONTRACT: Contract.OPTION_LINEAR, STRIKE: 1e6, YEARS: 1e-6, RIGHT: 1, UNDERLYING: 0 };
    const [calm] = day(
      { ...future, SIZE: 10, UNDERLYING: 0 },
      { ...dust, SIZE: 3, VOLATILITY: 0.2 },
      { ...dust, SIZE: -1, VOLATILITY: 0.6 },
    );
    expect(calm).toBeCloseTo(10_000 * move * 0.3, 6);
    // A day wilder than the grid ends with it.
    const [wild] = day({ ...future, SIZE: 10, UNDERLYING: 0 }, { ...dust, SIZE: 1, VOLATILITY: 9 });
    expect(wild).toBeCloseTo(3000, 6);
  });

  it('forgets the turn before, and leaves out what has no value', () => {
    const scan = new ScenarioScan(new CellCount(), UNDERLYINGS);
    const future = { SIZE: 1, CONTRACT: Contract.FUTURE_LINEAR, FORWARD: 1000, INDEX: 1000, UNDERLYING: 0 };
    expect(worst(scan, held(future))[0]![0]).toBeCloseTo(300, 6);
    expect(worst(scan, held({ ...future, FORWARD: Number.NaN }, { ...future, SIZE: -0.5 }))[0]![0]).toBeCloseTo(150, 6);
    expect(worst(scan, held())[0]).toEqual([0, 0, 0]);
  });
});
