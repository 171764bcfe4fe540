import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  OPTION,
  OPTION_STRIDE,
} from './filter-state.js';

/** Best prices of one instrument, whichever record brought them: 0 where a side is empty. */
export const BEST = { bid: 0, ask: 1 } as const;

/** Keeps the best prices of every option, and how many of an expiry have both sides. */
export class QuoteIntake {
  /** In: see {@link BEST}. */
  readonly best = new Float64Array(2);
  private readonly state: FilterState;

  constructor(state: FilterState) {
    this.state = state;
  }

  /** Puts prices in `best`; a side without amount or with a price that is none is empty. */
  set(bid: number, bidAmount: number, ask: number, askAmount: number): void {
    this.best[BEST.bid] = bid > 0 && bidAmount > 0 && bid < Number.POSITIVE_INFINITY ? bid : 0;
    this.best[BEST.ask] = ask > 0 && askAmount > 0 && ask < Number.POSITIVE_INFINITY ? ask : 0;
  }

  /** Whether `best` has both sides, the bid below the offer. */
  get isTwoSided(): boolean {
    return this.best[BEST.bid]! > 0 && this.best[BEST.ask]! > this.best[BEST.bid]!;
  }

  /** The option's prices are now `best`; whether that is something new. `now`: microseconds. */
  keep(option: number, expiry: number, now: number): boolean {
    const { best, state } = this;
    const { options, expiries, expiryWords } = state;
    const at = option * OPTION_STRIDE;
    const bid = options[at + OPTION.bid]!;
    const ask = options[at + OPTION.ask]!;
    const had = bid > 0 && ask > bid;
    const has = this.isTwoSided;
    if (had !== has) expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.twoSided]! += has ? 1 : -1;
    options[at + OPTION.quotedAt] = now;
    expiries[expiry * EXPIRY_STRIDE + EXPIRY.quotedAt] = now;
    if (best[BEST.bid] === bid && best[BEST.ask] === ask) return false;
    options[at + OPTION.bid] = best[BEST.bid]!;
    options[at + OPTION.ask] = best[BEST.ask]!;
    return true;
  }
}
