import type { Cells } from '../orders/cells.js';
import { Contract } from './contract.js';

/** Numbers of one position, in this order in its row of `cells`. */
export const SIZE = 0;
/** Mean of the contract's `value(price)` over what is held, see contract.ts. */
const ENTRY = 1;
export const REALISED = 2;
export const FEES = 3;
export const FUNDING = 4;
export const BOUGHT = 5;
export const SOLD = 6;
/** Profit of deliveries, a part of REALISED. */
export const SETTLED = 7;
export const POSITION_FIELDS = 8;

/** Below this share of the trade that closes it, a size is what rounding left of nothing. */
const ROUNDING = 1e-9;

/**
 * Positions at average cost, one row an instrument: size, entry, what was realised. Money in the settlement currency.
 *
 * Numbers go in by `trade` and come out in `result`, because what crosses a call may be boxed.
 */
export class PositionBook {
  /** Rows of POSITION_FIELDS numbers, by instrument. */
  readonly cells: Float64Array;
  /** Contract of each instrument; NONE where it was not defined. */
  readonly contracts: Int32Array;
  /** [signed amount, price, fee] that `add` books. */
  readonly trade = new Float64Array(3);
  /** [profit] that the last `add` realised or `unrealised` found. */
  readonly result = new Float64Array(1);
  /** The instruments that are held, densely; `held` of them. */
  readonly heldIds: Int32Array;
  private readonly heldCount: Int32Array;
  /** Place + 1 among the held; 0 where it is flat. */
  private readonly placeOf: Int32Array;

  constructor(cells: Cells, instruments: number) {
    this.cells = cells.float64(instruments * POSITION_FIELDS, 'position book: cells', {
      SIZE,
      ENTRY,
      REALISED,
      FEES,
      FUNDING,
      BOUGHT,
      SOLD,
      SETTLED,
    });
    this.contracts = cells.int32(instruments, 'contracts');
    this.heldIds = cells.int32(instruments, 'held ids');
    this.placeOf = cells.int32(instruments, 'place of');
    this.heldCount = cells.int32(1, 'held count');
  }

  get held(): number {
    return this.heldCount[0]!;
  }

  define(instrument: number, contract: number): void {
    this.contracts[instrument] = contract;
  }

  /** Books the trade: what is beyond the position's size opens the other way round. False for an instrument that is not known. */
  add(instrument: number): boolean {
    if (this.contracts[instrument] === undefined || this.contracts[instrument] === Contract.NONE) return false;
    const { cells, trade } = this;
    const row = instrument * POSITION_FIELDS;
    const amount = trade[0]!;
    const value = this.contracts[instrument] === Contract.FUTURE_INVERSE ? -1 / trade[1]! : trade[1]!;
    const size = cells[row + SIZE]!;
    let after = size + amount;
    if (Math.abs(after) < ROUNDING * Math.abs(amount)) after = 0;
    let profit = 0;
    if (size === 0 || size > 0 === amount > 0) {
      cells[row + ENTRY] = size === 0 ? value : (size * cells[row + ENTRY]! + amount * value) / (size + amount);
    } else {
      const closes = Math.abs(amount) < Math.abs(size) ? -amount : size;
      profit = closes * (value - cells[row + ENTRY]!);
      if (after !== 0 && after > 0 !== size > 0) cells[row + ENTRY] = value;
    }
    cells[row + SIZE] = after;
    cells[row + REALISED]! += profit;
    cells[row + FEES]! += trade[2]!;
    if (amount > 0) cells[row + BOUGHT]! += amount;
    else cells[row + SOLD]! -= amount;
    this.result[0] = profit;
    this.keepHeld(instrument, after !== 0);
    return true;
  }

  /** Ends a position by delivery at a price: the profit in `result`. */
  deliver(instrument: number, price: number, fee: number): void {
    const row = instrument * POSITION_FIELDS;
    const { cells, trade } = this;
    const bought = cells[row + BOUGHT]!;
    const sold = cells[row + SOLD]!;
    trade[0] = -cells[row + SIZE]!;
    trade[1] = price;
    trade[2] = fee;
    this.add(instrument);
    // A delivery is no trade.
    cells[row + BOUGHT] = bought;
    cells[row + SOLD] = sold;
    cells[row + SETTLED]! += this.result[0]!;
  }

  /** Corrects what a delivery realised, and its fee. */
  correctDelivery(instrument: number, profit: number, fee: number): void {
    const row = instrument * POSITION_FIELDS;
    this.cells[row + REALISED]! += profit;
    this.cells[row + SETTLED]! += profit;
    this.cells[row + FEES]! += fee;
  }

  /** Profit of what is held at a price, into `result`. NaN where the price is. */
  unrealised(instrument: number, prices: Float64Array, index: number): void {
    const row = instrument * POSITION_FIELDS;
    const price = prices[index]!;
    const value = this.contracts[instrument] === Contract.FUTURE_INVERSE ? -1 / price : price;
    const size = this.cells[row + SIZE]!;
    this.result[0] = size === 0 ? 0 : size * (value - this.cells[row + ENTRY]!);
  }

  /** Average price of what is held, the venue's price unit, into `result`; NaN while flat. */
  averagePrice(instrument: number): void {
    const row = instrument * POSITION_FIELDS;
    const entry = this.cells[row + ENTRY]!;
    const isInverseFuture = this.contracts[instrument] === Contract.FUTURE_INVERSE;
    this.result[0] = this.cells[row + SIZE] === 0 ? Number.NaN : isInverseFuture ? -1 / entry : entry;
  }

  private keepHeld(instrument: number, isHeld: boolean): void {
    const { heldIds, placeOf, heldCount } = this;
    const place = placeOf[instrument]!;
    if (isHeld === place > 0) return;
    if (isHeld) {
      heldIds[heldCount[0]!] = instrument;
      heldCount[0]! += 1;
      placeOf[instrument] = heldCount[0]!;
      return;
    }
    heldCount[0]! -= 1;
    const moved = heldIds[heldCount[0]!]!;
    heldIds[place - 1] = moved;
    placeOf[moved] = place;
    placeOf[instrument] = 0;
  }
}
