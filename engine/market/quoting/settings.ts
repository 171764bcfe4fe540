import type { QuoteModelCodeValue } from './codes.js';
import { QuoteModelCode } from './codes.js';
import { type PerpetualSettings, perpetualSettings } from './perpetual-quote.js';

/** Edges of the delta buckets, absolute Black deltas; five buckets. */
const DELTA_EDGES = [0.1, 0.25, 0.4, 0.6] as const;
/** Edges of the buckets of time to expiry, days; four buckets. */
const TENOR_EDGES = [2, 10, 45] as const;
export const DELTA_BUCKETS = DELTA_EDGES.length + 1;
export const TENOR_BUCKETS = TENOR_EDGES.length + 1;

/** A moment that all know of (a figure, a meeting, a settlement) and around which quotes are wider. */
export interface CalendarEvent {
  /** Microseconds since the Unix epoch. */
  time: number;
  /** Seconds before and after in which quotes are wider. */
  beforeSeconds: number;
  afterSeconds: number;
  /** Adds so many times the base width. */
  widening: number;
}

/** What differs for one expiry or one strike. Multipliers. */
export interface QuoteOverride {
  /** Microseconds since the Unix epoch; left out for every expiry. */
  expiry?: number;
  /** Counter currency; left out for every strike. */
  strike?: number;
  width: number;
  size: number;
}

/** How an options market maker quotes: plain data; bounds in `QUOTING_BOUNDS`. */
export interface QuotingSettings {
  model: QuoteModelCodeValue;
  /** Amount of a side, in smallest amounts of the instrument. */
  amount: number;
  /** Of the options model: greatest vega of a side's amount, USD per 1.00 of vol so weighted; the duty's least amount is quoted all the same. */
  vegaClip: number;
  /**
   * Of the options model: ticks before the touch of others at which a side stands. Nearer to the theoretical value nothing is gained by that, further
   * away the side waits behind them. 0: the model's own distance, whatever others quote.
   */
  leadTicks: number;
  /** ln of the odds against a fill at the theoretical value, in the options model. */
  alpha: number;
  /** How fast these odds rise with the distance, per 1.00 of vol. */
  beta: number;
  /** Absolute risk aversion per USD: a year's variance of the portfolio's value costs half of it. */
  aversion: number;
  /** How far ahead the value of quoting looks, hours: as long as it takes to work an inventory off. */
  horizonHours: number;
  /** Vol of variance (Heston's xi): the 30-day vol moves by half of it a root of a year. */
  volOfVariance: number;
  /** Correlation of spot and vol: that part of the vega is hedged by the minimum-variance delta. */
  spotCorrelation: number;
  /** Greatest vega inventory of an underlying, USD per 1.00 of vol, expiries weighted by the root of 30 days over their time. */
  vegaLimit: number;
  /** Vegas of typical fills, USD per 1.00 of vol so weighted, and how many requests a year come for each on each side. */
  typicalFills: { vega: number; perYear: number }[];
  /** Of the fixed width: half of it, the venue's price unit, and as a part of the theoretical value: the greater holds. */
  halfWidth: number;
  relativeHalfWidth: number;
  /** Of the mid skewer: how far a full position shifts its quotes, in half widths. */
  midSkew: number;
  /** Greatest position in one instrument, in smallest amounts. */
  positionLimit: number;
  /** How far a full position in the instrument shifts the options model's quotes, vol. */
  positionSkew: number;
  /** How far a delta of `deltaScale` units that is not hedged shifts them, a part of the forward. */
  deltaSkew: number;
  /** Units of the underlying, in units of a USD million. */
  deltaScale: number;
  /** How far a full gamma shifts them, in the option's theta of a day; and the full gamma, USD of delta for a move of one percent. */
  gammaSkew: number;
  gammaScaleUsd: number;
  /** Edge over the theoretical value at least, after fees: ticks, and vol. */
  edgeTicks: number;
  edgeVol: number;
  /** And what hedging costs: a part of the forward for each unit of the option's delta. */
  edgeHedge: number;
  /** And what takers know: a part of the option's move by its delta in five minutes, one standard deviation. */
  edgeAdverse: number;
  /** Amounts grow with the edge: once by each so many least edges over the reservation price, up to so many times; and the vega clip with them, up to so many times. */
  edgeSizeStep: number;
  edgeSizeMost: number;
  edgeClips: number;
  /** Part of the least edge that is kept over the theoretical value when a side unwinds an inventory; 0: all of it may be given up, and more. */
  edgeKept: number;
  /** Standard deviations of the theoretical vol that are added to the half width. */
  uncertainty: number;
  /** Widening by regime, in base widths: calm, normal, stressed, jump. */
  regime: readonly [number, number, number, number];
  /** Widening near expiry, in base widths: times (expiryDays / days - 1) where that is positive, at most `expiryMost`. */
  expiryDays: number;
  expiryWidening: number;
  expiryMost: number;
  /** Part of a bucket's mean loss after fills that is added to its half width, and fills in that mean's memory. */
  markout: number;
  markoutMemory: number;
  /** Widening by informed flow on the underlying, in base widths at full toxicity, and the shift by its direction, vol-free part of the forward. */
  toxicity: number;
  flowSkew: number;
  /** Width multipliers by delta bucket. */
  deltaWidths: readonly [number, number, number, number, number];
  /** Duty: the widest quote that counts, as a part of the theoretical value and at least so many ticks; and its least amount in smallest amounts. */
  dutyWidth: number;
  dutyTicks: number;
  dutyAmount: number;
  /** Deltas that the duty covers, absolute: at least and at most. */
  dutyDeltaLeast: number;
  dutyDeltaMost: number;
  /** A value is not quoted on when it was not told, and nothing of its underlying was, for this long, seconds. */
  theoAgeSeconds: number;
  /** Below this confidence (0 to 100) nothing is quoted. */
  leastConfidence: number;
  /** A resting price that is off by no more than this part of the half width is left alone. */
  tolerance: number;
  /** Absolute deltas that are quoted. */
  deltaLeast: number;
  deltaMost: number;
  events: readonly CalendarEvent[];
  /** The perpetual is quoted too, by the whole delta of its underlying; absent: it serves for hedges alone. */
  perpetual?: Partial<PerpetualSettings>;
  overrides: readonly QuoteOverride[];
}

