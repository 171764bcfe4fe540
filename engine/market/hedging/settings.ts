/** How an underlying's delta is hedged: plain data. */
export interface HedgingSettings {
  /** Absolute risk aversion per USD, of the no-trade band. */
  aversion: number;
  /** Bounds of the soft band, USD of delta on each side. */
  leastBandUsd: number;
  mostBandUsd: number;
  /** The hard band, in soft bands: beyond it the hedge crosses at once. */
  hardBand: number;
  /** Part of the soft band that is left after a hedge: 1 trades to the band's edge, 0 to nothing. */
  leave: number;
  /** Part of the delta that the smile's expected move adds: 1 is the minimum-variance delta, 0 Black's. */
  smile: number;
  /** Seconds outside the band before a passive hedge joins the touch, and before it crosses. */
  joinAfterSeconds: number;
  crossAfterSeconds: number;
  /** How far beyond the touch a crossing hedge may pay, a part of the price. */
  slippage: number;
  /** USD of one order at most, and at least worth one. */
  mostClipUsd: number;
  leastClipUsd: number;
  /** Hours that a hedge is expected to be held: weighs the funding against fees and spread. */
  holdingHours: number;
  /** Another instrument must be cheaper by this part of the price before the hedge moves there. */
  switchGain: number;
  /**
   * Bands beyond which vega and gamma are hedged with options, down to `leave` of it; 0: never. Vega in USD per 1.00 of vol, expiries weighted by the root of 30 days over their
   * time; gamma in USD of delta for a move of one percent.
   */
  vegaBand: number;
  gammaBandUsd: number;
  /** Most that such a hedge may cost, vol: half the spread and the fee over the option's vega. */
  vegaCost: number;
  /** Smallest amounts of one such hedge at most, and seconds from one to the next: by then it is known what was filled. */
  optionClip: number;
  optionEverySeconds: number;
}

export const HEDGING_DEFAULTS: HedgingSettings = {
  aversion: 2e-6,
  leastBandUsd: 5000,
  mostBandUsd: 50_000,
  hardBand: 2.5,
  leave: 0.5,
  smile: 1,
  joinAfterSeconds: 3,
  crossAfterSeconds: 15,
  slippage: 0.000_5,
  mostClipUsd: 500_000,
  leastClipUsd: 500,
  holdingHours: 4,
  switchGain: 0.000_1,
  vegaBand: 0,
  gammaBandUsd: 0,
  vegaCost: 0.01,
  optionClip: 50,
  optionEverySeconds: 5,
};

const BOUNDS: Readonly<Record<keyof HedgingSettings, readonly [number, number]>> = {
  aversion: [1e-12, 1],
  leastBandUsd: [0, 1e9],
  mostBandUsd: [1, 1e12],
  hardBand: [1, 100],
  leave: [0, 1],
  smile: [0, 2],
  joinAfterSeconds: [0, 3600],
  crossAfterSeconds: [0, 3600],
  slippage: [0, 0.05],
  mostClipUsd: [1, 1e9],
  leastClipUsd: [0, 1e9],
  holdingHours: [0, 1000],
  switchGain: [0, 0.1],
  vegaBand: [0, 1e12],
  gammaBandUsd: [0, 1e12],
  vegaCost: [1e-6, 1],
  optionClip: [1, 1e6],
  optionEverySeconds: [0.5, 3600],
};

/** The settings with these changes. @throws RangeError that names the setting, what was expected and what was found */
export function hedgingSettings(changes: Partial<HedgingSettings> = {}): HedgingSettings {
  const settings = { ...HEDGING_DEFAULTS, ...changes };
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = settings[name as keyof HedgingSettings];
    if (!(value >= least && value <= most)) {
      throw new RangeError(
        `hedging.${name}: expected a number from ${least} to ${most}, found ${value}; set it within its bounds`,
      );
    }
  }
  return settings;
}
