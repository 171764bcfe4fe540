import { black76Greeks, GREEK, GREEK_COUNT, inverseGreeks } from '../../quant/black76/index.js';
import { attributePnl, PNL, PNL_COUNT } from '../../quant/risk/index.js';
import type { Cells } from '../orders/cells.js';
import { Contract, isOption } from '../portfolio/contract.js';

/** Terms of an underlying's profit, settlement currency, in the order in which they are added. */
export const Term = {
  DELTA: 0,
  HEDGE: 1,
  GAMMA: 2,
  VEGA: 3,
  THETA: 4,
  VANNA: 5,
  VOLGA: 6,
  EDGE: 7,
  HEDGE_COST: 8,
  FEES: 9,
  FUNDING: 10,
  SETTLED: 11,
  RESIDUAL: 12,
  COUNT: 13,
} as const;

/** Behind the terms: cash of all trades, fills, sums of absolute terms and absolute residuals. */
export const Sum = { CASH: 13, FILLS: 14, ABSOLUTE: 15, ABSOLUTE_RESIDUAL: 16, SIZE: 17 } as const;

/** Of an instrument: what is held, and the market at the last look and now. */
export const Hold = {
  SIZE: 0,
  VALUE: 1,
  FORWARD: 2,
  VOL: 3,
  YEARS: 4,
  VALUE_NOW: 5,
  FORWARD_NOW: 6,
  VOL_NOW: 7,
  YEARS_NOW: 8,
  STRIKE: 9,
  FIELDS: 10,
} as const;

const TERM_OF_PNL = [Term.THETA, Term.DELTA, Term.GAMMA, Term.VEGA, Term.VANNA, Term.VOLGA, Term.RESIDUAL];

/**
 * Where profit comes from. Each look explains what every position gained since the last one by its Greeks at the market before; a trade
 * is looked at first, then booked: its edge against the value is a term of its own. What the terms miss is the residual. The
 * other count, cash and values, is kept beside them: both must be equal.
 */
export class AttributionBook {
  readonly holds: Float64Array;
  readonly sums: Float64Array;
  /** [signed amount, price, fee] of the trade that `book` takes; [payoff, -, fee] of a delivery. */
  readonly trade = new Float64Array(3);
  private readonly contracts: Int32Array;
  private readonly calls: Int32Array;
  private readonly underlyings: Int32Array;
  private readonly greeks = new Float64Array(GREEK_COUNT);
  private readonly middle = new Float64Array(GREEK_COUNT);
  private readonly split = new Float64Array(PNL_COUNT);

  constructor(cells: Cells, instruments: number, underlyings: number) {
    this.holds = cells.float64(instruments * Hold.FIELDS, 'holds', Hold);
    this.sums = cells.float64(underlyings * Sum.SIZE, 'attribution book: sums', { ...Term, ...Sum });
    this.contracts = cells.int32(instruments, 'contracts');
    this.calls = cells.int32(instruments, 'calls');
    this.underlyings = cells.int32(instruments, 'underlyings');
  }

  define(id: number, contract: number, underlying: number, strike: number, isCall: boolean): void {
    this.contracts[id] = contract;
    this.calls[id] = isCall ? 1 : 0;
    this.underlyings[id] = underlying + 1;
    this.holds[id * Hold.FIELDS + Hold.STRIKE] = strike;
  }

  /** -1 for an instrument that was not defined. */
  underlyingOf(id: number): number {
    return (this.underlyings[id] ?? 0) - 1;
  }

  isOption(id: number): boolean {
    return isOption(this.contracts[id]!);
  }

  /** The market now of an option. Numbers stand in the row already but for what a look needs to begin from. */
  moved(id: number): void {
    const { holds } = this;
    const row = id * Hold.FIELDS;
    if (holds[row + Hold.SIZE] === 0 || !(holds[row + Hold.VALUE]! > 0)) this.begin(row);
  }

