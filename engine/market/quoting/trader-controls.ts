import type { Cells } from '../orders/cells.js';

/** What a trader does, `action` of a TraderControl. */
export const TraderAction = {
  /** The width is multiplied by `value`, 1 takes it back. */
  WIDTH: 1,
  SIZE: 2,
  PAUSE: 3,
  RESUME: 4,
} as const;

/** What it is done to, `scope` of a TraderControl. */
export const TraderScope = { EVERYTHING: 1, UNDERLYING: 2, EXPIRY: 3, INSTRUMENT: 4, STRIKE: 5 } as const;

/** Bounds of the multipliers. */
export const WIDTH_MULTIPLIERS = [0.1, 20] as const;
export const SIZE_MULTIPLIERS = [0, 10] as const;

/** Bits of the sides that are paused. */
const PausedSide = { BUY: 1, SELL: 2 } as const;

/**
 * Multipliers and pauses that traders have set, on four levels whose effects multiply: everything, an underlying, an expiry and an
 * instrument. A strike is all instruments that have it.
 */
export class TraderControls {
  /** By place: width and size multipliers less 1, so that memory which was never written multiplies by 1. */
  readonly multipliers: Float64Array;
  /** By place: bits of paused sides. */
  readonly paused: Int32Array;
  /** Newest nonce of each of 16 peers. */
  readonly nonces: Float64Array;
  private readonly underlyings: number;
  private readonly expiries: number;

  constructor(cells: Cells, underlyings: number, expiries: number, instruments: number) {
    const places = 1 + underlyings + expiries + instruments;
    this.underlyings = underlyings;
    this.expiries = expiries;
    this.multipliers = cells.float64(2 * places, 'multipliers: width, size');
    this.paused = cells.int32(places, 'paused');
    this.nonces = cells.float64(16, 'nonces');
  }

  everything(): number {
    return 0;
  }

  underlying(number: number): number {
    return 1 + number;
  }

  expiry(place: number): number {
    return 1 + this.underlyings + place;
  }

  instrument(id: number): number {
    return 1 + this.underlyings + this.expiries + id;
  }

  /** Product of an instrument's width (0) or size (1) multipliers on all levels. */
  multiplier(which: 0 | 1, id: number, expiry: number, underlying: number): number {
    return (
      this.level(which, 0) *
      this.level(which, this.underlying(underlying)) *
      (expiry < 0 ? 1 : this.level(which, this.expiry(expiry))) *
      this.level(which, this.instrument(id))
    );
  }

  pausedSides(id: number, expiry: number, underlying: number): number {
    const { paused } = this;
    return (
      paused[0]! |
      paused[this.underlying(underlying)]! |
      (expiry < 0 ? 0 : paused[this.expiry(expiry)]!) |
      paused[this.instrument(id)]!
    );
  }

  /** Applies an action to a place. @param side 0 both, 1 buy, 2 sell @returns whether it could be: a multiplier has bounds */
  apply(place: number, action: number, side: number, value: number): boolean {
    const sides = side === 0 ? PausedSide.BUY | PausedSide.SELL : side;
    if (place < 0 || place >= this.paused.length || side > 2) return false;
    if (action === TraderAction.PAUSE) this.paused[place]! |= sides;
    else if (action === TraderAction.RESUME) this.paused[place]! &= ~sides;
    else if (action === TraderAction.WIDTH && value >= WIDTH_MULTIPLIERS[0] && value <= WIDTH_MULTIPLIERS[1])
      this.multipliers[2 * place] = value - 1;
    else if (action === TraderAction.SIZE && value >= SIZE_MULTIPLIERS[0] && value <= SIZE_MULTIPLIERS[1])
      this.multipliers[2 * place + 1] = value - 1;
    else return false;
    return true;
  }

  private level(which: 0 | 1, place: number): number {
    return 1 + this.multipliers[2 * place + which]!;
  }
}
