/**
 * Every number that shapes the simulated market. They are fixed: a strategy is judged in the world of a version, and a world that
 * changes takes a new version. docs/world.md tells where each was calibrated.
 */
export const WORLD_VERSION = 1;

/** A mean-reverting Gaussian factor (Ornstein-Uhlenbeck). */
export interface FactorParameters {
  /** Time in which a deviation halves. */
  halfLifeMs: number;
  /** Standard deviation in the long run. */
  deviation: number;
}

/** A factor of log volatility. */
export interface VolFactorParameters extends FactorParameters {
  /** Correlation of its shocks with those of the index, -1 .. 1. */
  spotCorrelation: number;
}

export interface IndexParameters {
  /** USD at the start. */
  price: number;
  /** Median volatility, a fraction a year, without jumps and season. */
  medianVol: number;
  /** Factors of log volatility, slowest first. Those that live long enough move the implied surface too. */
  volFactors: VolFactorParameters[];
  /** Jumps a day. */
  jumpsPerDay: number;
  /** Standard deviation of a jump, in standard deviations of a minute's return at median vol. */
  jumpMinutes: number;
  /** What a jump adds to log volatility at once, and how fast that halves. */
  jumpKick: number;
  jumpKickHalfLifeMs: number;
}

export interface BasisParameters {
  /** Annualised basis of futures long dated, and of those near expiry less that: Nelson and Siegel's level and slope. */
  level: FactorParameters & { mean: number };
  slope: FactorParameters & { mean: number };
  /** Days over which slope gives way to level. */
  scaleDays: number;
  /** Relative premium of the perpetual over the index. */
  perpetual: FactorParameters & { mean: number };
}

/** The smile at one time to expiry: its median over the recorded chains. */
export interface SmileKnot {
  days: number;
  /** Vol at the money, a fraction a year. */
  atmVol: number;
  /** eSSVI's correlation. */
  rho: number;
  /** eSSVI's psi over the square root of theta: curvature in standard deviations. */
  curvature: number;
  /** What one standard deviation of the skew factor adds to rho. */
  rhoDeviation: number;
}

export interface SurfaceParameters {
  /** By rising days; between them interpolated in the logarithm of time. */
  knots: SmileKnot[];
  skew: FactorParameters & { spotCorrelation: number };
}

/** How a tight maker's half-spread comes about; prices in coin per unit of the underlying. */
export interface SpreadParameters {
  /** Volatility points as a fraction (0.01 is a point), times vega. */
  vol: number;
  /** More of that near expiry: times (1 + nearDays / days to expiry). */
  nearDays: number;
  /** More of that far from expiry: times (1 + days to expiry / farDays). */
  farDays: number;
  /** And more far out of the money: times (1 + wing (1 / (|delta| + 0.02) - 1 / 0.52)), below delta one half. */
  wing: number;
  /** Hedging costs: part of the underlying, times |delta| while it is below one half. */
  hedge: number;
  /** Of options in the money, by x = |delta| - 1/2: linear, and squared. */
  inTheMoney: number;
  inTheMoneySquared: number;
  /** Least half-spread. */
  least: number;
}

export interface MakerParameters {
  name: string;
  /** Age of the market that it sees. */
  latencyMs: number;
  /** Time from one look at the market to the next. */
  lookMs: number;
  /** Multiplies the half-spread of `SpreadParameters`. */
  width: number;
  /** Standard deviation of its opinion of the vol of an expiry, as a part of the vol, and how fast it changes. */
  volNoise: FactorParameters;
  /** Standard deviation of the log of its width from option to option. */
  widthDeviation: number;
  /** Part of the options out of the money that it quotes, and of those deep in the money. */
  coverage: number;
  deepCoverage: number;
  /** And of those deep in the money that expire in half a year or later. */
  longDeepCoverage: number;
  /** Amounts: median in the underlying, and standard deviation of the logarithm. */
  amount: number;
  amountDeviation: number;
  /** Relative move of the forward after which it reviews an expiry. */
  moveThreshold: number;
  /** Longest time between two reviews of an expiry. */
  oldestMs: number;
  /** How far it shifts its vols against its position: at most so much, as a fraction of vol, reached at `vegaLimit`. */
  inventoryShift: number;
  /** Vega, coin per 1.00 of vol. */
  vegaLimit: number;
  /** Net delta in coin beyond which it hedges on the perpetual, all of it; and how often it looks. */
  deltaLimit: number;
  stockMs: number;
}

