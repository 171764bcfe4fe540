import { cell as black, FORWARD, SIGMA, STRIKE, YEARS } from '../../engine/quant/black76/kernel.js';
import { PREMIUM } from '../../engine/quant/implied-vol/cell.js';
import { evaluateImpliedVol, IMPLIED_VOL_CODE } from '../../engine/quant/implied-vol/solve.js';
import {
  LIVE_STRIDE,
  OBSERVED,
  OBSERVED_COUNT,
  SURFACE_UPDATE,
  updateLiveSmile,
} from '../../engine/quant/surface/live-smile.js';
import { SMILE_STRIDE } from '../../engine/quant/surface/smile.js';
import { NOW, YEARS_PER_MICRO } from './event-moment.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
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
import type { SmileModes } from './smile-modes.js';
import type { TheoPricer } from './theo-pricer.js';

/** Options deeper in the money say nothing of vol that their other side does not say better. */
const DEEPEST_DELTA = 0.6;
/** Relative distance from the theoretical vol within which two terms of its series invert a price. */
const NEAR = 0.15;
/** Least standard error of a quoted vol: no quote is known better. */
const LEAST_ERROR = 2e-4;
/** A quote that stands says so again once in this time, microseconds. */
const REPEATS_AFTER = 1e6;
/** Weight of the newest in the mean square of standardised residuals. */
const RESIDUAL_GAIN = 0.02;
/** Residuals beyond this count as this. */
const LARGEST_RESIDUAL = 10;
const OUTLIER_LIMIT = 4;

/** What a two-sided quote does to the smile of its expiry. */
export class QuoteNudge {
  private readonly state: FilterState;
  private readonly moment: Float64Array;
  private readonly pricer: TheoPricer;
  private readonly modes: SmileModes;
  private readonly noise: Float64Array;
  private readonly observed = new Float64Array(OBSERVED_COUNT);

  constructor(state: FilterState, moment: Float64Array, pricer: TheoPricer, modes: SmileModes, noise: Float64Array) {
    this.state = state;
    this.moment = moment;
    this.pricer = pricer;
    this.modes = modes;
    this.noise = noise;
    this.observed[OBSERVED.limit] = OUTLIER_LIMIT;
  }

  /** The quote in the option's cells, which has `changed` or stands; true when it moved the smile. The option's anchor is set anew. */
  apply(option: number, expiry: number, changed: boolean): boolean {
    const { state, moment, observed, pricer } = this;
    const { options, optionWords, expiries, expiryWords, lives, smiles } = state;
    const at = option * OPTION_STRIDE;
    const e = expiry * EXPIRY_STRIDE;
    const bid = options[at + OPTION.bid]!;
    const ask = options[at + OPTION.ask]!;
    const now = moment[NOW]!;
    if (!(bid > 0 && ask > bid)) return false;
    if (!changed && now - options[at + OPTION.nudgedAt]! < REPEATS_AFTER) return false;
    pricer.anchor(option, expiry);
    const delta = options[at + OPTION.delta]!;
    const vega = options[at + OPTION.vega]!;
    if (!(delta < DEEPEST_DELTA && delta > -DEEPEST_DELTA && vega > 0)) return false;
    const kind = optionWords[option * OPTION_WORDS + OPTION_WORD.kind]!;
    const forward = expiries[e + EXPIRY.forward]!;
    const unit = (kind & IS_INVERSE) !== 0 ? forward : 1;
    const mid = 0.5 * (bid + ask) * unit;
    const vol = options[at + OPTION.vol]!;
    const miss = (mid - options[at + OPTION.price]!) / vega;
    let quoted = vol + miss * (1 - (0.5 * options[at + OPTION.volga]! * miss) / vega);
    if (!(miss < NEAR * vol && miss > -NEAR * vol)) {
      black[FORWARD] = forward;
      black[STRIKE] = options[at + OPTION.strike]!;
      black[YEARS] = options[at + OPTION.years]!;
      black[PREMIUM] = mid;
      if (evaluateImpliedVol((kind & IS_CALL) !== 0) !== IMPLIED_VOL_CODE.found) return false;
      quoted = black[SIGMA]!;
    }
    // The smile in use has the trader's shift in it, the market's has not: the quote is of the market's.
    const mode = expiry * 3;
    const live = expiry * LIVE_STRIDE;
    const inUse =
      (lives[live]! - state.modes[mode]!) * options[at + OPTION.byMode]! +
      (lives[live + 1]! - state.modes[mode + 1]!) * options[at + OPTION.byMode + 1]! +
      (lives[live + 2]! - state.modes[mode + 2]!) * options[at + OPTION.byMode + 2]!;
    const error = (0.5 * (ask - bid) * unit) / vega;
    const fitYears = expiries[e + EXPIRY.fitYears]!;
    const stretch = Math.sqrt(fitYears / options[at + OPTION.years]!);
    observed[OBSERVED.k] = (options[at + OPTION.logStrike]! - expiries[e + EXPIRY.logForward]!) * stretch;
    observed[OBSERVED.T] = fitYears;
    observed[OBSERVED.vol] = quoted;
    observed[OBSERVED.error] = error > LEAST_ERROR ? error : LEAST_ERROR;
    observed[OBSERVED.elapsed] = Math.max(0, now - expiries[e + EXPIRY.nudgedAt]!) * YEARS_PER_MICRO;
    if (!(quoted > 0 && quoted < 100 && error < 10)) return false;
    const code = updateLiveSmile(smiles, expiry * SMILE_STRIDE, lives, live, this.noise, observed);
    const standardised = (quoted - vol - inUse) / observed[OBSERVED.error]!;
    const residual =
      standardised < LARGEST_RESIDUAL && standardised > -LARGEST_RESIDUAL ? standardised : LARGEST_RESIDUAL;
    expiries[e + EXPIRY.residual]! += RESIDUAL_GAIN * (residual * residual - expiries[e + EXPIRY.residual]!);
    expiries[e + EXPIRY.nudgedAt] = now;
    options[at + OPTION.nudgedAt] = now;
    if ((code & SURFACE_UPDATE.bounded) !== 0) expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.bounded] = 1;
    this.modes.combine(expiry);
    return true;
  }
}
