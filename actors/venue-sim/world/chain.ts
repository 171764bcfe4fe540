import { formatInstrumentName } from '../../../engine/market/instrument-name.js';
import { createOptionChain, GREEK, GREEK_COUNT, inverseChainGreeks } from '../../../engine/quant/black76/index.js';
import { instrumentOf } from '../exchange/contracts.js';
import type { Exchange } from '../exchange/exchange.js';
import { DAY_MS, listedExpiries, Tenor, tenorOf } from './calendar.js';
import { FairSurface } from './fair-surface.js';
import type { MarketPath } from './market-path.js';
import type { CurrencyParameters, WorldParameters } from './parameters.js';
import { strikesAround } from './strikes.js';

const MOST_EXPIRIES = 24;

/** Weekly futures are listed for the next two Fridays only. */
const WEEKLY_FUTURE_MS = 14 * DAY_MS;

const DAY_YEARS = 1 / 365;

/** |delta| up to which an option is one that makers like to quote, and from which it is deep in the money. */
const LIKED_DELTA = 0.6;
const DEEP_DELTA = 0.85;

/** Strikes are added when fewer than this part of an expiry's are on one side of the money. */
const LOPSIDED = 0.3;

/**
 * Everything of one currency that is listed, and what it is worth. Options stand in columns, each at a place that is used again
 * after its expiry; their fair prices are kept as a price with its slopes, so that a new forward costs no new valuation. An expiry
 * is valued anew, and its marks are published to the exchange, when `refresh` is called for it.
 */
export class Chain {
  readonly currency: number;
  readonly surface: FairSurface;
  readonly perpetual: number;
  /** By place of an option: its instrument on the exchange, -1 where there is none. */
  readonly instrument: Int32Array;
  readonly strike: Float64Array;
  readonly isCall: Uint8Array;
  /** Place of the expiry on the surface. */
  readonly expiryOf: Int32Array;
  /** Fair vol at the last refresh, a fraction; price in coin there; and its slopes, as `inverseGreeks` defines them. */
  readonly vol: Float64Array;
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  /** Half the spread that a tight maker needs, coin; and how deep in the money it is, 0 .. 1: how few makers like it. */
  readonly halfSpread: Float64Array;
  readonly deep: Float64Array;
  /** By expiry: places of its options, by rising strike, call before put. */
  members: Int32Array[] = [];
  /** By expiry: its future on the exchange, -1 where none is listed. */
  futures: Int32Array = new Int32Array(0);
  /** By expiry: logarithm of the forward at the last refresh, and its time. */
  readonly logForward = new Float64Array(MOST_EXPIRIES);
  readonly refreshedAt = new Float64Array(MOST_EXPIRIES);

  readonly #exchange: Exchange;
  readonly #parameters: WorldParameters;
  readonly #own: CurrencyParameters;
  readonly #free: number[];
  readonly #placeOf: Int32Array;
  readonly #batch;
  readonly #greeks: Float64Array;

