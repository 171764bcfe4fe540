import { boundLiveSmile, LIVE, LIVE_STRIDE } from '../../engine/quant/surface/live-smile.js';
import { cell, evaluateVariance, SMILE, SMILE_STRIDE } from '../../engine/quant/surface/smile.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../schemas/field-offset.js';
import { SliceFit } from '../../schemas/generated/slice-fit.js';
import { SurfaceFit } from '../../schemas/generated/surface-fit.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { FitOutcome } from './filter-flags.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  OPTION,
  OPTION_STRIDE,
  UNDERLYING,
  UNDERLYING_STRIDE,
  UNDERLYING_WORD,
  UNDERLYING_WORDS,
} from './filter-state.js';
import { JUMP_BELIEVED } from './forward-track.js';
import type { QuoteNudge } from './quote-nudge.js';
import { MOVE, MOVE_CELLS, type SmileDynamics } from './smile-dynamics.js';
import type { SmileModes } from './smile-modes.js';

const SLICE_BYTES = SliceFit.sizeOf();
/** The smile's own numbers lie in a row, in the order of engine/quant/surface/smile.ts; the radii behind them. */
const SMILE_AT = fieldOffset(SliceFit, 'theta');
const RADIUS_AT = fieldOffset(SliceFit, 'radius0');
const YEARS_AT = fieldOffset(SliceFit, 'years');
const FORWARD_AT = fieldOffset(SliceFit, 'forward');
const ERROR_AT = fieldOffset(SliceFit, 'fitError');
const INSIDE_AT = fieldOffset(SliceFit, 'insideShare');
/** Standard deviations of level, lean and bend right after a fit. */
const INITIAL = 0.01;
/** Step of the differences at the money, in units of the smile's scale. */
const STEP = 0.02;

/** What numbers of a fit may be: wider than any market, and narrow enough that nothing made of them overflows. */
const SOUND = {
  years: [1e-9, 100],
  forward: [1e-9, 1e15],
  error: [0, 100],
  share: [0, 1],
  variance: [1e-14, 1e4],
  unit: [1e-6, 100],
  radius: [1e-12, 1],
} as const;
/** Standard deviations out to which a smile is looked at. */
const FAR = 8;

function isWithin(value: number, [least, most]: readonly [number, number]): boolean {
  return value >= least && value <= most;
}

/** Puts a surface from the calibrator in the place of the one before, and gives it the quotes that came since the calibrator looked. */
export class SurfaceAdoption {
  private readonly state: FilterState;
  private readonly modes: SmileModes;
  private readonly dynamics: SmileDynamics;
  private readonly nudge: QuoteNudge;
  private readonly fit = new SurfaceFit();
  private readonly slice = new SliceFit();
  private readonly trial = new Float64Array(SMILE_STRIDE);
  private readonly move = new Float64Array(MOVE_CELLS);

  constructor(state: FilterState, modes: SmileModes, dynamics: SmileDynamics, nudge: QuoteNudge) {
    this.state = state;
    this.modes = modes;
    this.dynamics = dynamics;
    this.nudge = nudge;
  }

  /** The underlying whose surface is another now; -1 where the record changed none. */
  adopt(buffer: ViewBuffer, offset: number): number {
    const { state } = this;
    const fit = this.fit.__init(offset + HEADER_BYTES, buffer);
    const underlying = fit.underlying();
    if (underlying >= state.config.underlyings) return -1;
    const { underlyings, underlyingWords } = state;
    const u = underlying * UNDERLYING_STRIDE;
    const words = underlying * UNDERLYING_WORDS;
    if (underlyingWords[words + UNDERLYING_WORD.taken] === 0) return -1;
    underlyingWords[words + UNDERLYING_WORD.answered] = fit.number();
    // An answer to an older question than the one that the surface in force answers comes too late.
    if (fit.basedOnSeq() < underlyings[u + UNDERLYING.fitSeq]!) return -1;
    if (fit.outcome() !== FitOutcome.FITTED || !this.isSound(buffer, offset, underlying)) {
      underlyings[u + UNDERLYING.failures]! += 1;
      return -1;
    }
    underlyings[u + UNDERLYING.failures] = 0;
    underlyings[u + UNDERLYING.fitSeq] = fit.basedOnSeq();
    underlyings[u + UNDERLYING.adoptedSeq] = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    underlyings[u + UNDERLYING.fitTime] = fit.basedOnTime();
    underlyings[u + UNDERLYING.fitLogIndex] = underlyings[u + UNDERLYING.logReference]!;
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const violations = fit.butterfly() + fit.calendar();
    const count = fit.count();
    for (let index = 0; index < count; index++) {
      this.place(
        buffer,
        offset + HEADER_BYTES + SurfaceFit.sizeOf() + index * SLICE_BYTES,
        underlying,
        seq,
        violations,
      );
    }
    this.dropOthers(underlying, seq);
    for (let index = 0; index < count; index++) {
      this.slice.__init(offset + HEADER_BYTES + SurfaceFit.sizeOf() + index * SLICE_BYTES, buffer);
      this.nudgeAgain(this.slice.expiry());
    }
    return underlying;
  }

