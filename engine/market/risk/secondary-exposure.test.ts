import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExpiryPlaces } from '../expiry-places.js';
import { CellCount } from '../orders/cells.js';
import { PROTECTED_SIDE, RestingBook, SELL_SIDE, SIDES } from './resting-book.js';
import { FACT, FACT_FIELDS, RiskTable } from './risk-table.js';
import { SECONDARIES, SECONDARY, SecondaryExposure } from './secondary-exposure.js';

const YEAR = 365 * 86_400e6;
const NOW = 1e15;
const UNDERLYINGS = 2;
/** Underlying and years of each expiry; of each underlying its index. */
const EXPIRIES = [
  [0, 0.02],
  [1, 0.25],
  [0, 1],
] as const;
const INDEXES = [60_000, 3000] as const;
const FORWARD_OF_INDEX = 1.01;
/** Strikes as parts of the forward: near it, beyond half a deviation, and wings. */
const STRIKES = [0.4, 0.9, 1, 1.1, 2.5] as const;
const VOLATILITY = 0.5;
const ROUND = { amountUsd: 120_000, vega: 2000 };
const ROUNDS = 2;
const WING = 1;
const SKEW = 0.5;
const REFERENCE_YEARS = 30 / 365;

interface Option {
  expiry: number;
  strike: number;
  isCall: boolean;
  position: number;
  /** Bid, offer, bid under protection, offer under protection. */
  amounts: [number, number, number, number];
  vega: number;
  /** Theta, vanna, volga of one. */
  told: [number, number, number];
}

const amount = fc.oneof(
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 9 }) },
);
const option: fc.Arbitrary<Option> = fc.record({
  expiry: fc.nat(EXPIRIES.length - 1),
  strike: fc.constantFrom(...STRIKES),
  isCall: fc.boolean(),
  position: fc.integer({ min: -5, max: 5 }),
  amounts: fc.tuple(amount, amount, amount, amount),
  vega: fc.integer({ min: 1, max: 90 }),
  told: fc.tuple(
    fc.integer({ min: -90, max: 90 }),
    fc.integer({ min: -90, max: 90 }),
    fc.integer({ min: -90, max: 90 }),
  ),
});

/** The same in plain words: every sum is taken from the options each time. */
class Plain {
  readonly options: readonly Option[];

  constructor(options: readonly Option[]) {
    this.options = options;
  }

  underlyingOf({ expiry }: Option): number {
    return EXPIRIES[expiry]![0];
  }

  private deviations({ expiry, strike }: Option): number {
    return Math.log(strike) / (VOLATILITY * Math.sqrt(EXPIRIES[expiry]![1]));
  }

  unitsOf(of: Option): number[] {
    const z = this.deviations(of);
    const units: number[] = [];
    units[SECONDARY.THETA] = of.told[0];
    units[SECONDARY.VANNA] = of.told[1];
    units[SECONDARY.VOLGA] = of.told[2];
    units[SECONDARY.WEIGHTED_VEGA] = of.vega * Math.sqrt(REFERENCE_YEARS / EXPIRIES[of.expiry]![1]);
    units[SECONDARY.SKEW_VEGA] = z > SKEW ? of.vega : z < -SKEW ? -of.vega : 0;
    units[SECONDARY.WING_VEGA] = Math.abs(z) > WING ? of.vega : 0;
    return units;
  }

  isWing(of: Option): boolean {
    return Math.abs(this.deviations(of)) > WING;
  }

  /** What protection lets through at most: two rounds, filled in whatever weighs most. */
  private cap(underlying: number, greek: number): number {
    const caps = this.options
      .filter((each) => this.underlyingOf(each) === underlying)
      .filter(({ position, amounts }) => position !== 0 || amounts.some((each) => each !== 0))
      .map((each) => {
        const unit = Math.abs(this.unitsOf(each)[greek]!);
        const isVega = ([SECONDARY.WEIGHTED_VEGA, SECONDARY.SKEW_VEGA, SECONDARY.WING_VEGA] as number[]).includes(
          greek,
        );
        return isVega
          ? (ROUNDS * ROUND.vega * unit) / each.vega
          : ((ROUNDS * ROUND.amountUsd) / INDEXES[underlying]!) * unit;
      });
    return Math.max(0, ...caps);
  }

