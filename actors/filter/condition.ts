import { NOW } from './event-moment.js';
import { FilterFlag, ForwardOrigin } from './filter-flags.js';
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
import type { ForwardTrack } from './forward-track.js';

const MICROS = 1e6;
/** An expiry this near is priced no more, microseconds. */
const NEAR_MICROS = 60e6;
/** Two-sided quotes of a fit below which the smile is hardly the expiry's own. */
const FEW_QUOTES = 3;

/** What is wrong with the values of an expiry or an underlying, as bits of `FilterFlag`. */
export class Condition {
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly forwards: ForwardTrack;

  constructor(state: FilterState, moment: Float64Array, forwards: ForwardTrack) {
    this.state = state;
    this.moment = moment;
    this.forwards = forwards;
  }

  /** Judges an underlying; the bits are kept, and returned. */
  judgeUnderlying(underlying: number): number {
    const { underlyings, underlyingWords, config } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    const now = this.moment[NOW]!;
    let flags = 0;
    const indexTime = underlyings[u + UNDERLYING.indexTime]!;
    const oldest = now - config.staleIndexSeconds * MICROS;
    if (indexTime > 0 && indexTime < oldest) flags |= FilterFlag.INDEX_STALE | FilterFlag.STALE;
    if (underlyings[u + UNDERLYING.referenceTime]! < oldest) flags |= FilterFlag.STALE;
    if (underlyingWords[words + UNDERLYING_WORD.jumps]! > 0) flags |= FilterFlag.FORWARD_JUMP;
    if (underlyings[u + UNDERLYING.fitTime] === 0) flags |= FilterFlag.NO_SURFACE;
    else if (underlyings[u + UNDERLYING.fitTime]! < now - config.staleFitSeconds * MICROS) flags |= FilterFlag.STALE;
    if (underlyings[u + UNDERLYING.failures]! > 0) flags |= FilterFlag.FALLBACK;
    underlyingWords[words + UNDERLYING_WORD.flags] = flags;
    return flags;
  }

  /** Judges an expiry, whose underlying has been judged; the bits are kept, and returned. */
  judgeExpiry(expiry: number): number {
    const { expiries, expiryWords, underlyingWords, config } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const underlying = expiryWords[words + EXPIRY_WORD.underlying]! - 1;
    const now = this.moment[NOW]!;
    const inherited = FilterFlag.INDEX_STALE | FilterFlag.STALE | FilterFlag.FORWARD_JUMP | FilterFlag.FALLBACK;
    let flags = underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.flags]! & inherited;
    if (expiryWords[words + EXPIRY_WORD.generation] === 0) flags |= FilterFlag.NO_SURFACE;
    const origin = this.forwards.origin(expiry);
    if (origin === ForwardOrigin.NONE) flags |= FilterFlag.DEGRADED | FilterFlag.NO_SURFACE;
    if (origin === ForwardOrigin.CARRIED) flags |= FilterFlag.FORWARD_CARRIED;
    if (expiryWords[words + EXPIRY_WORD.jumps] !== 0) flags |= FilterFlag.FORWARD_JUMP;
    if (expiries[e + EXPIRY.quotedAt]! < now - config.staleQuoteSeconds * MICROS) flags |= FilterFlag.STALE;
    if (expiryWords[words + EXPIRY_WORD.twoSided] === 0) flags |= FilterFlag.NO_TWO_SIDED | FilterFlag.DEGRADED;
    const fitted = expiryWords[words + EXPIRY_WORD.fitTwoSided]!;
    if (fitted === 1) flags |= FilterFlag.ONE_STRIKE;
    if (fitted < FEW_QUOTES) flags |= FilterFlag.DEGRADED;
    if (expiries[e + EXPIRY.time]! - now < NEAR_MICROS) flags |= FilterFlag.NEAR_EXPIRY;
    if (expiryWords[words + EXPIRY_WORD.bounded] === 1) flags |= FilterFlag.BOUNDED;
    const shifted =
      expiries[e + EXPIRY.atmShift] !== 0 ||
      expiries[e + EXPIRY.skewShift] !== 0 ||
      expiries[e + EXPIRY.forwardShift] !== 0;
    if (shifted) flags |= FilterFlag.ADJUSTED;
    if (expiryWords[words + EXPIRY_WORD.shiftCut] === 1) flags |= FilterFlag.ADJUSTMENT_CUT;
    expiryWords[words + EXPIRY_WORD.flags] = flags;
    return flags;
  }
}
