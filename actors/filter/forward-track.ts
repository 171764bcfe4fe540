import { boundLiveSmile, LIVE_STRIDE } from '../../engine/quant/surface/live-smile.js';
import { NOW } from './event-moment.js';
import { ForwardOrigin } from './filter-flags.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import type { SmileDynamics } from './smile-dynamics.js';
import type { SmileModes } from './smile-modes.js';

/** Variance per microsecond of the walk of ln(forward / reference): a basis point in a minute's square root. */
const BASIS_WALK = (1e-4 * 1e-4) / 60e6;
/** Least standard error of an observed forward, as a part of it. */
const LEAST_ERROR = 2e-5;
/** Two observations of a jump agree within this. */
const SAME_JUMP = 0.02;
/** The origin of a forward is told by observations no older than this, microseconds. */
const ORIGIN_HOLDS = 10e6;

/** What a move's size and the time say of a smile is looked at once in this time, microseconds, and with every step larger than this, a log return. */
const LOOKS_APART = 1e6;
const LARGE_STEP = 5e-4;

/** State of a jump in `EXPIRY_WORD.jumps`: it was believed, and a refit has yet to look at it. */
export const JUMP_BELIEVED = -1;

/**
 * The forward of each expiry, as the price of a reference (the perpetual, else the index) times a basis. The reference ticks, and moves every
 * forward with it at once; what says something of one expiry (its future, put-call parity, the venue's own forward) corrects its basis by a
 * scalar Kalman filter. A move further than is believable is held until observations agree on it.
 */
export class ForwardTrack {
  /** In: an observed forward in USD, and its standard error as a part of it. */
  readonly observed = new Float64Array(2);
  /** Log return of the move under way: in an array, because a number that crosses a call may be boxed. */
  private readonly step = new Float64Array(1);
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly modes: SmileModes;
  private readonly dynamics: SmileDynamics;

  constructor(state: FilterState, moment: Float64Array, modes: SmileModes, dynamics: SmileDynamics) {
    this.state = state;
    this.moment = moment;
    this.modes = modes;
    this.dynamics = dynamics;
  }

  /** The reference of an underlying is now `observed[0]`; false where that is not believed, or nothing new. */
  moveReference(underlying: number): boolean {
    const { observed, moment, state } = this;
    const { underlyings, underlyingWords, config } = state;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    const price = observed[0]!;
    if (!(price > 0 && price < Number.POSITIVE_INFINITY)) return false;
    underlyings[u + UNDERLYING.referenceTime] = moment[NOW]!;
    const before = underlyings[u + UNDERLYING.reference]!;
    if (price === before) {
      // What has jumped and is back has not jumped.
      underlyingWords[words + UNDERLYING_WORD.jumps] = 0;
      return false;
    }
    const log = Math.log(price);
    const x = log - underlyings[u + UNDERLYING.logReference]!;
    this.step[0] = x;
    const jumped = before > 0 && (x > config.forwardJump || x < -config.forwardJump);
    if (jumped && !this.confirmed(underlying)) return false;
    underlyingWords[words + UNDERLYING_WORD.jumps] = 0;
    underlyings[u + UNDERLYING.reference] = price;
    underlyings[u + UNDERLYING.logReference] = log;
    if (before === 0) return true;
    if (jumped) this.detach(underlying);
    else this.carry(underlying);
    return true;
  }

  /** A jump of the reference is believed when as many observations in a row agree on it as configured. */
  private confirmed(underlying: number): boolean {
    const { underlyings, underlyingWords, config } = this.state;
    const price = this.observed[0]!;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    const apart = Math.abs(price / underlyings[u + UNDERLYING.jump]! - 1);
    if (!(apart < SAME_JUMP)) {
      underlyings[u + UNDERLYING.jump] = price;
      underlyingWords[words + UNDERLYING_WORD.jumps] = 1;
      return false;
    }
    underlyingWords[words + UNDERLYING_WORD.jumps]! += 1;
    return underlyingWords[words + UNDERLYING_WORD.jumps]! >= config.jumpConfirmations;
  }

