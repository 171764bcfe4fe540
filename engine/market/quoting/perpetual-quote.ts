import { GlftTable } from '../../quant/quoting/index.js';
import { amountOfLots } from '../lots.js';
import type { TickTable } from '../tick-table.js';

/** How a perpetual is quoted, numbers because they stand in settings and records. */
export const PerpetualModelCode = {
  /** Gueant, Lehalle and Fernandez-Tapia, exact on a finite inventory. */
  GLFT: 1,
  /** Avellaneda and Stoikov, with a horizon that rolls. */
  AVELLANEDA_STOIKOV: 2,
} as const;

export type PerpetualModelCodeValue = (typeof PerpetualModelCode)[keyof typeof PerpetualModelCode];

/** Quotes of the perpetual beside those of the options: plain data; bounds in `PERPETUAL_BOUNDS`. */
export interface PerpetualSettings {
  model: PerpetualModelCodeValue;
  /** One fill, USD. */
  clipUsd: number;
  /** Greatest inventory, in clips. */
  clips: number;
  /** Absolute risk aversion per USD. */
  aversion: number;
  /** Fills a second of a quote at the mid, on each side, and how fast they get rarer: per USD of distance. */
  fillsPerSecond: number;
  decayPerUsd: number;
  /** Of Avellaneda and Stoikov: how far ahead the inventory is a risk, seconds. */
  horizonSeconds: number;
  /** Half of the spread at least, a part of the price. */
  leastHalf: number;
}

const PERPETUAL_DEFAULTS: PerpetualSettings = {
  model: PerpetualModelCode.GLFT,
  clipUsd: 10_000,
  clips: 20,
  aversion: 1e-4,
  fillsPerSecond: 0.2,
  decayPerUsd: 0.05,
  horizonSeconds: 60,
  leastHalf: 0.000_02,
};

const PERPETUAL_BOUNDS: Readonly<Record<keyof PerpetualSettings, readonly [number, number]>> = {
  model: [1, 2],
  clipUsd: [1, 1e9],
  clips: [1, 500],
  aversion: [0, 1],
  fillsPerSecond: [1e-9, 1e6],
  decayPerUsd: [1e-9, 1e6],
  horizonSeconds: [1e-3, 1e6],
  leastHalf: [0, 0.1],
};

/** The settings with these changes. @throws RangeError that names the setting, what was expected and what was found */
export function perpetualSettings(changes: Partial<PerpetualSettings>): PerpetualSettings {
  const settings = { ...PERPETUAL_DEFAULTS, ...changes };
  for (const [name, [least, most]] of Object.entries(PERPETUAL_BOUNDS)) {
    const value = settings[name as keyof PerpetualSettings];
    if (!(value >= least && value <= most)) {
      throw new RangeError(
        `quoting.perpetual.${name}: expected a number from ${least} to ${most}, found ${value}; set it within its bounds`,
      );
    }
  }
  return settings;
}

/** Mid of others, USD; vol, annualised; what is held of the underlying, units; the amount's least step; and whether it is in USD, 1 or 0. */
export const PerpetualInput = {
  MID: 0,
  VOL: 1,
  HELD: 2,
  LOT: 3,
  INVERSE: 4,
  MARKET_BID: 5,
  MARKET_ASK: 6,
  SIZE: 7,
} as const;
export const PerpetualOutput = { BID: 0, ASK: 1, BID_AMOUNT: 2, ASK_AMOUNT: 3, HALF: 4, SKEW: 5, SIZE: 6 } as const;

const YEAR_SECONDS = 365 * 86_400;

/**
 * A bid and an offer for a perpetual around the mid of others, by the value of the underlying's whole delta: quoting it is hedging.
 *
 * The models count in clips: the price of one clip is that of the underlying times its units, so that aversion is per USD.
 */
export class PerpetualQuote {
  readonly input = new Float64Array(PerpetualInput.SIZE);
  readonly output = new Float64Array(PerpetualOutput.SIZE);
  private readonly table: GlftTable;
  private readonly settings: PerpetualSettings;
  /** [vol, units of a clip] that the table was solved for: it is a function of them and the settings, so it is no part of a state. */
  private readonly solved = new Float64Array(2);
  private readonly pair = new Float64Array(2);
  /** [bid's distance, offer's], USD. */
  private readonly distances = new Float64Array(2);

  constructor(settings: PerpetualSettings) {
    this.settings = settings;
    this.table = new GlftTable(settings.clips);
  }

