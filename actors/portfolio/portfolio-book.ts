import { type Instrument, InstrumentKind } from '../../engine/market/instrument.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { Contract, contractOf, isInverse, isOption } from '../../engine/market/portfolio/contract.js';
import { DELTA, ExposureBook, NET_DELTA, UNIT_FIELDS } from '../../engine/market/portfolio/exposure-book.js';
import { PaidEstimates } from '../../engine/market/portfolio/paid-estimates.js';
import { POSITION_FIELDS, PositionBook, SIZE } from '../../engine/market/portfolio/position-book.js';
import { PROFIT, PROFIT_FIELDS, ProfitBook } from '../../engine/market/portfolio/profit-book.js';
import { Underlyings } from '../../engine/market/underlyings.js';

/** Prices that an instrument can be marked at, in this order in its row of `marks`; NaN where there is none. */
export const MARK = { THEO: 0, VENUE: 1, MID: 2, LAST_FILL: 3 } as const;
export const MARK_FIELDS = 4;

/** Currency names that stand for dollars: what is counted in them needs no index. */
const DOLLARS = new Set(['USD', 'USDC', 'USDT']);

/**
 * Everything that the portfolio stage remembers: positions, marks, Greeks and profits of every instrument, and where each one
 * belongs. Knows nothing of messages.
 */
export class PortfolioBook {
  readonly underlyings: Underlyings;
  readonly positions: PositionBook;
  readonly exposures: ExposureBook;
  readonly profits: ProfitBook;
  /** Rows of MARK_FIELDS prices, by instrument. */
  readonly marks: Float64Array;
  /** By instrument: kind as in definitions. */
  readonly kinds: Int32Array;
  /** By instrument, USD, 0 while unknown: the price at which it would be delivered by its last ticker, and the one at which the venue says that it was. */
  readonly deliveryEstimates: Float64Array;
  readonly deliveryPrices: Float64Array;
  readonly paidEstimates: PaidEstimates;
  /** By instrument: microseconds from its listing to its expiry; 1 once it has expired. */
  readonly lifetimes: Float64Array;
  readonly expired: Int32Array;
  /** By instrument: event time of the last funding told, and the rate. Rows of 2. */
  readonly fundings: Float64Array;
  /** By underlying: index in USD, 0 while none is known; two words of the settlement currency's name; 1 where that is a coin. */
  readonly indexes: Float64Array;
  readonly currencies: Int32Array;
  readonly inCoin: Int32Array;

  constructor(cells: Cells, instruments: number, expiries: number, underlyings: number) {
    this.underlyings = new Underlyings(cells, instruments);
    this.positions = new PositionBook(cells, instruments);
    this.exposures = new ExposureBook(cells, this.positions, instruments, expiries);
    this.profits = new ProfitBook(cells, underlyings);
    this.marks = cells.float64(instruments * MARK_FIELDS, 'marks', MARK);
    this.kinds = cells.int32(instruments, 'kinds');
    this.deliveryEstimates = cells.float64(instruments, 'delivery estimates');
    this.deliveryPrices = cells.float64(instruments, 'delivery prices');
    this.paidEstimates = new PaidEstimates(cells, instruments);
    this.lifetimes = cells.float64(instruments, 'lifetimes');
    this.expired = cells.int32(instruments, 'expired');
    this.fundings = cells.float64(instruments * 2, 'fundings: time, rate');
    this.indexes = cells.float64(underlyings, 'indexes');
    this.currencies = cells.int32(underlyings * 2, 'currencies');
    this.inCoin = cells.int32(underlyings, 'in coin');
  }

  /** Instruments below this number have a place. */
  get capacity(): number {
    return this.kinds.length;
  }

