import { KEEP, OrderFlag, OrderState, OrderType, TimeInForce } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';

/**
 * Resting orders of one account by place, each kept where its owner wants it: placed where there is none, moved when the wanted
 * price has changed, taken back when none is wanted.
 */
export class RestingOrders {
  readonly #exchange: Exchange;
  readonly #account: number;
  readonly #flags: number;
  /** Order of each place, 0 for none; price that was asked for, ticks; lots that it was placed with. */
  readonly #order: Float64Array;
  readonly #ticks: Int32Array;
  readonly #lots: Int32Array;

  /** @param postOnly whether its orders never take */
  constructor(exchange: Exchange, account: number, places: number, postOnly: boolean) {
    this.#exchange = exchange;
    this.#account = account;
    this.#flags = postOnly ? OrderFlag.POST_ONLY : 0;
    this.#order = new Float64Array(places);
    this.#ticks = new Int32Array(places);
    this.#lots = new Int32Array(places);
  }

  /** Price in ticks that was last asked for at a place; 0 where there is no order. */
  ticksAt(place: number): number {
    return this.#order[place] === 0 ? 0 : this.#ticks[place]!;
  }

  /** Forgets a place whose instrument has gone. */
  forget(place: number): void {
    this.#order[place] = 0;
  }

  /** Whether an order rests at a place; one that was filled or cancelled by others is forgotten. */
  rests(place: number): boolean {
    const id = this.#order[place]!;
    if (id === 0) return false;
    const { orders } = this.#exchange;
    const slot = orders.slotOf(id);
    if (slot >= 0 && orders.state[slot] === OrderState.OPEN) return true;
    this.#order[place] = 0;
    return false;
  }

  /** Lots left of what was placed, as a part: 0 where there is no order. */
  partLeft(place: number): number {
    if (!this.rests(place)) return 0;
    const { orders } = this.#exchange;
    return orders.lots[orders.slotOf(this.#order[place]!)]! / this.#lots[place]!;
  }

  /** Puts an order at a price, or moves the one there; the venue may refuse, then nothing rests at the place. */
  put(place: number, instrument: number, side: number, ticks: number, lots: number): void {
    const exchange = this.#exchange;
    if (this.rests(place)) {
      const id = this.#order[place]!;
      if (exchange.edit(this.#account, id, ticks, KEEP, KEEP) >= 0) {
        this.#ticks[place] = ticks;
        return;
      }
      exchange.cancel(this.#account, id);
    }
    const account = this.#account;
    const type = OrderType.LIMIT;
    const id = exchange.place(
      account,
      instrument,
      side,
      type,
      ticks,
      lots,
      TimeInForce.GOOD_TIL_CANCELLED,
      this.#flags,
      0,
    );
    this.#order[place] = id > 0 ? id : 0;
    this.#ticks[place] = ticks;
    this.#lots[place] = lots;
  }

  /** Takes an order back. */
  pull(place: number): void {
    if (this.rests(place)) this.#exchange.cancel(this.#account, this.#order[place]!);
    this.#order[place] = 0;
  }
}
