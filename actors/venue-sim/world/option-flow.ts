import { OrderFlag, OrderType, Side, TimeInForce } from '../exchange/codes.js';
import { HawkesFlow } from './hawkes.js';
import { type Market, rowAt } from './market.js';
import type { OptionTakerParameters } from './parameters.js';
import type { RandomStream } from './random.js';

/** Most passive orders that rest at a time. */
const MOST_RESTING = 64;

/** Expiries lose this part of their popularity from one to the next. */
const LESS_POPULAR = 0.22;

/** Part of the interest that is in options out of the money. */
const OUT_OF_THE_MONEY = 0.88;

/** The venue's taker fee: part of the underlying, and its cap as a part of the price. */
const FEE = 0.0003;
const FEE_CAP = 0.125;

/** Who trades options for reasons of its own: takers of noise in clusters, takers that see a little ahead, orders inside the spread. */
export class OptionFlow {
  readonly #market: Market;
  readonly #own: OptionTakerParameters;
  readonly #taker: number;
  readonly #informed: number;
  readonly #passive: number;
  readonly #random: RandomStream;
  readonly #takers: HawkesFlow;
  readonly #resting = new Float64Array(MOST_RESTING);
  #restingCount = 0;

  /** @param accounts of noise takers, informed takers and of passive orders */
  constructor(
    market: Market,
    own: OptionTakerParameters,
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
    this.#takers = new HawkesFlow(own.flow, random, now);
  }

  nextTaker(now: number): number {
    return this.#takers.next(this.#market.season.at(now));
  }

  /** An order of a taker without knowledge, perhaps; returns when the next may come. */
  take(now: number): number {
    const side = this.#takers.arrives(this.#market.season.at(now));
    if (side >= 0) {
      const place = this.#pick();
      const leans = this.#random.chance(this.#own.leaning);
      this.#takeOne(leans ? this.#rightSide(place, now) : side, place, now);
    }
    return this.nextTaker(now);
  }

