import { Side } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';
import type { RandomStream } from './random.js';
import { RestingOrders } from './resting-order.js';

/** A level is moved when its distance from fair is off by more than this part of what it should be. */
const SLACK = 0.4;

/** No level is nearer to fair than this. */
const NEAREST_TICKS = 0.3;

/** Orders that are moved at once, at most: what keeps a step of the world short. */
const MOST_MOVES = 3;

/** Amounts differ from order to order by this standard deviation of the logarithm. */
const AMOUNT_DEVIATION = 0.5;

/**
 * A maker of one future or perpetual: a ladder of orders at fixed distances from fair on both sides. It takes what stands on the
 * wrong side of fair in its way: stale orders do not live long.
 */
export class LadderMaker {
  readonly #exchange: Exchange;
  readonly #instrument: number;
  readonly #distances: Float64Array;
  readonly #amounts: Float64Array;
  readonly #random: RandomStream;
  readonly #resting: RestingOrders;

  /** @param distances relative to fair, rising @param amounts USD */
  constructor(
    exchange: Exchange,
    account: number,
    instrument: number,
    distances: readonly number[],
    amounts: readonly number[],
    random: RandomStream,
  ) {
    this.#exchange = exchange;
    this.#instrument = instrument;
    this.#distances = Float64Array.from(distances);
    this.#amounts = Float64Array.from(amounts);
    this.#random = random;
    this.#resting = new RestingOrders(exchange, account, distances.length * 2, false);
  }

  /**
   * Brings the ladder nearer to where it should stand around a fair price, USD, by a few orders; returns whether there may be more
   * to move.
   */
  follow(fair: number): boolean {
    const { instruments } = this.#exchange;
    const exact = fair / instruments.tickSize[this.#instrument]!;
    // The side that the price moves towards goes out of the way first.
    const first = exact > this.#resting.ticksAt(0) ? Side.SELL : Side.BUY;
    let moves = 0;
    for (let step = 0; step < 2; step++) {
      const side = step === 0 ? first : 1 - first;
      for (let level = 0; level < this.#distances.length; level++) {
        if (this.#keep(level, side, exact) && ++moves === MOST_MOVES) return true;
      }
    }
    return false;
  }

  /** Returns whether the order was moved. */
  #keep(level: number, side: number, exact: number): boolean {
    const cell = level * 2 + side;
    const distance = Math.max(NEAREST_TICKS, this.#distances[level]! * exact);
    const wanted = side === Side.BUY ? Math.floor(exact - distance) : Math.ceil(exact + distance);
    const resting = this.#resting.ticksAt(cell);
    const off = Math.abs(resting - wanted);
    if (resting > 0 && off <= SLACK * distance && this.#resting.partLeft(cell) > 0.3) return false;
    const { instruments } = this.#exchange;
    const usd = this.#random.logNormal(this.#amounts[level]!, AMOUNT_DEVIATION);
    const lots = Math.max(1, Math.round(usd / instruments.lotSize[this.#instrument]!));
    if (resting > 0 && this.#resting.partLeft(cell) <= 0.3) this.#resting.pull(cell);
    this.#resting.put(cell, this.#instrument, side, wanted, lots);
    return true;
  }
}
