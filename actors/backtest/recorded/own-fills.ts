import { OrderState, OrderType, Side, TimeInForce } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import type { MirroredBooks } from './mirrored-books.js';
import type { OwnQueues } from './own-queues.js';

/** Fills our orders by what the recording says has traded: as orders of an account of takers, so that the exchange's own rules hold. */
export class OwnFills {
  readonly #exchange: Exchange;
  readonly #takers: number;
  readonly #queues: OwnQueues;
  readonly #books: MirroredBooks;

  constructor(exchange: Exchange, takers: number, queues: OwnQueues, books: MirroredBooks) {
    this.#exchange = exchange;
    this.#takers = takers;
    this.#queues = queues;
    this.#books = books;
  }

  /** A recorded trade reaches what of ours stands at its price, behind the queue, or at a worse price for it. */
  reach(id: number, ticks: number, lots: number, takerSide: number): void {
    const { orders } = this.#exchange;
    const side = takerSide === Side.BUY ? Side.SELL : Side.BUY;
    for (let slot = this.#queues.first(id); slot >= 0; ) {
      const after = orders.after[slot]!;
      if (orders.side[slot] === side && orders.state[slot] === OrderState.OPEN) {
        const own = orders.ticks[slot]!;
        if (side === Side.BUY ? ticks < own : ticks > own) this.#fill(id, slot, orders.lots[slot]!, takerSide);
        else if (ticks === own) {
          const whole = this.#queues.reached(slot, lots);
          if (whole > 0) this.#fill(id, slot, whole, takerSide);
        }
      }
      slot = after;
    }
  }

  /** A bar has been to two extremes: what stood between them from its beginning was in the way. @param opened milliseconds since the Unix epoch */
  passThrough(id: number, low: number, high: number, opened: number): void {
    const { orders, instruments } = this.#exchange;
    const lowest = instruments.ticks[id]!.nearest(low);
    const highest = instruments.ticks[id]!.nearest(high);
    for (let slot = this.#queues.first(id); slot >= 0; ) {
      const after = orders.after[slot]!;
      const isBuy = orders.side[slot] === Side.BUY;
      const isPassed = isBuy ? orders.ticks[slot]! > lowest : orders.ticks[slot]! < highest;
      if (isPassed && orders.state[slot] === OrderState.OPEN && this.#queues.since(slot) <= opened)
        this.#fill(id, slot, orders.lots[slot]!, isBuy ? Side.SELL : Side.BUY);
      slot = after;
    }
  }

  /** Lots of an order of ours are taken: what of the recording stands before it gives way for the moment. */
  #fill(id: number, slot: number, lots: number, takerSide: number): void {
    const mirrored = this.#books.side(id, takerSide === Side.BUY ? Side.SELL : Side.BUY);
    const ticks = this.#exchange.orders.ticks[slot]!;
    const { LIMIT } = OrderType;
    const { IMMEDIATE_OR_CANCEL } = TimeInForce;
    mirrored.giveWay(ticks);
    this.#exchange.place(this.#takers, id, takerSide, LIMIT, ticks, lots, IMMEDIATE_OR_CANCEL, 0, 0);
    mirrored.place();
  }
}
