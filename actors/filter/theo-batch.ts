import { fieldOffset } from '../../schemas/field-offset.js';
import { Theo } from '../../schemas/generated/theo.js';
import { confidenceOf } from './confidence.js';
import { NOW, yearsUntil } from './event-moment.js';
import {
  EXPIRY,
  EXPIRY_STRIDE,
  EXPIRY_WORD,
  EXPIRY_WORDS,
  type FilterState,
  IS_INVERSE,
  MODES,
  OPTION,
  OPTION_STRIDE,
  OPTION_WORD,
  OPTION_WORDS,
} from './filter-state.js';
import type { TheoPricer } from './theo-pricer.js';

/** A Theo in float64 words: the first holds instrument, flags and confidence. */
export const THEO_WORDS = Theo.sizeOf() / 8;
const word = (field: Parameters<typeof fieldOffset<Theo>>[1]): number => fieldOffset(Theo, field) / 8;
const PRICE = word('price');
const VOLATILITY = word('volatility');
const UNCERTAINTY = word('uncertainty');
const DELTA = word('delta');
const NET_DELTA = word('netDelta');
const GAMMA = word('gamma');
const VEGA = word('vega');
const THETA = word('theta');
const VANNA = word('vanna');
const VOLGA = word('volga');
const VOL_MOVE = word('volMove');

/** How far a value is extrapolated: the forward's move in standard deviations, the vol's relative move, the part of the time left. */
const TRUST_MOVE = 0.05;
const TRUST_VOL = 0.01;
const TRUST_TIME = 0.005;

/**
 * Values of the options of one expiry in one sweep. A tick of the underlying moves a whole chain by little, so each option keeps an anchor, its
 * last exact pricing with its Greeks, and small moves of forward, smile and time are extrapolated from it to third order: what is left out is below
 * a hundredth of a tick within the bounds above; beyond them the anchor is set anew. What all options of the expiry share is read once.
 */
export class TheoBatch {
  /** Theos that were gathered, as they will stand in a record. */
  readonly gathered: Float64Array;
  private readonly gatheredWords: Uint32Array;
  private readonly state: FilterState;
  private readonly pricer: TheoPricer;
  private readonly moment: Float64Array;
  /** Changes that are worth telling: of price in ticks, of vol. */
  private readonly worth: Float64Array;

  constructor(state: FilterState, pricer: TheoPricer, moment: Float64Array) {
    const { optionsPerExpiry, publishTicks, publishVol } = state.config;
    this.state = state;
    this.pricer = pricer;
    this.moment = moment;
    this.worth = Float64Array.of(publishTicks, publishVol);
    this.gathered = new Float64Array(optionsPerExpiry * THEO_WORDS);
    this.gatheredWords = new Uint32Array(this.gathered.buffer);
  }