  /** Whether every number of the fit is one that a smile can be made of: nothing else may come into the core's state. */
  private isSound(buffer: ViewBuffer, offset: number, underlying: number): boolean {
    const { view } = buffer;
    const { expiryWords, config } = this.state;
    const { fit } = this;
    const count = fit.count();
    const length = view.getUint32(offset + HeaderOffset.LENGTH, true);
    if (count === 0 || fit.butterfly() + fit.calendar() > 0) return false;
    if (length < HEADER_BYTES + SurfaceFit.sizeOf() + count * SLICE_BYTES) return false;
    for (let index = 0; index < count; index++) {
      const at = offset + HEADER_BYTES + SurfaceFit.sizeOf() + index * SLICE_BYTES;
      const expiry = view.getUint32(at, true);
      if (expiry >= config.expiries) return false;
      if (expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.underlying] !== underlying + 1) return false;
      for (let byte = YEARS_AT; byte < RADIUS_AT + 24; byte += 8) {
        const value = view.getFloat64(at + byte, true);
        if (value - value !== 0) return false;
      }
      if (!isWithin(view.getFloat64(at + YEARS_AT, true), SOUND.years)) return false;
      if (!isWithin(view.getFloat64(at + FORWARD_AT, true), SOUND.forward)) return false;
      if (!isWithin(view.getFloat64(at + ERROR_AT, true), SOUND.error)) return false;
      if (!isWithin(view.getFloat64(at + INSIDE_AT, true), SOUND.share)) return false;
      for (let mode = 0; mode < 3; mode++)
        if (!isWithin(view.getFloat64(at + RADIUS_AT + 8 * mode, true), SOUND.radius)) return false;
      if (!this.isSmile(view, at + SMILE_AT)) return false;
    }
    return true;
  }

  /** Whether the smile at `at` has a variance wherever an option may lie. */
  private isSmile(view: DataView, at: number): boolean {
    const { trial } = this;
    for (let number = 0; number < SMILE_STRIDE; number++) trial[number] = view.getFloat64(at + 8 * number, true);
    if (!isWithin(trial[SMILE.theta]!, SOUND.variance)) return false;
    if (!isWithin(trial[SMILE.scale]!, SOUND.unit) || !isWithin(trial[SMILE.step]!, SOUND.unit)) return false;
    for (let z = -FAR; z <= FAR; z += 0.5) {
      cell[0] = z * trial[SMILE.scale]!;
      evaluateVariance(trial, 0);
      if (!isWithin(cell[1]!, SOUND.variance)) return false;
    }
    return true;
  }

  /** One slice of the fit becomes the smile of its expiry. */
  private place(buffer: ViewBuffer, at: number, underlying: number, seq: number, violations: number): void {
    const { state, move, fit } = this;
    const { expiries, expiryWords, smiles, lives } = state;
    const slice = this.slice.__init(at, buffer);
    const { view } = buffer;
    const expiry = slice.expiry();
    const e = expiry * EXPIRY_STRIDE;
    const words = expiry * EXPIRY_WORDS;
    const live = expiry * LIVE_STRIDE;
    const before = expiryWords[words + EXPIRY_WORD.generation]! > 0;
    move[MOVE.vol] = -expiries[e + EXPIRY.fitVol]!;
    move[MOVE.skew] = expiries[e + EXPIRY.fitSkew]!;
    move[MOVE.forward] = -expiries[e + EXPIRY.fitLogForward]!;
    move[MOVE.elapsed] = fit.basedOnTime() - expiries[e + EXPIRY.fitTime]!;
    move[MOVE.volBefore] = expiries[e + EXPIRY.fitVol]!;
    move[MOVE.yearsBefore] = expiries[e + EXPIRY.fitYears]!;
    move[MOVE.until] = fit.basedOnTime();
    for (let number = 0; number < SMILE_STRIDE; number++) {
      smiles[expiry * SMILE_STRIDE + number] = view.getFloat64(at + SMILE_AT + 8 * number, true);
    }
    lives.fill(0, live, live + LIVE_STRIDE);
    lives[live + LIVE.covariance] = INITIAL * INITIAL;
    lives[live + LIVE.covariance + 2] = INITIAL * INITIAL;
    lives[live + LIVE.covariance + 5] = INITIAL * INITIAL;
    for (let mode = 0; mode < 3; mode++)
      lives[live + LIVE.radius + mode] = view.getFloat64(at + RADIUS_AT + 8 * mode, true);
    expiries[e + EXPIRY.fitYears] = slice.years();
    expiries[e + EXPIRY.fitForward] = slice.forward();
    expiries[e + EXPIRY.fitLogForward] = Math.log(slice.forward());
    expiries[e + EXPIRY.fitError] = slice.fitError();
    expiries[e + EXPIRY.fitInside] = slice.insideShare();
    expiries[e + EXPIRY.fitSeq] = seq;
    expiries[e + EXPIRY.fitTime] = fit.basedOnTime();
    expiries[e + EXPIRY.nudgedAt] = fit.basedOnTime();
    expiries[e + EXPIRY.residual] = 1;
    expiryWords[words + EXPIRY_WORD.fitTwoSided] = slice.twoSided();
    expiryWords[words + EXPIRY_WORD.violations] = violations;
    expiryWords[words + EXPIRY_WORD.bounded] = 0;
    expiryWords[words + EXPIRY_WORD.generation]! += 1;
    this.measureFit(expiry);
    if (before) {
      move[MOVE.vol]! += expiries[e + EXPIRY.fitVol]!;
      move[MOVE.forward]! += expiries[e + EXPIRY.fitLogForward]!;
      this.dynamics.learn(expiry, underlying, move);
    }
    const ratio = this.dynamics.ratio(expiry, underlying);
    expiries[e + EXPIRY.carry] = (2 * ratio * expiries[e + EXPIRY.fitSkew]!) / expiries[e + EXPIRY.fitVol]!;
    if (
      expiryWords[words + EXPIRY_WORD.jumps] === JUMP_BELIEVED &&
      fit.basedOnTime() >= expiries[e + EXPIRY.jumpTime]!
    ) {
      expiryWords[words + EXPIRY_WORD.jumps] = 0;
    }
    // The forward has moved on since the calibrator looked, and the smile's level with it.
    const moved = expiries[e + EXPIRY.logForward]! - expiries[e + EXPIRY.fitLogForward]!;
    expiries[e + EXPIRY.moved] = moved;
    this.dynamics.expect(expiry, underlying);
    expiries[e + EXPIRY.expected] = this.dynamics.level[0]!;
    expiries[e + EXPIRY.expectedAt] = 0;
    lives[live] = expiries[e + EXPIRY.carry]! * moved + expiries[e + EXPIRY.expected]!;
    boundLiveSmile(lives, live);
    this.modes.applyShift(expiry);
    this.modes.combine(expiry);
  }

  /** Vol and skew at the money of a fitted smile. */
  private measureFit(expiry: number): void {
    const { expiries, smiles } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    const smile = expiry * SMILE_STRIDE;
    const h = STEP * smiles[smile + SMILE.scale]!;
    const perRoot = 1 / Math.sqrt(expiries[e + EXPIRY.fitYears]!);
    cell[0] = h;
    evaluateVariance(smiles, smile);
    const above = Math.sqrt(cell[1]!) * perRoot;
    cell[0] = -h;
    evaluateVariance(smiles, smile);
    const below = Math.sqrt(cell[1]!) * perRoot;
    cell[0] = 0;
    evaluateVariance(smiles, smile);
    expiries[e + EXPIRY.fitVol] = Math.sqrt(cell[1]!) * perRoot;
    expiries[e + EXPIRY.fitSkew] = (above - below) / (2 * h);
  }

  /** Expiries that this fit does not have keep no smile: beside the new ones an old one could be arbitraged. */
  private dropOthers(underlying: number, seq: number): void {
    const { expiries, expiryWords, config } = this.state;
    for (let expiry = 0; expiry < config.expiries; expiry++) {
      const words = expiry * EXPIRY_WORDS;
      if (expiryWords[words + EXPIRY_WORD.underlying] !== underlying + 1) continue;
      if (expiries[expiry * EXPIRY_STRIDE + EXPIRY.fitSeq] !== seq) expiryWords[words + EXPIRY_WORD.generation] = 0;
    }
  }

  /** Quotes that came after the calibrator looked have their say again. */
  private nudgeAgain(expiry: number): void {
    const { options, expiries, expiryWords, chains, config } = this.state;
    const since = expiries[expiry * EXPIRY_STRIDE + EXPIRY.fitTime]!;
    const first = expiry * config.optionsPerExpiry;
    const count = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.options]!;
    for (let index = 0; index < count; index++) {
      const option = chains[first + index]!;
      if (options[option * OPTION_STRIDE + OPTION.quotedAt]! > since) this.nudge.apply(option, expiry, true);
    }
  }
}
