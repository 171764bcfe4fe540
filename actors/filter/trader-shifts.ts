import type { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import type { Condition } from './condition.js';
import { RefitReason } from './filter-flags.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import type { ForwardTrack } from './forward-track.js';
import type { Pulses } from './pulses.js';
import type { SmileModes } from './smile-modes.js';
import type { StateReports } from './state-reports.js';
import type { TheoWriter } from './theo-writer.js';

const EVERY_EXPIRY = 0xffffffff;
/** Bounds of a trader's adjustment: vol, skew, and the forward's part. */
const LARGEST_SHIFT = { atm: 1, skew: 10, forward: 0.5 } as const;

export interface TraderShiftsParts {
  state: FilterState;
  forwards: ForwardTrack;
  modes: SmileModes;
  condition: Condition;
  writer: TheoWriter;
  reports: StateReports;
  pulses: Pulses;
}

/** Lays what traders want smiles and forwards moved by on top of them, within bounds. */
export class TraderShifts {
  private readonly state: FilterState;
  private readonly forwards: ForwardTrack;
  private readonly modes: SmileModes;
  private readonly condition: Condition;
  private readonly writer: TheoWriter;
  private readonly reports: StateReports;
  private readonly pulses: Pulses;

  constructor({ state, forwards, modes, condition, writer, reports, pulses }: TraderShiftsParts) {
    this.state = state;
    this.forwards = forwards;
    this.modes = modes;
    this.condition = condition;
    this.writer = writer;
    this.reports = reports;
    this.pulses = pulses;
  }

  /** A trader's shift of one expiry, or of every one of an underlying; the one before is forgotten. */
  apply(adjustment: SmileAdjustment): void {
    const { state } = this;
    const underlying = adjustment.underlying();
    if (underlying >= state.config.underlyings) return;
    const chosen = adjustment.expiry();
    const bounded =
      Math.abs(adjustment.atmShift()) <= LARGEST_SHIFT.atm && Math.abs(adjustment.skewShift()) <= LARGEST_SHIFT.skew;
    if (!bounded) return;
    for (let expiry = 0; expiry < state.config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (state.expiryWords[words + EXPIRY_WORD.underlying] !== underlying + 1) continue;
      if (chosen !== EVERY_EXPIRY && chosen !== expiry) continue;
      this.adjust(expiry, adjustment);
    }
    state.underlyingWords[underlying * UNDERLYING_WORDS + UNDERLYING_WORD.wanted] = RefitReason.OPERATOR;
    this.pulses.hear(underlying);
  }

  private adjust(expiry: number, adjustment: SmileAdjustment): void {
    const { expiries } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const forward = expiries[e + EXPIRY.forward]!;
    const forwardShift = adjustment.forwardShift();
    // Written so that a NaN, and a shift that leaves no forward, is refused.
    if (!(Math.abs(forwardShift) <= LARGEST_SHIFT.forward * forward)) return;
    expiries[e + EXPIRY.atmShift] = adjustment.atmShift();
    expiries[e + EXPIRY.skewShift] = adjustment.skewShift();
    expiries[e + EXPIRY.forwardShift] = forwardShift;
    this.forwards.settle(expiry);
    this.modes.applyShift(expiry);
    this.condition.judgeExpiry(expiry);
    if (this.state.hasValues(expiry)) this.writer.writeExpiry(expiry);
    this.reports.writeExpiry(expiry);
  }
}
