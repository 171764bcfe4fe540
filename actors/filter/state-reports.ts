import { evaluateLiveVariance, LIVE, LIVE_STRIDE } from '../../engine/quant/surface/live-smile.js';
import { cell, SMILE, SMILE_STRIDE } from '../../engine/quant/surface/smile.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { copyBody, HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { ExpiryState } from '../../schemas/generated/expiry-state.js';
import { UnderlyingState } from '../../schemas/generated/underlying-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { NOW, yearsUntil } from './event-moment.js';
import type { FilterConfig } from './filter-config.js';
import { FilterFlag } from './filter-flags.js';
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
import { forecastVariance } from './realised-vol.js';
import type { SmileDynamics } from './smile-dynamics.js';
import type { SmileModes } from './smile-modes.js';

/** Step of the differences at the money, in units of the smile's scale. */
const STEP = 0.02;
/** Standard deviations of a 25-delta strike from the point where d1 is 0. */
const QUARTER = 0.6744897501960817;
/** Steps of the fixed point for a 25-delta strike: each takes the error down by an order. */
const DELTA_STEPS = 4;
const MICROS = 1e6;
const THIRTY_DAYS = 30 / 365;
const NONE = 0xffffffff;

/** Writes what the filter knows of expiries and underlyings, into its output and for people to look at. */
export class StateReports {
  private readonly context: CoreContext<FilterConfig>;
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly forwards: ForwardTrack;
  private readonly dynamics: SmileDynamics;
  private readonly modes: SmileModes;
  private readonly expiryRecord = new ExpiryState();
  private readonly underlyingRecord = new UnderlyingState();
  /** In: k at the money scale; out: vol. In an array, because a number that crosses a call may be boxed. */
  private readonly vol = new Float64Array(2);
  /** Years and total variance at the money of the expiries around 30 days: before and behind. */
  private readonly around = new Float64Array(4);

  constructor(
    context: CoreContext<FilterConfig>,
    state: FilterState,
    moment: Float64Array,
    forwards: ForwardTrack,
    dynamics: SmileDynamics,
    modes: SmileModes,
  ) {
    this.context = context;
    this.state = state;
    this.moment = moment;
    this.forwards = forwards;
    this.dynamics = dynamics;
    this.modes = modes;
  }

  /** The state of an expiry. */
  writeExpiry(expiry: number): void {
    const { state, moment, vol } = this;
    const { expiries, expiryWords, underlyings, lives } = state;
    const { out, shown } = this.context;
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const underlying = expiryWords[words + EXPIRY_WORD.underlying]! - 1;
    const now = moment[NOW]!;
    const years = yearsUntil(expiries[e + EXPIRY.time]!, now);
    const hasSmile = expiryWords[words + EXPIRY_WORD.generation]! > 0;
    if (hasSmile) this.measure(expiry);
    const body = out.emit(MessageType.EXPIRY_STATE, ExpiryState.sizeOf());
    const record = this.expiryRecord.__init(body, out.buffer);
    record.mutate_expiry(expiry);
    record.mutate_underlying(underlying);
    record.mutate_flags(expiryWords[words + EXPIRY_WORD.flags]!);
    record.mutate_options(expiryWords[words + EXPIRY_WORD.options]!);
    record.mutate_twoSided(expiryWords[words + EXPIRY_WORD.twoSided]!);
    record.mutate_violations(expiryWords[words + EXPIRY_WORD.violations]!);
    record.mutate_option(expiryWords[words + EXPIRY_WORD.firstOption]!);
    const future = expiryWords[words + EXPIRY_WORD.future]!;
    record.mutate_future(future > 0 ? future - 1 : NONE);
    record.mutate_expiryTime(expiries[e + EXPIRY.time]!);
    record.mutate_years(years);
    const forward = expiries[e + EXPIRY.forward]!;
    const reach = forward * expiries[e + EXPIRY.halfWidth]!;
    record.mutate_forward(forward);
    record.mutate_forwardLower(forward - reach);
    record.mutate_forwardUpper(forward + reach);
    record.mutate_forwardSource(this.forwards.origin(expiry));
    record.mutate_forwardShift(expiries[e + EXPIRY.forwardShift]!);
    const variance = forecastVariance(underlyings, underlying * UNDERLYING_STRIDE, years);
    record.mutate_forecastVol(Math.sqrt(variance));
    expiryWords[words + EXPIRY_WORD.told] = expiryWords[words + EXPIRY_WORD.flags]! + 1;
    if (hasSmile) {
      const live = expiry * LIVE_STRIDE;
      const mode = expiry * MODES;
      const atm = expiries[e + EXPIRY.atmVol]!;
      const relative = 0.5 * atm * Math.sqrt(Math.max(0, lives[live + LIVE.covariance]!));
      const fitError = expiries[e + EXPIRY.fitError]!;
      record.mutate_atmVol(atm);
      record.mutate_atmUncertainty(Math.sqrt(relative * relative + fitError * fitError));
      record.mutate_skew(expiries[e + EXPIRY.skew]!);
      record.mutate_curvature(expiries[e + EXPIRY.curvature]!);
      this.volAtQuarterDelta(expiry, years, 1);
      const call = vol[1]!;
      this.volAtQuarterDelta(expiry, years, -1);
      const put = vol[1]!;
      record.mutate_riskReversal25(call - put);
      record.mutate_butterfly25(0.5 * (call + put) - atm);
      record.mutate_stickiness(this.dynamics.ratio(expiry, underlying));
      record.mutate_levelNudge(lives[live]!);
      record.mutate_skewNudge(lives[live + 1]!);
      record.mutate_convexityNudge(lives[live + 2]!);
      record.mutate_boundUsed(this.modes.used(expiry));
      // What is in use less what the quotes say, turned back into vol: after the bound.
      const scale = state.smiles[expiry * SMILE_STRIDE + SMILE.scale]!;
      const fitVol = expiries[e + EXPIRY.fitVol]!;
      record.mutate_atmShift(0.5 * fitVol * (state.modes[mode]! - lives[live]!));
      record.mutate_skewShift((0.25 * fitVol * (state.modes[mode + 1]! - lives[live + 1]!)) / scale);
      record.mutate_surfaceSeq(expiries[e + EXPIRY.fitSeq]!);
      record.mutate_fitAge((now - expiries[e + EXPIRY.fitTime]!) / MICROS);
      record.mutate_fitError(fitError);
      record.mutate_insideShare(expiries[e + EXPIRY.fitInside]!);
    }
    const latest = shown[0];
    if (latest === undefined) return;
    const place = latest.claim(expiry, MessageType.EXPIRY_STATE, ExpiryState.sizeOf()) + HEADER_BYTES;
    copyBody(out.buffer, body, latest.buffer, place, ExpiryState.sizeOf());
    latest.publish(expiry);
  }

