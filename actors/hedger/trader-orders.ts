import { OrderFlag, OrderStatus, QuoteSet, Side, Strategy } from '../../engine/market/orders/codes.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { DesiredQuote } from '../../schemas/generated/desired-quote.js';
import { Fill } from '../../schemas/generated/fill.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import type { OrderUpdate } from '../../schemas/generated/order-update.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { isToldBefore } from '../stage-parts/nonces.js';
import { Row } from './hedge-rows.js';
import type { HedgerConfig, HedgerMemory } from './hedger-memory.js';

/** Amounts below this are nothing. */
const NOTHING = 1e-9;

/** Orders that traders give by hand: one an instrument, wanted until it is filled, taken back, or ended by the venue. */
export class TraderOrders {
  private readonly context: CoreContext<HedgerConfig>;
  private readonly memory: HedgerMemory;
  private readonly order = new ManualOrder();
  private readonly fill = new Fill();
  private readonly desired = new DesiredQuote();

  constructor(context: CoreContext<HedgerConfig>, memory: HedgerMemory) {
    this.context = context;
    this.memory = memory;
  }

  takeOrder(buffer: ViewBuffer, body: number): void {
    const { order, memory } = this;
    order.__init(body, buffer);
    const id = order.instrument();
    if (id >= this.context.config.instruments) return;
    if (isToldBefore(memory.nonces, order.peer(), order.nonce())) return;
    const isTaken = order.price() > 0 && order.amount() >= 0 && order.amount() < Number.POSITIVE_INFINITY;
    if (!isTaken || (order.side() !== Side.BUY && order.side() !== Side.SELL)) return;
    const row = id * Row.SIZE;
    memory.rows[row + Row.MANUAL_SIDE] = order.side();
    memory.rows[row + Row.MANUAL_PRICE] = order.price();
    memory.rows[row + Row.MANUAL_LEFT] = order.amount();
    this.tell(id, order.flags() & (OrderFlag.POST_ONLY | OrderFlag.REDUCE_ONLY));
  }

  takeFill(buffer: ViewBuffer, body: number): void {
    const { fill, memory } = this;
    fill.__init(body, buffer);
    const id = fill.instrument();
    if (fill.strategy() !== Strategy.OPERATOR || id >= this.context.config.instruments) return;
    const row = id * Row.SIZE;
    if (!(memory.rows[row + Row.MANUAL_LEFT]! > 0)) return;
    const left = memory.rows[row + Row.MANUAL_LEFT]! - fill.amount();
    memory.rows[row + Row.MANUAL_LEFT] = left > NOTHING ? left : 0;
    this.tell(id, 0);
  }

  /** An order that the venue refused or took away is not given again. */
  noteUpdate(id: number, update: OrderUpdate): void {
    const { rows } = this.memory;
    const status = update.status();
    if (!isFinished(status) || status === OrderStatus.FILLED) return;
    if (!(rows[id * Row.SIZE + Row.MANUAL_LEFT]! > 0)) return;
    rows[id * Row.SIZE + Row.MANUAL_LEFT] = 0;
    this.tell(id, 0);
  }

  private tell(id: number, flags: number): void {
    const { desired, memory } = this;
    const { out } = this.context;
    const row = id * Row.SIZE;
    const buys = memory.rows[row + Row.MANUAL_SIDE] === Side.BUY;
    const price = memory.rows[row + Row.MANUAL_PRICE]!;
    const left = memory.rows[row + Row.MANUAL_LEFT]!;
    desired.__init(out.emit(MessageType.DESIRED_QUOTE, DesiredQuote.sizeOf()), out.buffer);
    desired.mutate_instrument(id);
    desired.mutate_strategy(Strategy.OPERATOR);
    desired.mutate_quoteSet(QuoteSet.MANUAL);
    desired.mutate_flags(flags);
    desired.mutate_bidPrice(buys ? price : Number.NaN);
    desired.mutate_bidAmount(buys ? left : 0);
    desired.mutate_askPrice(buys ? Number.NaN : price);
    desired.mutate_askAmount(buys ? 0 : left);
    desired.mutate_priceValue(1);
    desired.mutate_theo(price);
    desired.mutate_bidEdge(1);
    desired.mutate_askEdge(1);
    desired.mutate_delta(Number.NaN);
  }
}
