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
/** And from which, with so many days to expiry, hardly anybody quotes it. */
const DEEPEST_DELTA = 0.95;
const LONG_DAYS = 180;

/** Options that are valued at a time: what keeps a step of the world short; and numbers that are kept of each meanwhile. */
const BATCH = 8;
const STAGED = 5;

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
  /** Half the spread that a tight maker needs, coin; and how few like it, 0 .. 1, for being deep in the money, and for being that and long. */
  readonly halfSpread: Float64Array;
  readonly deep: Float64Array;
  readonly longDeep: Float64Array;
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
  readonly #pending: { time: number; strike: number }[] = [];
  /** The first expiry whose strikes are still to be looked for. */
  #unchecked = 0;
  readonly #free: number[];
  readonly #placeOf: Int32Array;
  readonly #batch = createOptionChain(BATCH);
  readonly #greeks = new Float64Array(GREEK_COUNT * BATCH);
  /** The refresh at hand: its expiry, -1 for none; options valued so far; their values; logarithm of the forward and time. */
  #refreshing = -1;
  #valued = 0;
  readonly #staged: Float64Array;
  readonly #refreshedForward = new Float64Array(2);

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
    this.longDeep = new Float64Array(capacity);
    this.#free = Array.from({ length: capacity }, (_, index) => capacity - 1 - index);
    this.#placeOf = new Int32Array(exchange.config.maxInstruments).fill(-1);
    this.#staged = new Float64Array(STAGED * capacity);
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
   * Takes out what has expired and takes up the expiries that the venue lists now. Their strikes, and those missing where the price
   * has gone, are found and listed by `listNext`. Returns whether expiries have changed, and so their places.
   */
  roll(path: MarketPath, now: number): boolean {
    const { surface } = this;
    const times = listedExpiries(now).map(({ time }) => time);
    const changed = times.length !== surface.count || times.some((time, expiry) => time !== surface.expiry[expiry]);
    if (changed) this.#relist(times, now);
    this.#refreshing = -1;
    surface.update(path.values, path.at(this.currency, 0), now);
    this.#unchecked = 0;
    return changed;
  }

  /** Whether `listNext` has something to do. */
  get isListing(): boolean {
    return this.#pending.length > 0 || this.#unchecked < this.surface.count;
  }

  /** Lists the next new strike, call and put, with their marks, and returns their places; or looks for strikes of the next expiry. */
  listNext(path: MarketPath, now: number): number[] {
    const next = this.#pending.shift();
    if (next === undefined) {
      const expiry = this.#unchecked++;
      for (const strike of this.#newStrikes(expiry)) {
        this.#pending.push({ time: this.surface.expiry[expiry]!, strike });
      }
      return [];
    }
    const { time, strike } = next;
    const expiry = this.surface.expiry.subarray(0, this.surface.count).indexOf(time);
    if (expiry < 0 || this.#free.length < 2) return [];
    const fresh = [this.#add(time, strike, true), this.#add(time, strike, false)];
    for (const place of fresh) this.expiryOf[place] = expiry;
    this.members[expiry] = Int32Array.from([...this.members[expiry]!, ...fresh]).sort(
      (one, other) => this.strike[one]! - this.strike[other]! || this.isCall[other]! - this.isCall[one]!,
    );
    this.refresh(path, expiry, now);
    return fresh;
  }

  /** Gives the expiries their new places, and what is known of them with them. */
  #relist(times: readonly number[], now: number): void {
    const { surface } = this;
    const before = Array.from({ length: surface.count }, (_, expiry) => ({
      time: surface.expiry[expiry]!,
      members: this.members[expiry]!,
      future: this.futures[expiry]!,
      logForward: this.logForward[expiry]!,
      refreshedAt: this.refreshedAt[expiry]!,
    }));
    for (const { time, members } of before) if (time <= now) for (const place of members) this.#drop(place);
    surface.list(times);
    this.members = [];
    this.futures = new Int32Array(times.length);
    for (const [expiry, time] of times.entries()) {
      const known = before.find((one) => one.time === time);
      this.members.push(known?.members ?? new Int32Array(0));
      for (const place of this.members[expiry]!) this.expiryOf[place] = expiry;
      const future = known?.future ?? -1;
      this.futures[expiry] = future >= 0 ? future : this.#newFuture(time, now);
      this.logForward[expiry] = known?.logForward ?? 0;
      this.refreshedAt[expiry] = known?.refreshedAt ?? Number.NEGATIVE_INFINITY;
    }
  }

  /** Whether fair values of an expiry are so old, or its forward has gone so far, that they should be refreshed: from 1 on. */
  urgency(path: MarketPath, expiry: number, now: number): number {
    const { markMove, markMs } = this.#parameters;
    const forward = this.surface.logForward(path.values, path.at(this.currency, 0), expiry, now);
    const move = forward - this.logForward[expiry]!;
    return (move < 0 ? -move : move) / markMove + (now - this.refreshedAt[expiry]!) / markMs;
  }

  /** Values the options of an expiry anew and publishes their marks, at once. */
  refresh(path: MarketPath, expiry: number, now: number): void {
    this.beginRefresh(path, expiry, now);
    while (this.goOnRefreshing());
  }

  /** Begins to value the options of an expiry anew: all slices of the surface are of this moment. */
  beginRefresh(path: MarketPath, expiry: number, now: number): void {
    const { surface } = this;
    surface.update(path.values, path.at(this.currency, 0), now);
    this.#refreshing = expiry;
    this.#valued = 0;
    this.#refreshedForward[0] = Math.log(surface.forward[expiry]!);
    this.#refreshedForward[1] = now;
  }

  /** Values a few options more; with the last of them all values take effect. Returns whether there are more. */
  goOnRefreshing(): boolean {
    const expiry = this.#refreshing;
    if (expiry < 0) return false;
    const { surface, strike, isCall } = this;
    const batch = this.#batch;
    const members = this.members[expiry]!;
    const from = this.#valued;
    const count = Math.min(BATCH, members.length - from);
    const forward = surface.forward[expiry]!;
    for (let index = 0; index < count; index++) {
      const place = members[from + index]!;
      const sigma = surface.vol(expiry, Math.log(strike[place]!) - this.#refreshedForward[0]!);
      batch.forward[index] = forward;
      batch.strike[index] = strike[place]!;
      batch.years[index] = surface.years[expiry]!;
      batch.sigma[index] = sigma;
      batch.isCall[index] = isCall[place]!;
      this.#staged[STAGED * (from + index)] = sigma;
    }
    const greeks = this.#greeks;
    inverseChainGreeks(greeks, batch, count, BATCH);
    for (let index = 0; index < count; index++) {
      const at = STAGED * (from + index);
      this.#staged[at + 1] = greeks[GREEK.price * BATCH + index]!;
      this.#staged[at + 2] = greeks[GREEK.delta * BATCH + index]!;
      this.#staged[at + 3] = greeks[GREEK.gamma * BATCH + index]!;
      this.#staged[at + 4] = greeks[GREEK.vega * BATCH + index]!;
    }
    this.#valued = from + count;
    if (this.#valued < members.length) return true;
    this.#endRefresh(expiry, members, forward);
    return false;
  }

  #endRefresh(expiry: number, members: Int32Array, forward: number): void {
    const staged = this.#staged;
    this.#refreshing = -1;
    this.logForward[expiry] = this.#refreshedForward[0]!;
    this.refreshedAt[expiry] = this.#refreshedForward[1]!;
    for (let index = 0; index < members.length; index++) {
      const place = members[index]!;
      const at = STAGED * index;
      this.vol[place] = staged[at]!;
      this.price[place] = staged[at + 1]!;
      this.delta[place] = staged[at + 2]!;
      this.gamma[place] = staged[at + 3]!;
      this.vega[place] = staged[at + 4]!;
      this.#weigh(place, this.surface.years[expiry]!);
      this.#exchange.setOptionMark(this.instrument[place]!, forward, staged[at]!);
    }
    const future = this.futures[expiry]!;
    if (future >= 0) this.#exchange.setFutureMark(future, forward);
  }

  /** What quoting an option costs a maker: uncertain volatility, hedging, and that few trade what is deep in the money. */
  #weigh(place: number, years: number): void {
    const { vol, nearDays, farDays, wing, hedge, inTheMoney, inTheMoneySquared } = this.#own.spread;
    const delta = Math.abs(this.blackDelta(place));
    const deep = delta > 0.5 ? delta - 0.5 : 0;
    const far = 1 + wing * (1 / (delta - deep + 0.02) - 1 / 0.52);
    const days = years / DAY_YEARS;
    this.halfSpread[place] =
      vol * (1 + nearDays / days + days / farDays) * far * this.vega[place]! +
      hedge * (delta - deep) +
      (inTheMoney + inTheMoneySquared * deep) * deep;
    this.deep[place] = part(delta, LIKED_DELTA, DEEP_DELTA);
    this.longDeep[place] = part(delta, DEEP_DELTA, DEEPEST_DELTA) * part(days, 0, LONG_DAYS);
  }

  #newStrikes(expiry: number): number[] {
    const { surface, strike } = this;
    const members = this.members[expiry]!;
    const forward = surface.forward[expiry]!;
    const count = this.#parameters.strikes;
    const around = (): number[] =>
      strikesAround(forward, Math.sqrt(surface.theta[expiry]!), count, tenorOf(surface.expiry[expiry]!), this.#own);
    if (members.length === 0) return around();
    const lowest = strike[members[0]!]!;
    const highest = strike[members[members.length - 1]!]!;
    const below = members.filter((place) => strike[place]! < forward).length / members.length;
    if (below >= LOPSIDED && below <= 1 - LOPSIDED) return [];
    return around().filter((one) => (below < LOPSIDED ? one < lowest : one > highest));
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

/** How far a value has come from `low` to `high`, 0 .. 1. */
function part(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}
