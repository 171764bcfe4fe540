import { LIMIT } from '../../../engine/market/risk/limits.js';
import { RiskCode } from '../../../engine/market/risk/risk-code.js';
import { RiskMode } from '../../../engine/market/risk/risk-states.js';
import { SECONDARIES } from '../../../engine/market/risk/secondary-exposure.js';
import { faultOfControl, faultOfFlow, modeOf } from '../control-faults.js';
import { faultOfFills } from '../fill-faults.js';
import { BASE, BASE_FIELDS, type RiskMemory, ROUNDS } from '../risk-memory.js';
import { faultOfHealth, faultOfHoldings } from '../underlying-faults.js';
import { boundGreeks } from './greek-bounds.js';

/** What is judged of an underlying, in this order in its rows. */
export const VERDICT = { CONTROL: 0, HEALTH: 1, FLOW: 2, PAUSE: 3, FILLS: 4, HOLDINGS: 5 } as const;
const VERDICTS = 6;

/** Numbers of an expiry, in this order in its row of `times`: microseconds and years until then; how far its forward is from the index, a fraction. */
export const EXPIRY = { LEFT: 0, YEARS: 1, APART: 2 } as const;
export const EXPIRY_FIELDS = 3;

const MINUTE_MICROS = 60e6;
const YEAR_MICROS = 365 * 86_400e6;

/**
 * Verdicts that do not depend on the intent. Each is reached once for an underlying or expiry, when the first intent on it asks, and serves all intents that follow. They
 * are forgotten as soon as the stage receives anything but an intent, and when event time moves: nothing else can change them.
 */
export class StandingVerdicts {
  /** Codes of `CHECKS`, 0 where nothing stands against an intent: rows of VERDICT by underlying. */
  readonly codes: Int32Array;
  /** Limits of the Greeks in the units that they are counted in, rows of SECONDARY by underlying. */
  readonly bounds: Float64Array;
  /** What the venue's protection lets through of delta, units of the underlying, by underlying. */
  readonly deltaCaps: Float64Array;
  /** Rows of EXPIRY_FIELDS by place of the expiry. */
  readonly times: Float64Array;
  /** State of everything, of the underlying and of the expiry, the worst of them, by place of the expiry. */
  readonly modes: Int32Array;
  /** By place of the expiry: 1 where no verdict refuses anything, so that none need be looked at for each intent. */
  readonly clear: Int32Array;
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  /** [event time] that the verdicts are of; NaN where there are none. */
  private readonly moment = Float64Array.of(Number.NaN);
  private readonly found: Float64Array;
  private readonly limits: Float64Array;
  private readonly foundNow = new Float64Array(1);
  private readonly limitNow = new Float64Array(1);
  /** 1 where it was judged, by underlying and by expiry. */
  private readonly knownUnderlyings: Int32Array;
  private readonly knownExpiries: Int32Array;

  constructor(memory: RiskMemory, now: Float64Array) {
    const { underlyings, expiries } = memory.config;
    this.memory = memory;
    this.now = now;
    this.codes = new Int32Array(underlyings * VERDICTS);
    this.found = new Float64Array(underlyings * VERDICTS);
    this.limits = new Float64Array(underlyings * VERDICTS);
    this.bounds = new Float64Array(underlyings * SECONDARIES);
    this.deltaCaps = new Float64Array(underlyings);
    this.times = new Float64Array(expiries * EXPIRY_FIELDS);
    this.modes = new Int32Array(expiries);
    this.clear = new Int32Array(expiries);
    this.knownUnderlyings = new Int32Array(underlyings);
    this.knownExpiries = new Int32Array(expiries);
  }

  /** Something was heard that is no intent. */
  forget(): void {
    this.moment[0] = Number.NaN;
  }

  /** Whether what was judged still holds. */
  isCurrent(): boolean {
    return this.moment[0] === this.now[0];
  }