  define(id: number, instrument: Instrument): void {
    if (id >= this.capacity) return;
    const underlying = this.underlyings.define(id, instrument.venue, instrument.priceIndex);
    if (underlying < 0 || underlying >= this.indexes.length) return;
    const isNew = this.kinds[id] === 0;
    this.kinds[id] = instrument.kind;
    this.lifetimes[id] = instrument.expiry - instrument.created;
    this.positions.define(id, contractOf(instrument));
    this.exposures.define(id, underlying, instrument.expiry, instrument.strike, instrument.right === 'call');
    if (isNew) {
      this.marks.fill(Number.NaN, id * MARK_FIELDS, (id + 1) * MARK_FIELDS);
      this.fundings[id * 2] = Number.NaN;
    }
    // Nobody holds an index: what its price is in says nothing about what profits are in.
    if (instrument.kind === InstrumentKind.INDEX) return;
    const [word0, word1] = currencyWords(instrument.settlementCurrency);
    this.currencies[underlying * 2] = word0;
    this.currencies[underlying * 2 + 1] = word1;
    this.inCoin[underlying] = DOLLARS.has(instrument.settlementCurrency) ? 0 : 1;
  }

  isPerpetual(id: number): boolean {
    return this.kinds[id] === InstrumentKind.PERPETUAL;
  }

  underlyingOf(id: number): number {
    return this.underlyings.of(id);
  }

  /** A future's Greeks and value follow from its price alone. */
  markFuture(id: number): void {
    const { positions, exposures, marks } = this;
    const contract = positions.contracts[id]!;
    if (isOption(contract)) return;
    const price = marks[id * MARK_FIELDS + MARK.VENUE]!;
    if (!(price > 0)) return;
    const delta = isInverse(contract) ? 1 / price : 1;
    exposures.units[id * UNIT_FIELDS + DELTA] = delta;
    exposures.units[id * UNIT_FIELDS + NET_DELTA] = delta;
  }

  /** Marks what is held of every underlying three ways: at theoretical values, at the venue's marks, at mids. */
  markProfits(): void {
    const { profits, positions } = this;
    for (let underlying = 0; underlying < this.underlyings.size && underlying < this.indexes.length; underlying++) {
      profits.cells.fill(0, underlying * PROFIT_FIELDS + PROFIT.UNREALISED, (underlying + 1) * PROFIT_FIELDS);
    }
    for (let index = 0; index < positions.held; index++) this.markHeld(positions.heldIds[index]!);
  }

  private markHeld(id: number): void {
    const { profits, positions } = this;
    const row = this.underlyingOf(id) * PROFIT_FIELDS;
    for (let kind = 0; kind < 3; kind++) {
      positions.unrealised(id, this.marks, this.bestMark(id, kind));
      const profit = positions.result[0]!;
      if (!Number.isNaN(profit)) profits.cells[row + PROFIT.UNREALISED + kind]! += profit;
    }
  }

  /** Place in `marks` of the wanted kind of price, or of the next best that there is: a position is never worth nothing for want of a quote. */
  bestMark(id: number, wanted: number): number {
    const { marks } = this;
    const row = id * MARK_FIELDS;
    if (!Number.isNaN(marks[row + wanted]!)) return row + wanted;
    if (!Number.isNaN(marks[row + MARK.VENUE]!)) return row + MARK.VENUE;
    if (!Number.isNaN(marks[row + MARK.MID]!)) return row + MARK.MID;
    return row + MARK.LAST_FILL;
  }

  sizeOf(id: number): number {
    return this.positions.cells[id * POSITION_FIELDS + SIZE]!;
  }

  /** What one unit is worth in USD: options at their mark; a future holds no value of its own. */
  valueUnit(id: number): void {
    const contract = this.positions.contracts[id]!;
    if (!isOption(contract)) return;
    const price = this.marks[this.bestMark(id, MARK.THEO)]!;
    const index = contract === Contract.OPTION_INVERSE ? this.indexes[this.underlyingOf(id)]! : 1;
    this.exposures.usd[id] = Number.isNaN(price) ? 0 : price * index;
  }
}

/** Two words of a currency's name: up to eight bytes of ASCII, first byte lowest. */
export function currencyWords(name: string): [number, number] {
  const words: [number, number] = [0, 0];
  for (let at = 0; at < Math.min(8, name.length); at++) words[at >> 2]! |= name.charCodeAt(at) << ((at & 3) * 8);
  return words;
}