  /** What an amount more of an option could make of a Greek. */
  worst(greek: number, of: Option, isSell: boolean, isProtected: boolean, more: number): number {
    const underlying = this.underlyingOf(of);
    const added = (isSell ? -1 : 1) * more * this.unitsOf(of)[greek]!;
    if (added === 0) return 0;
    let held = 0;
    let open = isProtected ? 0 : added;
    let shielded = isProtected ? added : 0;
    for (const each of this.options.filter((other) => this.underlyingOf(other) === underlying)) {
      const unit = this.unitsOf(each)[greek]!;
      held += each.position * unit;
      each.amounts.forEach((rests, side) => {
        const could = ((side & SELL_SIDE) === 0 ? rests : -rests) * unit;
        if (could * added <= 0) return;
        if ((side & PROTECTED_SIDE) === 0) open += could;
        else shielded += could;
      });
    }
    const cap = this.cap(underlying, greek);
    const bounded = cap > 0 ? Math.sign(shielded) * Math.min(Math.abs(shielded), cap) : shielded;
    return held + open + bounded;
  }

  /** Wings of an underlying that are sold, or offered, beyond those of their expiry and right that are held. */
  naked(underlying: number): number {
    let sum = 0;
    EXPIRIES.forEach((_, expiry) => {
      for (const isCall of [false, true]) {
        const wings = this.options.filter(
          (each) =>
            each.expiry === expiry &&
            each.isCall === isCall &&
            this.isWing(each) &&
            this.underlyingOf(each) === underlying,
        );
        const sold = wings.reduce(
          (all, { position, amounts }) => all + Math.max(0, -position) + amounts[1] + amounts[3],
          0,
        );
        const bought = wings.reduce((all, { position }) => all + Math.max(0, position), 0);
        sum += Math.max(0, sold - bought);
      }
    });
    return sum;
  }
}

/** The exposure of these options, with one that is not defined before them and a future behind. */
function exposureOf(options: readonly Option[]): {
  exposure: SecondaryExposure;
  look: () => void;
  idOf: (place: number) => number;
} {
  const capacity = options.length + 3;
  const cells = new CellCount();
  const table = new RiskTable(cells, capacity);
  table.end = capacity;
  const resting = new RestingBook(cells, capacity, EXPIRIES.length + 1, UNDERLYINGS);
  const places = new ExpiryPlaces(cells, capacity, EXPIRIES.length + 1);
  const exposure = new SecondaryExposure(cells, table, resting, places, UNDERLYINGS, ROUND);
  const idOf = (place: number): number => place + 1;
  const forwards = new Float64Array(2 * (EXPIRIES.length + 1));
  const indexes = new Float64Array(2 * UNDERLYINGS);
  INDEXES.forEach((index, underlying) => {
    indexes[2 * underlying + 1] = index;
  });
  // Places in the order of the expiries, by a future each, of which much is held and nothing counts.
  EXPIRIES.forEach(([underlying, years], expiry) => {
    const place = places.define(options.length + 1, underlying, NOW + years * YEAR);
    expect(place).toBe(expiry);
    forwards[2 * place] = INDEXES[underlying] * FORWARD_OF_INDEX;
  });
  const future = options.length + 1;
  table.facts[future * FACT_FIELDS + FACT.POSITION] = 1000;
  table.facts[future * FACT_FIELDS + FACT.VEGA] = 50;
  exposure.units.fill(7, future * SECONDARIES, (future + 1) * SECONDARIES);
  options.forEach(({ expiry, strike, isCall, position, amounts, vega, told }, at) => {
    const id = idOf(at);
    const [underlying, years] = EXPIRIES[expiry]!;
    places.define(id, underlying, NOW + years * YEAR);
    const row = id * FACT_FIELDS;
    table.facts[row + FACT.RIGHT] = isCall ? 1 : -1;
    table.facts[row + FACT.STRIKE] = strike * INDEXES[underlying] * FORWARD_OF_INDEX;
    table.facts[row + FACT.VOLATILITY] = VOLATILITY;
    table.facts[row + FACT.VEGA] = vega;
    table.facts[row + FACT.POSITION] = position;
    exposure.units[id * SECONDARIES + SECONDARY.THETA] = told[0];
    exposure.units[id * SECONDARIES + SECONDARY.VANNA] = told[1];
    exposure.units[id * SECONDARIES + SECONDARY.VOLGA] = told[2];
    for (let side = 0; side < SIDES; side++) resting.amounts[id * SIDES + side] = amounts[side]!;
  });
  const look = (): void => exposure.recompute(Float64Array.of(NOW), forwards, 0, indexes, 1, 2);
  return { exposure, look, idOf };
}

