import { whalleyWilmottHalfBand } from '../../quant/hedging/index.js';
import { amountOfLots } from '../lots.js';
import { Side } from '../orders/codes.js';
import type { HedgingSettings } from './settings.js';

/** How urgently a hedge is worked, `urgency` of a DesiredHedge. */
export const HedgeUrgency = { NONE: 0, PASSIVE: 1, JOIN: 2, CROSS: 3 } as const;

/** What bound a hedge, `bindingLimit` of a DesiredHedge. */
export const HedgeLimit = {
  NONE: 0,
  CLIP: 1,
  BAND_LEAST: 2,
  BAND_MOST: 3,
  /** What stands at the touch of others. */
  TOUCH: 4,
  /** The Greek that is not hedged would leave its band. */
  OTHER_GREEK: 5,
} as const;

export const HedgeInput = {
  /** Net delta with the smile's move, units of the underlying. */
  DELTA: 0,
  /** Delta that is wanted. */
  TARGET: 1,
  /** Change of delta per USD. */
  GAMMA: 2,
  /** USD. */
  PRICE: 3,
  /** Of trading, a part of the value. */
  COST: 4,
  /** Seconds outside the band. */
  WAITED: 5,
  BID: 6,
  ASK: 7,
  TICK: 8,
  LOT: 9,
  /** 1 where the amount is in USD, 0 where in units. */
  INVERSE: 10,
  /** Price of our own hedge that is wanted now; NaN for none. */
  OWN: 11,
  SIZE: 12,
} as const;

export const HedgeOutput = { PRICE: 0, AMOUNT: 1, BAND: 2, LOW: 3, HIGH: 4, UNITS: 5, COST: 6, SIZE: 7 } as const;

/**
 * When to hedge, how much and how: nothing within the no-trade band of Whalley and Wilmott; outside it the hedge begins passively, joins
 * the touch and crosses as time passes; beyond the hard band it crosses at once. It never trades past the delta that is wanted.
 */
export class HedgeRule {
  readonly input = new Float64Array(HedgeInput.SIZE);
  readonly output = new Float64Array(HedgeOutput.SIZE);
  urgency: number = HedgeUrgency.NONE;
  side: number = Side.BOTH;
  limit: number = HedgeLimit.NONE;
  private readonly settings: HedgingSettings;

  constructor(settings: HedgingSettings) {
    this.settings = settings;
  }

  /** Decides on what stands in `input`. @param asked urgency that a trader asks for; 0 for none @returns whether a hedge is wanted */
  decide(asked: number): boolean {
    const { input, output, settings } = this;
    this.urgency = HedgeUrgency.NONE;
    this.side = Side.BOTH;
    this.limit = HedgeLimit.NONE;
    const price = input[HedgeInput.PRICE]!;
    const target = input[HedgeInput.TARGET]!;
    const excess = input[HedgeInput.DELTA]! - target;
    const soft = this.band(price);
    output[HedgeOutput.BAND] = soft;
    output[HedgeOutput.LOW] = target - soft;
    output[HedgeOutput.HIGH] = target + soft;
    output[HedgeOutput.AMOUNT] = 0;
    output[HedgeOutput.UNITS] = 0;
    output[HedgeOutput.COST] = 0;
    const away = Math.abs(excess);
    if (!(away > (asked > 0 ? 0 : soft)) || !(price > 0)) return false;
    const left = asked > 0 ? 0 : settings.leave * soft;
    this.side = excess > 0 ? Side.SELL : Side.BUY;
    this.urgency = asked > 0 ? asked : this.urgencyOf(away, soft);
    this.size(away - left, price);
    if (!(output[HedgeOutput.AMOUNT]! > 0)) {
      this.urgency = HedgeUrgency.NONE;
      return false;
    }
    this.price();
    return true;
  }

  /** Half of the soft band, units of the underlying. */
  private band(price: number): number {
    const { input, settings } = this;
    const least = settings.leastBandUsd / price;
    const most = settings.mostBandUsd / price;
    const best = whalleyWilmottHalfBand(price, input[HedgeInput.GAMMA]!, input[HedgeInput.COST]!, settings.aversion);
    if (best > most) {
      this.limit = HedgeLimit.BAND_MOST;
      return most;
    }
    if (!(best >= least)) {
      this.limit = HedgeLimit.BAND_LEAST;
      return least;
    }
    return best;
  }

  private urgencyOf(away: number, soft: number): number {
    const { input, settings } = this;
    const waited = input[HedgeInput.WAITED]!;
    if (away > settings.hardBand * soft || waited >= settings.crossAfterSeconds) return HedgeUrgency.CROSS;
    return waited >= settings.joinAfterSeconds ? HedgeUrgency.JOIN : HedgeUrgency.PASSIVE;
  }

  /** Whole lots, rounded down, so that the delta never changes its sign. */
  private size(units: number, price: number): void {
    const { input, output, settings } = this;
    let usd = units * price;
    if (usd > settings.mostClipUsd) {
      usd = settings.mostClipUsd;
      this.limit = HedgeLimit.CLIP;
    }
    if (usd < settings.leastClipUsd) return;
    const lot = input[HedgeInput.LOT]!;
    const isInverse = input[HedgeInput.INVERSE] === 1;
    const amount = amountOfLots(Math.floor((isInverse ? usd : usd / price) / lot + 1e-9), lot);
    output[HedgeOutput.AMOUNT] = amount;
    output[HedgeOutput.UNITS] = isInverse ? amount / price : amount;
    output[HedgeOutput.COST] = output[HedgeOutput.UNITS]! * price * input[HedgeInput.COST]!;
  }

  private price(): void {
    const { input, output, settings } = this;
    const buys = this.side === Side.BUY;
    const touch = buys ? input[HedgeInput.BID]! : input[HedgeInput.ASK]!;
    const other = buys ? input[HedgeInput.ASK]! : input[HedgeInput.BID]!;
    const tick = input[HedgeInput.TICK]!;
    const sign = buys ? 1 : -1;
    let price = touch;
    if (this.urgency === HedgeUrgency.CROSS) {
      const reach = Math.ceil((settings.slippage * other) / tick) * tick;
      price = other + sign * reach;
    } else if (this.urgency === HedgeUrgency.JOIN && touch !== input[HedgeInput.OWN]!) {
      // Before the touch where the spread has room: behind it the queue is long. Our own order is not outbid.
      const better = touch + sign * tick;
      if (buys ? better < other : better > other) price = better;
    }
    // The very double that the venue's decimal is read as: another one is refused, and is not known as our own at the touch.
    output[HedgeOutput.PRICE] = amountOfLots(Math.round(price / tick), tick);
  }
}
