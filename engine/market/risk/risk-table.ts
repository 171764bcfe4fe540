import { type Instrument, InstrumentKind } from '../instrument.js';
import type { Cells } from '../orders/cells.js';
import { Contract, contractOf } from '../portfolio/contract.js';

/** Numbers of one instrument, in this order in its row. */
export const FACT = {
  STRIKE: 0,
  /** 1 call, -1 put, 0 no option. */
  RIGHT: 1,
  LEAST_AMOUNT: 2,
  TICK: 3,
  ABOVE_1: 4,
  TICK_1: 5,
  ABOVE_2: 6,
  TICK_2: 7,
  /** Lowest and highest price that the venue accepts now; NaN while it has not said. */
  MIN_PRICE: 8,
  MAX_PRICE: 9,
  /** The venue's mark; NaN while there is none. */
  MARK: 10,
  /** Theoretical value and its vega per 1.00 of volatility in USD; NaN while there is none. */
  THEO: 11,
  VEGA: 12,
  /** Signed size of our position, the venue's amount unit. */
  POSITION: 13,
  /** Best price of each side in the book; NaN where there is none. */
  BID: 14,
  ASK: 15,
  EXPIRY: 16,
  VOLATILITY: 17,
  /** Our best orders at work, and our best quotes; NaN where there are none. */
  OWN_BID: 18,
  OWN_ASK: 19,
  QUOTED_BID: 20,
  QUOTED_ASK: 21,
  /** Of all who trade it, the venue's amount unit; 0 while it is not known. */
  OPEN_INTEREST: 22,
  /** 1 for a perpetual. */
  PERPETUAL: 23,
} as const;
export const FACT_FIELDS = 24;

const UNKNOWN_AT_FIRST = [
  ...[FACT.MIN_PRICE, FACT.MAX_PRICE, FACT.MARK, FACT.THEO, FACT.VEGA, FACT.BID, FACT.ASK],
  ...[FACT.OWN_BID, FACT.OWN_ASK, FACT.QUOTED_BID, FACT.QUOTED_ASK],
];

/** A price is on a tick when it is this near to one, in ticks. */
const ON_TICK = 1e-6;

/** What the checks need to know of every instrument, one row each. */
export class RiskTable {
  /** Rows of FACT_FIELDS numbers, by instrument. */
  readonly facts: Float64Array;
  /** By instrument: contract, life cycle, state of its book, flags of its theoretical value. */
  readonly contracts: Int32Array;
  readonly states: Int32Array;
  readonly books: Int32Array;
  readonly theoFlags: Int32Array;
  /** Behind the last instrument that is defined: whoever looks at all of them need not look at the room that is left. */
  end = 0;

  constructor(cells: Cells, instruments: number) {
    this.facts = cells.float64(instruments * FACT_FIELDS, 'facts', FACT);
    this.contracts = cells.int32(instruments, 'contracts');
    this.states = cells.int32(instruments, 'states');
    this.books = cells.int32(instruments, 'books');
    this.theoFlags = cells.int32(instruments, 'theo flags');
  }

  get capacity(): number {
    return this.contracts.length;
  }

  onRestore(): void {
    const { contracts } = this;
    this.end = contracts.length;
    while (this.end > 0 && contracts[this.end - 1] === Contract.NONE) this.end--;
  }

  define(id: number, instrument: Instrument): void {
    const { facts } = this;
    const row = id * FACT_FIELDS;
    if (this.contracts[id] === Contract.NONE) {
      for (const unknown of UNKNOWN_AT_FIRST) facts[row + unknown] = Number.NaN;
    }
    if (id >= this.end) this.end = id + 1;
    this.contracts[id] = contractOf(instrument);
    this.states[id] = instrument.state;
    const [first, second] = instrument.tickSteps;
    facts[row + FACT.STRIKE] = instrument.strike;
    facts[row + FACT.RIGHT] = instrument.right === undefined ? 0 : instrument.right === 'call' ? 1 : -1;
    facts[row + FACT.LEAST_AMOUNT] = instrument.minimumAmount;
    facts[row + FACT.TICK] = instrument.tickSize;
    facts[row + FACT.ABOVE_1] = first?.abovePrice ?? Number.POSITIVE_INFINITY;
    facts[row + FACT.TICK_1] = first?.tickSize ?? instrument.tickSize;
    facts[row + FACT.ABOVE_2] = second?.abovePrice ?? Number.POSITIVE_INFINITY;
    facts[row + FACT.TICK_2] = second?.tickSize ?? instrument.tickSize;
    facts[row + FACT.EXPIRY] = instrument.expiry;
    facts[row + FACT.PERPETUAL] = instrument.kind === InstrumentKind.PERPETUAL ? 1 : 0;
  }

  /** Place among the facts of the tick that holds at the price `numbers[at]`: the tick itself would be boxed on its way. */
  placeOfTick(id: number, numbers: Float64Array, at = 0): number {
    const { facts } = this;
    const row = id * FACT_FIELDS;
    const price = numbers[at]!;
    if (price > facts[row + FACT.ABOVE_2]!) return row + FACT.TICK_2;
    return row + (price > facts[row + FACT.ABOVE_1]! ? FACT.TICK_1 : FACT.TICK);
  }

  /** Whether `numbers[at]` is a price on the tick that holds there. */
  isOnTick(id: number, numbers: Float64Array, at = 0): boolean {
    return isWhole(numbers[at]! / this.facts[this.placeOfTick(id, numbers, at)]!);
  }

  /** Whether `numbers[at]` is a multiple of the least amount. */
  isLot(id: number, numbers: Float64Array, at = 0): boolean {
    return isWhole(numbers[at]! / this.facts[id * FACT_FIELDS + FACT.LEAST_AMOUNT]!);
  }
}

/** Whether a number of steps is a whole one, but for what is lost in doubles. */
export function isWhole(steps: number): boolean {
  const off = steps - Math.round(steps);
  return off < ON_TICK && off > -ON_TICK;
}
