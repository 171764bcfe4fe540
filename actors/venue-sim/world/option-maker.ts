import { OrderType, Side, TimeInForce } from '../exchange/codes.js';
import { type Market, rowAt } from './market.js';
import type { MakerParameters } from './parameters.js';
import type { RandomStream } from './random.js';
import { RestingOrders } from './resting-order.js';

/** Options that one look handles, and orders that it moves, at most: what keeps a step of the world short. */
const MOST_OPTIONS = 6;
const MOST_MOVES = 2;

/** Time between the parts of a review that takes several looks. */
const PACE_MS = 0.7;

/** A quote stays while its unrounded price is within this part of a tick beyond its own. */
const SLACK = 0.3;

/** And while it is within this part of the half-spread. */
const WIDTH_SLACK = 0.08;

/** No bid is further below fair than this part of it. */
const MOST_BELOW = 0.7;

const NO_EXPIRY = -1;

/** Places in the wish, after the two sides. */
const HALF = 2;
const COVERAGE = 3;

const VEGA = 0;
const DELTA = 1;
const MOST_EXPIRIES = 24;

/**
 * A maker of all options of a currency: quotes both sides around its own view of fair value, which is old by its latency and wrong
 * by an opinion that wanders. It reviews an expiry when the forward has moved, when somebody traded there, or when it is time, a
 * few options at a look. It leans against its position, and hedges its delta on the perpetual.
 */
export class OptionMaker {
  readonly #market: Market;
  readonly #own: MakerParameters;
  readonly #least: number;
  readonly #account: number;
  readonly #random: RandomStream;
  readonly #resting: RestingOrders;
  /** By place: how wide and whether at all it quotes an option; by side of a place. */
  readonly #width: Float64Array;
  readonly #fancy: Float64Array;
  /** By side of a place: 1 where an order traded since it was last looked at. */
  readonly #traded: Uint8Array;
  /** By place: its position, in the underlying. */
  readonly #held: Float64Array;
  /** By expiry: vega and delta of its position in coin, as of the last review; and of the review at hand. */
  readonly #vegaOf = new Float64Array(MOST_EXPIRIES);
  readonly #deltaOf = new Float64Array(MOST_EXPIRIES);
  readonly #sums = new Float64Array(2);
  /** By expiry: opinion of vol relative to fair, its time, and forward and time of the last review. */
  readonly #opinion = new Float64Array(MOST_EXPIRIES);
  readonly #opinionAt = new Float64Array(MOST_EXPIRIES);
  readonly #reviewed = new Float64Array(MOST_EXPIRIES);
  readonly #reviewedAt = new Float64Array(MOST_EXPIRIES).fill(Number.NEGATIVE_INFINITY);
  /** View of the review at hand: relative move of the forward since the chain's refresh, shift of vol as a part of it. */
  readonly #view = new Float64Array(2);
  /** The quote at hand, in coin: bid and offer by side, half the spread; and the part of such options that is quoted. */
  readonly #wish = new Float64Array(4);
  /** Shift against the position, as a part of vol; when the position was last looked at. */
  readonly #stock = new Float64Array(2);
  #expiry = NO_EXPIRY;
  #next = 0;

  constructor(market: Market, own: MakerParameters, account: number, random: RandomStream) {
    const { capacity } = market.chain;
    this.#market = market;
    this.#own = own;
    this.#least = market.parameters.spread.least;
    this.#account = account;
    this.#random = random;
    this.#resting = new RestingOrders(market.exchange, account, capacity * 2, true);
    this.#width = new Float64Array(capacity);
    this.#fancy = new Float64Array(capacity * 2);
    this.#traded = new Uint8Array(capacity * 2);
    this.#held = new Float64Array(capacity);
    for (let expiry = 0; expiry < MOST_EXPIRIES; expiry++) {
      this.#opinion[expiry] = own.volNoise.deviation * random.normal();
    }
  }