  /**
   * Gathers the values of `ids[from .. to - 1]`, options of the expiry, which has a smile: those that have changed by more than is worth telling,
   * which are told then, or all of them and as if nobody had asked. Returns how many. A NaN is never gathered.
   */
  gather(expiry: number, ids: Int32Array, from: number, to: number, all: boolean): number {
    const { state, gathered, gatheredWords, worth } = this;
    const { options, optionWords, expiries, expiryWords, modes } = state;
    const e = expiry * EXPIRY_STRIDE;
    const generation = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.generation]!;
    const flags = expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.flags]!;
    const head = flags | (confidenceOf(flags) << 16);
    const forward = expiries[e + EXPIRY.forward]!;
    const perForward = 1 / forward;
    const logForward = expiries[e + EXPIRY.logForward]!;
    const carry = expiries[e + EXPIRY.carry]!;
    const years = yearsUntil(expiries[e + EXPIRY.time]!, this.moment[NOW]!);
    const n0 = modes[expiry * MODES]!;
    const n1 = modes[expiry * MODES + 1]!;
    const n2 = modes[expiry * MODES + 2]!;
    const worthTicks = worth[0]!;
    const worthVol = worth[1]!;
    let count = 0;
    for (let index = from; index < to; index++) {
      const option = ids[index]!;
      const at = option * OPTION_STRIDE;
      const words = option * OPTION_WORDS;
      // An anchor of another smile is none; an expiry that has lost its smile keeps its last values.
      if (optionWords[words + OPTION_WORD.generation] !== generation && generation > 0)
        this.pricer.anchor(option, expiry);
      let x = logForward - options[at + OPTION.logForward]!;
      let passed = options[at + OPTION.years]! - years;
      let vol = options[at + OPTION.vol]!;
      let s =
        x * (options[at + OPTION.volSlope]! + 0.5 * x * options[at + OPTION.volBend]!) +
        (n0 - options[at + OPTION.mode]!) * options[at + OPTION.byMode]! +
        (n1 - options[at + OPTION.mode + 1]!) * options[at + OPTION.byMode + 1]! +
        (n2 - options[at + OPTION.mode + 2]!) * options[at + OPTION.byMode + 2]!;
      const bound = TRUST_VOL * vol;
      if (
        !(
          x * x <= TRUST_MOVE * TRUST_MOVE * vol * vol * years &&
          s <= bound &&
          s >= -bound &&
          passed <= TRUST_TIME * years
        )
      ) {
        if (generation > 0) this.pricer.anchor(option, expiry);
        vol = options[at + OPTION.vol]!;
        x = 0;
        passed = 0;
        s = 0;
      }
      // F - F0 = F (1 - e^-x): to fourth order it needs no exponential.
      const f = forward * x * (1 - x * (0.5 - x * (1 / 6 - x / 24)));
      const gamma = options[at + OPTION.gamma]!;
      const speed = options[at + OPTION.speed]!;
      const vanna = options[at + OPTION.vanna]!;
      const volga = options[at + OPTION.volga]!;
      const vega = options[at + OPTION.vega]!;
      const theta = options[at + OPTION.theta]!;
      const anchored = options[at + OPTION.delta]!;
      const extrapolated =
        options[at + OPTION.price]! +
        f * (anchored + f * (0.5 * gamma + f * speed * (1 / 6))) +
        s * (vega + 0.5 * s * volga + f * vanna) +
        passed * theta;
      const value = extrapolated > 0 ? extrapolated : 0;
      const isInverse = (optionWords[words + OPTION_WORD.kind]! & IS_INVERSE) !== 0;
      const price = isInverse ? value * perForward : value;
      const told = vol + s;
      const delta = anchored + f * (gamma + 0.5 * f * speed) + s * vanna;
      // No comparison holds for a NaN.
      if (!(price < Number.POSITIVE_INFINITY && told > 0 && told < Number.POSITIVE_INFINITY && delta < 2)) continue;
      if (!all) {
        const priceMove = price - options[at + OPTION.toldPrice]!;
        const volMove = told - options[at + OPTION.toldVol]!;
        const enough = worthTicks * options[at + OPTION.tick]!;
        if (
          optionWords[words + OPTION_WORD.told] === flags + 1 &&
          priceMove < enough &&
          priceMove > -enough &&
          volMove < worthVol &&
          volMove > -worthVol
        )
          continue;
        options[at + OPTION.toldPrice] = price;
        options[at + OPTION.toldVol] = told;
        optionWords[words + OPTION_WORD.told] = flags + 1;
      }
      const place = count * THEO_WORDS;
      count++;
      gatheredWords[2 * place] = option;
      gatheredWords[2 * place + 1] = head;
      gathered[place + PRICE] = price;
      gathered[place + VOLATILITY] = told;
      gathered[place + UNCERTAINTY] = options[at + OPTION.uncertainty]!;
      gathered[place + DELTA] = delta;
      gathered[place + NET_DELTA] = isInverse ? delta - price : delta;
      gathered[place + GAMMA] = gamma + f * speed;
      gathered[place + VEGA] = vega + f * vanna + s * volga;
      gathered[place + THETA] = theta;
      gathered[place + VANNA] = vanna;
      gathered[place + VOLGA] = volga;
      gathered[place + VOL_MOVE] =
        options[at + OPTION.volSlope]! + x * options[at + OPTION.volBend]! + options[at + OPTION.byMode]! * carry;
    }
    return count;
  }
}