  /** The reference moved by `step`: the forwards go along, and their smiles as the dynamics say. */
  private carry(underlying: number): void {
    const { expiryWords, config } = this.state;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      if (owner !== underlying + 1 || expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.over] === 1) continue;
      this.shift(expiry);
    }
  }

  /** The reference has jumped: each forward stays until its own observations have followed, except where nothing else tells it. */
  private detach(underlying: number): void {
    const { expiries, expiryWords, config } = this.state;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      const e = expiry * EXPIRY_STRIDE;
      if (owner !== underlying + 1 || expiries[e + EXPIRY.forward] === 0) continue;
      if (this.origin(expiry) === ForwardOrigin.CARRIED) {
        this.shift(expiry);
        this.believe(expiry);
      } else expiries[e + EXPIRY.basis]! -= this.step[0]!;
    }
  }

  /**
   * `observed` is the forward of an expiry and its relative error, from an origin; true when the forward in use has moved. Without a reference the
   * observation becomes one.
   */
  observe(expiry: number, origin: number): boolean {
    const { observed, moment, state } = this;
    const { expiries, expiryWords, underlyings, config } = state;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const forward = observed[0]!;
    const error = observed[1]! > LEAST_ERROR ? observed[1]! : LEAST_ERROR;
    if (!(forward > 0 && forward < Number.POSITIVE_INFINITY && error < 1)) return false;
    const underlying = expiryWords[words + EXPIRY_WORD.underlying]! - 1;
    const u = underlying * UNDERLYING_STRIDE;
    const now = moment[NOW]!;
    if (underlyings[u + UNDERLYING.reference] === 0) {
      underlyings[u + UNDERLYING.reference] = forward;
      underlyings[u + UNDERLYING.logReference] = Math.log(forward);
      underlyings[u + UNDERLYING.referenceTime] = now;
    }
    const basis = Math.log(forward) - underlyings[u + UNDERLYING.logReference]!;
    const noise = error * error;
    if (expiries[e + EXPIRY.forward] === 0) {
      expiries[e + EXPIRY.basis] = basis;
      expiries[e + EXPIRY.basisVariance] = noise;
      expiries[e + EXPIRY.basisTime] = now;
      expiries[e + EXPIRY.halfWidth] = error;
      expiryWords[words + EXPIRY_WORD.forwardOrigin] = origin;
      this.settle(expiry);
      return true;
    }
    const elapsed = now - expiries[e + EXPIRY.basisTime]!;
    // A weaker origin has no say while a stronger one speaks.
    if (elapsed < ORIGIN_HOLDS && isWeaker(origin, expiryWords[words + EXPIRY_WORD.forwardOrigin]!)) return false;
    const miss = basis - expiries[e + EXPIRY.basis]!;
    if (miss > config.forwardJump || miss < -config.forwardJump) {
      if (!this.jumpAgreed(expiry)) return false;
      expiries[e + EXPIRY.basis] = basis;
      expiries[e + EXPIRY.basisVariance] = noise;
      this.settle(expiry);
      this.believe(expiry);
    } else {
      if (expiryWords[words + EXPIRY_WORD.jumps]! > 0) expiryWords[words + EXPIRY_WORD.jumps] = 0;
      const variance = expiries[e + EXPIRY.basisVariance]! + BASIS_WALK * elapsed;
      const gain = variance / (variance + noise);
      expiries[e + EXPIRY.basisVariance] = (1 - gain) * variance;
      this.step[0] = gain * miss;
      this.shift(expiry);
      expiries[e + EXPIRY.basis]! += gain * miss;
    }
    expiries[e + EXPIRY.basisTime] = now;
    expiries[e + EXPIRY.halfWidth] = error;
    expiryWords[words + EXPIRY_WORD.forwardOrigin] = origin;
    return true;
  }

  /** Where an expiry's forward comes from at this moment. */
  origin(expiry: number): number {
    const { expiries, expiryWords } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    if (expiries[e + EXPIRY.forward] === 0) return ForwardOrigin.NONE;
    const age = this.moment[NOW]! - expiries[e + EXPIRY.basisTime]!;
    return age < ORIGIN_HOLDS ? expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.forwardOrigin]! : ForwardOrigin.CARRIED;
  }

  /** The trader's shift of a forward is another: the forward follows, the smile stays at its moneyness. */
  settle(expiry: number): void {
    const { expiries, expiryWords, underlyings } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const underlying = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]! - 1;
    const reference = underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.logReference]!;
    const forward = Math.exp(reference + expiries[e + EXPIRY.basis]!) + expiries[e + EXPIRY.forwardShift]!;
    if (!(forward > 0)) return;
    expiries[e + EXPIRY.forward] = forward;
    expiries[e + EXPIRY.logForward] = Math.log(forward);
  }

  /** Moves a forward by `step`, and the level of its smile with it. */
  private shift(expiry: number): void {
    const { state } = this;
    const x = this.step[0]!;
    const { expiries, expiryWords, lives } = state;
    const e = expiry * EXPIRY_STRIDE;
    if (expiries[e + EXPIRY.forward] === 0) return;
    const shifted = expiries[e + EXPIRY.forwardShift]!;
    // The move first: with a shift the log of the sum has to be taken anew.
    const forward = (expiries[e + EXPIRY.forward]! - shifted) * Math.exp(x) + shifted;
    if (!(forward > 0 && forward < Number.POSITIVE_INFINITY)) return;
    expiries[e + EXPIRY.forward] = forward;
    expiries[e + EXPIRY.logForward] = shifted === 0 ? expiries[e + EXPIRY.logForward]! + x : Math.log(forward);
    if (expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.generation] === 0) return;
    expiries[e + EXPIRY.moved]! += x;
    lives[expiry * LIVE_STRIDE]! += expiries[e + EXPIRY.carry]! * x;
    if (x > LARGE_STEP || x < -LARGE_STEP || this.moment[NOW]! - expiries[e + EXPIRY.expectedAt]! > LOOKS_APART) {
      this.passTime(expiry);
      return;
    }
    boundLiveSmile(lives, expiry * LIVE_STRIDE);
    this.modes.combine(expiry);
  }

  /** The level of an expiry's smile is where the dynamics expect it now: by how far its forward has come, and by the time. */
  passTime(expiry: number): void {
    const { expiries, expiryWords, lives } = this.state;
    const words = expiry * EXPIRY_WORDS;
    if (expiryWords[words + EXPIRY_WORD.generation] === 0) return;
    const e = expiry * EXPIRY_STRIDE;
    this.dynamics.expect(expiry, expiryWords[words + EXPIRY_WORD.underlying]! - 1);
    lives[expiry * LIVE_STRIDE]! += this.dynamics.level[0]! - expiries[e + EXPIRY.expected]!;
    expiries[e + EXPIRY.expected] = this.dynamics.level[0]!;
    expiries[e + EXPIRY.expectedAt] = this.moment[NOW]!;
    boundLiveSmile(lives, expiry * LIVE_STRIDE);
    this.modes.combine(expiry);
  }

  private jumpAgreed(expiry: number): boolean {
    const { expiries, expiryWords, config } = this.state;
    const forward = this.observed[0]!;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const apart = Math.abs(forward / expiries[e + EXPIRY.jump]! - 1);
    if (!(apart < SAME_JUMP && expiryWords[words + EXPIRY_WORD.jumps]! > 0)) {
      expiries[e + EXPIRY.jump] = forward;
      expiryWords[words + EXPIRY_WORD.jumps] = 1;
      return false;
    }
    expiryWords[words + EXPIRY_WORD.jumps]! += 1;
    return expiryWords[words + EXPIRY_WORD.jumps]! >= config.jumpConfirmations;
  }

  private believe(expiry: number): void {
    const { expiries, expiryWords } = this.state;
    const hasSmile = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.generation]! > 0;
    expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.jumps] = hasSmile ? JUMP_BELIEVED : 0;
    expiries[expiry * EXPIRY_STRIDE + EXPIRY.jumpTime] = this.moment[NOW]!;
  }
}

/** A future is a price; the venue's own forward is near it; parity holds to the width of two spreads. */
function isWeaker(origin: number, than: number): boolean {
  if (than === ForwardOrigin.FUTURE) return origin !== ForwardOrigin.FUTURE;
  return than === ForwardOrigin.VENUE && origin === ForwardOrigin.PARITY;
}