  /** Takes up a new option: what it thinks of it for good. */
  welcome(place: number): void {
    const random = this.#random;
    this.#held[place] = 0;
    this.#width[place] = this.#own.width * random.logNormal(1, this.#own.widthDeviation);
    for (let side = 0; side < 2; side++) {
      this.#fancy[place * 2 + side] = random.uniform();
      this.#resting.forget(place * 2 + side);
    }
  }

  /** Begins anew after expiries have gone and come: their places have changed. */
  relist(now: number): void {
    this.#expiry = NO_EXPIRY;
    this.#reviewedAt.fill(Number.NEGATIVE_INFINITY);
    // By the next look at the position all expiries have been reviewed at their new places.
    this.#stock[1] = now;
  }

  /**
   * An option was traded with an order of an account: its expiry is reviewed at the next look.
   * @param side of that order @param amount in the underlying
   */
  hear(place: number, side: number, account: number, amount: number): void {
    this.#reviewedAt[this.#market.chain.expiryOf[place]!] = Number.NEGATIVE_INFINITY;
    if (account !== this.#account) return;
    this.#traded[place * 2 + side] = 1;
    this.#held[place]! += side === Side.BUY ? amount : -amount;
  }

  /** One look; returns the time of the next. */
  look(now: number): number {
    if (now - this.#stock[1]! >= this.#own.stockMs) this.#takeStock(now);
    if (this.#expiry === NO_EXPIRY) this.#choose(now);
    if (this.#expiry === NO_EXPIRY) return now + this.#own.lookMs;
    const members = this.#market.chain.members[this.#expiry]!;
    const end = Math.min(members.length, this.#next + MOST_OPTIONS);
    for (let moves = 0; moves < MOST_MOVES && this.#next < end; this.#next++)
      moves += this.#quote(members[this.#next]!);
    if (this.#next >= members.length) this.#endReview();
    return now + PACE_MS;
  }

  #endReview(): void {
    this.#vegaOf[this.#expiry] = this.#sums[VEGA]!;
    this.#deltaOf[this.#expiry] = this.#sums[DELTA]!;
    this.#expiry = NO_EXPIRY;
  }

  /** The first expiry that is in need of a review, if any, with the view of it. */
  #choose(now: number): void {
    const market = this.#market;
    const { chain, path } = market;
    const { surface } = chain;
    const { moveThreshold, oldestMs, volNoise, latencyMs } = this.#own;
    const row = rowAt(market, now, latencyMs);
    for (let expiry = 0; expiry < surface.count; expiry++) {
      const forward = surface.logForward(path.values, row, expiry, now);
      const move = Math.abs(forward - this.#reviewed[expiry]!);
      if (move < moveThreshold && now - this.#reviewedAt[expiry]! < oldestMs) continue;
      const keep = Math.exp((-Math.LN2 * (now - this.#opinionAt[expiry]!)) / volNoise.halfLifeMs);
      this.#opinion[expiry] =
        keep * this.#opinion[expiry]! + volNoise.deviation * Math.sqrt(1 - keep * keep) * this.#random.normal();
      this.#opinionAt[expiry] = now;
      this.#reviewed[expiry] = forward;
      this.#reviewedAt[expiry] = now;
      const since = forward - chain.logForward[expiry]!;
      this.#view[0] = since + 0.5 * since * since;
      this.#view[1] = this.#opinion[expiry]! - this.#stock[0]!;
      this.#expiry = expiry;
      this.#next = 0;
      this.#sums.fill(0);
      return;
    }
  }

  /** Returns how many orders were moved. */
  #quote(place: number): number {
    const { chain } = this.#market;
    const held = this.#held[place]!;
    if (held !== 0) {
      this.#sums[VEGA]! += held * chain.vega[place]!;
      this.#sums[DELTA]! += held * chain.delta[place]!;
    }
    const half = this.#width[place]! * chain.halfSpread[place]! + this.#least;
    const fair = chain.priceAt(place, this.#view[0]!, this.#view[1]! * chain.vol[place]!);
    const { coverage: liked, deepCoverage, longDeepCoverage } = this.#own;
    const known = liked + chain.deep[place]! * (deepCoverage - liked);
    const coverage = known + chain.longDeep[place]! * (longDeepCoverage - known);
    // The side that the market moves towards goes first out of the way, so that the other does not meet it.
    const resting = this.#resting.ticksAt(place * 2);
    const { instruments } = this.#market.exchange;
    const tick = instruments.tickSize[chain.instrument[place]!]!;
    const bid = fair - Math.min(half, MOST_BELOW * fair);
    const wish = this.#wish;
    wish[Side.BUY] = bid;
    wish[Side.SELL] = fair + half;
    wish[HALF] = half;
    wish[COVERAGE] = coverage;
    const first = bid / tick > resting ? Side.SELL : Side.BUY;
    let moves = 0;
    for (let step = 0; step < 2; step++) if (this.#side(place, step === 0 ? first : 1 - first)) moves++;
    return moves;
  }

  /** Brings one side to where the wish wants it; returns whether an order was moved. */
  #side(place: number, side: number): boolean {
    const { exchange, chain, parameters } = this.#market;
    const { instruments } = exchange;
    const instrument = chain.instrument[place]!;
    const cell = place * 2 + side;
    const tick = instruments.tickSize[instrument]!;
    const exact = this.#wish[side]! / tick;
    const half = this.#wish[HALF]!;
    if (this.#fancy[cell]! >= this.#wish[COVERAGE]! || (side === Side.BUY && exact < 1)) {
      if (this.#resting.ticksAt(cell) === 0) return false;
      this.#resting.pull(cell);
      return true;
    }
    const multiple = instruments.tickMultiple(instrument, exact);
    const slack = Math.max(SLACK * multiple, (WIDTH_SLACK * half) / tick);
    const resting = this.#resting.ticksAt(cell);
    const beyond = side === Side.BUY ? resting - exact : exact - resting;
    const stands = resting > 0 && beyond <= slack && beyond > -multiple - slack;
    if (this.#traded[cell] === 1) {
      this.#traded[cell] = 0;
      // What is left of an order goes with it once half is filled; then a whole one takes its place.
      if (this.#resting.partLeft(cell) <= 0.5) this.#resting.pull(cell);
      else if (stands) return false;
    } else if (stands) return false;
    const ticks = side === Side.BUY ? Math.floor(exact / multiple) * multiple : Math.ceil(exact / multiple) * multiple;
    const amount = this.#random.logNormal(this.#own.amount * parameters.amountScale, this.#own.amountDeviation);
    const lots = Math.max(1, Math.round(amount / instruments.lotSize[instrument]!));
    this.#resting.put(cell, instrument, side, Math.max(1, ticks), lots);
    return true;
  }

  /** Looks at its position: leans against its vega, and hedges its delta when that has grown too large. */
  #takeStock(now: number): void {
    const { exchange, chain } = this.#market;
    const { positions, instruments } = exchange;
    const { vegaLimit, inventoryShift, deltaLimit } = this.#own;
    const scale = this.#market.parameters.amountScale;
    const { perpetual } = chain;
    this.#stock[1] = now;
    let vega = 0;
    let delta = 0;
    for (let expiry = 0; expiry < chain.surface.count; expiry++) {
      vega += this.#vegaOf[expiry]!;
      delta += this.#deltaOf[expiry]!;
    }
    const record = positions.recordOf(this.#account, perpetual);
    if (record >= 0) {
      delta += (positions.lots[record]! * instruments.lotSize[perpetual]!) / instruments.forward[perpetual]!;
    }
    const part = Math.max(-1, Math.min(1, vega / (vegaLimit * scale)));
    this.#stock[0] = inventoryShift * part;
    if (Math.abs(delta) <= deltaLimit * scale) return;
    const usd = Math.abs(delta) * instruments.forward[perpetual]!;
    const lots = Math.round(usd / instruments.lotSize[perpetual]!);
    const side = delta > 0 ? Side.SELL : Side.BUY;
    const { MARKET } = OrderType;
    exchange.place(this.#account, perpetual, side, MARKET, 0, lots, TimeInForce.IMMEDIATE_OR_CANCEL, 0, 0);
  }
}