  /** @param capacity most options listed at a time */
  constructor(exchange: Exchange, parameters: WorldParameters, currency: number, capacity: number) {
    this.currency = currency;
    this.#exchange = exchange;
    this.#parameters = parameters;
    this.#own = parameters.currencies[currency]!;
    this.surface = new FairSurface(this.#own, MOST_EXPIRIES);
    this.perpetual = exchange.list(instrumentOf(`${this.#own.name}-PERPETUAL`));
    this.instrument = new Int32Array(capacity).fill(-1);
    this.strike = new Float64Array(capacity);
    this.isCall = new Uint8Array(capacity);
    this.expiryOf = new Int32Array(capacity);
    this.vol = new Float64Array(capacity);
    this.price = new Float64Array(capacity);
    this.delta = new Float64Array(capacity);
    this.gamma = new Float64Array(capacity);
    this.vega = new Float64Array(capacity);
    this.halfSpread = new Float64Array(capacity);
    this.deep = new Float64Array(capacity);
    this.#free = Array.from({ length: capacity }, (_, index) => capacity - 1 - index);
    this.#placeOf = new Int32Array(exchange.config.maxInstruments).fill(-1);
    this.#batch = createOptionChain(capacity);
    this.#greeks = new Float64Array(GREEK_COUNT * capacity);
  }

  get capacity(): number {
    return this.instrument.length;
  }

  /** Place of an option by its instrument; -1 where it is none of this chain. */
  placeOf(instrument: number): number {
    return this.#placeOf[instrument]!;
  }

  /** Black's delta: what the venue shows. */
  blackDelta(place: number): number {
    return this.delta[place]! + this.price[place]!;
  }

  /** Fair price in coin when the forward stands at another level than at the refresh, relative to it, and vol is another. */
  priceAt(place: number, move: number, volMove: number): number {
    return (
      this.price[place]! + move * (this.delta[place]! + 0.5 * this.gamma[place]! * move) + volMove * this.vega[place]!
    );
  }

  /**
   * Takes out what has expired and lists what the venue lists now: new expiries, and new strikes where the price has gone. Returns
   * the places of new options.
   */
  list(path: MarketPath, now: number): number[] {
    const { surface } = this;
    const kept: Int32Array[] = [];
    const keptFutures = new Map<number, number>();
    const times = listedExpiries(now).map(({ time }) => time);
    const places = new Map<number, Int32Array>();
    for (let expiry = 0; expiry < surface.count; expiry++) {
      const time = surface.expiry[expiry]!;
      if (time > now) {
        places.set(time, this.members[expiry]!);
        keptFutures.set(time, this.futures[expiry]!);
      } else for (const place of this.members[expiry]!) this.#drop(place);
    }
    surface.list(times);
    const row = path.at(this.currency, 0);
    surface.update(path.values, row, now);
    const added: number[] = [];
    for (const [expiry, time] of times.entries()) {
      const members = places.get(time) ?? new Int32Array(0);
      const fresh = this.#newStrikes(expiry, members).flatMap((strike) => [
        this.#add(time, strike, true),
        this.#add(time, strike, false),
      ]);
      added.push(...fresh);
      const all = Int32Array.from([...members, ...fresh]).sort(
        (a, b) => this.strike[a]! - this.strike[b]! || this.isCall[b]! - this.isCall[a]!,
      );
      for (const place of all) this.expiryOf[place] = expiry;
      kept.push(all);
    }
    this.members = kept;
    this.futures = Int32Array.from(times, (time) => keptFutures.get(time) ?? this.#newFuture(time, now));
    for (let expiry = 0; expiry < surface.count; expiry++) this.refresh(path, expiry, now);
    return added;
  }

  /** Whether fair values of an expiry are so old, or its forward has gone so far, that they should be refreshed: from 1 on. */
  urgency(path: MarketPath, expiry: number, now: number): number {
    const { markMove, markMs } = this.#parameters;
    const forward = this.surface.logForward(path.values, path.at(this.currency, 0), expiry, now);
    const move = forward - this.logForward[expiry]!;
    return (move < 0 ? -move : move) / markMove + (now - this.refreshedAt[expiry]!) / markMs;
  }

