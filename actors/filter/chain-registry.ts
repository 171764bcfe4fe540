import { type Instrument, InstrumentKind } from '../../engine/market/instrument.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  IS_CALL,
  IS_INVERSE,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';

/**
 * Sorts instruments into underlyings and expiries as their definitions come by. Places are given in the order of first sight, so that the
 * same log gives the same indices; an expiry that is over gives its place away when no other is free.
 */
export class ChainRegistry {
  private readonly state: FilterState;

  constructor(state: FilterState) {
    this.state = state;
  }

  /** Takes a definition in; what there is no room for is left out, and has no values. */
  define(id: number, instrument: Instrument): void {
    const { state } = this;
    if (id >= state.config.instruments) return;
    const { kind } = instrument;
    if (kind === InstrumentKind.OPTION) this.defineOption(id, instrument);
    else if (kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL) this.defineFuture(id, instrument);
  }

  private defineOption(id: number, instrument: Instrument): void {
    const { options, optionWords, expiries, expiryWords, underlyingWords, instrumentUnderlying } = this.state;
    const at = id * OPTION_STRIDE;
    const words = id * OPTION_WORDS;
    options[at + OPTION.tick] = instrument.tickSize;
    if (optionWords[words + OPTION_WORD.expiry]! > 0 || !(instrument.strike > 0) || !(instrument.expiry > 0)) return;
    const underlying = this.underlyingOf(instrument);
    if (underlying < 0) return;
    const expiry = this.expiryOf(underlying, instrument.expiry);
    if (expiry < 0 || !this.join(expiry, id, instrument.strike, instrument.right === 'call')) return;
    options[at + OPTION.strike] = instrument.strike;
    options[at + OPTION.logStrike] = Math.log(instrument.strike);
    optionWords[words + OPTION_WORD.expiry] = expiry + 1;
    optionWords[words + OPTION_WORD.kind] =
      (instrument.right === 'call' ? IS_CALL : 0) | (instrument.inverse ? IS_INVERSE : 0);
    instrumentUnderlying[id] = underlying + 1;
    const smallest = expiry * EXPIRY_STRIDE + EXPIRY.smallestTick;
    const scaled = instrument.inverse ? instrument.tickSize : instrument.tickSize / instrument.strike;
    if (!(expiries[smallest]! > 0 && expiries[smallest]! <= scaled)) expiries[smallest] = scaled;
    if (expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options] === 1) {
      expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.firstOption] = id;
    }
    if (underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.firstOption] === 0) {
      underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.firstOption] = id + 1;
    }
  }

  private defineFuture(id: number, instrument: Instrument): void {
    const { underlyingWords, expiryWords, instrumentUnderlying, instrumentExpiry } = this.state;
    if (instrumentUnderlying[id]! > 0) return;
    const underlying = this.underlyingOf(instrument);
    if (underlying < 0) return;
    instrumentUnderlying[id] = underlying + 1;
    const words = underlying * UNDERLYING_WORDS;
    if (instrument.kind === InstrumentKind.PERPETUAL) {
      // The first perpetual stays: bars of two prices would be no bars.
      if (underlyingWords[words + UNDERLYING_WORD.isPerpetual] === 0) {
        underlyingWords[words + UNDERLYING_WORD.isPerpetual] = 1;
        underlyingWords[words + UNDERLYING_WORD.reference] = id + 1;
      }
      return;
    }
    const expiry = this.expiryOf(underlying, instrument.expiry);
    if (expiry < 0) return;
    expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.future] = id + 1;
    instrumentExpiry[id] = expiry + 1;
  }

  /** Options and futures that settle in the same currency on the same coin are of one underlying. */
  private underlyingOf({ venue, baseCurrency, counterCurrency, settlementCurrency }: Instrument): number {
    const { underlyings, underlyingWords, config } = this.state;
    const key = `${venue}/${baseCurrency}/${counterCurrency}/${settlementCurrency}`;
    const hash = hashOf(key, 0x811c9dc5);
    const hash2 = hashOf(key, 0x01234567);
    for (let underlying = 0; underlying < config.underlyings; underlying++) {
      const words = underlying * UNDERLYING_WORDS;
      if (underlyingWords[words + UNDERLYING_WORD.taken] === 0) {
        underlyings.fill(0, underlying * UNDERLYING_STRIDE, (underlying + 1) * UNDERLYING_STRIDE);
        underlyingWords[words + UNDERLYING_WORD.hash] = hash;
        underlyingWords[words + UNDERLYING_WORD.hash2] = hash2;
        underlyingWords[words + UNDERLYING_WORD.taken] = 1;
        return underlying;
      }
      if (
        underlyingWords[words + UNDERLYING_WORD.hash] === hash &&
        underlyingWords[words + UNDERLYING_WORD.hash2] === hash2
      ) {
        return underlying;
      }
    }
    return -1;
  }

  private expiryOf(underlying: number, time: number): number {
    const { expiries, expiryWords, config } = this.state;
    let free = -1;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === underlying + 1 && expiries[expiry * EXPIRY_STRIDE + EXPIRY.time] === time) return expiry;
      if (owner === 0) {
        free = expiry;
        break;
      }
      if (free < 0 && expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.over] === 1) free = expiry;
    }
    if (free < 0) return -1;
    this.vacate(free);
    expiries[free * EXPIRY_STRIDE + EXPIRY.time] = time;
    expiryWords[free * EXPIRY_WORDS + EXPIRY_WORD.underlying] = underlying + 1;
    return free;
  }

  /** Clears a place and lets go of the options that had it. */
  private vacate(expiry: number): void {
    const { expiries, expiryWords, optionWords, instrumentUnderlying, chains, config } = this.state;
    const count = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    for (let index = 0; index < count; index++) {
      const id = chains[expiry * config.optionsPerExpiry + index]!;
      optionWords.fill(0, id * OPTION_WORDS, (id + 1) * OPTION_WORDS);
      instrumentUnderlying[id] = 0;
    }
    expiries.fill(0, expiry * EXPIRY_STRIDE, (expiry + 1) * EXPIRY_STRIDE);
    expiryWords.fill(0, expiry * EXPIRY_WORDS, (expiry + 1) * EXPIRY_WORDS);
  }

  /** Puts an option in its place by strike, a call before the put; false where there is no room. */
  private join(expiry: number, id: number, strike: number, isCall: boolean): boolean {
    const { chains, expiryWords, options, config } = this.state;
    const words = expiry * EXPIRY_WORDS + EXPIRY_WORD.options;
    const count = expiryWords[words]!;
    if (count === config.optionsPerExpiry) return false;
    const first = expiry * config.optionsPerExpiry;
    let place = count;
    while (place > 0) {
      const before = options[chains[first + place - 1]! * OPTION_STRIDE + OPTION.strike]!;
      if (before < strike || (before === strike && !isCall)) break;
      chains[first + place] = chains[first + place - 1]!;
      place--;
    }
    chains[first + place] = id;
    expiryWords[words] = count + 1;
    return true;
  }
}

/** FNV-1a from a seed, an int32: two of them tell underlyings apart where no text can be kept. */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}
