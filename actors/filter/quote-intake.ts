import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { NOW } from './event-moment.js';
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
const BEST = { bid: 0, ask: 1 } as const;

/** Keeps the best prices of every option, and how many of an expiry have both sides. */
export class QuoteIntake {
  /** In: see {@link BEST}. */
  readonly best = new Float64Array(2);
  private readonly state: FilterState;
  private readonly moment: Float64Array;

  constructor(state: FilterState, moment: Float64Array) {
    this.state = state;
    this.moment = moment;
  }

  /** Reads prices and amounts at four places of a record into `best`; a side without amount or with a price that is none is empty. */
  read({ view }: ViewBuffer, bidAt: number, bidAmountAt: number, askAt: number, askAmountAt: number): void {
    const bid = view.getFloat64(bidAt, true);
    const ask = view.getFloat64(askAt, true);
    const bidAmount = view.getFloat64(bidAmountAt, true);
    const askAmount = view.getFloat64(askAmountAt, true);
    this.best[BEST.bid] = bid > 0 && bidAmount > 0 && bid < Number.POSITIVE_INFINITY ? bid : 0;
    this.best[BEST.ask] = ask > 0 && askAmount > 0 && ask < Number.POSITIVE_INFINITY ? ask : 0;
  }

  /** Whether `best` has both sides, the bid below the offer. */
  get isTwoSided(): boolean {
    return this.best[BEST.bid]! > 0 && this.best[BEST.ask]! > this.best[BEST.bid]!;
  }

  /** No prices: what brought them cannot be relied on. */
  clear(): void {
    this.best.fill(0);
  }

  /** The option's prices as they were told last. */
  recall(option: number): void {
    const { best, state } = this;
    const at = option * OPTION_STRIDE;
    best[BEST.bid] = state.options[at + OPTION.bid]!;
    best[BEST.ask] = state.options[at + OPTION.ask]!;
  }

  /** The option's prices are now `best`; whether that is something new. */
  keep(option: number, expiry: number): boolean {
    const { best, state, moment } = this;
    const now = moment[NOW]!;
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