  /** The state of an underlying. */
  writeUnderlying(underlying: number): void {
    const { state, moment } = this;
    const { underlyings, underlyingWords } = state;
    const { out, shown } = this.context;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    const now = moment[NOW]!;
    this.measureThirtyDays(underlying);
    const body = out.emit(MessageType.UNDERLYING_STATE, UnderlyingState.sizeOf());
    const record = this.underlyingRecord.__init(body, out.buffer);
    record.mutate_underlying(underlying);
    record.mutate_regime(underlyingWords[words + UNDERLYING_WORD.regime]!);
    record.mutate_flags(underlyingWords[words + UNDERLYING_WORD.flags]!);
    record.mutate_expiries(this.livingExpiries(underlying));
    const option = underlyingWords[words + UNDERLYING_WORD.firstOption]!;
    record.mutate_option(option > 0 ? option - 1 : NONE);
    const reference = underlyingWords[words + UNDERLYING_WORD.reference]!;
    record.mutate_referenceInstrument(reference > 0 ? reference - 1 : NONE);
    record.mutate_index(underlyings[u + UNDERLYING.index]!);
    record.mutate_reference(underlyings[u + UNDERLYING.reference]!);
    const indexTime = underlyings[u + UNDERLYING.indexTime]!;
    const referenceTime = underlyings[u + UNDERLYING.referenceTime]!;
    record.mutate_indexAge(indexTime > 0 ? (now - indexTime) / MICROS : 0);
    record.mutate_referenceAge(referenceTime > 0 ? (now - referenceTime) / MICROS : 0);
    record.mutate_vol1s(underlyings[u + UNDERLYING.vol1s]!);
    record.mutate_vol1m(underlyings[u + UNDERLYING.vol1m]!);
    record.mutate_vol15m(underlyings[u + UNDERLYING.vol15m]!);
    record.mutate_vol1h(underlyings[u + UNDERLYING.vol1h]!);
    record.mutate_realised1h(underlyings[u + UNDERLYING.realised1h]!);
    const forecast = underlyings[u + UNDERLYING.forecast30d]!;
    const implied = underlyings[u + UNDERLYING.implied30d]!;
    record.mutate_forecast30d(forecast);
    record.mutate_implied30d(implied);
    record.mutate_riskPremium(forecast > 0 && implied > 0 ? implied - forecast : 0);
    const percentile = underlyings[u + UNDERLYING.percentile]!;
    record.mutate_percentile(underlyings[u + UNDERLYING.vol1m]! > 0 ? percentile : 0.5);
    record.mutate_lastJumpTime(underlyings[u + UNDERLYING.lastJumpTime]!);
    record.mutate_lastJumpSize(underlyings[u + UNDERLYING.lastJumpSize]!);
    const fitTime = underlyings[u + UNDERLYING.fitTime]!;
    record.mutate_surfaceSeq(underlyings[u + UNDERLYING.adoptedSeq]!);
    record.mutate_surfaceAge(fitTime > 0 ? (now - fitTime) / MICROS : 0);
    record.mutate_failedFits(underlyings[u + UNDERLYING.failures]!);
    underlyingWords[words + UNDERLYING_WORD.told] = underlyingWords[words + UNDERLYING_WORD.flags]! + 1;
    const latest = shown[1];
    if (latest === undefined) return;
    const place = latest.claim(underlying, MessageType.UNDERLYING_STATE, UnderlyingState.sizeOf()) + HEADER_BYTES;
    copyBody(out.buffer, body, latest.buffer, place, UnderlyingState.sizeOf());
    latest.publish(underlying);
  }

