import { z } from 'zod';
import type { CheckName } from './risk-code.js';

/** What becomes of whoever breaks a limit, in the words of the reference. Left out of a limit: the intent is refused. */
const LimitAction = {
  REFUSES: 'refuses what would break it',
  PULLS: 'pulls the quotes of the underlying, and refuses new ones while it lasts',
  REDUCES: 'reduces everything until an operator says otherwise',
  REDUCES_IT: 'reduces it until an operator says otherwise',
  HALTS: 'halts everything until an operator says otherwise',
} as const;

interface Limit {
  unit: string;
  /** The check that holds it: its code and what it is of. */
  check: CheckName;
  /** The value in the shipped configuration: a small desk's on the simulated venue. */
  initial: number;
  meaning: string;
  action?: (typeof LimitAction)[keyof typeof LimitAction];
  /** Left out: a larger number is the laxer one. */
  laxerIsSmaller?: true;
}

/**
 * Every limit there is. Order gives each its number in records; new ones are added at the end. Configuration, commands, screens, metrics and the reference in
 * docs/limits.md take their rows from here.
 */
export const LIMITS = {
  orderUsd: {
    unit: 'USD',
    check: 'NOTIONAL',
    initial: 2_000_000,
    meaning: 'greatest value of one order, by the index',
  },
  hedgeOrderUsd: { unit: 'USD', check: 'HEDGE_CLIP', initial: 1_000_000, meaning: 'greatest value of one hedge order' },
  fromTheoVol: {
    unit: 'vol',
    check: 'FAR_FROM_THEO',
    initial: 0.05,
    meaning: 'how far on the wrong side of theo an option may be priced, as a change of its volatility',
  },
  fromMark: {
    unit: 'fraction',
    check: 'FAR_FROM_MARK',
    initial: 0.01,
    meaning: 'how far on the wrong side of the mark a future may be priced',
  },
  positionUsd: {
    unit: 'USD',
    check: 'POSITION',
    initial: 5_000_000,
    meaning: 'greatest position in one option, by the index',
  },
  hedgePositionUsd: {
    unit: 'USD',
    check: 'POSITION',
    initial: 50_000_000,
    meaning: 'greatest position in one future or perpetual',
  },
  expiryDeltaUsd: {
    unit: 'USD',
    check: 'EXPIRY_DELTA',
    initial: 10_000_000,
    meaning: 'greatest delta of one expiry, all that rests filled on one side',
  },
  expiryVega: {
    unit: 'USD per vol point',
    check: 'EXPIRY_VEGA',
    initial: 200_000,
    meaning: 'greatest vega of one expiry, all that rests filled on one side',
  },
  deltaUsd: {
    unit: 'USD',
    check: 'DELTA',
    initial: 20_000_000,
    meaning: 'greatest delta of one underlying, all that rests filled on one side',
  },
  vega: {
    unit: 'USD per vol point',
    check: 'VEGA',
    initial: 400_000,
    meaning: 'greatest vega of one underlying, all that rests filled on one side',
  },
  shortGammaUsd: {
    unit: 'USD per %',
    check: 'GAMMA',
    initial: 4_000_000,
    meaning: 'greatest short gamma of one underlying: change of delta in USD for a move of one per cent',
  },
  shortOptionsUsd: {
    unit: 'USD',
    check: 'SHORT_OPTIONS',
    initial: 100_000_000,
    meaning: 'greatest value, by the index, of options sold on one underlying',
  },
  scenarioLossUsd: {
    unit: 'USD',
    check: 'SCENARIO',
    initial: 10_000_000,
    meaning: 'greatest loss of one underlying over the grid of moves',
  },
  pinUsd: {
    unit: 'USD',
    check: 'PIN',
    initial: 10_000_000,
    meaning: 'greatest value, by the index, near its strike on its last day',
  },
  marginUse: {
    unit: 'fraction',
    check: 'MARGIN',
    initial: 0.8,
    meaning: 'greatest share of the equity that is tied up as initial margin',
  },
  openOrders: { unit: 'orders', check: 'OPEN_ORDERS', initial: 4_000, meaning: 'greatest number of orders at work' },
  inFlight: {
    unit: 'requests',
    check: 'IN_FLIGHT',
    initial: 1_000,
    meaning: 'greatest number of requests without an answer',
  },
  requestsPerSecond: {
    unit: 'per second',
    check: 'RATE',
    initial: 2_000,
    meaning: 'requests that add risk, of all kinds',
  },
  repeatsPerSecond: {
    unit: 'per second',
    check: 'REPEAT',
    initial: 20,
    meaning: 'requests for one side of one instrument',
  },
  rejectsPerMinute: {
    unit: 'per minute',
    check: 'REJECT_STORM',
    initial: 600,
    meaning: 'requests that the venue rejects',
  },
  dayLossUsd: {
    unit: 'USD',
    check: 'DAY_LOSS',
    initial: 1_000_000,
    action: LimitAction.HALTS,
    meaning: 'greatest loss since 08:00 UTC',
  },
  drawdownUsd: {
    unit: 'USD',
    check: 'DRAWDOWN',
    initial: 2_000_000,
    action: LimitAction.HALTS,
    meaning: 'greatest fall from the highest profit',
  },
  minuteLossUsd: {
    unit: 'USD',
    check: 'MINUTE_LOSS',
    initial: 500_000,
    action: LimitAction.HALTS,
    meaning: 'greatest loss within a minute',
  },
  mmpAmountUsd: {
    unit: 'USD',
    check: 'LOCAL_MMP',
    initial: 5_000_000,
    action: LimitAction.PULLS,
    meaning: 'greatest value, by the index, filled on one underlying within a window',
  },
  mmpDeltaUsd: {
    unit: 'USD',
    check: 'LOCAL_MMP',
    initial: 3_000_000,
    action: LimitAction.PULLS,
    meaning: 'greatest net delta filled on one underlying within a window',
  },
  mmpVega: {
    unit: 'USD per vol point',
    check: 'LOCAL_MMP',
    initial: 60_000,
    action: LimitAction.PULLS,
    meaning: 'greatest net vega filled on one underlying within a window',
  },
  underlyingAgeSeconds: {
    unit: 's',
    check: 'UNDERLYING_STALE',
    initial: 5,
    meaning: 'longest silence of an underlying',
  },
  divergence: {
    unit: 'fraction',
    check: 'DIVERGENCE',
    initial: 0.25,
    meaning: 'greatest distance of a forward from the index',
  },
  expiryMinutes: {
    unit: 'minutes',
    check: 'EXPIRING',
    initial: 5,
    meaning: 'no new risk within this time before an expiry',
    laxerIsSmaller: true,
  },
  fromTheoTicks: {
    unit: 'ticks',
    check: 'FAR_FROM_THEO',
    initial: 150,
    meaning: 'how many ticks on the wrong side of theo an option may be priced',
  },
  fromMarkVol: {
    unit: 'vol',
    check: 'FAR_FROM_MARK',
    initial: 0.2,
    meaning: 'how far on the wrong side of the mark an option may be priced, as a change of its volatility',
  },
  orderDeltaUsd: {
    unit: 'USD',
    check: 'ORDER_DELTA',
    initial: 2_000_000,
    meaning: 'greatest delta of one order, by the index',
  },
  openInterestShare: {
    unit: 'fraction',
    check: 'CONCENTRATION',
    initial: 0.5,
    meaning: 'greatest share of the open interest that a position worth more than one order may come to',
  },
  thetaUsd: {
    unit: 'USD per day',
    check: 'THETA',
    initial: 500_000,
    meaning: 'greatest loss of one underlying by a day that passes, all that rests filled on one side',
  },
  weightedVega: {
    unit: 'USD per vol point',
    check: 'WEIGHTED_VEGA',
    initial: 1_000_000,
    meaning:
      'greatest vega of one underlying, each expiry times the root of 30 days over its time, all that rests filled on one side',
  },
  skewVega: {
    unit: 'USD per vol point',
    check: 'SKEW_VEGA',
    initial: 400_000,
    meaning: "greatest vega of one underlying against a risk reversal: of its calls' side less that of its puts' side",
  },
  wingVega: {
    unit: 'USD per vol point',
    check: 'WING_VEGA',
    initial: 400_000,
    meaning: 'greatest vega of one underlying against a butterfly: of strikes beyond one standard deviation',
  },
  vannaUsd: {
    unit: 'USD per vol point',
    check: 'VANNA',
    initial: 5_000_000,
    meaning:
      'greatest change of the delta of one underlying for a point of volatility, all that rests filled on one side',
  },
  volga: {
    unit: 'USD per vol point squared',
    check: 'VOLGA',
    initial: 100_000,
    meaning:
      'greatest change of the vega of one underlying for a point of volatility, all that rests filled on one side',
  },
  nakedWingsUsd: {
    unit: 'USD',
    check: 'NAKED_WINGS',
    initial: 100_000_000,
    meaning:
      'greatest value, by the index, of wings of one underlying that are sold and not covered by bought ones of their expiry and side',
  },
  rhoUsd: {
    unit: 'USD per %',
    check: 'RHO',
    initial: 1_000_000,
    meaning: 'greatest loss of one underlying when the carry of every expiry moves by one per cent a year',
  },
  markoutLossUsd: {
    unit: 'USD',
    check: 'MARKOUT',
    initial: 250_000,
    action: LimitAction.PULLS,
    meaning:
      'greatest loss of one underlying within about five minutes by what its options were worth ten seconds after each fill',
  },
  fillsPerMinute: {
    unit: 'per minute',
    check: 'FILL_RATE',
    initial: 3_000,
    action: LimitAction.PULLS,
    meaning: 'fills of options of one underlying',
  },
  oneSidedFills: {
    unit: 'fills',
    check: 'ONE_SIDED',
    initial: 1_000,
    action: LimitAction.PULLS,
    meaning: 'greatest surplus of options bought or sold on one underlying within about a minute, in fills',
  },
  hedgesPerMinute: {
    unit: 'per minute',
    check: 'HEDGE_RATE',
    initial: 1_200,
    meaning: 'requests that hedge one underlying',
  },
  hedgeSlippageUsd: {
    unit: 'USD',
    check: 'HEDGE_SLIPPAGE',
    initial: 250_000,
    meaning:
      'greatest cost since 08:00 UTC of hedges against the mark; beyond it none takes the other side of the market',
  },
  clockOffsetSeconds: {
    unit: 's',
    check: 'CLOCK_OFFSET',
    initial: 5,
    meaning: 'greatest difference between the clock of the venue and ours, while trading live',
  },
  ackLatencyMs: {
    unit: 'ms',
    check: 'ACK_LATENCY',
    initial: 3_000,
    meaning: 'greatest 99th percentile of the last 100 answers of the venue',
  },
  perpetualDivergence: {
    unit: 'fraction',
    check: 'PERPETUAL_DIVERGENCE',
    initial: 0.05,
    meaning: 'greatest distance of a perpetual from its index',
  },
  tieOutUsd: {
    unit: 'USD',
    check: 'TIE_OUT',
    initial: 250_000,
    action: LimitAction.REDUCES,
    meaning: 'greatest difference of a day between our count of the money and that of the venue',
  },
  grossDeltaUsd: {
    unit: 'USD',
    check: 'GROSS_DELTA',
    initial: 100_000_000,
    meaning: 'greatest sum of the deltas held of one underlying, instrument by instrument and whatever their sign',
  },
  unwindingUsd: {
    unit: 'USD',
    check: 'UNWINDING',
    initial: 2_000_000,
    meaning:
      'greatest cost of selling and buying back all that is held of one underlying at the best prices of the books; without one on its side a position counts as lost',
  },
  valueAtRiskUsd: {
    unit: 'USD',
    check: 'VALUE_AT_RISK',
    initial: 5_000_000,
    meaning:
      'greatest loss of one underlying within the move of a day that 99 days of a hundred stay within, by the volatility of what is held and the grid of moves',
  },
  strategyLossUsd: {
    unit: 'USD',
    check: 'STRATEGY_LOSS',
    initial: 1_500_000,
    action: LimitAction.REDUCES_IT,
    meaning: 'greatest loss of one strategy by its own fills, at theoretical values and marks',
  },
  expiryLossUsd: {
    unit: 'USD',
    check: 'EXPIRY_LOSS',
    initial: 1_000_000,
    action: LimitAction.REDUCES_IT,
    meaning: 'greatest loss of one expiry of an underlying, realised and unrealised',
  },
  marginAfterFill: {
    unit: 'fraction',
    check: 'MARGIN_AFTER_FILL',
    initial: 0.9,
    meaning:
      'greatest share of the equity that initial margin would be, by our own count of standard margin, with all that rests of each instrument at its worst',
  },
  maintenanceUse: {
    unit: 'fraction',
    check: 'MAINTENANCE',
    initial: 0.8,
    action: LimitAction.REDUCES,
    meaning: 'greatest share of the equity that maintenance margin may come to; at 1 the venue liquidates',
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;

export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[];

/** Place of each limit in an array, and its number in records. */
export const LIMIT = Object.freeze(Object.fromEntries(LIMIT_NAMES.map((name, place) => [name, place]))) as Readonly<
  Record<LimitName, number>
>;

export type RiskLimits = Record<LimitName, number>;

/** A whole set of limits: every one is stated, because one that is missing would be none. */
const riskLimits: z.ZodType<RiskLimits> = z.strictObject(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, z.number().nonnegative().finite()])) as Record<
    LimitName,
    z.ZodNumber
  >,
);

/** The limits of a configuration. @throws Error which of them are missing, no numbers, or no limits at all */
export function checkedLimits(limits: Partial<Record<string, number>>): RiskLimits {
  const found = riskLimits.safeParse(limits);
  if (found.success) return found.data;
  const wrong = found.error.issues.map(({ path, message }) => `${path.join('.') || 'limits'}: ${message}`);
  throw new Error(
    `risk needs every limit as a number from 0 on, and nothing else; wrong in the configuration: ${wrong.join('; ')}. docs/limits.md has all with their defaults`,
  );
}

/** Limits for the simulated venue: a small desk's. Live trading states its own. */
export const SIMULATION_LIMITS = Object.freeze(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMITS[name].initial])),
) as RiskLimits;

/** What becomes of whoever breaks a limit. */
export function actionOf(name: LimitName): string {
  const { action = LimitAction.REFUSES }: Limit = LIMITS[name];
  return action;
}
