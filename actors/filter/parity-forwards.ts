import { forwardInterval, INTERVAL, INTERVAL_CODE, type ParityQuotes } from '../../engine/quant/forward/index.js';
import { ForwardOrigin } from './filter-flags.js';
import {
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  IS_CALL,
  IS_INVERSE,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
} from './filter-state.js';
import type { ForwardTrack } from './forward-track.js';

/** The forward of an expiry by put-call parity: the interval that the quotes of calls and puts at the same strikes leave it. */
export class ParityForwards {
  private readonly state: FilterState;
  private readonly forwards: ForwardTrack;
  private readonly quotes: ParityQuotes;
  private readonly interval = new Float64Array(3);

  constructor(state: FilterState, forwards: ForwardTrack) {
    const strikes = state.config.optionsPerExpiry;
    this.state = state;
    this.forwards = forwards;
    this.quotes = {
      strike: new Float64Array(strikes),
      callBid: new Float64Array(strikes),
      callAsk: new Float64Array(strikes),
      putBid: new Float64Array(strikes),
      putAsk: new Float64Array(strikes),
    };
  }

  /** Tells the forward what the quotes of the expiry say together, where they agree. */
  observe(expiry: number): void {
    const { forwards, interval, quotes } = this;
    const { optionWords, chains, config } = this.state;
    const strikes = this.gather(expiry);
    if (strikes === 0) return;
    const first = chains[expiry * config.optionsPerExpiry]!;
    const isInverse = (optionWords[first * OPTION_WORDS + OPTION_WORD.kind]! & IS_INVERSE) !== 0;
    const code = forwardInterval(interval, quotes, strikes, isInverse);
    if (code !== INTERVAL_CODE.consistent && code !== INTERVAL_CODE.oneContradicts) return;
    const lower = interval[INTERVAL.lower]!;
    const upper = interval[INTERVAL.upper]!;
    if (!(lower > 0 && upper >= lower && upper < Number.POSITIVE_INFINITY)) return;
    const mid = 0.5 * (lower + upper);
    forwards.observed[0] = mid;
    forwards.observed[1] = (0.5 * (upper - lower)) / mid;
    forwards.observe(expiry, ForwardOrigin.PARITY);
  }

  /** Calls and puts side by side; how many strikes have both. Options of an expiry are kept by strike, the call first. */
  private gather(expiry: number): number {
    const { quotes } = this;
    const { options, optionWords, expiryWords, chains, config } = this.state;
    const first = expiry * config.optionsPerExpiry;
    const count = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    let strikes = 0;
    for (let index = 0; index + 1 < count; index++) {
      const call = chains[first + index]!;
      const put = chains[first + index + 1]!;
      const strike = options[call * OPTION_STRIDE + OPTION.strike]!;
      if (options[put * OPTION_STRIDE + OPTION.strike] !== strike) continue;
      if ((optionWords[call * OPTION_WORDS + OPTION_WORD.kind]! & IS_CALL) === 0) continue;
      quotes.strike[strikes] = strike;
      quotes.callBid[strikes] = options[call * OPTION_STRIDE + OPTION.bid]!;
      quotes.callAsk[strikes] = options[call * OPTION_STRIDE + OPTION.ask]!;
      quotes.putBid[strikes] = options[put * OPTION_STRIDE + OPTION.bid]!;
      quotes.putAsk[strikes] = options[put * OPTION_STRIDE + OPTION.ask]!;
      strikes++;
    }
    return strikes;
  }
}
