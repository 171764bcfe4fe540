import { Strategy } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import type { GreekHedges } from './greek-hedges.js';
import type { HedgerConfig } from './hedger-memory.js';
import type { TraderOrders } from './trader-orders.js';
import type { UntoldFills } from './untold-fills.js';

/** Who of the hedger is told what became of whose order. */
export class OrderIntake {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly greeks: GreekHedges;
  private readonly untold: UntoldFills;
  private readonly traders: TraderOrders;
  private readonly update = new OrderUpdate();

  constructor(context: CoreContext<HedgerConfig>, greeks: GreekHedges, untold: UntoldFills, traders: TraderOrders) {
    this.context = context;
    this.greeks = greeks;
    this.untold = untold;
    this.traders = traders;
  }

  takeUpdate(buffer: ViewBuffer, body: number): void {
    const { update } = this;
    update.__init(body, buffer);
    const id = update.instrument();
    if (id >= this.context.config.instruments) return;
    const strategy = update.strategy();
    if (strategy === Strategy.HEDGER) this.untold.note(id, update);
    else if (strategy === Strategy.OPERATOR) this.traders.noteUpdate(id, update);
    else if (strategy === Strategy.QUOTER && this.greeks.isUsed) this.greeks.noteQuote(id, update);
  }
}