  private livingExpiries(underlying: number): number {
    const { expiryWords, config } = this.state;
    let count = 0;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (expiryWords[words + EXPIRY_WORD.underlying] !== underlying + 1) continue;
      if (expiryWords[words + EXPIRY_WORD.over] === 0 && expiryWords[words + EXPIRY_WORD.options]! > 0) count++;
    }
    return count;
  }

  /** The live vol at `vol[0]`, a k of the fit's time, into `vol[1]`. */
  private volAt(expiry: number): void {
    const { smiles, modes, expiries } = this.state;
    cell[0] = this.vol[0]!;
    evaluateLiveVariance(smiles, expiry * SMILE_STRIDE, modes, expiry * MODES);
    this.vol[1] = Math.sqrt(cell[1]! / expiries[expiry * EXPIRY_STRIDE + EXPIRY.fitYears]!);
  }

  /** Vol, skew and curvature at the money of the live smile, by ln K at this moment. */
  private measure(expiry: number): void {
    const { vol, state, moment } = this;
    const { expiries, smiles } = state;
    const e = expiry * EXPIRY_STRIDE;
    const h = STEP * smiles[expiry * SMILE_STRIDE + SMILE.scale]!;
    const years = yearsUntil(expiries[e + EXPIRY.time]!, moment[NOW]!);
    const stretch = Math.sqrt(expiries[e + EXPIRY.fitYears]! / years);
    vol[0] = h;
    this.volAt(expiry);
    const above = vol[1]!;
    vol[0] = -h;
    this.volAt(expiry);
    const below = vol[1]!;
    vol[0] = 0;
    this.volAt(expiry);
    const atm = vol[1]!;
    expiries[e + EXPIRY.atmVol] = atm;
    expiries[e + EXPIRY.skew] = ((above - below) / (2 * h)) * stretch;
    expiries[e + EXPIRY.curvature] = ((above - 2 * atm + below) / (h * h)) * stretch * stretch;
  }

  /** Vol of the 25-delta call (`side` 1) or put (-1) into `vol[1]`: its strike is the fixed point of d1 = -+0.674. */
  private volAtQuarterDelta(expiry: number, years: number, side: number): void {
    const { vol, state } = this;
    const { expiries } = state;
    const e = expiry * EXPIRY_STRIDE;
    const rootT = Math.sqrt(years);
    const stretch = Math.sqrt(expiries[e + EXPIRY.fitYears]! / years);
    vol[1] = expiries[e + EXPIRY.atmVol]!;
    for (let step = 0; step < DELTA_STEPS; step++) {
      const s = vol[1]! * rootT;
      vol[0] = (0.5 * s * s + side * QUARTER * s) * stretch;
      this.volAt(expiry);
    }
  }

  /** Implied vol 30 days ahead, total variance linear between the expiries around it, and the forecast of as long. */
  private measureThirtyDays(underlying: number): void {
    const { around, state, moment } = this;
    const { expiries, expiryWords, underlyings, config } = state;
    around.fill(0);
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (expiryWords[words + EXPIRY_WORD.underlying] !== underlying + 1) continue;
      const unfit = FilterFlag.NO_SURFACE | FilterFlag.NEAR_EXPIRY;
      if ((expiryWords[words + EXPIRY_WORD.flags]! & unfit) !== 0 || expiryWords[words + EXPIRY_WORD.generation] === 0)
        continue;
      this.measure(expiry);
      const e = expiry * EXPIRY_STRIDE;
      const years = yearsUntil(expiries[e + EXPIRY.time]!, moment[NOW]!);
      const variance = expiries[e + EXPIRY.atmVol]! * expiries[e + EXPIRY.atmVol]! * years;
      if (years <= THIRTY_DAYS && years > around[0]!) {
        around[0] = years;
        around[1] = variance;
      }
      if (years > THIRTY_DAYS && (around[2] === 0 || years < around[2]!)) {
        around[2] = years;
        around[3] = variance;
      }
    }
    const u = underlying * UNDERLYING_STRIDE;
    let perYear = 0;
    if (around[0]! > 0 && around[2]! > 0) {
      const part = (THIRTY_DAYS - around[0]!) / (around[2]! - around[0]!);
      perYear = (around[1]! + part * (around[3]! - around[1]!)) / THIRTY_DAYS;
    } else if (around[0]! > 0) perYear = around[1]! / around[0]!;
    else if (around[2]! > 0) perYear = around[3]! / around[2]!;
    underlyings[u + UNDERLYING.implied30d] = Math.sqrt(perYear);
    underlyings[u + UNDERLYING.forecast30d] = Math.sqrt(forecastVariance(underlyings, u, THIRTY_DAYS));
  }
}
