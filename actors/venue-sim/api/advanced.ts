import { inversePrice } from '../../../engine/quant/black76/index.js';
import { KEEP, Side } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';

export const advancedKinds = ['usd', 'implv'] as const;
export type AdvancedKind = (typeof advancedKinds)[number];

interface AdvancedOrder {
  account: number;
  kind: AdvancedKind;
  /** USD, or volatility in percent. */
  value: number;
}

/** How often prices are looked at, milliseconds, and orders changed in one turn. */
const LOOK_MS = 1000;
const PER_LOOK = 4;
const MS_PER_YEAR = 365 * 86_400_000;

/** Orders in options whose price is kept in USD or in volatility: as the market moves, so does the price in coin. */
export class AdvancedOrders {
  readonly #exchange: Exchange;
  readonly #orders = new Map<number, AdvancedOrder>();
  /** Orders to be looked at in this round. */
  #round: number[] = [];
  #nextRound = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** The price in ticks that a value means now, on the grid and never beyond what it is worth to its owner; NaN where there is none. */
  ticksOf(instrument: number, side: number, kind: AdvancedKind, value: number): number {
    const { instruments, indices, now } = this.#exchange;
    const forward = instruments.forward[instrument]!;
    const years = (instruments.expiry[instrument]! - now) / MS_PER_YEAR;
    const isCall = instruments.isCall[instrument] === 1;
    const price =
      kind === 'usd'
        ? value / indices.prices[instruments.index[instrument]!]!
        : inversePrice(forward, instruments.strike[instrument]!, years, value / 100, isCall);
    const exact = price / instruments.tickSize[instrument]!;
    if (!(exact > 0)) return Number.NaN;
    const multiple = instruments.tickMultiple(instrument, Math.ceil(exact));
    const steps = exact / multiple;
    return multiple * (side === Side.BUY ? Math.floor(steps + 1e-9) : Math.ceil(steps - 1e-9));
  }

  /** An order of the exchange has such a price from now on. */
  keep(order: number, account: number, kind: AdvancedKind, value: number): void {
    if (this.#exchange.orders.isOpen(this.#exchange.orders.slotOf(order))) {
      this.#orders.set(order, { account, kind, value });
    }
  }

  /** An order's price is one in coin from now on. */
  forget(order: number): void {
    this.#orders.delete(order);
  }

  kindOf(order: number): AdvancedKind | undefined {
    return this.#orders.get(order)?.kind;
  }

  /** What an order has of it, as fields of its JSON. */
  fields(order: number): string {
    if (this.#orders.size === 0) return '';
    const advanced = this.#orders.get(order);
    return advanced === undefined ? '' : `,"advanced":"${advanced.kind}","${advanced.kind}":${advanced.value}`;
  }

  /** Changes the prices that have moved: some in each turn. */
  look(): void {
    const exchange = this.#exchange;
    if (this.#round.length === 0) {
      if (this.#orders.size === 0 || exchange.now < this.#nextRound) return;
      this.#nextRound = exchange.now + LOOK_MS;
      this.#round = [...this.#orders.keys()];
    }
    for (const order of this.#round.splice(0, PER_LOOK)) this.#reprice(order);
  }

  #reprice(order: number): void {
    const { orders } = this.#exchange;
    const advanced = this.#orders.get(order);
    const slot = orders.slotOf(order);
    if (advanced === undefined) return;
    if (slot < 0 || !orders.isOpen(slot)) {
      this.#orders.delete(order);
      return;
    }
    const ticks = this.ticksOf(orders.instrument[slot]!, orders.side[slot]!, advanced.kind, advanced.value);
    if (Number.isNaN(ticks) || ticks === orders.ticks[slot] || ticks < 1) return;
    // What the venue refuses, a price beyond the band for one, leaves the order as it is until the next look.
    this.#exchange.edit(advanced.account, order, ticks, KEEP, KEEP);
  }
}
