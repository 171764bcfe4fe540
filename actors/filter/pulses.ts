import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { Condition } from './condition.js';
import { NOW } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
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
import type { ForwardTrack } from './forward-track.js';
import type { ParityForwards } from './parity-forwards.js';
import type { RealisedVol } from './realised-vol.js';
import type { RefitRequests } from './refit-requests.js';
import type { StateReports } from './state-reports.js';
import type { TheoWriter } from './theo-writer.js';

/** After the last word of an underlying, pulses go on until everything that may grow stale has. */
const PULSES_OUTLIVE = 2e6;

export interface PulsesParts {
  context: CoreContext<FilterConfig>;
  state: FilterState;
  moment: Float64Array;
  forwards: ForwardTrack;
  parity: ParityForwards;
  realised: RealisedVol;
  condition: Condition;
  writer: TheoWriter;
  requests: RefitRequests;
  reports: StateReports;
}

/** What happens with time alone, underlying by underlying, for as long as its market speaks: ages, bars, schedules, reports. */
export class Pulses {
  private readonly context: CoreContext<FilterConfig>;
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly forwards: ForwardTrack;
  private readonly parity: ParityForwards;
  private readonly realised: RealisedVol;
  private readonly condition: Condition;
  private readonly writer: TheoWriter;
  private readonly requests: RefitRequests;
  private readonly reports: StateReports;

  constructor(parts: PulsesParts) {
    this.context = parts.context;
    this.state = parts.state;
    this.moment = parts.moment;
    this.forwards = parts.forwards;
    this.parity = parts.parity;
    this.realised = parts.realised;
    this.condition = parts.condition;
    this.writer = parts.writer;
    this.requests = parts.requests;
    this.reports = parts.reports;
  }

  /** Something was heard of an underlying: it has a pulse from now on. */
  hear(underlying: number): void {
    const { underlyings } = this.state;
    const u = underlying * UNDERLYING_STRIDE;
    underlyings[u + UNDERLYING.heard] = this.moment[NOW]!;
    if (underlyings[u + UNDERLYING.pulse] === 0) this.askForPulse(underlying);
  }

  /** The pulse of one underlying. */
  pulse(underlying: number): void {
    const { state, moment } = this;
    const { underlyings, underlyingWords, config } = state;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    underlyings[u + UNDERLYING.pulse] = 0;
    underlyingWords[words + UNDERLYING_WORD.pulses]! += 1;
    const isReport = underlyingWords[words + UNDERLYING_WORD.pulses]! % config.pulsesPerReport === 0;
    this.realised.pulse(underlying);
    const flags = this.condition.judgeUnderlying(underlying);
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const owner = state.expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying]!;
      if (owner === 0) break;
      if (owner === underlying + 1) this.pulseExpiry(expiry, isReport);
    }
    if (isReport || flags + 1 !== underlyingWords[words + UNDERLYING_WORD.told]) {
      this.reports.writeUnderlying(underlying);
    }
    this.requests.pulse(underlying);
    const quiet = moment[NOW]! - underlyings[u + UNDERLYING.heard]!;
    const longest = Math.max(config.staleIndexSeconds, config.staleQuoteSeconds) * 1e6 + PULSES_OUTLIVE;
    if (quiet < longest) this.askForPulse(underlying);
  }

  private pulseExpiry(expiry: number, isReport: boolean): void {
    const { state, moment } = this;
    const { expiries, expiryWords } = state;
    const words = expiry * EXPIRY_WORDS;
    if (expiryWords[words + EXPIRY_WORD.over] === 1 || expiryWords[words + EXPIRY_WORD.options] === 0) return;
    if (isReport && this.forwards.origin(expiry) !== ForwardOrigin.FUTURE) this.parity.observe(expiry);
    if (isReport) this.forwards.passTime(expiry);
    const flags = this.condition.judgeExpiry(expiry);
    const changed = flags + 1 !== expiryWords[words + EXPIRY_WORD.told];
    if (!changed && !isReport) return;
    // Time too moves values: what it has moved by more than is worth telling goes out here.
    if (this.state.hasValues(expiry)) {
      this.writer.writeExpiry(expiry);
      this.writer.show(expiry);
    }
    this.reports.writeExpiry(expiry);
    if (moment[NOW]! >= expiries[expiry * EXPIRY_STRIDE + EXPIRY.time]!) expiryWords[words + EXPIRY_WORD.over] = 1;
  }

  private askForPulse(underlying: number): void {
    const { pulseMicros } = this.state.config;
    const next = (Math.floor(this.moment[NOW]! / pulseMicros) + 1) * pulseMicros;
    this.state.underlyings[underlying * UNDERLYING_STRIDE + UNDERLYING.pulse] = next;
    this.context.schedule(underlying, next);
  }
}
