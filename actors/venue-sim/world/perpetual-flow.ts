import { OrderType, Side, TimeInForce } from '../exchange/codes.js';
import { HawkesFlow } from './hawkes.js';
import { fairPerpetual, type Market, rowAt } from './market.js';
import type { FuturesFlowParameters } from './parameters.js';
import type { RandomStream } from './random.js';

/** Most limit orders that rest at a time; the next one takes an old one's place. */
const MOST_RESTING = 128;

/** Takers go at most so far through the book, relative to fair. */
const REACH = 0.002;

/** Who trades the perpetual for reasons of its own: market orders, limit orders by depth, and takers that see a little ahead. */
export class PerpetualFlow {
  readonly #market: Market;
  readonly #own: FuturesFlowParameters;
  readonly #taker: number;
  readonly #informed: number;
  readonly #passive: number;
  readonly #random: RandomStream;
  readonly #takers: HawkesFlow;
  readonly #limits: HawkesFlow;
  readonly #resting = new Float64Array(MOST_RESTING);
  #restingCount = 0;

  /** @param accounts of noise takers, informed takers and of limit orders */
  constructor(
    market: Market,
    own: FuturesFlowParameters,
    accounts: { taker: number; informed: number; passive: number },
    random: RandomStream,
    now: number,
  ) {
    this.#market = market;
    this.#own = own;
    this.#taker = accounts.taker;
    this.#informed = accounts.informed;
    this.#passive = accounts.passive;
    this.#random = random;
    this.#takers = new HawkesFlow(own.taker, random, now);
    this.#limits = new HawkesFlow(own.limit, random, now);
  }

  nextTaker(now: number): number {
    return this.#takers.next(this.#market.season.at(now));
  }

  /** A market order, perhaps; returns when the next may come. */
  take(now: number): number {
    const side = this.#takers.arrives(this.#market.season.at(now));
    if (side >= 0) {
      const { takerAmount, takerAmountDeviation } = this.#own;
      const usd = this.#random.logNormal(takerAmount, takerAmountDeviation);
      const fair = fairPerpetual(this.#market, rowAt(this.#market, now, 0));
      this.#send(this.#taker, side, usd, fair * (side === Side.BUY ? 1 + REACH : 1 - REACH));
    }
    return this.nextTaker(now);
  }

  nextLimit(now: number): number {
    return this.#limits.next(this.#market.season.at(now));
  }

  /** A limit order, perhaps, at an exponential distance from the best price of its side. */
  rest(now: number): number {
    const side = this.#limits.arrives(this.#market.season.at(now));
    if (side >= 0) this.#rest(side);
    return this.nextLimit(now);
  }

  #rest(side: number): void {
    const { exchange, chain } = this.#market;
    const { limitDepth, limitAmount } = this.#own;
    const { perpetual } = chain;
    const best = exchange.books.best(perpetual, side);
    if (best < 0) return;
    const touch = exchange.books.levelTicks[best]!;
    const depth = Math.round(touch * limitDepth * this.#random.exponential());
    const ticks = side === Side.BUY ? touch - depth : touch + depth;
    const usd = this.#random.logNormal(limitAmount, 1);
    const lots = Math.max(1, Math.round(usd / exchange.instruments.lotSize[perpetual]!));
    const { LIMIT } = OrderType;
    const { GOOD_TIL_CANCELLED } = TimeInForce;
    const id = exchange.place(this.#passive, perpetual, side, LIMIT, ticks, lots, GOOD_TIL_CANCELLED, 1, 0);
    if (id <= 0) return;
    if (this.#restingCount === MOST_RESTING) this.#withdraw(0);
    this.#resting[this.#restingCount++] = id;
  }

  /** Takes one of the resting orders back, whichever; so that each lives an exponential time. Returns when the next goes. */
  withdraw(now: number): number {
    if (this.#restingCount > 0) this.#withdraw(this.#random.below(this.#restingCount));
    const wait = (this.#own.limitLifeMs * this.#random.exponential()) / Math.max(1, this.#restingCount);
    return now + wait;
  }

  #withdraw(index: number): void {
    this.#market.exchange.cancel(this.#passive, this.#resting[index]!);
    this.#resting[index] = this.#resting[--this.#restingCount]!;
  }

  /** An informed taker's look: it takes what will be wrong at its horizon by more than its edge. */
  foresee(now: number): number {
    const { exchange, chain } = this.#market;
    const { informedHorizonMs, informedStrength, informedEdge, informedRate } = this.#own;
    const present = fairPerpetual(this.#market, rowAt(this.#market, now, 0));
    const future = fairPerpetual(this.#market, rowAt(this.#market, now, -informedHorizonMs));
    const value = present + informedStrength * (future - present);
    for (let side = 0; side < 2; side++) {
      const level = exchange.books.best(chain.perpetual, 1 - side);
      if (level < 0) continue;
      const limit = value * (side === Side.BUY ? 1 - informedEdge : 1 + informedEdge);
      const price = exchange.books.levelTicks[level]! * exchange.instruments.tickSize[chain.perpetual]!;
      if (side === Side.BUY ? price <= limit : price >= limit) {
        this.#send(this.#informed, side, this.#random.logNormal(this.#own.firstLevel, 0.7), limit);
      }
    }
    return now + (1000 * this.#random.exponential()) / informedRate;
  }

  #send(account: number, side: number, usd: number, limit: number): void {
    const { exchange, chain } = this.#market;
    const { perpetual } = chain;
    const { instruments } = exchange;
    const exact = limit / instruments.tickSize[perpetual]!;
    const ticks = side === Side.BUY ? Math.floor(exact) : Math.ceil(exact);
    const lots = Math.max(1, Math.round(usd / instruments.lotSize[perpetual]!));
    const { LIMIT } = OrderType;
    exchange.place(account, perpetual, side, LIMIT, ticks, lots, TimeInForce.IMMEDIATE_OR_CANCEL, 0, 0);
  }
}
