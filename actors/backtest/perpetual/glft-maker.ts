import { glftHalfSpread, glftSkew } from '../../../engine/quant/quoting/glft-closed-form.js';

/** How a perpetual is quoted by the closed form of Gueant, Lehalle and Fernandez-Tapia: plain data. */
export interface MakerSettings {
  /** Fills a second of a quote at the mid, and how they decay with the distance, per USD. */
  fillRate: number;
  fillDecay: number;
  /** Aversion to inventory risk, per USD, for one `amount` of inventory. */
  aversion: number;
  /** Amount of a quote, the venue's unit. */
  amount: number;
  /** Greatest inventory, in amounts of a quote. */
  positionLimit: number;
  /** Beyond so many amounts the rest is sold or bought at once; 0 for never. */
  flattenBeyond: number;
  /** Half spread at least, ticks. */
  leastTicks: number;
  /** Between two looks, milliseconds. */
  lookMs: number;
  /** Looks in the memory of the volatility. */
  volatilityLooks: number;
  /** A resting quote that is off by no more than this is left alone, ticks. */
  toleranceTicks: number;
}

export const MAKER_DEFAULTS: MakerSettings = {
  fillRate: 2,
  fillDecay: 0.25,
  aversion: 0.02,
  amount: 0.05,
  positionLimit: 10,
  flattenBeyond: 0,
  leastTicks: 1,
  lookMs: 100,
  volatilityLooks: 300,
  toleranceTicks: 2,
};

/** Cells of `quotes`: what to bid and to offer at, in ticks; NaN for not at all. */
export const BID = 0;
export const ASK = 1;

/** Looks at the market at even times and says where to quote. All of it is in two typed arrays. */
export class GlftMaker {
  /** [bid, ask] in ticks after a look. */
  readonly quotes = new Float64Array(2).fill(Number.NaN);
  /** [last mid, variance a look] */
  readonly #memory = new Float64Array(2).fill(Number.NaN);
  readonly #settings: MakerSettings;
  readonly #tick: number;
  #looks = 0;

  /** @param tick of the price */
  constructor(settings: MakerSettings, tick: number) {
    this.#settings = settings;
    this.#tick = tick;
  }

  /** @param bestBid and @param bestAsk in ticks @param inventory signed, in amounts of a quote */
  look(bestBid: number, bestAsk: number, inventory: number): void {
    const { fillRate, fillDecay, aversion, leastTicks, lookMs, volatilityLooks, positionLimit } = this.#settings;
    const memory = this.#memory;
    const quotes = this.quotes;
    const mid = 0.5 * (bestBid + bestAsk) * this.#tick;
    const change = mid - memory[0]!;
    memory[0] = mid;
    if (Number.isNaN(change)) return;
    this.#looks++;
    const weight = 1 / Math.min(this.#looks, volatilityLooks);
    memory[1] = this.#looks === 1 ? change * change : memory[1]! + weight * (change * change - memory[1]!);
    // A few looks do not tell a volatility.
    if (this.#looks < WARM_UP_LOOKS) return;
    const sigma = Math.sqrt((memory[1]! * 1000) / lookMs);
    const half = Math.max(leastTicks * this.#tick, glftHalfSpread(sigma, fillRate, fillDecay, aversion, aversion, 1));
    const reservation = mid - glftSkew(sigma, fillRate, fillDecay, aversion, aversion, 1) * inventory;
    const bid = Math.floor((reservation - half) / this.#tick);
    const ask = Math.ceil((reservation + half) / this.#tick);
    // Quotes rest: neither goes beyond the touch of the other side.
    quotes[BID] = inventory >= positionLimit ? Number.NaN : Math.min(bid, bestAsk - 1);
    quotes[ASK] = inventory <= -positionLimit ? Number.NaN : Math.max(ask, bestBid + 1);
  }
}

const WARM_UP_LOOKS = 10;
