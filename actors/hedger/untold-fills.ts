import { Side } from '../../engine/market/orders/codes.js';
import type { OrderUpdate } from '../../schemas/generated/order-update.js';
import { Pot, Row } from './hedge-rows.js';
import type { HedgerMemory } from './hedger-memory.js';
import type { TouchedUnderlyings } from './touched-underlyings.js';

/**
 * A venue says that a hedge is filled before it tells the trades, and the portfolio counts trades alone. What is filled and not told counts
 * as traded here, or the same delta would be hedged twice.
 */
export class UntoldFills {
  private readonly memory: HedgerMemory;
  private readonly touched: TouchedUnderlyings;

  constructor(memory: HedgerMemory, touched: TouchedUnderlyings) {
    this.memory = memory;
    this.touched = touched;
  }

  /** Takes what became of a hedge. */
  note(id: number, update: OrderUpdate): void {
    const { memory, touched } = this;
    const { rows } = memory;
    const row = id * Row.SIZE;
    const missing = update.missing();
    const isOther = rows[row + Row.UNTOLD_SEQ] !== update.orderSeq();
    if (isOther && missing === 0) return;
    const units = memory.shelf.isInverse(id) ? missing / update.price() : missing;
    const signed = update.side() === Side.BUY ? units : -units;
    const underlying = memory.underlyings.of(id);
    if (!touched.has(underlying) || !Number.isFinite(signed)) return;
    memory.pots[underlying * Pot.SIZE + Pot.UNTOLD]! += signed - rows[row + Row.UNTOLD]!;
    rows[row + Row.UNTOLD] = signed;
    rows[row + Row.UNTOLD_SEQ] = update.orderSeq();
    touched.add(underlying);
  }
}
