import { LifeCycle } from '../../../engine/market/instrument.js';
import { inversePrice } from '../../../engine/quant/black76/index.js';
import { inverseImpliedVol } from '../../../engine/quant/implied-vol/index.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';

/** What is assumed of futures of which only marks or bars were recorded: plain data. */
export interface AssumedFutures {
  /** From the price to either side of the touch, a part of it. */
  halfSpread: number;
  /** At each side, USD. */
  amountUsd: number;
}

export const ASSUMED_FUTURES: AssumedFutures = { halfSpread: 1e-4, amountUsd: 50_000 };

/** Shows best prices: 0 or NaN where a side has none. */
export type ShowTouch = (id: number, bid: number, bidAmount: number, ask: number, askAmount: number) => void;

/** Of an instrument: volatilities of bid and offer, NaN where there is none, and their amounts. */
const BID_VOL = 0;
const ASK_VOL = 1;
const BID_AMOUNT = 2;
const ASK_AMOUNT = 3;
const FIELDS = 4;
const MS_PER_YEAR = 365 * 86_400_000;

/**
 * What snapshots of a chain said last, and how it goes on until the next one: where the underlying is known to have moved, futures and forwards move with
 * it in proportion, and quotes of options keep their volatilities.
 */
export class CarriedQuotes {
  readonly #exchange: Exchange;
  readonly #futures: AssumedFutures;
  readonly #show: ShowTouch;
  /** Ids that a snapshot has spoken of, in that order, and what it said by id. */
  readonly #told: number[] = [];
  #quotes = new Float64Array(64 * FIELDS).fill(Number.NaN);
  readonly #isTold: boolean[] = [];

  constructor(exchange: Exchange, futures: AssumedFutures, show: ShowTouch) {
    this.#exchange = exchange;
    this.#futures = futures;
    this.#show = show;
  }

  /** A snapshot's quote of an option, whose mark is set already. */
  option(id: number, bid: number, bidAmount: number, ask: number, askAmount: number): void {
    const { forward, strike, isCall } = this.#exchange.instruments;
    this.#hold(id);
    const years = this.#yearsOf(id);
    const vol = (price: number): number =>
      price > 0 && years > 0
        ? inverseImpliedVol(price, forward[id]!, strike[id]!, years, isCall[id] === 1)
        : Number.NaN;
    const quotes = this.#quotes;
    const at = id * FIELDS;
    quotes[at + BID_VOL] = vol(bid);
    quotes[at + ASK_VOL] = vol(ask);
    quotes[at + BID_AMOUNT] = bidAmount;
    quotes[at + ASK_AMOUNT] = askAmount;
    this.#show(id, bid, bidAmount, ask, askAmount);
  }

  /** A future's price, of which nothing else is known. */
  future(id: number, price: number): void {
    this.#hold(id);
    const { instruments } = this.#exchange;
    this.#exchange.setFutureMark(id, price);
    const { halfSpread, amountUsd } = this.#futures;
    const grid = instruments.ticks[id]!;
    // Away from the price, and never at one with it.
    const bid = grid.value(Math.floor((price * (1 - halfSpread)) / grid.step));
    const ask = grid.value(Math.ceil((price * (1 + halfSpread)) / grid.step));
    this.#show(id, bid, amountUsd, ask, amountUsd);
  }

  /** The underlying has moved by this factor. @param but the instrument that told so, -1 for none of the exchange's */
  carry(factor: number, but: number): void {
    const { instruments, now } = this.#exchange;
    for (const id of this.#told) {
      if (id === but || instruments.state[id] !== LifeCycle.OPEN) continue;
      if (instruments.isFuture[id] === 1) this.future(id, instruments.mark(id, now) * factor);
      else this.#carryOption(id, factor);
    }
  }

  #carryOption(id: number, factor: number): void {
    const exchange = this.#exchange;
    const { instruments } = exchange;
    exchange.setOptionMark(id, instruments.forward[id]! * factor, instruments.volatility[id]!);
    const quotes = this.#quotes;
    const at = id * FIELDS;
    this.#show(
      id,
      this.#priceAt(id, quotes[at + BID_VOL]!, -1),
      quotes[at + BID_AMOUNT]!,
      this.#priceAt(id, quotes[at + ASK_VOL]!, 1),
      quotes[at + ASK_AMOUNT]!,
    );
  }

  /** The price of a volatility that the venue's ticks allow, a bid's below and an offer's above; NaN for none. */
  #priceAt(id: number, vol: number, side: number): number {
    const { instruments } = this.#exchange;
    const years = this.#yearsOf(id);
    if (!(vol > 0 && years > 0)) return Number.NaN;
    const price = inversePrice(
      instruments.forward[id]!,
      instruments.strike[id]!,
      years,
      vol,
      instruments.isCall[id] === 1,
    );
    const exact = price / instruments.ticks[id]!.step;
    const multiple = instruments.tickMultiple(id, Math.ceil(exact));
    const ticks = side < 0 ? Math.floor(exact / multiple) * multiple : Math.ceil(exact / multiple) * multiple;
    return ticks > 0 ? instruments.priceOf(id, ticks) : Number.NaN;
  }

  #yearsOf(id: number): number {
    return (this.#exchange.instruments.expiry[id]! - this.#exchange.now) / MS_PER_YEAR;
  }

  #hold(id: number): void {
    if (this.#isTold[id] === true) return;
    this.#isTold[id] = true;
    this.#told.push(id);
    if ((id + 1) * FIELDS <= this.#quotes.length) return;
    const grown = new Float64Array(2 * (id + 1) * FIELDS).fill(Number.NaN);
    grown.set(this.#quotes);
    this.#quotes = grown;
  }
}