describe('the Greeks beside delta, vega and gamma', () => {
  it('are what adding up every option finds, whatever is held, rests and would be added', () => {
    fc.assert(
      fc.property(
        fc.array(option, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        (options, which, isSell, isProtected, more) => {
          const { exposure, look, idOf } = exposureOf(options);
          const plain = new Plain(options);
          look();
          // A second look begins anew.
          look();
          const at = which % options.length;
          const of = options[at]!;
          const underlying = plain.underlyingOf(of);
          const added = Float64Array.of(more);
          for (let greek = 0; greek < SECONDARIES; greek++) {
            exposure.worstOf(greek, idOf(at), underlying, isSell, isProtected, added);
            expect(exposure.worst[0]).toBeCloseTo(plain.worst(greek, of, isSell, isProtected, more), 6);
          }
          expect(exposure.wings[idOf(at)]).toBe(plain.isWing(of) ? 1 : 0);
          for (let each = 0; each < UNDERLYINGS; each++) expect(exposure.naked[each]).toBeCloseTo(plain.naked(each), 9);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('count what is approved at once, and a quick look finds what would be beyond a limit without the venue to protect us', () => {
    fc.assert(
      fc.property(
        fc.array(option, { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(3),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 2000 }),
        (options, which, side, more, limit) => {
          const { exposure, look, idOf } = exposureOf(options);
          look();
          const at = which % options.length;
          const isSell = (side & SELL_SIDE) !== 0;
          const isProtected = (side & PROTECTED_SIDE) !== 0;
          const amounts = [...options[at]!.amounts] as Option['amounts'];
          amounts[side]! += more;
          exposure.add(idOf(at), isSell, isProtected, Float64Array.of(more));
          const plain = new Plain(options.map((each, place) => (place === at ? { ...each, amounts } : each)));
          const of = plain.options[at]!;
          const underlying = plain.underlyingOf(of);
          // Two of its own kind, so that nothing protects: a bid and an offer that could be filled whole.
          const bare = new Plain(
            plain.options.map((each) => ({
              ...each,
              amounts: [each.amounts[0] + each.amounts[2], each.amounts[1] + each.amounts[3], 0, 0],
            })),
          );
          const isBeyond = (greek: number): boolean => {
            const worst = bare.worst(greek, bare.options[at]!, isSell, false, more);
            const added = (isSell ? -1 : 1) * more * bare.unitsOf(bare.options[at]!)[greek]!;
            return added !== 0 && (added > 0 ? worst : -worst) > limit + 1e-9;
          };
          const found = [...Array(SECONDARIES).keys()].find(isBeyond) ?? SECONDARIES;
          const limits = new Float64Array(SECONDARIES + 2).fill(limit, 2);
          expect(exposure.firstBeyond(0, idOf(at), underlying, isSell, Float64Array.of(more), limits, 2)).toBe(found);
          expect(exposure.firstBeyond(found + 1, idOf(at), underlying, isSell, Float64Array.of(more), limits, 2)).toBe(
            [...Array(SECONDARIES).keys()].slice(found + 1).find(isBeyond) ?? SECONDARIES,
          );
        },
      ),
      { numRuns: 150 },
    );
  });
});