export const QUOTING_DEFAULTS: QuotingSettings = {
  model: QuoteModelCode.OPTIONS,
  amount: 10,
  vegaClip: 6000,
  leadTicks: 1,
  alpha: 0.7,
  beta: 30,
  aversion: 0.3,
  horizonHours: 4,
  volOfVariance: 1,
  spotCorrelation: -0.5,
  vegaLimit: 4e5,
  typicalFills: [
    { vega: 1000, perYear: 3e5 },
    { vega: 5000, perYear: 3e5 },
    { vega: 20_000, perYear: 1e5 },
  ],
  halfWidth: 0.0005,
  relativeHalfWidth: 0.03,
  midSkew: 1,
  positionLimit: 300,
  positionSkew: 0.004,
  deltaSkew: 0.000_05,
  deltaScale: 1,
  gammaSkew: 0.1,
  gammaScaleUsd: 500_000,
  edgeTicks: 0.5,
  edgeVol: 0,
  edgeHedge: 0.000_1,
  edgeAdverse: 0.3,
  edgeSizeStep: 0.5,
  edgeSizeMost: 1,
  edgeClips: 2,
  edgeKept: 1,
  uncertainty: 0.25,
  regime: [0, 0, 0.5, 2],
  expiryDays: 2,
  expiryWidening: 0.25,
  expiryMost: 4,
  markout: 0.5,
  markoutMemory: 50,
  toxicity: 1,
  flowSkew: 0,
  deltaWidths: [1.6, 1.2, 1, 1, 1.2],
  dutyWidth: 0.2,
  dutyTicks: 10,
  dutyAmount: 1,
  dutyDeltaLeast: 0.05,
  dutyDeltaMost: 0.8,
  theoAgeSeconds: 60,
  leastConfidence: 5,
  tolerance: 0.15,
  deltaLeast: 0,
  deltaMost: 1,
  events: [],
  overrides: [],
};

/**
 * What quotes on the simulated venue and on paper unless something else is said: the settings that the comparison of models has chosen there
 * (bench/economics/economics.md). Amounts grow with the edge up to five times; live runs keep the defaults, which risk less.
 */
export const TUNED_QUOTING: Readonly<Partial<QuotingSettings>> = { edgeSizeMost: 5, edgeClips: 3, aversion: 0.3 };