  /** Values the options of an expiry anew and publishes their marks. The surface's slices are all of this moment. */
  refresh(path: MarketPath, expiry: number, now: number): void {
    const { surface, strike, isCall, vol } = this;
    surface.update(path.values, path.at(this.currency, 0), now);
    const forward = surface.forward[expiry]!;
    const logForward = Math.log(forward);
    const years = surface.years[expiry]!;
    const members = this.members[expiry]!;
    const batch = this.#batch;
    const exchange = this.#exchange;
    this.logForward[expiry] = logForward;
    this.refreshedAt[expiry] = now;
    for (let index = 0; index < members.length; index++) {
      const place = members[index]!;
      const sigma = surface.vol(expiry, Math.log(strike[place]!) - logForward);
      vol[place] = sigma;
      batch.forward[index] = forward;
      batch.strike[index] = strike[place]!;
      batch.years[index] = years;
      batch.sigma[index] = sigma;
      batch.isCall[index] = isCall[place]!;
      exchange.setOptionMark(this.instrument[place]!, forward, sigma);
    }
    const greeks = this.#greeks;
    const count = members.length;
    inverseChainGreeks(greeks, batch, count, count);
    for (let index = 0; index < count; index++) {
      const place = members[index]!;
      this.price[place] = greeks[GREEK.price * count + index]!;
      this.delta[place] = greeks[GREEK.delta * count + index]!;
      this.gamma[place] = greeks[GREEK.gamma * count + index]!;
      this.vega[place] = greeks[GREEK.vega * count + index]!;
      this.#weigh(place, years);
    }
    const future = this.futures[expiry]!;
    if (future >= 0) exchange.setFutureMark(future, forward);
  }

  /** What quoting an option costs a maker: uncertain volatility, hedging, and that few trade what is deep in the money. */
  #weigh(place: number, years: number): void {
    const { vol, nearDays, hedge, inTheMoney, inTheMoneySquared } = this.#own.spread;
    const delta = Math.abs(this.blackDelta(place));
    const deep = delta > 0.5 ? delta - 0.5 : 0;
    this.halfSpread[place] =
      vol * (1 + (nearDays * DAY_YEARS) / years) * this.vega[place]! +
      hedge * (delta - deep) +
      (inTheMoney + inTheMoneySquared * deep) * deep;
    this.deep[place] = Math.min(1, Math.max(0, (delta - LIKED_DELTA) / (DEEP_DELTA - LIKED_DELTA)));
  }

  #newStrikes(expiry: number, members: Int32Array): number[] {
    const { surface, strike } = this;
    const forward = surface.forward[expiry]!;
    const count = this.#parameters.strikes;
    const around = (): number[] =>
      strikesAround(forward, Math.sqrt(surface.theta[expiry]!), count, tenorOf(surface.expiry[expiry]!), this.#own);
    const room = this.#free.length >> 1;
    if (members.length === 0) return around().slice(0, room);
    const lowest = strike[members[0]!]!;
    const highest = strike[members[members.length - 1]!]!;
    const below = members.filter((place) => strike[place]! < forward).length / members.length;
    if (below >= LOPSIDED && below <= 1 - LOPSIDED) return [];
    return around()
      .filter((one) => (below < LOPSIDED ? one < lowest : one > highest))
      .slice(0, room);
  }

  #add(time: number, strike: number, isCall: boolean): number {
    const place = this.#free.pop()!;
    const name = formatInstrumentName({
      kind: 'option',
      base: this.#own.name,
      quote: undefined,
      expiry: time * 1000,
      strike,
      right: isCall ? 'call' : 'put',
    });
    const instrument = this.#exchange.list(instrumentOf(name));
    this.instrument[place] = instrument;
    this.#placeOf[instrument] = place;
    this.strike[place] = strike;
    this.isCall[place] = isCall ? 1 : 0;
    return place;
  }

  #drop(place: number): void {
    this.#placeOf[this.instrument[place]!] = -1;
    this.instrument[place] = -1;
    this.#free.push(place);
  }

  /** The future of an expiry, listed if the venue has one; -1 if not. */
  #newFuture(time: number, now: number): number {
    const tenor = tenorOf(time);
    if (tenor === Tenor.DAILY || (tenor === Tenor.WEEKLY && time - now > WEEKLY_FUTURE_MS)) return -1;
    const name = formatInstrumentName({
      kind: 'future',
      base: this.#own.name,
      quote: undefined,
      expiry: time * 1000,
    });
    const known = this.#exchange.instruments.idOf(name);
    if (known >= 0) return known;
    return this.#exchange.list(instrumentOf(name));
  }
}
