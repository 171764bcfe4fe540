import { AnomalyKind, type AnomalyKindCode, Severity } from './kinds.js';
import {
  ASK,
  ASK_AMOUNT,
  BID,
  BID_AMOUNT,
  EARLIER,
  FORWARD,
  IS_CALL,
  IS_INVERSE,
  LATER,
  LINK_CELLS,
  LOWER,
  type MarketState,
  PAIR,
  ROW_CELLS,
  STRIKE,
  TAKER_FEE,
  UNDERLYING,
  UPPER,
} from './market-state.js';
import { AT_PRICE, DEVIATION, EXPECTED, FOUND, NOBODY, SIZE_USD, type Verdicts } from './verdicts.js';

/** A fee is at most this part of the option's price (Deribit). */
const FEE_CAP = 0.125;
/** Taker's fee of the future that closes a parity or a calendar trade, a fraction. */
const FUTURE_FEE = 0.0005;

/** Scratch cells: what a set of trades brings in the venue's unit, the amounts of its legs, the middle's price. */
const EDGE = 0;
const AMOUNT = 1;
const CELLS = 2;

/**
 * Arbitrage in quotes as they stand: two, three or four legs at the touch, after taker's fees. Prices of inverse options are in
 * the coin, those of linear ones in USD. An option is looked at together with its neighbours, so the cost is constant.
 */
export class ArbitrageDetector {
  private readonly rows: Float64Array;
  private readonly links: Int32Array;
  private readonly verdicts: Verdicts;
  private readonly scratch = new Float64Array(CELLS);
  /** USD below which nothing is told, at [0]. */
  private readonly least: Float64Array;

  constructor(state: MarketState, verdicts: Verdicts, leastUsd: number) {
    this.rows = state.rows;
    this.links = state.links;
    this.verdicts = verdicts;
    this.least = Float64Array.of(leastUsd);
  }

  /** An option's quote has changed. */
  check(id: number): void {
    const lower = this.neighbour(id, LOWER);
    const upper = this.neighbour(id, UPPER);
    if (lower >= 0) this.vertical(lower, id);
    if (upper >= 0) this.vertical(id, upper);
    if (lower >= 0 && upper >= 0) this.butterfly(lower, id, upper, id);
    if (lower >= 0) {
      const below = this.neighbour(lower, LOWER);
      if (below >= 0) this.butterfly(below, lower, id, id);
    }
    if (upper >= 0) {
      const above = this.neighbour(upper, UPPER);
      if (above >= 0) this.butterfly(id, upper, above, id);
    }
    const earlier = this.neighbour(id, EARLIER);
    if (earlier >= 0) this.calendar(earlier, id);
    const later = this.neighbour(id, LATER);
    if (later >= 0) this.calendar(id, later);
    const pair = this.neighbour(id, PAIR);
    if (pair >= 0) {
      if (this.rows[id * ROW_CELLS + IS_CALL] === 1) this.parity(id, pair);
      else this.parity(pair, id);
    }
  }

  private neighbour(id: number, link: number): number {
    return this.links[id * LINK_CELLS + link]! - 1;
  }

  /** Two strikes of one right: the dearer must cost more, and by no more than the strikes lie apart. */
  private vertical(low: number, high: number): void {
    const { rows, scratch } = this;
    const a = low * ROW_CELLS;
    const b = high * ROW_CELLS;
    const forward = rows[a + FORWARD]!;
    const unit = rows[a + IS_INVERSE] === 1 ? forward : 1;
    const apart = (rows[b + STRIKE]! - rows[a + STRIKE]!) / unit;
    const isCall = rows[a + IS_CALL] === 1;
    const dear = isCall ? a : b;
    const cheap = isCall ? b : a;
    // Buy the dearer at its offer, sell the cheaper at its bid: worth something at expiry, and paid for.
    scratch[EDGE] = rows[cheap + BID]! - rows[dear + ASK]! - this.fee(cheap, BID) - this.fee(dear, ASK);
    scratch[AMOUNT] = Math.min(rows[cheap + BID_AMOUNT]!, rows[dear + ASK_AMOUNT]!);
    if (scratch[EDGE]! > 0) this.tell(AnomalyKind.VERTICAL_ARBITRAGE, low, high, NOBODY);
    // The other way round: it can never be worth more than the strikes lie apart.
    scratch[EDGE] = rows[dear + BID]! - rows[cheap + ASK]! - apart - this.fee(dear, BID) - this.fee(cheap, ASK);
    scratch[AMOUNT] = Math.min(rows[dear + BID_AMOUNT]!, rows[cheap + ASK_AMOUNT]!);
    if (scratch[EDGE]! > 0) this.tell(AnomalyKind.VERTICAL_ARBITRAGE, low, high, NOBODY);
  }

