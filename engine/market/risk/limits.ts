import { z } from 'zod';
import type { CheckName } from './risk-code.js';

/**
 * Every limit there is: its unit, which check holds it, and whether a larger number is the laxer one. Order gives each its number
 * in records; new ones are added at the end.
 */
export const LIMITS = {
  orderUsd: { unit: 'USD', check: 'NOTIONAL', meaning: 'greatest value of one order, by the index' },
  hedgeOrderUsd: { unit: 'USD', check: 'HEDGE_CLIP', meaning: 'greatest value of one hedge order' },
  fromTheoVol: {
    unit: 'vol',
    check: 'FAR_FROM_THEO',
    meaning: 'how far on the wrong side of theo an option may be priced, as a change of its volatility',
  },
  fromMark: {
    unit: 'fraction',
    check: 'FAR_FROM_MARK',
    meaning: 'how far on the wrong side of the mark a future may be priced',
  },
  positionUsd: { unit: 'USD', check: 'POSITION', meaning: 'greatest position in one option, by the index' },
  hedgePositionUsd: { unit: 'USD', check: 'POSITION', meaning: 'greatest position in one future or perpetual' },
  expiryDeltaUsd: {
    unit: 'USD',
    check: 'EXPIRY_DELTA',
    meaning: 'greatest delta of one expiry, all that rests filled on one side',
  },
  expiryVega: {
    unit: 'USD per vol point',
    check: 'EXPIRY_VEGA',
    meaning: 'greatest vega of one expiry, all that rests filled on one side',
  },
  deltaUsd: {
    unit: 'USD',
    check: 'DELTA',
    meaning: 'greatest delta of one underlying, all that rests filled on one side',
  },
  vega: {
    unit: 'USD per vol point',
    check: 'VEGA',
    meaning: 'greatest vega of one underlying, all that rests filled on one side',
  },
  shortGammaUsd: {
    unit: 'USD per %',
    check: 'GAMMA',
    meaning: 'greatest short gamma of one underlying: change of delta in USD for a move of one per cent',
  },
  shortOptionsUsd: {
    unit: 'USD',
    check: 'SHORT_OPTIONS',
    meaning: 'greatest value, by the index, of options sold on one underlying',
  },
  scenarioLossUsd: {
    unit: 'USD',
    check: 'SCENARIO',
    meaning: 'greatest loss of one underlying over the grid of moves',
  },
  pinUsd: { unit: 'USD', check: 'PIN', meaning: 'greatest value, by the index, near its strike on its last day' },
  marginUse: {
    unit: 'fraction',
    check: 'MARGIN',
    meaning: 'greatest share of the equity that is tied up as initial margin',
  },
  openOrders: { unit: 'orders', check: 'OPEN_ORDERS', meaning: 'greatest number of orders at work' },
  inFlight: { unit: 'requests', check: 'IN_FLIGHT', meaning: 'greatest number of requests without an answer' },
  requestsPerSecond: { unit: 'per second', check: 'RATE', meaning: 'requests that add risk, of all kinds' },
  repeatsPerSecond: { unit: 'per second', check: 'REPEAT', meaning: 'requests for one side of one instrument' },
  rejectsPerMinute: { unit: 'per minute', check: 'REJECT_STORM', meaning: 'requests that the venue rejects' },
  dayLossUsd: { unit: 'USD', check: 'DAY_LOSS', meaning: 'greatest loss since 08:00 UTC' },
  drawdownUsd: { unit: 'USD', check: 'DRAWDOWN', meaning: 'greatest fall from the highest profit' },
  minuteLossUsd: { unit: 'USD', check: 'MINUTE_LOSS', meaning: 'greatest loss within a minute' },
  mmpAmountUsd: {
    unit: 'USD',
    check: 'LOCAL_MMP',
    meaning: 'greatest value, by the index, filled on one underlying within a window',
  },
  mmpDeltaUsd: {
    unit: 'USD',
    check: 'LOCAL_MMP',
    meaning: 'greatest net delta filled on one underlying within a window',
  },
  mmpVega: {
    unit: 'USD per vol point',
    check: 'LOCAL_MMP',
    meaning: 'greatest net vega filled on one underlying within a window',
  },
  underlyingAgeSeconds: { unit: 's', check: 'UNDERLYING_STALE', meaning: 'longest silence of an underlying' },
  divergence: { unit: 'fraction', check: 'DIVERGENCE', meaning: 'greatest distance of a forward from the index' },
  expiryMinutes: {
    unit: 'minutes',
    check: 'EXPIRING',
    meaning: 'no new risk within this time before an expiry',
    laxerIsSmaller: true,
  },
} as const satisfies Record<string, { unit: string; check: CheckName; meaning: string; laxerIsSmaller?: true }>;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[];

/** Place of each limit in an array, and its number in records. */
export const LIMIT = Object.freeze(Object.fromEntries(LIMIT_NAMES.map((name, place) => [name, place]))) as Readonly<
  Record<LimitName, number>
>;

export type RiskLimits = Record<LimitName, number>;

/** A whole set of limits: every one is stated, because one that is missing would be none. */
export const riskLimits: z.ZodType<RiskLimits> = z.strictObject(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, z.number().nonnegative().finite()])) as Record<
    LimitName,
    z.ZodNumber
  >,
);

/** Limits for the simulated venue: a small desk's. */
export const SIMULATION_LIMITS: RiskLimits = {
  orderUsd: 2_000_000,
  hedgeOrderUsd: 1_000_000,
  fromTheoVol: 0.05,
  fromMark: 0.01,
  positionUsd: 5_000_000,
  hedgePositionUsd: 50_000_000,
  expiryDeltaUsd: 10_000_000,
  expiryVega: 200_000,
  deltaUsd: 20_000_000,
  vega: 400_000,
  shortGammaUsd: 4_000_000,
  shortOptionsUsd: 100_000_000,
  scenarioLossUsd: 10_000_000,
  pinUsd: 10_000_000,
  marginUse: 0.8,
  openOrders: 2_000,
  inFlight: 1_000,
  requestsPerSecond: 2_000,
  repeatsPerSecond: 20,
  rejectsPerMinute: 600,
  dayLossUsd: 1_000_000,
  drawdownUsd: 2_000_000,
  minuteLossUsd: 500_000,
  mmpAmountUsd: 5_000_000,
  mmpDeltaUsd: 3_000_000,
  mmpVega: 60_000,
  underlyingAgeSeconds: 5,
  divergence: 0.25,
  expiryMinutes: 5,
};