  /** Explains what a position has gained since the last look. */
  look(id: number): void {
    const { holds, sums, split } = this;
    const row = id * Hold.FIELDS;
    const size = holds[row + Hold.SIZE]!;
    const from = this.underlyingOf(id) * Sum.SIZE;
    if (size === 0 || from < 0) return;
    if (!this.isOption(id)) {
      const gain = size * (this.worth(id, holds[row + Hold.VALUE_NOW]!) - this.worth(id, holds[row + Hold.VALUE]!));
      if (Number.isFinite(gain)) {
        sums[from + Term.HEDGE]! += gain;
        sums[from + Sum.ABSOLUTE]! += Math.abs(gain);
      }
      this.begin(row);
      return;
    }
    const total = size * (holds[row + Hold.VALUE_NOW]! - holds[row + Hold.VALUE]!);
    if (total === 0 && holds[row + Hold.VALUE] === holds[row + Hold.VALUE_NOW]) {
      // Nothing was told anew: the time that passed comes with the next value.
      return;
    }
    if (this.explain(id, total)) {
      for (let term = 0; term < TERM_OF_PNL.length; term++) {
        sums[from + TERM_OF_PNL[term]!]! += split[term]!;
        sums[from + Sum.ABSOLUTE]! += Math.abs(split[term]!);
      }
      sums[from + Sum.ABSOLUTE_RESIDUAL]! += Math.abs(split[PNL.residual]!);
    } else {
      sums[from + Term.RESIDUAL]! += total;
      sums[from + Sum.ABSOLUTE]! += Math.abs(total);
      sums[from + Sum.ABSOLUTE_RESIDUAL]! += Math.abs(total);
    }
    this.begin(row);
  }

  /** Books what stands in `trade`, after a look. Fees are in the settlement currency. */
  book(id: number): void {
    const { holds, sums, trade } = this;
    const from = this.underlyingOf(id) * Sum.SIZE;
    if (from < 0) return;
    this.look(id);
    const row = id * Hold.FIELDS;
    const amount = trade[0]!;
    const price = trade[1]!;
    // Without a value the price is the best there is: no edge then.
    if (!(holds[row + Hold.VALUE_NOW]! > 0)) holds[row + Hold.VALUE_NOW] = price;
    if (holds[row + Hold.SIZE] === 0 || !(holds[row + Hold.VALUE]! > 0)) this.begin(row);
    const gain = amount * (this.worth(id, holds[row + Hold.VALUE]!) - this.worth(id, price));
    sums[from + (this.isOption(id) ? Term.EDGE : Term.HEDGE_COST)]! += gain;
    sums[from + Term.FEES]! -= trade[2]!;
    sums[from + Sum.CASH]! -= amount * this.worth(id, price) + trade[2]!;
    sums[from + Sum.FILLS]! += 1;
    sums[from + Sum.ABSOLUTE]! += Math.abs(gain) + Math.abs(trade[2]!);
    const left = holds[row + Hold.SIZE]! + amount;
    holds[row + Hold.SIZE] = Math.abs(left) < 1e-9 * Math.abs(amount) ? 0 : left;
  }

  /** A position ends at what stands in `trade[0]`, the payoff of one unit, of a future the delivery price, for the fee in `trade[2]`. */
  deliver(id: number): void {
    const { holds, sums, trade } = this;
    const row = id * Hold.FIELDS;
    const size = holds[row + Hold.SIZE]!;
    const from = this.underlyingOf(id) * Sum.SIZE;
    if (size === 0 || from < 0) return;
    this.look(id);
    const worth = this.isOption(id) ? trade[0]! : this.worth(id, trade[0]!);
    const gain = size * (worth - this.worth(id, holds[row + Hold.VALUE]!));
    sums[from + Term.SETTLED]! += gain;
    sums[from + Term.FEES]! -= trade[2]!;
    sums[from + Sum.ABSOLUTE]! += Math.abs(gain) + Math.abs(trade[2]!);
    sums[from + Sum.CASH]! += size * worth - trade[2]!;
    holds[row + Hold.SIZE] = 0;
  }