  /** Three strikes of one right: the middle one must not bring more than the outer ones cost, weighted by their distances. */
  private butterfly(low: number, middle: number, high: number, told: number): void {
    const { rows, scratch } = this;
    const a = low * ROW_CELLS;
    const b = middle * ROW_CELLS;
    const c = high * ROW_CELLS;
    const width = rows[c + STRIKE]! - rows[a + STRIKE]!;
    const ofLow = (rows[c + STRIKE]! - rows[b + STRIKE]!) / width;
    const ofHigh = (rows[b + STRIKE]! - rows[a + STRIKE]!) / width;
    scratch[EDGE] =
      rows[b + BID]! -
      this.fee(b, BID) -
      ofLow * (rows[a + ASK]! + this.fee(a, ASK)) -
      ofHigh * (rows[c + ASK]! + this.fee(c, ASK));
    scratch[AMOUNT] = Math.min(rows[b + BID_AMOUNT]!, rows[a + ASK_AMOUNT]! / ofLow, rows[c + ASK_AMOUNT]! / ofHigh);
    if (!(scratch[EDGE]! > 0)) return;
    // The one that has just changed first: the others stood there already.
    if (told === low) this.tell(AnomalyKind.BUTTERFLY_ARBITRAGE, low, middle, high);
    else if (told === high) this.tell(AnomalyKind.BUTTERFLY_ARBITRAGE, high, middle, low);
    else this.tell(AnomalyKind.BUTTERFLY_ARBITRAGE, middle, low, high);
  }

  /**
   * The same strike at two expiries. In units of its forward a call falls with its moneyness K / F, by no more than one for
   * one, and does not fall with time at the same moneyness; a put rises so. Where the forwards differ that bounds it still.
   */
  private calendar(near: number, far: number): void {
    const { rows, scratch } = this;
    const a = near * ROW_CELLS;
    const b = far * ROW_CELLS;
    const nearForward = rows[a + FORWARD]!;
    const farForward = rows[b + FORWARD]!;
    const isInverse = rows[a + IS_INVERSE] === 1;
    const nearUnit = isInverse ? 1 : nearForward;
    const farUnit = isInverse ? 1 : farForward;
    const moneyness = rows[b + STRIKE]! / farForward - rows[a + STRIKE]! / nearForward;
    const slack = Math.max(0, rows[a + IS_CALL] === 1 ? moneyness : -moneyness);
    const edge =
      (rows[a + BID]! - this.fee(a, BID)) / nearUnit -
      (rows[b + ASK]! + this.fee(b, ASK)) / farUnit -
      slack -
      FUTURE_FEE;
    scratch[EDGE] = edge * nearUnit;
    scratch[AMOUNT] = Math.min(rows[a + BID_AMOUNT]!, rows[b + ASK_AMOUNT]!);
    if (edge > 0) this.tell(AnomalyKind.CALENDAR_ARBITRAGE, near, far, NOBODY);
  }

  /** Call less put is the forward less the strike. */
  private parity(call: number, put: number): void {
    const { rows, scratch } = this;
    const a = call * ROW_CELLS;
    const b = put * ROW_CELLS;
    const forward = rows[a + FORWARD]!;
    const unit = rows[a + IS_INVERSE] === 1 ? forward : 1;
    const parity = (forward - rows[a + STRIKE]!) / unit;
    const futureFee = (FUTURE_FEE * forward) / unit;
    scratch[EDGE] = rows[a + BID]! - rows[b + ASK]! - parity - this.fee(a, BID) - this.fee(b, ASK) - futureFee;
    scratch[AMOUNT] = Math.min(rows[a + BID_AMOUNT]!, rows[b + ASK_AMOUNT]!);
    if (scratch[EDGE]! > 0) this.tell(AnomalyKind.PARITY_VIOLATION, call, put, NOBODY);
    scratch[EDGE] = parity - rows[a + ASK]! + rows[b + BID]! - this.fee(a, ASK) - this.fee(b, BID) - futureFee;
    scratch[AMOUNT] = Math.min(rows[a + ASK_AMOUNT]!, rows[b + BID_AMOUNT]!);
    if (scratch[EDGE]! > 0) this.tell(AnomalyKind.PARITY_VIOLATION, call, put, NOBODY);
  }

  /** Taker's fee of one option at one side of its quote, the venue's unit. */
  private fee(row: number, side: number): number {
    const { rows } = this;
    const base = rows[row + TAKER_FEE]! * (rows[row + IS_INVERSE] === 1 ? 1 : rows[row + FORWARD]!);
    return Math.min(base, FEE_CAP * rows[row + side]!);
  }

  private tell(kind: AnomalyKindCode, first: number, second: number, third: number): void {
    const { rows, scratch, verdicts, least } = this;
    const row = first * ROW_CELLS;
    const unit = rows[row + IS_INVERSE] === 1 ? rows[row + FORWARD]! : 1;
    const usd = scratch[EDGE]! * scratch[AMOUNT]! * unit;
    if (!(usd >= least[0]!)) return;
    const numbers = verdicts.begin();
    numbers[FOUND] = scratch[EDGE]!;
    numbers[EXPECTED] = 0;
    numbers[DEVIATION] = usd / least[0]!;
    numbers[SIZE_USD] = usd;
    numbers[AT_PRICE] = rows[row + BID]!;
    verdicts.tell(kind, Severity.CRITICAL, first, first, second, third, rows[row + UNDERLYING]! - 1);
  }
}
