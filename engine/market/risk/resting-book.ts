import type { Cells } from '../orders/cells.js';

/** Sums of what rests, in this order in its row: under market maker protection, and not. Each as the greatest and the least that fills could add. */
export const REST = {
  DELTA_UP: 0,
  DELTA_DOWN: 1,
  VEGA_UP: 2,
  VEGA_DOWN: 3,
  GAMMA_DOWN: 4,
  SHORT_UP: 5,
  PROTECTED_DELTA_UP: 6,
  PROTECTED_DELTA_DOWN: 7,
  PROTECTED_VEGA_UP: 8,
  PROTECTED_VEGA_DOWN: 9,
  PROTECTED_GAMMA_DOWN: 10,
  PROTECTED_SHORT_UP: 11,
} as const;
export const REST_FIELDS = 12;
/** Distance from a sum to the same sum of what is under market maker protection. */
export const PROTECTED = 6;

/** Greeks of one unit that a fill would add, in this order in its row of `units`: delta, vega, gamma, 1 for an option. */
export const UNIT_DELTA = 0;
export const UNIT_VEGA = 1;
export const UNIT_GAMMA = 2;
export const UNIT_SHORT = 3;
export const REST_UNIT_FIELDS = 4;

/** Rows of one instrument: bid and offer, each protected and not; bits of a side's place. */
export const SIDES = 4;
export const SELL_SIDE = 1;
export const PROTECTED_SIDE = 2;
const BUY = 0;
const SELL = SELL_SIDE;
const UNDER_PROTECTION = PROTECTED_SIDE;

/**
 * What everything that rests could add when it is filled: by expiry and by underlying, kept as orders come, move and go, and as
 * Greeks move. A bid of a call adds delta upwards, its offer downwards; both can happen, never at once on one side of the book's
 * account, so that the greatest and the least are kept apart.
 */
export class RestingBook {
  /** Greeks of one unit, rows of REST_UNIT_FIELDS by instrument. */
  readonly units: Float64Array;
  /** Amount that may still trade, rows of SIDES by instrument. */
  readonly amounts: Float64Array;
  /** Sums, rows of REST_FIELDS by expiry and by underlying. */
  readonly ofExpiry: Float64Array;
  readonly ofUnderlying: Float64Array;
  /** [amount] that `change` adds to what rests, negative to take away. */
  readonly change = new Float64Array(1);
  /** [delta, vega, gamma, 1 for an option] that `reprice` puts in place of an instrument's Greeks. */
  readonly unit = new Float64Array(REST_UNIT_FIELDS);
  private readonly expiries: Int32Array;
  private readonly underlyings: Int32Array;

  constructor(cells: Cells, instruments: number, expiries: number, underlyings: number) {
    this.units = cells.float64(instruments * REST_UNIT_FIELDS, 'resting book: units', {
      UNIT_DELTA,
      UNIT_VEGA,
      UNIT_GAMMA,
      UNIT_SHORT,
    });
    this.amounts = cells.float64(instruments * SIDES, 'amounts', { BUY, SELL, UNDER_PROTECTION });
    this.ofExpiry = cells.float64(expiries * REST_FIELDS, 'of expiry', REST);
    this.ofUnderlying = cells.float64(underlyings * REST_FIELDS, 'of underlying', REST);
    this.expiries = cells.int32(instruments, 'expiries');
    this.underlyings = cells.int32(instruments, 'underlyings');
  }

  define(instrument: number, expiry: number, underlying: number): void {
    this.expiries[instrument] = expiry;
    this.underlyings[instrument] = underlying;
  }

  /** Adds `change` to what rests on one side of an instrument. */
  move(instrument: number, isSell: boolean, isProtected: boolean): void {
    const place = instrument * SIDES + (isSell ? SELL : BUY) + (isProtected ? UNDER_PROTECTION : 0);
    this.weigh(instrument, place, this.change[0]!);
    this.amounts[place]! += this.change[0]!;
  }

  /** Amount that rests on one side of an instrument, protected or not. */
  resting(instrument: number, isSell: boolean): number {
    const place = instrument * SIDES + (isSell ? SELL : BUY);
    return this.amounts[place]! + this.amounts[place + UNDER_PROTECTION]!;
  }

  /** Puts the Greeks of `unit` in place of an instrument's: what rests of it weighs anew. */
  reprice(instrument: number): void {
    const { amounts, units, unit } = this;
    const first = instrument * SIDES;
    for (let side = 0; side < SIDES; side++) {
      if (amounts[first + side] !== 0) this.weigh(instrument, first + side, -amounts[first + side]!);
    }
    for (let field = 0; field < REST_UNIT_FIELDS; field++) units[instrument * REST_UNIT_FIELDS + field] = unit[field]!;
    for (let side = 0; side < SIDES; side++) {
      if (amounts[first + side] !== 0) this.weigh(instrument, first + side, amounts[first + side]!);
    }
  }

  /** Takes every sum anew from the amounts: additions and subtractions leave rounding behind, and this takes it away. */
  recompute(): void {
    this.ofExpiry.fill(0);
    this.ofUnderlying.fill(0);
    const { amounts } = this;
    for (let instrument = 0; instrument < this.expiries.length; instrument++) {
      const first = instrument * SIDES;
      for (let side = 0; side < SIDES; side++) {
        if (amounts[first + side] !== 0) this.weigh(instrument, first + side, amounts[first + side]!);
      }
    }
  }

  /** Adds what `amount` on a side could add to the sums of its expiry and underlying. */
  private weigh(instrument: number, place: number, amount: number): void {
    const { units } = this;
    const unit = instrument * REST_UNIT_FIELDS;
    const signed = (place & 1) === SELL ? -amount : amount;
    const shift = (place & UNDER_PROTECTION) === 0 ? 0 : PROTECTED;
    // Not signed by the change but by the side: what is taken away leaves the sum that it was added to.
    const isUp = (place & 1) === SELL ? units[unit + UNIT_DELTA]! < 0 : units[unit + UNIT_DELTA]! > 0;
    const expiry = this.expiries[instrument]! * REST_FIELDS + shift;
    const underlying = this.underlyings[instrument]! * REST_FIELDS + shift;
    const delta = signed * units[unit + UNIT_DELTA]!;
    const deltaSum = isUp ? REST.DELTA_UP : REST.DELTA_DOWN;
    this.ofExpiry[expiry + deltaSum]! += delta;
    this.ofUnderlying[underlying + deltaSum]! += delta;
    const vega = signed * units[unit + UNIT_VEGA]!;
    const vegaSum = (place & 1) === SELL ? REST.VEGA_DOWN : REST.VEGA_UP;
    this.ofExpiry[expiry + vegaSum]! += vega;
    this.ofUnderlying[underlying + vegaSum]! += vega;
    if ((place & 1) !== SELL) return;
    this.ofExpiry[expiry + REST.GAMMA_DOWN]! += signed * units[unit + UNIT_GAMMA]!;
    this.ofUnderlying[underlying + REST.GAMMA_DOWN]! += signed * units[unit + UNIT_GAMMA]!;
    this.ofExpiry[expiry + REST.SHORT_UP]! += amount * units[unit + UNIT_SHORT]!;
    this.ofUnderlying[underlying + REST.SHORT_UP]! += amount * units[unit + UNIT_SHORT]!;
  }
}
