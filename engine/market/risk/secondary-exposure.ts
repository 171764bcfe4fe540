import type { ExpiryPlaces } from '../expiry-places.js';
import type { Cells } from '../orders/cells.js';
import { PROTECTED_SIDE, type RestingBook, SELL_SIDE, SIDES } from './resting-book.js';
import { FACT, FACT_FIELDS, type RiskTable } from './risk-table.js';

/** Greeks beside delta, vega and gamma, in this order in their rows: USD, per year, per 1.00 of volatility, per both. */
export const SECONDARY = { THETA: 0, WEIGHTED_VEGA: 1, SKEW_VEGA: 2, WING_VEGA: 3, VANNA: 4, VOLGA: 5 } as const;
export const SECONDARIES = 6;

/** Sums of one underlying, rows of SECONDARIES in this order. */
const HELD = 0;
const OPEN_UP = 1;
const OPEN_DOWN = 2;
const SHIELDED_UP = 3;
const SHIELDED_DOWN = 4;
/** The most that the venue's market maker protection lets through, positive. */
const CAP = 5;
const SUMS = 6;

const YEAR_MICROS = 365 * 86_400e6;
const REFERENCE_YEARS = 30 / 365;
/** Weight of a minute before expiry must not be infinite. */
const LEAST_YEARS = 1 / (365 * 24 * 60);
/** Distances from the forward in standard deviations: as the portfolio counts skew and wings. */
const WING = 1;
const SKEW = 0.5;
/** Two rounds may pass before a venue's market maker protection holds: what they let through, USD, and USD per 1.00 of volatility. */
const ROUNDS = 2;
const ROUNDS_USD = 0;
const ROUNDS_VEGA = 1;

/** What the venue's market maker protection bounds: value filled in USD, and vega in USD per 1.00 of volatility. */
export interface ProtectedRound {
  amountUsd: number;
  vega: number;
}

/**
 * The Greeks that are limited beside delta, vega and gamma, of what is held and of all that rests. They are taken anew some times a second, off the hot path; what is
 * approved in between only adds, so that they are never too small.
 */
export class SecondaryExposure {
  /** Of one unit, rows of SECONDARIES by instrument. */
  readonly units: Float64Array;
  /** 1 for a strike beyond one standard deviation, by instrument. */
  readonly wings: Int32Array;
  /** Amount of wings that are sold, or would be, and not covered, by underlying. */
  readonly naked: Float64Array;
  /** Of each underlying, rows of SECONDARIES: everything that could add, upwards and downwards, with what is held and without any bound by the venue's protection. */
  private readonly up: Float64Array;
  private readonly down: Float64Array;
  /** Result of `worst`. */
  readonly worst = new Float64Array(1);
  private readonly sums: Float64Array;
  /** Amount of wings sold and bought, calls and puts of each expiry: what a recomputation adds up in. */
  private readonly sold: Float64Array;
  private readonly bought: Float64Array;
  /** Of each expiry while a recomputation runs: the root of its time in years, and the weight of its vega. */
  private readonly rootYears: Float64Array;
  private readonly vegaWeights: Float64Array;
  private readonly table: RiskTable;
  private readonly resting: RestingBook;
  private readonly places: ExpiryPlaces;
  private readonly rounds: Float64Array;

  constructor(
    cells: Cells,
    table: RiskTable,
    resting: RestingBook,
    places: ExpiryPlaces,
    underlyings: number,
    round: ProtectedRound,
  ) {
    this.table = table;
    this.resting = resting;
    this.places = places;
    this.rounds = Float64Array.of(ROUNDS * round.amountUsd, ROUNDS * round.vega);
    this.units = cells.float64(table.capacity * SECONDARIES, 'secondary exposure: units', SECONDARY);
    this.wings = cells.int32(table.capacity, 'wings');
    this.naked = cells.float64(underlyings, 'naked');
    this.sums = cells.float64(underlyings * SUMS * SECONDARIES, 'secondary exposure: sums', {
      HELD,
      OPEN_UP,
      OPEN_DOWN,
      SHIELDED_UP,
      SHIELDED_DOWN,
      CAP,
      SECONDARY,
    });
    this.up = cells.float64(underlyings * SECONDARIES, 'up', SECONDARY);
    this.down = cells.float64(underlyings * SECONDARIES, 'down', SECONDARY);
    this.sold = new Float64Array(2 * places.times.length);
    this.bought = new Float64Array(2 * places.times.length);
    this.rootYears = new Float64Array(places.times.length);
    this.vegaWeights = new Float64Array(places.times.length);
  }