/** A self-exciting stream of orders: Hawkes with one exponential kernel. */
export interface HawkesParameters {
  /** Events a second in the long run, at season 1. */
  rate: number;
  /** Part of the events that are answers to earlier ones, 0 .. 1. */
  branching: number;
  /** Time in which the excitement halves. */
  halfLifeMs: number;
  /** Part of the answers that keep the side of what they answer. */
  sameSide: number;
}

export interface OptionTakerParameters {
  flow: HawkesParameters;
  /** Part of them that lean on what they know: they pay the spread like all, but on the side that will have been right by then. */
  leaning: number;
  leaningHorizonMs: number;
  /** Looks a second of takers that see ahead. */
  informedRate: number;
  /** How far they see, and how much of what they see they believe: 0 is blind, 1 the whole move. */
  horizonMs: number;
  strength: number;
  /** Least edge after the venue's fee at which they trade, as a part of the underlying. */
  edge: number;
  /** Others pay at most so much more than fair: a part of the underlying, and of the option's price. */
  patience: number;
  pricePatience: number;
  /** Amounts in the underlying. */
  amount: number;
  amountDeviation: number;
  /** Block-sized sweeps: part of the orders, and their amounts as a multiple. */
  sweeps: number;
  sweepMultiple: number;
  /** Options looked at by an informed taker before it chooses. */
  looks: number;
  /** Passive orders inside the spread: a second, and how long they live. */
  passiveRate: number;
  passiveLifeMs: number;
}

export interface FuturesFlowParameters {
  /** The maker's ladder: relative distances of its levels from fair. */
  ladder: number[];
  /** USD on the first level of the perpetual, and how much more on each next one. */
  firstLevel: number;
  levelGrowth: number;
  latencyMs: number;
  /** Time from one look at the perpetual, and from one future to the next, to the next look. */
  perpetualLookMs: number;
  futureLookMs: number;
  /** The ladder on each future. */
  futureLadder: number[];
  /** Market orders on the perpetual. */
  taker: HawkesParameters;
  takerAmount: number;
  takerAmountDeviation: number;
  /** Limit orders by depth on the perpetual: a second; mean distance from the touch (relative), and life. */
  limit: HawkesParameters;
  limitDepth: number;
  limitLifeMs: number;
  limitAmount: number;
  /** Market orders on futures, a second, over all of them. */
  futureTakerRate: number;
  /** Informed takers on the perpetual: looks a second, horizon, belief and least edge. */
  informedRate: number;
  informedHorizonMs: number;
  informedStrength: number;
  informedEdge: number;
}

export interface CurrencyParameters {
  name: string;
  index: IndexParameters;
  basis: BasisParameters;
  surface: SurfaceParameters;
  spread: SpreadParameters;
  /** Strikes near the money are spaced by the step of the first row whose `below` exceeds the price. */
  strikeSteps: { below: number; step: number }[];
  /** Amounts of options are multiples of this: a coin of less value is traded in more of them. */
  amountScale: number;
}

