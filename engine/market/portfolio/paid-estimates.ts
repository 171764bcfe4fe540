import type { Cells } from '../orders/cells.js';
import { Contract } from './contract.js';

/** Sums over what was paid out of one instrument, in this order in its row: signed sizes, their magnitudes, their worth, their fees. */
const PAID = { SIZE: 0, AMOUNT: 1, WORTH: 2, FEES: 3 } as const;
const PAID_FIELDS = 4;

/** What was paid out at an estimate of a delivery price, until the venue tells the price itself. Money in the settlement currency. */
export class PaidEstimates {
  /** [size, profit, fee] of a correction: what was paid at the estimate, and what the true price adds to it. */
  readonly result = new Float64Array(3);
  private readonly cells: Float64Array;

  constructor(cells: Cells, instruments: number) {
    this.cells = cells.float64(instruments * PAID_FIELDS, 'paid at estimates', PAID);
  }

  /** @param payoff of one unit at the estimate, the venue's price unit @param fee that was counted for it */
  add(instrument: number, contract: number, size: number, payoff: number, fee: number): void {
    const { cells } = this;
    const row = instrument * PAID_FIELDS;
    cells[row + PAID.SIZE]! += size;
    cells[row + PAID.AMOUNT]! += Math.abs(size);
    cells[row + PAID.WORTH]! += size * worthOf(contract, payoff);
    cells[row + PAID.FEES]! += fee;
  }

  /** Amount that was paid out at estimates, longs and shorts together; 0 where none was. */
  amountOf(instrument: number): number {
    return this.cells[instrument * PAID_FIELDS + PAID.AMOUNT]!;
  }

  /** Takes the true payoff of one unit, and the true fee of the whole amount, for what was estimated: the correction in `result`. */
  correct(instrument: number, contract: number, payoff: number, fee: number): void {
    const { cells, result } = this;
    const row = instrument * PAID_FIELDS;
    result[0] = cells[row + PAID.SIZE]!;
    result[1] = cells[row + PAID.SIZE]! * worthOf(contract, payoff) - cells[row + PAID.WORTH]!;
    result[2] = fee - cells[row + PAID.FEES]!;
    cells.fill(0, row, row + PAID_FIELDS);
  }
}

/** What profits are differences of, of one unit; see contract.ts. */
function worthOf(contract: number, payoff: number): number {
  return contract === Contract.FUTURE_INVERSE ? -1 / payoff : payoff;
}