  /**
   * Takes every sum anew.
   * @param clock event time in `clock[0]`, microseconds
   * @param forwards forward of each expiry, at `forwards[place * stride + forward]`
   * @param indexes index of each underlying, at `indexes[underlying * stride + index]`
   */
  recompute(
    clock: Float64Array,
    forwards: Float64Array,
    forward: number,
    indexes: Float64Array,
    index: number,
    stride: number,
  ): void {
    const { table, resting, places, sums, sold, bought, naked } = this;
    sums.fill(0);
    this.up.fill(0);
    this.down.fill(0);
    sold.fill(0);
    bought.fill(0);
    naked.fill(0);
    this.weighExpiries(clock);
    const { amounts } = resting;
    for (let id = 0; id < table.end; id++) {
      const place = places.of(id);
      if (place < 0 || table.facts[id * FACT_FIELDS + FACT.RIGHT] === 0) continue;
      const position = table.facts[id * FACT_FIELDS + FACT.POSITION]!;
      const first = id * SIDES;
      const bids = amounts[first]!;
      const offers = amounts[first + SELL_SIDE]!;
      const shieldedBids = amounts[first + PROTECTED_SIDE]!;
      const shieldedOffers = amounts[first + SELL_SIDE + PROTECTED_SIDE]!;
      const rests = bids + offers + shieldedBids + shieldedOffers;
      // Of those too of which nothing rests yet: an approval before the next look must find them.
      this.weighUnit(id, place, forwards[place * stride + forward]!);
      if (position === 0 && rests === 0) continue;
      const underlying = places.underlyings[place]!;
      this.raiseCaps(id, underlying, indexes[underlying * stride + index]!);
      if (position !== 0) this.hold(id, underlying, position);
      if (bids !== 0 || offers !== 0) this.restBoth(id, underlying, OPEN_UP, bids, offers);
      if (shieldedBids !== 0 || shieldedOffers !== 0) {
        this.restBoth(id, underlying, SHIELDED_UP, shieldedBids, shieldedOffers);
      }
      if (this.wings[id] === 0) continue;
      const right = 2 * place + (table.facts[id * FACT_FIELDS + FACT.RIGHT]! > 0 ? 1 : 0);
      sold[right]! += (position < 0 ? -position : 0) + (offers + shieldedOffers);
      if (position > 0) bought[right]! += position;
    }
    for (let right = 0; right < 2 * places.size; right++) {
      const open = sold[right]! - bought[right]!;
      if (open > 0) naked[places.underlyings[right >> 1]!]! += open;
    }
  }

  /** An approval: it counts at once. */
  add(id: number, isSell: boolean, isProtected: boolean, amount: Float64Array): void {
    const place = this.places.of(id);
    if (place < 0) return;
    const underlying = this.places.underlyings[place]!;
    this.rest(id, underlying, isSell, isProtected, amount[0]!);
    if (isSell && this.wings[id] === 1) this.naked[underlying]! += amount[0]!;
  }

  /**
   * The first Greek, from one on, that could be beyond its limit if an amount were added to what rests: a quick look, which leaves out what the venue's protection bounds,
   * so that `worstOf` may find it within all the same; SECONDARIES where there is none.
   * @param limits of each Greek, in its own unit, from `limits[first]` on
   */
  firstBeyond(
    from: number,
    id: number,
    underlying: number,
    isSell: boolean,
    amount: Float64Array,
    limits: Float64Array,
    first: number,
  ): number {
    const { units, up, down } = this;
    const unit = id * SECONDARIES;
    const row = underlying * SECONDARIES;
    const size = isSell ? -amount[0]! : amount[0]!;
    for (let greek = from; greek < SECONDARIES; greek++) {
      const added = size * units[unit + greek]!;
      const worst = added > 0 ? up[row + greek]! + added : -down[row + greek]! - added;
      // Written so that what is no number is looked at.
      if (added !== 0 && !(worst <= limits[first + greek]!)) return greek;
    }
    return SECONDARIES;
  }

  /** The worst of one Greek of an underlying on one side, if an amount of an instrument were added to what rests, in `worst[0]`: signed. */
  worstOf(
    greek: number,
    id: number,
    underlying: number,
    isSell: boolean,
    isProtected: boolean,
    amount: Float64Array,
  ): void {
    const { sums } = this;
    const row = underlying * SUMS * SECONDARIES + greek;
    const unit = this.units[id * SECONDARIES + greek]!;
    const added = isSell ? -amount[0]! * unit : amount[0]! * unit;
    const isUp = added > 0;
    const cap = sums[row + CAP * SECONDARIES]!;
    const open = sums[row + (isUp ? OPEN_UP : OPEN_DOWN) * SECONDARIES]! + (isProtected ? 0 : added);
    const shielded = sums[row + (isUp ? SHIELDED_UP : SHIELDED_DOWN) * SECONDARIES]! + (isProtected ? added : 0);
    const bounded = cap > 0 ? (isUp ? Math.min(shielded, cap) : Math.max(shielded, -cap)) : shielded;
    this.worst[0] = added === 0 ? 0 : sums[row + HELD * SECONDARIES]! + open + bounded;
  }

  /** What of a unit's weights is the same for all instruments of an expiry. */
  private weighExpiries(clock: Float64Array): void {
    const { places, rootYears, vegaWeights } = this;
    for (let place = 0; place < places.size; place++) {
      const left = (places.times[place]! - clock[0]!) / YEAR_MICROS;
      const years = left > LEAST_YEARS ? left : LEAST_YEARS;
      rootYears[place] = Math.sqrt(years);
      vegaWeights[place] = Math.sqrt(REFERENCE_YEARS / years);
    }
  }

