import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ChainQuote } from '../../schemas/generated/chain-quote.js';
import { ChainSnapshot } from '../../schemas/generated/chain-snapshot.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { NOW, yearsUntil } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
import { FilterFlag, RefitReason } from './filter-flags.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  IS_CALL,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import { JUMP_BELIEVED } from './forward-track.js';

const MICROS = 1e6;
/** Two requests of an underlying are at least this far apart; an answer is waited for this long. */
const LEAST_APART = 1e6;
const GIVEN_UP = 30e6;
/** Two-sided quotes that a first surface, or a new expiry, needs. */
const ENOUGH_QUOTES = 5;
/** Pulses after which a first surface is made of fewer. */
const PATIENT_PULSES = 20;
/** The largest record of a stream holds this many quotes with room. */
const MOST_QUOTES = 2000;
/** An expiry nearer than this is fitted no more: its flags forbid quoting on it. */
const LEAST_MICROS = 60e6;

/** Strikes within this part of the forward count as both in and out of the money. */
const AT_THE_MONEY = 0.01;

/** The largest body of a request of so many instruments. */
export function largestSnapshot(instruments: number): number {
  return ChainSnapshot.sizeOf() + Math.min(instruments, MOST_QUOTES) * ChainQuote.sizeOf();
}

/** Asks for a refit, on schedule and when something has happened, with the quotes of the whole underlying. */
export class RefitRequests {
  private readonly context: CoreContext<FilterConfig>;
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly snapshot = new ChainSnapshot();
  private readonly quote = new ChainQuote();

  constructor(context: CoreContext<FilterConfig>, state: FilterState, moment: Float64Array) {
    this.context = context;
    this.state = state;
    this.moment = moment;
  }

  /** A pulse: asks when there is a reason to. */
  pulse(underlying: number): void {
    const { underlyings, underlyingWords } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    const now = this.moment[NOW]!;
    const since = now - underlyings[u + UNDERLYING.requestTime]!;
    if (since < LEAST_APART) return;
    const waits =
      underlyingWords[words + UNDERLYING_WORD.answered]! < underlyingWords[words + UNDERLYING_WORD.requests]!;
    if (waits && since < GIVEN_UP) return;
    const reason = this.reason(underlying, since);
    if (reason > 0) this.ask(underlying, reason);
  }

  /** Why a refit is wanted now; 0 where it is not. */
  private reason(underlying: number, since: number): number {
    const { expiries, expiryWords, underlyings, underlyingWords, config } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    const wanted = underlyingWords[words + UNDERLYING_WORD.wanted]!;
    // While the index or the reference is silent, what the quotes are of is not known.
    const flags = underlyingWords[words + UNDERLYING_WORD.flags]!;
    if ((flags & (FilterFlag.INDEX_STALE | FilterFlag.FORWARD_JUMP)) !== 0) return 0;
    let reason = 0;
    let best = 0;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const w = expiry * EXPIRY_WORDS;
      const owner = expiryWords[w + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      if (owner !== underlying + 1 || !this.isFittable(expiry)) continue;
      const twoSided = expiryWords[w + EXPIRY_WORD.twoSided]!;
      if (twoSided > best) best = twoSided;
      const hasSmile = expiryWords[w + EXPIRY_WORD.generation]! > 0;
      if (!hasSmile && twoSided >= ENOUGH_QUOTES) reason = RefitReason.NEW_EXPIRY;
      if (reason !== 0) continue;
      if (expiryWords[w + EXPIRY_WORD.jumps] === JUMP_BELIEVED) reason = RefitReason.LARGE_MOVE;
      else if (expiryWords[w + EXPIRY_WORD.bounded] === 1) reason = RefitReason.BOUNDED;
      else if (expiries[expiry * EXPIRY_STRIDE + EXPIRY.residual]! > config.refitResidual)
        reason = RefitReason.RESIDUALS;
    }
    if (best === 0) return 0;
    if (underlyings[u + UNDERLYING.fitTime] === 0) {
      // A market that has no more quotes than these will have no more after some seconds either.
      const patient = underlyingWords[words + UNDERLYING_WORD.pulses]! < PATIENT_PULSES;
      return best >= ENOUGH_QUOTES || !patient ? RefitReason.FIRST : 0;
    }
    if (wanted !== 0) return wanted;
    const move = underlyings[u + UNDERLYING.logReference]! - underlyings[u + UNDERLYING.fitLogIndex]!;
    if (move > config.refitMove || move < -config.refitMove) return RefitReason.LARGE_MOVE;
    if (reason !== 0) return reason;
    return since >= config.refitSeconds * MICROS ? RefitReason.SCHEDULE : 0;
  }

