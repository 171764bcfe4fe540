import { type Grid, gridOf } from '../../../engine/market/grid.js';
import { type Instrument, InstrumentKind, LifeCycle, type LifeCycleState } from '../../../engine/market/instrument.js';
import { black76Greeks, GREEK, GREEK_COUNT } from '../../../engine/quant/black76/index.js';
import type { ExchangeConfig } from './config.js';

const MS_PER_YEAR = 365 * 86_400_000;
const SECOND_MS = 1000;
const MOST_STEPS = 4;
/** Further than this in ticks no order may be. */
export const FURTHEST_TICKS = 0x3fff_ffff;

const greeks = new Float64Array(GREEK_COUNT);

/** The instruments in columns, by id. Ids are given in the order of listing and never again. */
export class InstrumentTable {
  readonly definitions: Instrument[] = [];
  readonly ticks: Grid[] = [];
  readonly lots: Grid[] = [];
  readonly #ids = new Map<string, number>();
  readonly #config: ExchangeConfig;

  /** `InstrumentKind`. */
  readonly kind: Uint8Array;
  /** `LifeCycle`. */
  readonly state: Uint8Array;
  /** 1 where it is settled in its base currency. */
  readonly inverse: Uint8Array;
  readonly isCall: Uint8Array;
  readonly isCombo: Uint8Array;
  /** 1 where profit is kept by the session and paid at the daily settlement: futures and perpetuals. */
  readonly isFuture: Uint8Array;
  /** Index and currency, by their places in the configuration. */
  readonly index: Int32Array;
  readonly currency: Int32Array;
  readonly strike: Float64Array;
  /** Milliseconds since the Unix epoch; Infinity for never. */
  readonly expiry: Float64Array;
  /** Amount of one lot. */
  readonly lotSize: Float64Array;
  /** Smallest units of the settlement currency per lot, at a price of 1. */
  readonly unitsPerLot: Float64Array;
  readonly tickSize: Float64Array;
  readonly makerFee: Float64Array;
  readonly takerFee: Float64Array;

  /** What the mark comes from: forward, and for options volatility as a fraction. 0 until it is set. */
  readonly forward: Float64Array;
  readonly volatility: Float64Array;
  readonly #mark: Float64Array;
  readonly #delta: Float64Array;
  readonly #vega: Float64Array;
  /** Second for which mark and Greeks were computed; -1 where what they come from has changed. */
  readonly #markedAt: Float64Array;
  /** Of a perpetual: part of the value paid in eight hours by longs to shorts, and what one lot has paid since listing. */
  readonly fundingRate: Float64Array;
  readonly fundingPaid: Float64Array;
  readonly fundedAt: Float64Array;

  /** Lots that are held long, which are as many as are held short. */
  readonly openInterest: Float64Array;
  /** Price of the last trade and of the last settlement; NaN before the first. */
  readonly lastPrice: Float64Array;
  readonly settlementPrice: Float64Array;
  /** Price at which it was delivered; NaN before. */
  readonly deliveryPrice: Float64Array;
  readonly tradeCount: Int32Array;
  readonly lastDirection: Uint8Array;
  readonly #stepBounds: Float64Array;
  readonly #stepMultiples: Int32Array;
  readonly #stepCount: Uint8Array;
  /** Leg instruments and ratios of combinations. */
  readonly legs: Int32Array[] = [];
  readonly ratios: Int32Array[] = [];

  constructor(config: ExchangeConfig) {
    const size = config.maxInstruments;
    this.#config = config;
    this.kind = new Uint8Array(size);
    this.state = new Uint8Array(size);
    this.inverse = new Uint8Array(size);
    this.isCall = new Uint8Array(size);
    this.isCombo = new Uint8Array(size);
    this.isFuture = new Uint8Array(size);
    this.index = new Int32Array(size);
    this.currency = new Int32Array(size);
    this.strike = new Float64Array(size);
    this.expiry = new Float64Array(size);
    this.lotSize = new Float64Array(size);
    this.unitsPerLot = new Float64Array(size);
    this.tickSize = new Float64Array(size);
    this.makerFee = new Float64Array(size);
    this.takerFee = new Float64Array(size);
    this.forward = new Float64Array(size);
    this.volatility = new Float64Array(size);
    this.#mark = new Float64Array(size);
    this.#delta = new Float64Array(size);
    this.#vega = new Float64Array(size);
    this.#markedAt = new Float64Array(size).fill(-1);
    this.fundingRate = new Float64Array(size);
    this.fundingPaid = new Float64Array(size);
    this.fundedAt = new Float64Array(size);
    this.openInterest = new Float64Array(size);
    this.lastPrice = new Float64Array(size).fill(Number.NaN);
    this.settlementPrice = new Float64Array(size).fill(Number.NaN);
    this.deliveryPrice = new Float64Array(size).fill(Number.NaN);
    this.tradeCount = new Int32Array(size);
    this.lastDirection = new Uint8Array(size);
    this.#stepBounds = new Float64Array(size * MOST_STEPS);
    this.#stepMultiples = new Int32Array(size * MOST_STEPS);
    this.#stepCount = new Uint8Array(size);
  }