  /** Vega's derived units follow time and the forward; theta, vanna and volga are set as they are told. */
  private weighUnit(id: number, place: number, forward: number): void {
    const { units, table, wings } = this;
    const row = id * FACT_FIELDS;
    const unit = id * SECONDARIES;
    const vega = table.facts[row + FACT.VEGA]!;
    const known = Number.isNaN(vega) ? 0 : vega;
    const deviation = table.facts[row + FACT.VOLATILITY]! * this.rootYears[place]!;
    const z = forward > 0 && deviation > 0 ? Math.log(table.facts[row + FACT.STRIKE]! / forward) / deviation : 0;
    const isWing = z > WING || z < -WING;
    wings[id] = isWing ? 1 : 0;
    units[unit + SECONDARY.WEIGHTED_VEGA] = known * this.vegaWeights[place]!;
    units[unit + SECONDARY.SKEW_VEGA] = z > SKEW ? known : z < -SKEW ? -known : 0;
    units[unit + SECONDARY.WING_VEGA] = isWing ? known : 0;
  }

  private hold(id: number, underlying: number, position: number): void {
    const { units, sums, up, down } = this;
    const unit = id * SECONDARIES;
    const row = underlying * SUMS * SECONDARIES + HELD * SECONDARIES;
    const total = underlying * SECONDARIES;
    for (let greek = 0; greek < SECONDARIES; greek++) {
      const held = position * units[unit + greek]!;
      sums[row + greek]! += held;
      up[total + greek]! += held;
      down[total + greek]! += held;
    }
  }

  private rest(id: number, underlying: number, isSell: boolean, isProtected: boolean, amount: number): void {
    const { units, sums, up, down } = this;
    const size = isSell ? -amount : amount;
    const unit = id * SECONDARIES;
    const row = underlying * SUMS * SECONDARIES;
    const upwards = row + (isProtected ? SHIELDED_UP : OPEN_UP) * SECONDARIES;
    const downwards = row + (isProtected ? SHIELDED_DOWN : OPEN_DOWN) * SECONDARIES;
    const total = underlying * SECONDARIES;
    for (let greek = 0; greek < SECONDARIES; greek++) {
      const added = size * units[unit + greek]!;
      if (added > 0) {
        sums[upwards + greek]! += added;
        up[total + greek]! += added;
      } else {
        sums[downwards + greek]! += added;
        down[total + greek]! += added;
      }
    }
  }

  /**
   * The same as `rest` for both sides of an instrument, without asking which way each of them goes: their signs are those of Greeks, which no processor guesses. What is no
   * number is none both ways.
   * @param first `OPEN_UP` or `SHIELDED_UP`: the sums downwards follow
   */
  private restBoth(id: number, underlying: number, first: number, bids: number, offers: number): void {
    const { units, sums, up, down } = this;
    const unit = id * SECONDARIES;
    const upwards = (underlying * SUMS + first) * SECONDARIES;
    const downwards = upwards + SECONDARIES;
    const total = underlying * SECONDARIES;
    for (let greek = 0; greek < SECONDARIES; greek++) {
      const bought = bids * units[unit + greek]!;
      const sold = -offers * units[unit + greek]!;
      const most = (bought + Math.abs(bought)) / 2 + (sold + Math.abs(sold)) / 2;
      const least = (bought - Math.abs(bought)) / 2 + (sold - Math.abs(sold)) / 2;
      sums[upwards + greek]! += most;
      sums[downwards + greek]! += least;
      up[total + greek]! += most;
      down[total + greek]! += least;
    }
  }

  /** What two rounds of the protection could let through, were all of it filled in the instrument that weighs most. */
  private raiseCaps(id: number, underlying: number, index: number): void {
    const { units, sums, table, rounds } = this;
    const unit = id * SECONDARIES;
    const row = (underlying * SUMS + CAP) * SECONDARIES;
    const amount = index > 0 ? rounds[ROUNDS_USD]! / index : Number.POSITIVE_INFINITY;
    const vega = table.facts[id * FACT_FIELDS + FACT.VEGA]!;
    const ofRounds = rounds[ROUNDS_VEGA]!;
    for (let greek: number = SECONDARY.WEIGHTED_VEGA; greek <= SECONDARY.WING_VEGA; greek++) {
      const weight = Math.abs(units[unit + greek]!);
      raise(sums, row + greek, vega > 0 ? (ofRounds * weight) / vega : amount * weight);
    }
    raise(sums, row + SECONDARY.THETA, amount * Math.abs(units[unit + SECONDARY.THETA]!));
    raise(sums, row + SECONDARY.VANNA, amount * Math.abs(units[unit + SECONDARY.VANNA]!));
    raise(sums, row + SECONDARY.VOLGA, amount * Math.abs(units[unit + SECONDARY.VOLGA]!));
  }
}

/** A cap is the greatest of all; what is no number, such as nothing of what knows no bound, is none. */
function raise(sums: Float64Array, at: number, cap: number): void {
  if (cap > sums[at]!) sums[at] = cap;
}
