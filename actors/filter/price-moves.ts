import type { Condition } from './condition.js';
import { NOW } from './event-moment.js';
import { FilterFlag, ForwardOrigin } from './filter-flags.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  MODES,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import type { ForwardTrack } from './forward-track.js';
import type { QuoteIntake } from './quote-intake.js';
import type { QuoteNudge } from './quote-nudge.js';
import type { StateReports } from './state-reports.js';
import type { TheoWriter } from './theo-writer.js';

export interface PriceMovesParts {
  state: FilterState;
  moment: Float64Array;
  intake: QuoteIntake;
  forwards: ForwardTrack;
  nudge: QuoteNudge;
  condition: Condition;
  writer: TheoWriter;
  reports: StateReports;
}

/**
 * What a new price moves: an index and a reference all forwards of their underlying, a future one of them, an option's quote its smile. Values that
 * have changed by more than is worth telling are told.
 */
export class PriceMoves {
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly intake: QuoteIntake;
  private readonly forwards: ForwardTrack;
  private readonly nudge: QuoteNudge;
  private readonly condition: Condition;
  private readonly writer: TheoWriter;
  private readonly reports: StateReports;
  /** Changes that are worth telling: of price in ticks, of vol. */
  private readonly worth: Float64Array;

  constructor({ state, moment, intake, forwards, nudge, condition, writer, reports }: PriceMovesParts) {
    this.state = state;
    this.moment = moment;
    this.intake = intake;
    this.forwards = forwards;
    this.nudge = nudge;
    this.condition = condition;
    this.writer = writer;
    this.reports = reports;
    this.worth = Float64Array.of(state.config.publishTicks, state.config.publishVol);
  }

  /** `forwards.observed[0]` is the index, where it is a price at all. */
  takeIndex(underlying: number): void {
    const { state, forwards, moment } = this;
    const index = forwards.observed[0]!;
    if (!(index > 0 && index < Number.POSITIVE_INFINITY)) return;
    const { underlyings, underlyingWords, config } = state;
    const u = underlying * UNDERLYING_STRIDE;
    underlyings[u + UNDERLYING.index] = index;
    underlyings[u + UNDERLYING.indexTime] = moment[NOW]!;
    // While the perpetual speaks it is the reference: it is there first.
    const silent = moment[NOW]! - underlyings[u + UNDERLYING.referenceTime]! > config.staleIndexSeconds * 1e6;
    if (underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.reference]! > 0 && !silent) return;
    this.moveReference(underlying);
  }

  /** `forwards.observed[0]` is the reference's price: every forward that has moved enough takes its values along. */
  moveReference(underlying: number): void {
    if (!this.forwards.moveReference(underlying)) {
      this.tellJump(underlying);
      return;
    }
    const { expiryWords, config } = this.state;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      if (owner === underlying + 1) this.tellMovedForward(expiry);
    }
  }

  /** Best prices of a future or perpetual: what the forwards ride on, or what tells one of them. */
  takeFuture(id: number, underlying: number): void {
    const { intake, forwards, state } = this;
    if (!intake.isTwoSided) return;
    const bid = intake.best[0]!;
    const ask = intake.best[1]!;
    const mid = 0.5 * (bid + ask);
    const expiry = state.instrumentExpiry[id]! - 1;
    if (expiry >= 0) {
      forwards.observed[0] = mid;
      forwards.observed[1] = (0.5 * (ask - bid)) / mid;
      if (forwards.observe(expiry, ForwardOrigin.FUTURE)) this.tellMovedForward(expiry);
      return;
    }
    if (state.underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.reference] !== id + 1) return;
    forwards.observed[0] = mid;
    this.moveReference(underlying);
  }

  /** The best prices in the intake are an option's. */
  takeQuote(option: number, expiry: number): void {
    const { state, intake, nudge, writer } = this;
    const { expiries, expiryWords, modes } = state;
    const words = expiry * EXPIRY_WORDS;
    const changed = intake.keep(option, expiry);
    if (expiryWords[words + EXPIRY_WORD.generation] === 0) return;
    const flags = expiryWords[words + EXPIRY_WORD.flags]!;
    // Before a jump is believed, quotes are of one forward and the smile of another.
    const frozen = (flags & (FilterFlag.FORWARD_JUMP | FilterFlag.NEAR_EXPIRY)) !== 0;
    if (frozen || expiryWords[words + EXPIRY_WORD.jumps] !== 0) return;
    if (!nudge.apply(option, expiry, changed)) {
      if (changed) writer.writeOption(option, expiry);
      return;
    }
    const e = expiry * EXPIRY_STRIDE;
    const m = expiry * MODES;
    const moved =
      Math.abs(modes[m]! - expiries[e + EXPIRY.toldMode]!) +
      Math.abs(modes[m + 1]! - expiries[e + EXPIRY.toldMode + 1]!) +
      Math.abs(modes[m + 2]! - expiries[e + EXPIRY.toldMode + 2]!);
    if (moved * expiries[e + EXPIRY.fitVol]! >= 2 * this.worth[1]!) writer.writeExpiry(expiry);
    else writer.writeOption(option, expiry);
  }

  tellMovedForward(expiry: number): void {
    const { expiries, expiryWords } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const moved = expiries[e + EXPIRY.logForward]! - expiries[e + EXPIRY.toldLogForward]!;
    const worth = this.worth[0]! * expiries[e + EXPIRY.smallestTick]!;
    if (moved === 0 || (moved < worth && moved > -worth)) return;
    if (expiryWords[words + EXPIRY_WORD.generation]! > 0 && expiryWords[words + EXPIRY_WORD.over] === 0) {
      this.writer.writeExpiry(expiry);
    }
  }

  /** A jump that is not believed yet is told at once: until the next pulse quotes would stand where nobody knows what they are worth. */
  private tellJump(underlying: number): void {
    const { underlyingWords } = this.state;
    const words = underlying * UNDERLYING_WORDS;
    if (underlyingWords[words + UNDERLYING_WORD.jumps] === 0) return;
    const flags = this.condition.judgeUnderlying(underlying);
    if (flags + 1 !== underlyingWords[words + UNDERLYING_WORD.told]) this.reports.writeUnderlying(underlying);
  }
}