  /** What a delivery paid was an estimate: `profit`, settlement currency, comes to it, and the fee in `trade[2]`. */
  correctDelivery(id: number, profit: number): void {
    const { sums, trade } = this;
    const from = this.underlyingOf(id) * Sum.SIZE;
    if (from < 0) return;
    sums[from + Term.SETTLED]! += profit;
    sums[from + Term.FEES]! -= trade[2]!;
    sums[from + Sum.ABSOLUTE]! += Math.abs(profit) + Math.abs(trade[2]!);
    sums[from + Sum.CASH]! += profit - trade[2]!;
  }

  /** Sum of the terms. */
  total(underlying: number): number {
    let total = 0;
    for (let term = 0; term < Term.COUNT; term++) total += this.sums[underlying * Sum.SIZE + term]!;
    return total;
  }

  /** The same counted by cash and values. */
  marked(underlying: number): number {
    const { holds, sums } = this;
    let total = sums[underlying * Sum.SIZE + Sum.CASH]! + sums[underlying * Sum.SIZE + Term.FUNDING]!;
    for (let id = 0; id < this.contracts.length; id++) {
      const size = holds[id * Hold.FIELDS + Hold.SIZE]!;
      if (size !== 0 && this.underlyingOf(id) === underlying)
        total += size * this.worth(id, holds[id * Hold.FIELDS + Hold.VALUE]!);
    }
    return total;
  }

  /** Value of one unit at a price, settlement currency: of an inverse future, up to a constant, -1 / price. */
  private worth(id: number, price: number): number {
    return this.contracts[id] === Contract.FUTURE_INVERSE ? -1 / price : price;
  }

  /** The market now is that of the next look's beginning. */
  private begin(row: number): void {
    const { holds } = this;
    holds[row + Hold.VALUE] = holds[row + Hold.VALUE_NOW]!;
    holds[row + Hold.FORWARD] = holds[row + Hold.FORWARD_NOW]!;
    holds[row + Hold.VOL] = holds[row + Hold.VOL_NOW]!;
    holds[row + Hold.YEARS] = holds[row + Hold.YEARS_NOW]!;
  }

  /** Splits a gain into `split`. @returns false where the Greeks are no numbers */
  private explain(id: number, total: number): boolean {
    const { holds, greeks, middle, split } = this;
    const row = id * Hold.FIELDS;
    const F = holds[row + Hold.FORWARD]!;
    const sigma = holds[row + Hold.VOL]!;
    const from = holds[row + Hold.YEARS]!;
    const to = holds[row + Hold.YEARS_NOW]!;
    const K = holds[row + Hold.STRIKE]!;
    const isCall = this.calls[id] === 1;
    const size = holds[row + Hold.SIZE]!;
    const dF = holds[row + Hold.FORWARD_NOW]! - F;
    const isInverse = this.contracts[id] === Contract.OPTION_INVERSE;
    if (isInverse) {
      inverseGreeks(middle, F, K, (from + to) / 2, sigma, isCall);
      inverseGreeks(greeks, F, K, to, sigma, isCall);
    } else {
      black76Greeks(middle, F, K, (from + to) / 2, sigma, isCall);
      black76Greeks(greeks, F, K, to, sigma, isCall);
    }
    greeks[GREEK.theta] = middle[GREEK.theta]!;
    for (let greek = 0; greek < GREEK_COUNT; greek++) greeks[greek] = size * greeks[greek]!;
    attributePnl(split, greeks, isInverse ? dF / F : dF, holds[row + Hold.VOL_NOW]! - sigma, from - to, total);
    for (let term = 0; term < PNL.total; term++) if (!Number.isFinite(split[term]!)) return false;
    return true;
  }
}