  /** Makes what is to be known of an underlying and an expiry known. */
  look(underlying: number, expiry: number): void {
    if (!this.isCurrent()) this.begin();
    if (this.knownUnderlyings[underlying] === 0) this.judgeUnderlying(underlying);
    if (this.knownExpiries[expiry] === 0) this.judgeExpiry(underlying, expiry);
  }

  codeOf(underlying: number, verdict: number): number {
    return this.codes[underlying * VERDICTS + verdict]!;
  }

  /** What was found and the limit, for a refusal. */
  tell(underlying: number, verdict: number, found: Float64Array, limit: Float64Array): void {
    found[0] = this.found[underlying * VERDICTS + verdict]!;
    limit[0] = this.limits[underlying * VERDICTS + verdict]!;
  }

  private begin(): void {
    this.knownUnderlyings.fill(0);
    this.knownExpiries.fill(0);
    this.moment[0] = this.now[0]!;
  }

  private judgeUnderlying(underlying: number): void {
    const { memory, now, foundNow, limitNow } = this;
    this.note(underlying, VERDICT.CONTROL, faultOfControl(memory));
    this.note(underlying, VERDICT.HEALTH, faultOfHealth(memory, underlying, now, foundNow, limitNow));
    this.note(underlying, VERDICT.FLOW, faultOfFlow(memory, now, foundNow, limitNow));
    this.note(underlying, VERDICT.PAUSE, memory.burst.isPaused(underlying, now) ? RiskCode.LOCAL_MMP : 0);
    this.note(underlying, VERDICT.FILLS, faultOfFills(memory, underlying, now, foundNow, limitNow));
    this.note(underlying, VERDICT.HOLDINGS, faultOfHoldings(memory, underlying, foundNow, limitNow));
    const at = underlying * BASE_FIELDS + BASE.INDEX;
    boundGreeks(memory.limits, memory.ofUnderlying, at, this.bounds, underlying * SECONDARIES);
    const index = memory.ofUnderlying[at]!;
    this.deltaCaps[underlying] = (ROUNDS * memory.config.venueProtection.deltaUsd) / (index > 0 ? index : 1);
    this.knownUnderlyings[underlying] = 1;
  }

  private note(underlying: number, verdict: number, code: number): void {
    const { foundNow, limitNow } = this;
    const place = underlying * VERDICTS + verdict;
    this.codes[place] = code;
    this.found[place] = foundNow[0]!;
    this.limits[place] = limitNow[0]!;
    foundNow[0] = 0;
    limitNow[0] = 0;
  }

  private judgeExpiry(underlying: number, expiry: number): void {
    const { memory, times } = this;
    const row = expiry * EXPIRY_FIELDS;
    const left = memory.places.times[expiry]! - this.now[0]!;
    const forward = memory.ofExpiry[expiry * BASE_FIELDS + BASE.FORWARD]!;
    const index = memory.ofUnderlying[underlying * BASE_FIELDS + BASE.INDEX]!;
    times[row + EXPIRY.LEFT] = left;
    times[row + EXPIRY.YEARS] = left / YEAR_MICROS;
    times[row + EXPIRY.APART] = forward > 0 && index > 0 ? Math.abs(forward / index - 1) : 0;
    this.modes[expiry] = modeOf(memory, underlying, expiry);
    this.clear[expiry] = this.isClear(underlying, expiry) ? 1 : 0;
    this.knownExpiries[expiry] = 1;
  }

  /** Written so that what is no number stands against it. */
  private isClear(underlying: number, expiry: number): boolean {
    const { limits } = this.memory;
    const first = underlying * VERDICTS;
    for (let verdict = 0; verdict < VERDICTS; verdict++) if (this.codes[first + verdict] !== 0) return false;
    const row = expiry * EXPIRY_FIELDS;
    return (
      this.modes[expiry] === RiskMode.ACTIVE &&
      this.times[row + EXPIRY.LEFT]! > limits[LIMIT.expiryMinutes]! * MINUTE_MICROS &&
      this.times[row + EXPIRY.APART]! <= limits[LIMIT.divergence]!
    );
  }
}