  private isFittable(expiry: number): boolean {
    const { expiries, expiryWords } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    if (expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.over] === 1) return false;
    return expiries[e + EXPIRY.forward]! > 0 && expiries[e + EXPIRY.time]! - this.moment[NOW]! > LEAST_MICROS;
  }

  private ask(underlying: number, reason: number): void {
    const { state, moment } = this;
    const { underlyings, underlyingWords } = state;
    const { out, event, shown } = this.context;
    const words = underlying * UNDERLYING_WORDS;
    underlyingWords[words + UNDERLYING_WORD.requests]! += 1;
    underlyingWords[words + UNDERLYING_WORD.wanted] = 0;
    underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.requestTime] = moment[NOW]!;
    const count = this.walk(underlying, undefined, 0);
    const bytes = ChainSnapshot.sizeOf() + count * ChainQuote.sizeOf();
    const body = out.emit(MessageType.CHAIN_SNAPSHOT, bytes);
    const snapshot = this.snapshot.__init(body, out.buffer);
    snapshot.mutate_underlying(underlying);
    snapshot.mutate_reason(reason);
    snapshot.mutate_count(count);
    snapshot.mutate_number(underlyingWords[words + UNDERLYING_WORD.requests]!);
    snapshot.mutate_basedOnSeq(event.seq);
    snapshot.mutate_basedOnTime(moment[NOW]!);
    snapshot.mutate_index(underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.index]!);
    this.walk(underlying, out.buffer, body + ChainSnapshot.sizeOf());
    const latest = shown[3];
    if (latest === undefined) return;
    const place = latest.claim(underlying, MessageType.CHAIN_SNAPSHOT, bytes) + HEADER_BYTES;
    copyBody(out.buffer, body, latest.buffer, place, bytes);
    latest.publish(underlying);
  }

  /** Counts the quotes that a fit can use, and writes them from `at` on where there is a buffer. */
  private walk(underlying: number, buffer: ViewBuffer | undefined, at: number): number {
    const { expiryWords, chains, config } = this.state;
    let count = 0;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const w = expiry * EXPIRY_WORDS;
      if (expiryWords[w + EXPIRY_WORD.underlying] !== underlying + 1 || !this.isFittable(expiry)) continue;
      const options = expiryWords[w + EXPIRY_WORD.options]!;
      for (let index = 0; index < options && count < MOST_QUOTES; index++) {
        const option = chains[expiry * config.optionsPerExpiry + index]!;
        if (!this.isUsable(option, expiry)) continue;
        if (buffer !== undefined) this.write(buffer, at + count * ChainQuote.sizeOf(), option, expiry);
        count++;
      }
    }
    return count;
  }

  /** Out of the money, and quoted on a side at least. */
  private isUsable(option: number, expiry: number): boolean {
    const { options, optionWords, expiries } = this.state;
    const at = option * OPTION_STRIDE;
    const isCall = (optionWords[option * OPTION_WORDS + OPTION_WORD.kind]! & IS_CALL) !== 0;
    const moneyness = options[at + OPTION.strike]! / expiries[expiry * EXPIRY_STRIDE + EXPIRY.forward]! - 1;
    // At the money both sides say as much; the fit takes the narrower of two quotes at a strike.
    const says = isCall ? moneyness >= -AT_THE_MONEY : moneyness <= AT_THE_MONEY;
    return says && (options[at + OPTION.bid]! > 0 || options[at + OPTION.ask]! > 0);
  }

  private write(buffer: ViewBuffer, at: number, option: number, expiry: number): void {
    const { options, optionWords, expiries } = this.state;
    const o = option * OPTION_STRIDE;
    const e = expiry * EXPIRY_STRIDE;
    const quote = this.quote.__init(at, buffer);
    quote.mutate_expiry(expiry);
    quote.mutate_flags(optionWords[option * OPTION_WORDS + OPTION_WORD.kind]!);
    quote.mutate_years(yearsUntil(expiries[e + EXPIRY.time]!, this.moment[NOW]!));
    quote.mutate_forward(expiries[e + EXPIRY.forward]! - expiries[e + EXPIRY.forwardShift]!);
    quote.mutate_strike(options[o + OPTION.strike]!);
    quote.mutate_bidPrice(options[o + OPTION.bid]!);
    quote.mutate_askPrice(options[o + OPTION.ask]!);
    quote.mutate_tickSize(options[o + OPTION.tick]!);
  }
}