  get size(): number {
    return this.definitions.length;
  }

  /** Id of an instrument by the venue's name; -1 where there is none. Expired ones keep their names. */
  idOf(name: string): number {
    return this.#ids.get(name) ?? -1;
  }

  /** Adds an instrument and returns its id. */
  add(definition: Instrument): number {
    const { name, legs } = definition;
    const id = this.definitions.length;
    const config = this.#config;
    if (id === config.maxInstruments) {
      throw new Error(
        `the venue lists at most ${config.maxInstruments} instruments: raise maxInstruments for '${name}'`,
      );
    }
    if (this.#ids.has(name)) throw new Error(`'${name}' is listed already`);
    const index = config.indices.findIndex((one) => one.name === definition.priceIndex);
    if (index < 0)
      throw new Error(`'${name}' settles on the index '${definition.priceIndex}', which is not configured`);
    const currency = config.currencies.findIndex((one) => one.name === definition.settlementCurrency);
    if (currency < 0) {
      throw new Error(`'${name}' settles in '${definition.settlementCurrency}', which is not among the currencies`);
    }
    const { kind, inverse, tickSize, tickSteps, minimumAmount } = definition;
    if (kind === InstrumentKind.SPOT) throw new Error(`'${name}' is spot, which this venue does not trade`);
    if (tickSteps.length > MOST_STEPS) {
      throw new Error(`'${name}' has ${tickSteps.length} tick steps, at most ${MOST_STEPS} are supported`);
    }
    const legIds = legs.map((leg) => {
      const leg_ = this.idOf(leg.instrument);
      if (leg_ < 0) throw new Error(`the leg '${leg.instrument}' of '${name}' is not listed`);
      return leg_;
    });
    const isCombo = kind === InstrumentKind.OPTION_COMBO || kind === InstrumentKind.FUTURE_COMBO;
    if (isCombo !== legs.length > 0)
      throw new Error(`'${name}' has ${legs.length} legs, which its kind does not allow`);

    this.definitions.push(definition);
    this.#ids.set(name, id);
    this.ticks.push(gridOf(tickSize));
    this.lots.push(gridOf(minimumAmount));
    this.legs.push(Int32Array.from(legIds));
    this.ratios.push(Int32Array.from(legs, (leg) => leg.ratio));
    this.kind[id] = kind;
    this.state[id] = LifeCycle.OPEN;
    this.inverse[id] = inverse ? 1 : 0;
    this.isCall[id] = definition.right === 'call' ? 1 : 0;
    this.isCombo[id] = isCombo ? 1 : 0;
    this.isFuture[id] = kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL ? 1 : 0;
    this.index[id] = index;
    this.currency[id] = currency;
    this.strike[id] = definition.strike;
    this.expiry[id] = definition.expiry / 1000;
    this.lotSize[id] = minimumAmount;
    this.unitsPerLot[id] = minimumAmount * powerOfTen(config.currencies[currency]!.decimals);
    this.tickSize[id] = tickSize;
    this.makerFee[id] = definition.makerFee;
    this.takerFee[id] = definition.takerFee;
    this.#stepCount[id] = tickSteps.length;
    for (const [step, { abovePrice, tickSize: coarse }] of tickSteps.entries()) {
      this.#stepBounds[id * MOST_STEPS + step] = Math.round(abovePrice / tickSize);
      this.#stepMultiples[id * MOST_STEPS + step] = Math.round(coarse / tickSize);
    }
    return id;
  }

  setState(id: number, state: LifeCycleState): void {
    this.state[id] = state;
  }

  /** Finest ticks in the step that holds at a price and just below it. */
  tickMultiple(id: number, ticks: number): number {
    let multiple = 1;
    for (let step = 0; step < this.#stepCount[id]!; step++) {
      if (ticks <= this.#stepBounds[id * MOST_STEPS + step]!) break;
      multiple = this.#stepMultiples[id * MOST_STEPS + step]!;
    }
    return multiple;
  }

  /** Finest ticks in the step that holds just above a price. */
  tickMultipleAbove(id: number, ticks: number): number {
    return this.tickMultiple(id, ticks + 1);
  }

  /** Price in finest ticks; NaN where it lies between two. */
  ticksOf(id: number, price: number): number {
    return this.ticks[id]!.steps(price);
  }

  /** Amount in lots; NaN where it lies between two. */
  lotsOf(id: number, amount: number): number {
    return this.lots[id]!.steps(amount);
  }

  priceOf(id: number, ticks: number): number {
    return this.ticks[id]!.value(ticks);
  }

  amountOf(id: number, lots: number): number {
    return this.lots[id]!.value(lots);
  }

  /** Sets what the mark comes from: of an option its forward and volatility, of a future the mark itself as the forward. */
  setMark(id: number, forward: number, volatility: number): void {
    this.forward[id] = forward;
    this.volatility[id] = volatility;
    this.#markedAt[id] = -1;
  }

  /**
   * Mark price in the instrument's unit at a time; 0 where nothing is known yet. Options lose their time value by the second, so
   * that not every order has one priced anew.
   */
  mark(id: number, now: number): number {
    if (this.#markedAt[id] !== Math.floor(now / SECOND_MS)) this.#remark(id, now);
    return this.#mark[id]!;
  }

  /** Delta of one unit of the amount, in the base currency: Black's for options, 1 for futures (per base unit). */
  delta(id: number, now: number): number {
    if (this.#markedAt[id] !== Math.floor(now / SECOND_MS)) this.#remark(id, now);
    return this.#delta[id]!;
  }

  /** Counter currency per point of volatility and unit of the amount; 0 for futures. */
  vega(id: number, now: number): number {
    if (this.#markedAt[id] !== Math.floor(now / SECOND_MS)) this.#remark(id, now);
    return this.#vega[id]!;
  }

  #remark(id: number, now: number): void {
    // A combination is as good as its legs are now, so it is never taken as known.
    if (this.isCombo[id] === 1) {
      this.#remarkCombo(id, now);
      return;
    }
    const second = Math.floor(now / SECOND_MS);
    this.#markedAt[id] = second;
    const forward = this.forward[id]!;
    if (this.isFuture[id] === 1 || !(forward > 0)) {
      this.#mark[id] = forward;
      this.#delta[id] = 1;
    } else {
      const years = Math.max(0, this.expiry[id]! - second * SECOND_MS) / MS_PER_YEAR;
      black76Greeks(greeks, forward, this.strike[id]!, years, this.volatility[id]!, this.isCall[id] === 1);
      const price = greeks[GREEK.price]!;
      this.#mark[id] = this.inverse[id] === 1 ? price / forward : price;
      const delta = greeks[GREEK.delta]!;
      // Exactly at the money at its expiry an option has none.
      this.#delta[id] = Number.isNaN(delta) ? 0 : delta;
      this.#vega[id] = greeks[GREEK.vega]! / 100;
    }
  }

  #remarkCombo(id: number, now: number): void {
    const legs = this.legs[id]!;
    const ratios = this.ratios[id]!;
    let mark = 0;
    let delta = 0;
    let vega = 0;
    for (let leg = 0; leg < legs.length; leg++) {
      mark += ratios[leg]! * this.mark(legs[leg]!, now);
      delta += ratios[leg]! * this.delta(legs[leg]!, now);
      vega += ratios[leg]! * this.vega(legs[leg]!, now);
    }
    this.#mark[id] = mark;
    this.#delta[id] = delta;
    this.#vega[id] = vega;
  }

  /** Highest price at which one may buy, in ticks. */
  highestBid(id: number, now: number): number {
    const width = this.#bandWidth(id, now, true);
    if (width === 0) return FURTHEST_TICKS;
    const ticks = Math.ceil((this.mark(id, now) + width) / this.tickSize[id]!);
    const multiple = this.tickMultiple(id, ticks);
    return Math.ceil(ticks / multiple) * multiple;
  }

  /** Lowest price at which one may sell, in ticks. */
  lowestAsk(id: number, now: number): number {
    const width = this.#bandWidth(id, now, false);
    if (width === 0) return this.isCombo[id] === 1 ? -FURTHEST_TICKS : 1;
    const ticks = Math.floor((this.mark(id, now) - width) / this.tickSize[id]!);
    if (ticks < 1 && this.isCombo[id] === 0) return 1;
    const multiple = this.tickMultiple(id, ticks);
    return Math.floor(ticks / multiple) * multiple;
  }

  /** How far above, or below, its mark an instrument may trade; 0 where there is no mark to measure from. */
  #bandWidth(id: number, now: number, above: boolean): number {
    if (this.isCombo[id] === 1) return this.#comboBandWidth(id, now, above);
    const forward = this.forward[id]!;
    if (!(forward > 0)) return 0;
    const mark = this.mark(id, now);
    const { bands } = this.#config;
    if (this.isFuture[id] === 1) return bands.future * mark;
    const { constant, perDelta, perVega } = above ? bands.optionAbove : bands.optionBelow;
    const isInverse = this.inverse[id] === 1;
    const delta = Math.abs(isInverse ? this.#delta[id]! - mark : this.#delta[id]!);
    const parts = constant + perDelta * delta + (perVega * 100 * this.#vega[id]!) / forward;
    return isInverse ? parts : parts * forward;
  }

  #comboBandWidth(id: number, now: number, above: boolean): number {
    const legs = this.legs[id]!;
    const ratios = this.ratios[id]!;
    let width = 0;
    for (let leg = 0; leg < legs.length; leg++) {
      const ratio = ratios[leg]!;
      width += Math.abs(ratio) * this.#bandWidth(legs[leg]!, now, ratio > 0 === above);
    }
    return width;
  }
}

function powerOfTen(decimals: number): number {
  let power = 1;
  for (let count = 0; count < decimals; count++) power *= 10;
  return power;
}
