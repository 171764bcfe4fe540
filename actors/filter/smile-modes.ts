import { LIVE, LIVE_STRIDE } from '../../engine/quant/surface/live-smile.js';
import { SMILE, SMILE_STRIDE } from '../../engine/quant/surface/smile.js';
import { EXPIRY, EXPIRY_STRIDE, EXPIRY_WORD, EXPIRY_WORDS, type FilterState, MODES } from './filter-state.js';

/** Standard deviations where the lean of the smile has its say, see engine/quant/surface/live-smile.ts. */
const WIDTH = 4;

/**
 * The numbers of the smile in use: what quotes have nudged it by, and what the trader has shifted it by, together within the bound that keeps it
 * free of arbitrage. Quotes go on to be measured against the market's smile, so that they do not argue with the trader.
 */
export class SmileModes {
  private readonly state: FilterState;

  constructor(state: FilterState) {
    this.state = state;
  }

  /** Puts nudges and shift together; called whenever one of them has changed. */
  combine(expiry: number): void {
    const { expiries, expiryWords, lives, modes } = this.state;
    const live = expiry * LIVE_STRIDE;
    const shift = expiry * EXPIRY_STRIDE + EXPIRY.shiftMode;
    const to = expiry * MODES;
    const m0 = lives[live]! + expiries[shift]!;
    const m1 = lives[live + 1]! + expiries[shift + 1]!;
    const m2 = lives[live + 2]!;
    const reach =
      Math.abs(m0) / lives[live + LIVE.radius]! +
      Math.abs(m1) / lives[live + LIVE.radius + 1]! +
      Math.abs(m2) / lives[live + LIVE.radius + 2]!;
    const part = reach > 1 ? 1 / reach : 1;
    modes[to] = m0 * part;
    modes[to + 1] = m1 * part;
    modes[to + 2] = m2 * part;
    const shifted = expiries[shift] !== 0 || expiries[shift + 1] !== 0;
    expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.shiftCut] = shifted && reach > 1.0000001 ? 1 : 0;
  }

  /** Share of the room for nudges that the smile in use takes, 0 to 1. */
  used(expiry: number): number {
    const { lives, modes } = this.state;
    const live = expiry * LIVE_STRIDE + LIVE.radius;
    const from = expiry * MODES;
    const reach =
      Math.abs(modes[from]!) / lives[live]! +
      Math.abs(modes[from + 1]!) / lives[live + 1]! +
      Math.abs(modes[from + 2]!) / lives[live + 2]!;
    return reach < 1 ? reach : 1;
  }

  /** Turns the trader's shifts of vol and skew into numbers of the smile that was fitted, and puts all together. */
  applyShift(expiry: number): void {
    const { expiries, expiryWords, smiles } = this.state;
    const e = expiry * EXPIRY_STRIDE;
    if (expiryWords[expiry * EXPIRY_WORDS + EXPIRY_WORD.generation] === 0) return;
    const vol = expiries[e + EXPIRY.fitVol]!;
    const part = expiries[e + EXPIRY.atmShift]! / vol;
    // A relative move of vol by p is one of variance by p (2 + p); the lean's slope at the money is 2 / (4 scale), half of it in vol.
    expiries[e + EXPIRY.shiftMode] = part * (2 + part);
    expiries[e + EXPIRY.shiftMode + 1] =
      (WIDTH * smiles[expiry * SMILE_STRIDE + SMILE.scale]! * expiries[e + EXPIRY.skewShift]!) / vol;
    this.combine(expiry);
  }
}
