import { InstrumentKind } from '../../../engine/market/instrument.js';
import { Liquidity } from '../../../engine/market/orders/codes.js';
import { feeOf } from './paper-fees.js';
import type { PaperMarket } from './paper-market.js';
import { PaperMisses } from './paper-misses.js';
import { DUST, type PaperOrder, type PaperOrders } from './paper-orders.js';
import type { PaperReports } from './paper-reports.js';

/** What becomes of orders on paper as the market moves and trades. */
export class PaperFills {
  /** Trades since the start, and why other trades were not ours. */
  count = 0;
  readonly misses = new PaperMisses();
  readonly #market: PaperMarket;
  readonly #orders: PaperOrders;
  readonly #reports: PaperReports;

  constructor(market: PaperMarket, orders: PaperOrders, reports: PaperReports) {
    this.#market = market;
    this.#orders = orders;
    this.#reports = reports;
  }

  /** A trade that somebody sold into the bids, or bought from the offers. */
  traded(id: number, sold: boolean, price: number, amount: number): void {
    const { misses } = this;
    const before = this.count;
    let away = Number.POSITIVE_INFINITY;
    for (const order of this.#orders.of(id)) {
      if (order.buys !== sold) continue;
      away = Math.min(away, sold ? price - order.price : order.price - price);
      const isBeyond = sold ? order.price > price : order.price < price;
      if (isBeyond) {
        this.#fill(order, order.price, Math.min(amount, order.amount - order.filled), Liquidity.MAKER);
        continue;
      }
      if (Math.abs(order.price - price) > DUST) continue;
      const reaches = amount - order.ahead;
      order.ahead = Math.max(0, order.ahead - amount);
      if (reaches > 0) this.#fill(order, order.price, Math.min(reaches, order.amount - order.filled), Liquidity.MAKER);
    }
    if (this.#market.definitions[id]?.kind !== InstrumentKind.OPTION) return;
    misses.trades++;
    if (this.count > before) return;
    if (away === Number.POSITIVE_INFINITY) misses.unquoted++;
    else if (away > DUST) misses.pass(away, price);
    else misses.queued++;
  }

  /** What rests meets what is displayed now. */
  meet(id: number): void {
    for (const order of this.#orders.of(id)) {
      const displayed = this.#market.at(id, order.buys, order.price);
      if (displayed < order.ahead) order.ahead = displayed;
      const left = order.amount - order.filled;
      const available = this.#availableTo(id, order.buys, order.price, left);
      if (available > 0) this.#fill(order, order.price, Math.min(left, available), Liquidity.MAKER);
    }
  }

  /** Takes what is displayed on the other side, best first. */
  takeFrom(order: PaperOrder): void {
    for (const [price, displayed] of this.#market.against(order.instrument, order.buys, order.price)) {
      const left = order.amount - order.filled;
      if (left <= DUST) return;
      this.#fill(order, price, Number.isFinite(displayed) ? Math.min(left, displayed) : left, Liquidity.TAKER);
    }
  }

  /** Amount that stands on the other side up to a price; `left` where a feed does not say how much. */
  #availableTo(id: number, buys: boolean, price: number, left: number): number {
    let sum = 0;
    for (const [, amount] of this.#market.against(id, buys, price)) sum += Number.isFinite(amount) ? amount : left;
    return sum;
  }

  #fill(order: PaperOrder, price: number, amount: number, liquidity: number): void {
    const instrument = this.#market.definitions[order.instrument];
    if (instrument === undefined || !(amount > DUST)) return;
    order.filled += amount;
    order.notional += amount * price;
    this.count++;
    const index = this.#market.indices[order.instrument] ?? Number.NaN;
    const fee = feeOf(instrument, liquidity === Liquidity.MAKER, amount, price, index);
    const id = `${order.id}-${this.count}`;
    this.#reports.fill(order, instrument, { id, price, amount, liquidity, fee, index });
    if (order.amount - order.filled <= DUST) this.#orders.forget(order);
  }
}
