import type { BookSide } from '../../../engine/market/book-side.js';
import { OrderState, OrderType, Side, TimeInForce } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';

/** More than this no order of a recording is: columns of the exchange are 32-bit. */
const MOST_LOTS = 0x3fff_ffff;

/**
 * One side of a recorded book as orders of an account in the exchange, a level each. A level is placed anew only where the recording changes it: what was
 * taken from it in between stays taken.
 */
export class MirroredSide {
  readonly #exchange: Exchange;
  readonly #account: number;
  readonly #instrument: number;
  readonly #side: number;
  readonly #levels: number;
  /** Orders by place, 0 for none, with price and lots as they were recorded. */
  readonly #order: Float64Array;
  readonly #ticks: Float64Array;
  readonly #lots: Float64Array;
  /** What is wanted next. */
  readonly #wantedTicks: Float64Array;
  readonly #wantedLots: Float64Array;
  #wanted = 0;

  constructor(exchange: Exchange, account: number, instrument: number, side: number, levels: number) {
    this.#exchange = exchange;
    this.#account = account;
    this.#instrument = instrument;
    this.#side = side;
    this.#levels = levels;
    this.#order = new Float64Array(levels);
    this.#ticks = new Float64Array(levels).fill(Number.NaN);
    this.#lots = new Float64Array(levels);
    this.#wantedTicks = new Float64Array(levels);
    this.#wantedLots = new Float64Array(levels);
  }

  /** Nothing is wanted so far. */
  begin(): void {
    this.#wanted = 0;
  }

  /** The best levels of a book's side are wanted. @param sign of its keys: -1 for offers */
  want(side: BookSide, sign: number, most: number): void {
    const { keys, lots } = side;
    for (let at = side.length - 1; at >= 0 && this.#wanted < most; at--) {
      if (lots[at]! > 0) this.wantOne(sign * keys[at]!, lots[at]!);
    }
  }

  wantOne(ticks: number, lots: number): void {
    if (this.#wanted === this.#levels || !(ticks > 0)) return;
    this.#wantedTicks[this.#wanted] = ticks;
    this.#wantedLots[this.#wanted] = Math.min(lots, MOST_LOTS);
    this.#wanted++;
  }

  /** Takes back what is not wanted any more, or not as it stands. */
  withdraw(): void {
    for (let place = 0; place < this.#levels; place++) {
      if (Number.isNaN(this.#ticks[place]!)) continue;
      const at = this.#wantedPlace(this.#ticks[place]!);
      if (at >= 0 && this.#wantedLots[at] === this.#lots[place]) continue;
      this.#cancel(place);
      this.#ticks[place] = Number.NaN;
    }
  }

  /** Places what is wanted and does not stand. */
  place(): void {
    for (let at = 0; at < this.#wanted; at++) {
      const ticks = this.#wantedTicks[at]!;
      if (this.#ticks.indexOf(ticks) >= 0) continue;
      let place = 0;
      while (!Number.isNaN(this.#ticks[place]!)) place++;
      const lots = this.#wantedLots[at]!;
      const order = this.#exchange.place(
        this.#account,
        this.#instrument,
        this.#side,
        OrderType.LIMIT,
        ticks,
        lots,
        TimeInForce.GOOD_TIL_CANCELLED,
        0,
        0,
      );
      this.#order[place] = order > 0 ? order : 0;
      this.#ticks[place] = ticks;
      this.#lots[place] = lots;
    }
  }

  /** Levels at a price and better are taken back for the moment; `place` brings them again. */
  giveWay(ticks: number): void {
    for (let place = 0; place < this.#levels; place++) {
      const own = this.#ticks[place]!;
      if (this.#side === Side.BUY ? own >= ticks : own <= ticks) {
        this.#cancel(place);
        this.#ticks[place] = Number.NaN;
      }
    }
  }

  /** Lots that the recording has at a price among the levels that stand here. */
  recordedAt(ticks: number): number {
    const place = this.#ticks.indexOf(ticks);
    return place < 0 ? 0 : this.#lots[place]!;
  }

  #wantedPlace(ticks: number): number {
    for (let at = 0; at < this.#wanted; at++) if (this.#wantedTicks[at] === ticks) return at;
    return -1;
  }

  #cancel(place: number): void {
    const { orders } = this.#exchange;
    const id = this.#order[place]!;
    this.#order[place] = 0;
    if (id === 0) return;
    const slot = orders.slotOf(id);
    if (slot >= 0 && orders.state[slot] === OrderState.OPEN) this.#exchange.cancel(this.#account, id);
  }
}
