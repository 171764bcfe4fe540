import { evaluateGreeks, GREEK, GREEK_COUNT } from '../../engine/quant/black76/greeks.js';
import { cell as black, FORWARD, SIGMA, STRIKE, YEARS } from '../../engine/quant/black76/kernel.js';
import { evaluateLiveVariance, LIVE, LIVE_STRIDE, liveShapes } from '../../engine/quant/surface/live-smile.js';
import { SMILE, SMILE_STRIDE, cell as smileCell } from '../../engine/quant/surface/smile.js';
import { NOW, YEARS_PER_MICRO, yearsUntil } from './event-moment.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  IS_CALL,
  MODES,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
} from './filter-state.js';

/** Step of the smile's differences, in units of its scale. */
const STEP = 0.02;
/**
 * The value of an option on its live smile, exactly, kept in the option's cells as its anchor: small moves are extrapolated from there, see
 * theo-batch.ts.
 *
 * Between fits a smile keeps its vol at constant k sqrt(T fit / T), so that its wings draw in as time goes: w(k, T) = (T/Tf) w(k sqrt(Tf/T)).
 * That keeps it free of arbitrage: of butterflies because Durrleman's g only grows with it, and of calendar arbitrage because this w grows
 * in T/Tf wherever g's first term is positive, and the nearer expiry has the smaller ratio.
 */
export class TheoPricer {
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly noise: Float64Array;
  private readonly greeks = new Float64Array(GREEK_COUNT);
  private readonly shapes = new Float64Array(MODES);

  /** `noise`: variances per year of the walks of level, lean and bend. */
  constructor(state: FilterState, moment: Float64Array, noise: Float64Array) {
    this.state = state;
    this.moment = moment;
    this.noise = noise;
  }

  /** Prices exactly and keeps it as the anchor. */
  anchor(option: number, expiry: number): void {
    const { state, greeks, shapes, moment } = this;
    const { options, optionWords, expiries, expiryWords, smiles, modes, lives } = state;
    const at = option * OPTION_STRIDE;
    const e = expiry * EXPIRY_STRIDE;
    const smile = expiry * SMILE_STRIDE;
    const mode = expiry * MODES;
    const years = yearsUntil(expiries[e + EXPIRY.time]!, moment[NOW]!);
    const fitYears = expiries[e + EXPIRY.fitYears]!;
    const stretch = Math.sqrt(fitYears / years);
    const k = (options[at + OPTION.logStrike]! - expiries[e + EXPIRY.logForward]!) * stretch;
    const h = STEP * smiles[smile + SMILE.scale]!;
    const perRoot = 1 / Math.sqrt(fitYears);
    smileCell[0] = k - h;
    evaluateLiveVariance(smiles, smile, modes, mode);
    const below = Math.sqrt(smileCell[1]!) * perRoot;
    smileCell[0] = k + h;
    evaluateLiveVariance(smiles, smile, modes, mode);
    const above = Math.sqrt(smileCell[1]!) * perRoot;
    smileCell[0] = k;
    evaluateLiveVariance(smiles, smile, modes, mode);
    const vol = Math.sqrt(smileCell[1]!) * perRoot;
    smileCell[0] = k;
    liveShapes(shapes, smiles, smile);
    const f0 = shapes[0]!;
    const f1 = shapes[1]!;
    const f2 = shapes[2]!;
    const lift = 1 + modes[mode]! * f0 + modes[mode + 1]! * f1 + modes[mode + 2]! * f2;
    const half = (0.5 * vol) / lift;

    black[FORWARD] = expiries[e + EXPIRY.forward]!;
    black[STRIKE] = options[at + OPTION.strike]!;
    black[YEARS] = years;
    black[SIGMA] = vol;
    evaluateGreeks(greeks, (optionWords[option * OPTION_WORDS + OPTION_WORD.kind]! & IS_CALL) !== 0, 0, 1);

    options[at + OPTION.logForward] = expiries[e + EXPIRY.logForward]!;
    options[at + OPTION.years] = years;
    options[at + OPTION.vol] = vol;
    options[at + OPTION.price] = greeks[GREEK.price]!;
    options[at + OPTION.delta] = greeks[GREEK.delta]!;
    options[at + OPTION.gamma] = greeks[GREEK.gamma]!;
    options[at + OPTION.vega] = greeks[GREEK.vega]!;
    options[at + OPTION.theta] = greeks[GREEK.theta]!;
    options[at + OPTION.vanna] = greeks[GREEK.vanna]!;
    options[at + OPTION.volga] = greeks[GREEK.volga]!;
    options[at + OPTION.speed] = greeks[GREEK.speed]!;
    options[at + OPTION.volSlope] = ((below - above) / (2 * h)) * stretch;
    options[at + OPTION.volBend] = ((above - 2 * vol + below) / (h * h)) * stretch * stretch;
    options[at + OPTION.byMode] = half * f0;
    options[at + OPTION.byMode + 1] = half * f1;
    options[at + OPTION.byMode + 2] = half * f2;
    options[at + OPTION.mode] = modes[mode]!;
    options[at + OPTION.mode + 1] = modes[mode + 1]!;
    options[at + OPTION.mode + 2] = modes[mode + 2]!;
    const p = expiry * LIVE_STRIDE + LIVE.covariance;
    const idle = Math.max(0, moment[NOW]! - expiries[e + EXPIRY.nudgedAt]!) * YEARS_PER_MICRO;
    const variance =
      f0 * f0 * (lives[p]! + this.noise[0]! * idle) +
      f1 * f1 * (lives[p + 2]! + this.noise[1]! * idle) +
      f2 * f2 * (lives[p + 5]! + this.noise[2]! * idle) +
      2 * (f0 * f1 * lives[p + 1]! + f0 * f2 * lives[p + 3]! + f1 * f2 * lives[p + 4]!);
    const fitError = expiries[e + EXPIRY.fitError]!;
    options[at + OPTION.uncertainty] = Math.sqrt(half * half * (variance > 0 ? variance : 0) + fitError * fitError);
    optionWords[option * OPTION_WORDS + OPTION_WORD.generation] =
      expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.generation]!;
  }
}