/** Least and greatest value of every setting that is a number. */
const QUOTING_BOUNDS: Readonly<Partial<Record<keyof QuotingSettings, readonly [number, number]>>> = {
  model: [1, 3],
  amount: [1, 1e6],
  vegaClip: [1, 1e12],
  leadTicks: [0, 100],
  alpha: [-20, 20],
  beta: [1, 1e5],
  aversion: [0, 1],
  horizonHours: [0.01, 24],
  volOfVariance: [0, 20],
  spotCorrelation: [-1, 1],
  vegaLimit: [1, 1e12],
  halfWidth: [0, 1e6],
  relativeHalfWidth: [0, 1],
  midSkew: [0, 100],
  positionLimit: [1, 1e9],
  positionSkew: [0, 1],
  deltaSkew: [0, 0.1],
  deltaScale: [1e-6, 1e6],
  edgeTicks: [0, 1000],
  edgeVol: [0, 1],
  edgeHedge: [0, 0.01],
  edgeAdverse: [0, 10],
  edgeSizeStep: [0.01, 1000],
  edgeSizeMost: [1, 1000],
  edgeClips: [1, 1000],
  edgeKept: [0, 10],
  gammaSkew: [0, 10],
  gammaScaleUsd: [1, 1e12],
  uncertainty: [0, 10],
  expiryDays: [0, 365],
  expiryWidening: [0, 100],
  expiryMost: [0, 100],
  markout: [0, 10],
  markoutMemory: [1, 1e6],
  toxicity: [0, 100],
  flowSkew: [0, 0.1],
  dutyWidth: [0.001, 10],
  dutyTicks: [1, 1e4],
  dutyAmount: [0, 1e6],
  dutyDeltaLeast: [0, 1],
  dutyDeltaMost: [0, 1],
  theoAgeSeconds: [0.01, 1e5],
  leastConfidence: [0, 100],
  tolerance: [0, 1],
  deltaLeast: [0, 1],
  deltaMost: [0, 1],
};

/** The settings with these changes. @throws RangeError that names the setting, what was expected and what was found */
export function quotingSettings(changes: Partial<QuotingSettings> = {}): QuotingSettings {
  const settings = { ...QUOTING_DEFAULTS, ...changes };
  for (const [name, bounds] of Object.entries(QUOTING_BOUNDS)) {
    bound(`quoting.${name}`, settings[name as keyof QuotingSettings] as number, bounds[0], bounds[1]);
  }
  settings.regime.forEach((value, place) => {
    bound(`quoting.regime[${place}]`, value, 0, 100);
  });
  settings.deltaWidths.forEach((value, place) => {
    bound(`quoting.deltaWidths[${place}]`, value, 0.01, 100);
  });
  settings.typicalFills.forEach(({ vega, perYear }, place) => {
    bound(`quoting.typicalFills[${place}].vega`, vega, 1e-9, settings.vegaLimit);
    bound(`quoting.typicalFills[${place}].perYear`, perYear, 1e-9, 1e9);
  });
  settings.events.forEach(({ beforeSeconds, afterSeconds, widening }, place) => {
    bound(`quoting.events[${place}].beforeSeconds`, beforeSeconds, 0, 1e7);
    bound(`quoting.events[${place}].afterSeconds`, afterSeconds, 0, 1e7);
    bound(`quoting.events[${place}].widening`, widening, 0, 100);
  });
  settings.overrides.forEach(({ width, size }, place) => {
    bound(`quoting.overrides[${place}].width`, width, 0.01, 100);
    bound(`quoting.overrides[${place}].size`, size, 0, 100);
  });
  if (settings.perpetual !== undefined) perpetualSettings(settings.perpetual);
  if (settings.typicalFills.length === 0)
    throw new RangeError('quoting.typicalFills: expected at least one, found none');
  return settings;
}

function bound(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) {
    throw new RangeError(
      `${name}: expected a number from ${least} to ${most}, found ${value}; set it within its bounds`,
    );
  }
}

/** Bucket of an absolute delta. */
export function deltaBucket(delta: number): number {
  let bucket = 0;
  while (bucket < DELTA_EDGES.length && delta >= DELTA_EDGES[bucket]!) bucket++;
  return bucket;
}

/** Bucket of a time to expiry in years of 365 days. */
export function tenorBucket(years: number): number {
  let bucket = 0;
  while (bucket < TENOR_EDGES.length && years * 365 >= TENOR_EDGES[bucket]!) bucket++;
  return bucket;
}