  #takeOne(side: number, place: number, now: number): void {
    const { exchange, chain, parameters } = this.#market;
    const { amount, amountDeviation, patience, pricePatience, sweeps, sweepMultiple } = this.#own;
    const random = this.#random;
    const fair = this.#value(place, rowAt(this.#market, now, 0), 0, now);
    let most = patience + pricePatience * fair;
    let size = random.logNormal(amount * parameters.amountScale, amountDeviation);
    if (random.chance(sweeps)) {
      size *= sweepMultiple;
      most *= 2;
    }
    const level = exchange.books.best(chain.instrument[place]!, 1 - side);
    if (level < 0) return;
    this.#send(this.#taker, side, place, size, side === Side.BUY ? fair + most : fair - most);
  }

  /** The side that the future will have proved right. */
  #rightSide(place: number, now: number): number {
    const later = rowAt(this.#market, now, -this.#own.leaningHorizonMs);
    return this.#value(place, later, 1, now) > this.#value(place, later, 0, now) ? Side.BUY : Side.SELL;
  }

  /** What an option is worth to who believes so much of the market at a later row: nothing of it, 0, to all, 1. */
  #value(place: number, later: number, strength: number, now: number): number {
    const { chain, path } = this.#market;
    const { surface } = chain;
    const row = rowAt(this.#market, now, 0);
    const expiry = chain.expiryOf[place]!;
    const present = surface.logForward(path.values, row, expiry, now) - chain.logForward[expiry]!;
    const future = surface.logForward(path.values, later, expiry, now) - chain.logForward[expiry]!;
    const move = present + strength * (future - present);
    const volMove = strength * surface.volMove(path.values, row, later, expiry, now) * chain.vol[place]!;
    return chain.priceAt(place, move + 0.5 * move * move, volMove);
  }

  /** An informed taker's look at a few options: it takes the one that will be wrong by most, if that is more than its costs. */
  foresee(now: number): number {
    const { exchange, chain, parameters } = this.#market;
    const { horizonMs, strength, edge, looks, informedRate, amount, amountDeviation } = this.#own;
    const later = rowAt(this.#market, now, -horizonMs);
    let most = edge;
    let chosen = -1;
    let chosenSide = 0;
    let limit = 0;
    for (let look = 0; look < looks; look++) {
      const place = this.#pick();
      const value = this.#value(place, later, strength, now);
      const instrument = chain.instrument[place]!;
      const tick = exchange.instruments.tickSize[instrument]!;
      for (let side = 0; side < 2; side++) {
        const level = exchange.books.best(instrument, 1 - side);
        if (level < 0) continue;
        const price = exchange.books.levelTicks[level]! * tick;
        const gain = (side === Side.BUY ? value - price : price - value) - Math.min(FEE, FEE_CAP * price);
        if (gain <= most) continue;
        most = gain;
        chosen = place;
        chosenSide = side;
        limit = price;
      }
    }
    if (chosen >= 0) {
      const size = this.#random.logNormal(2 * amount * parameters.amountScale, amountDeviation);
      this.#send(this.#informed, chosenSide, chosen, size, limit);
    }
    return now + (1000 * this.#random.exponential()) / informedRate;
  }

  /** A passive order inside the spread; returns when the next comes. */
  rest(now: number): number {
    const { exchange, chain, parameters } = this.#market;
    const { amount, amountDeviation, passiveRate } = this.#own;
    const random = this.#random;
    const place = this.#pick();
    const side = random.below(2);
    const instrument = chain.instrument[place]!;
    const { books, instruments } = exchange;
    const bid = books.best(instrument, Side.BUY);
    const ask = books.best(instrument, Side.SELL);
    if (bid >= 0 && ask >= 0) {
      const low = books.levelTicks[bid]!;
      const high = books.levelTicks[ask]!;
      const multiple = instruments.tickMultiple(instrument, high);
      const steps = Math.floor((high - low) / multiple);
      const inside = random.below(Math.max(1, steps)) * multiple;
      const ticks = side === Side.BUY ? low + inside : high - inside;
      const aligned = Math.floor(ticks / multiple) * multiple;
      const lots = this.#lots(instrument, random.logNormal(amount * parameters.amountScale, amountDeviation));
      const { LIMIT } = OrderType;
      const flags = OrderFlag.POST_ONLY;
      const { GOOD_TIL_CANCELLED } = TimeInForce;
      const id =
        aligned < 1
          ? 0
          : exchange.place(this.#passive, instrument, side, LIMIT, aligned, lots, GOOD_TIL_CANCELLED, flags, 0);
      if (id > 0) {
        if (this.#restingCount === MOST_RESTING) this.#withdraw(0);
        this.#resting[this.#restingCount++] = id;
      }
    }
    return now + (1000 * random.exponential()) / passiveRate;
  }

  /** Takes one of the passive orders back; returns when the next goes. */
  withdraw(now: number): number {
    if (this.#restingCount > 0) this.#withdraw(this.#random.below(this.#restingCount));
    return now + (this.#own.passiveLifeMs * this.#random.exponential()) / Math.max(1, this.#restingCount);
  }

  #withdraw(index: number): void {
    this.#market.exchange.cancel(this.#passive, this.#resting[index]!);
    this.#resting[index] = this.#resting[--this.#restingCount]!;
  }

  /** An option to trade: near expiries and strikes near the money are liked most. */
  #pick(): number {
    const { chain } = this.#market;
    const { surface } = chain;
    const random = this.#random;
    let expiry = 0;
    while (expiry < surface.count - 1 && !random.chance(LESS_POPULAR)) expiry++;
    // A new expiry has no strikes yet for a moment.
    while (chain.members[expiry]!.length === 0) expiry = expiry === 0 ? surface.count - 1 : expiry - 1;
    const members = chain.members[expiry]!;
    const far = random.normal() * Math.sqrt(surface.theta[expiry]!);
    const target = surface.forward[expiry]! * Math.exp(far);
    let low = 0;
    let high = (members.length >> 1) - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (chain.strike[members[middle * 2]!]! < target) low = middle + 1;
      else high = middle;
    }
    const above = chain.strike[members[low * 2]!]! >= surface.forward[expiry]!;
    const isCall = above === random.chance(OUT_OF_THE_MONEY);
    // Of each strike the call stands before the put.
    return members[low * 2 + (isCall ? 0 : 1)]!;
  }

  #lots(instrument: number, amount: number): number {
    return Math.max(1, Math.round(amount / this.#market.exchange.instruments.lotSize[instrument]!));
  }

  #send(account: number, side: number, place: number, amount: number, limit: number): void {
    const { exchange, chain } = this.#market;
    const instrument = chain.instrument[place]!;
    const { instruments } = exchange;
    const exact = limit / instruments.tickSize[instrument]! + (side === Side.BUY ? 1e-6 : -1e-6);
    const multiple = instruments.tickMultiple(instrument, exact);
    const ticks =
      side === Side.BUY ? Math.floor(exact / multiple) * multiple : Math.max(1, Math.ceil(exact / multiple) * multiple);
    if (ticks < 1) return;
    const { LIMIT } = OrderType;
    const lots = this.#lots(instrument, amount);
    exchange.place(account, instrument, side, LIMIT, ticks, lots, TimeInForce.IMMEDIATE_OR_CANCEL, 0, 0);
  }
}
