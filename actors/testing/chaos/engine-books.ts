import { OrderStatus } from '../../../engine/market/orders/codes.js';
import { readVenueId } from '../../../engine/market/orders/venue-id.js';
import { HEADER_BYTES, type RecordHandler } from '../../../engine/runtime/edge/record.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { Fill } from '../../../schemas/generated/fill.js';
import { OrderUpdate } from '../../../schemas/generated/order-update.js';
import { Position } from '../../../schemas/generated/position.js';
import { TradingState } from '../../../schemas/generated/trading-state.js';
import { MessageType } from '../../../schemas/message-type.js';

const VENUE_ID = structOffset(OrderUpdate, 'venueOrderId');
const TRADE_ID = structOffset(Fill, 'tradeId');

/** An order as the engine believes it to be. */
export interface BelievedOrder {
  venueId: string;
  instrument: number;
  side: number;
  status: number;
  remaining: number;
  worstRemaining: number;
  requests: number;
}

/** What the engine's stages say that it has: orders, fills, positions. What a copy of a core remembers has a copy of these beside it. */
export class EngineBooks {
  /** By slot; orders that can still trade, or of which that is not known. */
  readonly orders = new Map<number, BelievedOrder>();
  /** Signed amounts of all fills, by instrument. */
  readonly filled = new Map<number, number>();
  /** Positions of the portfolio stage, by instrument. */
  readonly positions = new Map<number, number>();
  /** Price times amount paid for options, and fees, coins. */
  paid = 0;
  fees = 0;
  fills = 0;
  /** Called for each fill: its trade, instrument and signed amount. */
  onFill: ((tradeId: string, instrument: number, amount: number) => void) | undefined;
  state = 0;
  reasons = 0;
  readonly #update = new OrderUpdate();
  readonly #fill = new Fill();
  readonly #position = new Position();
  readonly #trading = new TradingState();

  copy(): EngineBooks {
    const copy = new EngineBooks();
    for (const [slot, order] of this.orders) copy.orders.set(slot, { ...order });
    for (const [instrument, amount] of this.filled) copy.filled.set(instrument, amount);
    for (const [instrument, amount] of this.positions) copy.positions.set(instrument, amount);
    copy.paid = this.paid;
    copy.fees = this.fees;
    copy.fills = this.fills;
    copy.state = this.state;
    copy.reasons = this.reasons;
    return copy;
  }

  /** Hears the order states. */
  readonly orderStates: RecordHandler = (type, buffer, offset) => {
    const body = offset + HEADER_BYTES;
    if (type === MessageType.ORDER_UPDATE) {
      const update = this.#update.__init(body, buffer);
      // A question about an order that has ended meanwhile may stay without an answer.
      const isOver = isFinished(update.status()) && !(update.worstRemaining() > 0);
      if (isOver) this.orders.delete(update.slot());
      else {
        this.orders.set(update.slot(), {
          venueId: readVenueId(buffer.view, body + VENUE_ID),
          instrument: update.instrument(),
          side: update.side(),
          status: update.status(),
          remaining: update.remaining(),
          worstRemaining: update.worstRemaining(),
          requests: update.requests(),
        });
      }
    } else if (type === MessageType.FILL) {
      const fill = this.#fill.__init(body, buffer);
      const amount = fill.side() === 1 ? fill.amount() : -fill.amount();
      this.filled.set(fill.instrument(), (this.filled.get(fill.instrument()) ?? 0) + amount);
      this.paid += fill.price() * amount;
      this.fees += fill.fee();
      this.fills++;
      this.onFill?.(readVenueId(buffer.view, body + TRADE_ID), fill.instrument(), amount);
    } else if (type === MessageType.TRADING_STATE) {
      const state = this.#trading.__init(body, buffer);
      this.state = state.state();
      this.reasons = state.reasons();
    }
  };

  /** Hears the exposures. */
  readonly exposures: RecordHandler = (type, buffer, offset) => {
    if (type !== MessageType.POSITION) return;
    const position = this.#position.__init(offset + HEADER_BYTES, buffer);
    this.positions.set(position.instrument(), position.size());
  };
}

function isFinished(status: number): boolean {
  return (
    status === OrderStatus.FILLED ||
    status === OrderStatus.CANCELLED ||
    status === OrderStatus.REJECTED ||
    status === OrderStatus.EXPIRED ||
    status === OrderStatus.NOT_SENT
  );
}