export interface WorldParameters {
  version: number;
  /** Milliseconds since the Unix epoch. */
  startTime: number;
  /** Time step of indices and factors. */
  stepMs: number;
  /** Correlation of the indices' shocks, and of their vol factors' own shocks. */
  spotCorrelation: number;
  volCorrelation: number;
  /** Part of the jumps that both indices take. */
  commonJumps: number;
  /** Volatility by hour of the day, UTC, and by day of the week, Sunday first; means of squares are 1. */
  hours: number[];
  days: number[];
  /** Strikes of each expiry. */
  strikes: number;
  /** Fair vols of an expiry are published when the forward has moved so far, or so long has passed. */
  markMove: number;
  markMs: number;
  currencies: CurrencyParameters[];
  makers: MakerParameters[];
  optionTakers: OptionTakerParameters;
  futures: FuturesFlowParameters;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const BTC: CurrencyParameters = {
  name: 'BTC',
  index: {
    price: 90_000,
    medianVol: 0.28,
    volFactors: [
      { halfLifeMs: 120 * DAY, deviation: 0.06, spotCorrelation: -0.5 },
      { halfLifeMs: 15 * DAY, deviation: 0.2, spotCorrelation: -0.55 },
      { halfLifeMs: DAY, deviation: 0.34, spotCorrelation: -0.25 },
      { halfLifeMs: 90 * MINUTE, deviation: 0.4, spotCorrelation: -0.1 },
      { halfLifeMs: 2 * MINUTE, deviation: 0.35, spotCorrelation: 0 },
    ],
    jumpsPerDay: 4,
    jumpMinutes: 7,
    jumpKick: 0.8,
    jumpKickHalfLifeMs: 15 * MINUTE,
  },
  basis: {
    level: { mean: 0.04, halfLifeMs: 25 * DAY, deviation: 0.008 },
    slope: { mean: -0.035, halfLifeMs: 3 * DAY, deviation: 0.015 },
    scaleDays: 30,
    perpetual: { mean: 0.0001, halfLifeMs: 30 * MINUTE, deviation: 0.000_25 },
  },
  surface: {
    knots: [
      { days: 0.5, atmVol: 0.409, rho: -0.155, curvature: 0.77, rhoDeviation: 0.13 },
      { days: 1.5, atmVol: 0.4286, rho: -0.21, curvature: 0.745, rhoDeviation: 0.11 },
      { days: 2.5, atmVol: 0.438, rho: -0.23, curvature: 0.745, rhoDeviation: 0.105 },
      { days: 4, atmVol: 0.4519, rho: -0.245, curvature: 0.738, rhoDeviation: 0.095 },
      { days: 7, atmVol: 0.4577, rho: -0.245, curvature: 0.745, rhoDeviation: 0.08 },
      { days: 12, atmVol: 0.4682, rho: -0.282, curvature: 0.73, rhoDeviation: 0.075 },
      { days: 22, atmVol: 0.4679, rho: -0.282, curvature: 0.745, rhoDeviation: 0.072 },
      { days: 45, atmVol: 0.46, rho: -0.27, curvature: 0.75, rhoDeviation: 0.07 },
      { days: 80, atmVol: 0.4702, rho: -0.278, curvature: 0.735, rhoDeviation: 0.06 },
      { days: 150, atmVol: 0.4819, rho: -0.268, curvature: 0.735, rhoDeviation: 0.05 },
      { days: 300, atmVol: 0.4872, rho: -0.262, curvature: 0.725, rhoDeviation: 0.04 },
    ],
    skew: { halfLifeMs: 3 * DAY, deviation: 1, spotCorrelation: 0.3 },
  },
  spread: {
    vol: 0.0018,
    nearDays: 0.6,
    farDays: 700,
    wing: 0.08,
    hedge: 0.000_3,
    inTheMoney: 0.0015,
    inTheMoneySquared: 0.013,
    least: 0.000_01,
  },
  strikeSteps: [
    { below: 80_000, step: 500 },
    { below: Number.POSITIVE_INFINITY, step: 1000 },
  ],
  amountScale: 1,
};

const ETH: CurrencyParameters = {
  name: 'ETH',
  index: {
    price: 3000,
    medianVol: 0.425,
    volFactors: [
      { halfLifeMs: 120 * DAY, deviation: 0.05, spotCorrelation: -0.45 },
      { halfLifeMs: 15 * DAY, deviation: 0.175, spotCorrelation: -0.48 },
      { halfLifeMs: DAY, deviation: 0.32, spotCorrelation: -0.25 },
      { halfLifeMs: 90 * MINUTE, deviation: 0.38, spotCorrelation: -0.1 },
      { halfLifeMs: 2 * MINUTE, deviation: 0.35, spotCorrelation: 0 },
    ],
    jumpsPerDay: 4,
    jumpMinutes: 7.5,
    jumpKick: 0.8,
    jumpKickHalfLifeMs: 15 * MINUTE,
  },
  basis: {
    level: { mean: 0.036, halfLifeMs: 25 * DAY, deviation: 0.005 },
    slope: { mean: -0.022, halfLifeMs: 3 * DAY, deviation: 0.015 },
    scaleDays: 30,
    perpetual: { mean: 0.0001, halfLifeMs: 30 * MINUTE, deviation: 0.000_3 },
  },
  surface: {
    knots: [
      { days: 0.5, atmVol: 0.5454, rho: -0.118, curvature: 0.82, rhoDeviation: 0.13 },
      { days: 1.5, atmVol: 0.59, rho: -0.14, curvature: 0.785, rhoDeviation: 0.11 },
      { days: 2.5, atmVol: 0.5992, rho: -0.152, curvature: 0.78, rhoDeviation: 0.1 },
      { days: 4, atmVol: 0.6125, rho: -0.165, curvature: 0.785, rhoDeviation: 0.087 },
      { days: 7, atmVol: 0.6243, rho: -0.167, curvature: 0.775, rhoDeviation: 0.075 },
      { days: 12, atmVol: 0.6483, rho: -0.172, curvature: 0.765, rhoDeviation: 0.06 },
      { days: 22, atmVol: 0.6543, rho: -0.184, curvature: 0.755, rhoDeviation: 0.05 },
      { days: 45, atmVol: 0.6501, rho: -0.168, curvature: 0.7, rhoDeviation: 0.035 },
      { days: 80, atmVol: 0.661, rho: -0.16, curvature: 0.69, rhoDeviation: 0.027 },
      { days: 150, atmVol: 0.6681, rho: -0.148, curvature: 0.66, rhoDeviation: 0.027 },
      { days: 300, atmVol: 0.6672, rho: -0.143, curvature: 0.64, rhoDeviation: 0.022 },
    ],
    skew: { halfLifeMs: 3 * DAY, deviation: 1, spotCorrelation: 0.25 },
  },
  spread: {
    vol: 0.0026,
    nearDays: 0.6,
    farDays: 500,
    wing: 0.08,
    hedge: 0.000_35,
    inTheMoney: 0.003,
    inTheMoneySquared: 0.03,
    least: 0.000_015,
  },
  strikeSteps: [
    { below: 5000, step: 25 },
    { below: Number.POSITIVE_INFINITY, step: 50 },
  ],
  amountScale: 10,
};

/** The world that strategies are judged in. */
export const WORLD: WorldParameters = {
  version: WORLD_VERSION,
  startTime: Date.UTC(2026, 0, 2),
  stepMs: 250,
  spotCorrelation: 0.9,
  volCorrelation: 0.8,
  commonJumps: 0.7,
  // biome-ignore format: six hours a row
  hours: [
    1.1, 1.05, 0.95, 0.82, 0.78, 0.76,
    0.8, 0.81, 0.82, 0.81, 0.72, 0.8,
    0.87, 1.16, 1.5, 1.42, 1.26, 1.24,
    1.08, 1.01, 1.03, 1, 0.97, 0.87,
  ],
  days: [0.8, 1.12, 1.06, 1.06, 1.03, 1.1, 0.66],
  strikes: 16,
  markMove: 0.000_5,
  markMs: 2500,
  currencies: [BTC, ETH],
  makers: [
    {
      name: 'maker-tight',
      latencyMs: 50,
      lookMs: 50,
      width: 1,
      volNoise: { halfLifeMs: 10 * MINUTE, deviation: 0.003 },
      widthDeviation: 0.35,
      coverage: 0.97,
      deepCoverage: 0.65,
      longDeepCoverage: 0.15,
      amount: 8,
      amountDeviation: 1.1,
      moveThreshold: 0.000_07,
      oldestMs: 20_000,
      inventoryShift: 0.004,
      vegaLimit: 20,
      deltaLimit: 5,
      stockMs: 5000,
    },
    {
      name: 'maker-second',
      latencyMs: 150,
      lookMs: 100,
      width: 1.4,
      volNoise: { halfLifeMs: 20 * MINUTE, deviation: 0.005 },
      widthDeviation: 0.45,
      coverage: 0.9,
      deepCoverage: 0.5,
      longDeepCoverage: 0.15,
      amount: 12,
      amountDeviation: 1.1,
      moveThreshold: 0.000_15,
      oldestMs: 30_000,
      inventoryShift: 0.005,
      vegaLimit: 30,
      deltaLimit: 5,
      stockMs: 5000,
    },
    {
      name: 'maker-slow',
      latencyMs: 400,
      lookMs: 250,
      width: 2.2,
      volNoise: { halfLifeMs: 30 * MINUTE, deviation: 0.008 },
      widthDeviation: 0.5,
      coverage: 0.75,
      deepCoverage: 0.4,
      longDeepCoverage: 0.15,
      amount: 15,
      amountDeviation: 1.2,
      moveThreshold: 0.000_4,
      oldestMs: 60_000,
      inventoryShift: 0.006,
      vegaLimit: 40,
      deltaLimit: 5,
      stockMs: 5000,
    },
    {
      name: 'maker-backstop',
      latencyMs: 1000,
      lookMs: 1000,
      width: 18,
      volNoise: { halfLifeMs: HOUR, deviation: 0.01 },
      widthDeviation: 0.7,
      coverage: 0.97,
      deepCoverage: 0.85,
      longDeepCoverage: 0.92,
      amount: 5,
      amountDeviation: 1.2,
      moveThreshold: 0.002,
      oldestMs: 300_000,
      inventoryShift: 0,
      vegaLimit: 100,
      deltaLimit: 5,
      stockMs: 5000,
    },
  ],
  optionTakers: {
    flow: { rate: 0.15, branching: 0.55, halfLifeMs: 20_000, sameSide: 0.8 },
    leaning: 0.35,
    leaningHorizonMs: 300_000,
    informedRate: 1,
    horizonMs: 60_000,
    strength: 0.6,
    edge: 0.000_05,
    patience: 0.001,
    pricePatience: 0.2,
    amount: 1,
    amountDeviation: 1.3,
    sweeps: 0.01,
    sweepMultiple: 40,
    looks: 6,
    passiveRate: 0.1,
    passiveLifeMs: 60_000,
  },
  futures: {
    ladder: [0.000_002, 0.000_02, 0.000_1, 0.000_3, 0.001, 0.003],
    firstLevel: 20_000,
    levelGrowth: 2,
    latencyMs: 20,
    perpetualLookMs: 250,
    futureLookMs: 300,
    futureLadder: [0.000_08, 0.000_4],
    taker: { rate: 1.5, branching: 0.7, halfLifeMs: 3000, sameSide: 0.75 },
    takerAmount: 1500,
    takerAmountDeviation: 1.6,
    limit: { rate: 8, branching: 0.6, halfLifeMs: 1500, sameSide: 0.6 },
    limitDepth: 0.000_25,
    limitLifeMs: 5000,
    limitAmount: 2000,
    futureTakerRate: 0.05,
    informedRate: 0.5,
    informedHorizonMs: 2000,
    informedStrength: 0.5,
    informedEdge: 0.000_03,
  },
};