  /** Makes the quote of what stands in `input`. @returns false where nothing can be quoted: a number is missing */
  make(ticks: TickTable | undefined): boolean {
    const { input, output, settings, pair, distances } = this;
    const mid = input[PerpetualInput.MID]!;
    const vol = input[PerpetualInput.VOL]!;
    if (!(mid > 0 && vol > 0 && vol < Number.POSITIVE_INFINITY && input[PerpetualInput.LOT]! > 0)) return false;
    const units = settings.clipUsd / mid;
    const clips = input[PerpetualInput.HELD]! / units;
    if (!Number.isFinite(clips)) return false;
    if (settings.model === PerpetualModelCode.GLFT) {
      if (!this.byTable(vol, mid, clips)) return false;
    } else this.byHorizon(vol, mid, clips);
    const least = settings.leastHalf * mid;
    const half = (distances[0]! + distances[1]!) / 2;
    const missing = half < least ? least - half : 0;
    const bid = mid - distances[0]! - missing;
    const ask = mid + distances[1]! + missing;
    output[PerpetualOutput.HALF] = half + missing;
    output[PerpetualOutput.SKEW] = (distances[1]! - distances[0]!) / 2;
    // What would trade at once stands behind the other side instead.
    pair[0] = mid;
    pair[1] = 0;
    ticks?.stepAt(pair);
    const tick = pair[1]!;
    pair[0] = bid >= input[PerpetualInput.MARKET_ASK]! ? input[PerpetualInput.MARKET_ASK]! - tick : bid;
    pair[1] = ask <= input[PerpetualInput.MARKET_BID]! ? input[PerpetualInput.MARKET_BID]! + tick : ask;
    ticks?.roundOutwards(pair);
    output[PerpetualOutput.BID] = pair[0]! > 0 ? pair[0]! : Number.NaN;
    output[PerpetualOutput.ASK] = pair[1]!;
    const lot = input[PerpetualInput.LOT]!;
    const amount = amountOfLots(
      Math.floor((input[PerpetualInput.INVERSE] === 1 ? settings.clipUsd : units) / lot + 1e-9),
      lot,
    );
    output[PerpetualOutput.BID_AMOUNT] = pair[0]! > 0 && clips + 1 <= settings.clips ? amount : 0;
    output[PerpetualOutput.ASK_AMOUNT] = clips - 1 >= -settings.clips ? amount : 0;
    return true;
  }

  /** USD per root of a second that one clip's value moves. */
  private deviationOf(vol: number): number {
    return (this.settings.clipUsd * vol) / Math.sqrt(YEAR_SECONDS);
  }

  private byTable(vol: number, mid: number, clips: number): boolean {
    const { table, settings, solved, distances } = this;
    const units = settings.clipUsd / mid;
    const off = solved[1]! > 0 ? units / solved[1]! : 0;
    if (solved[0] !== vol || !(off > 0.99 && off < 1.01)) {
      solved[0] = Number.NaN;
      const { aversion, fillsPerSecond, decayPerUsd } = settings;
      if (!table.solve(this.deviationOf(vol), fillsPerSecond, decayPerUsd / units, aversion, aversion)) return false;
      solved[0] = vol;
      solved[1] = units;
    }
    // Between two levels the distances are nearly straight lines; the outermost sides are not shown.
    const { levels, bidDistances, askDistances } = table;
    const held = Math.min(levels - 1, Math.max(1 - levels, clips));
    const below = Math.min(levels - 2, Math.floor(held));
    const part = held - below;
    const place = Math.max(1, below + levels);
    const straight = (values: Float64Array): number => values[place]! + part * (values[place + 1]! - values[place]!);
    distances[0] = straight(bidDistances) / units;
    distances[1] = straight(askDistances) / units;
    return distances[0]! + distances[1]! < Number.POSITIVE_INFINITY;
  }

  private byHorizon(vol: number, mid: number, clips: number): void {
    const { settings, distances } = this;
    const { aversion, decayPerUsd, horizonSeconds } = settings;
    const units = settings.clipUsd / mid;
    const deviation = this.deviationOf(vol);
    const risk = aversion * deviation * deviation * horizonSeconds;
    const k = decayPerUsd / units;
    const half = 0.5 * risk + (aversion > 0 ? Math.log1p(aversion / k) / aversion : 1 / k);
    distances[0] = (half + clips * risk) / units;
    distances[1] = (half - clips * risk) / units;
  }
}
