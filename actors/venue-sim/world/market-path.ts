import type { CurrencyParameters, FactorParameters, WorldParameters } from './parameters.js';
import { RandomStream } from './random.js';
import { Season } from './season.js';

/** Columns of a row of the path: what the market of one currency is at one time. */
export const Column = {
  /** Natural logarithm of the index, USD. */
  LOG_INDEX: 0,
  /** Annualised basis of long futures, and of those near expiry less that. */
  BASIS_LEVEL: 1,
  BASIS_SLOPE: 2,
  /** Relative premium of the perpetual over the index. */
  PREMIUM: 3,
  /** Skew, in standard deviations. */
  SKEW: 4,
  /** The first of the factors of log volatility. */
  VOL: 5,
} as const;

export const VOL_FACTORS = 5;
const COLUMNS = Column.VOL + VOL_FACTORS;

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 86_400_000;

/** Exact steps of Ornstein-Uhlenbeck factors: x' = keep x + shock z. */
interface Steps {
  keep: Float64Array;
  shock: Float64Array;
}

function stepsOf(factors: readonly FactorParameters[], stepMs: number): Steps {
  const keep = Float64Array.from(factors, ({ halfLifeMs }) => Math.exp((-Math.LN2 * stepMs) / halfLifeMs));
  const shock = keep.map((kept, index) => factors[index]!.deviation * Math.sqrt(1 - kept * kept));
  return { keep, shock };
}

/** One currency's constants, in the shape in which a step reads them. */
interface Law {
  vol: Steps;
  /** Correlation of each vol factor's shock with the index's, and what is left of it. */
  lean: Float64Array;
  rest: Float64Array;
  basis: Steps;
  skew: Steps;
  skewLean: number;
  skewRest: number;
  medianVol: number;
  jumpDeviation: number;
  kick: number;
  kickKeep: number;
}

function lawOf({ index, basis, surface }: CurrencyParameters, stepMs: number): Law {
  if (index.volFactors.length !== VOL_FACTORS) {
    throw new RangeError(`a world has ${VOL_FACTORS} factors of volatility, found ${index.volFactors.length}`);
  }
  const lean = Float64Array.from(index.volFactors, (factor) => factor.spotCorrelation);
  return {
    vol: stepsOf(index.volFactors, stepMs),
    lean,
    rest: lean.map((correlation) => Math.sqrt(1 - correlation * correlation)),
    basis: stepsOf([basis.level, basis.slope, basis.perpetual], stepMs),
    skew: stepsOf([surface.skew], stepMs),
    skewLean: surface.skew.spotCorrelation,
    skewRest: Math.sqrt(1 - surface.skew.spotCorrelation * surface.skew.spotCorrelation),
    medianVol: index.medianVol,
    jumpDeviation: index.jumpMinutes * index.medianVol * Math.sqrt(MINUTE_MS / YEAR_MS),
    kick: index.jumpKick,
    kickKeep: Math.exp((-Math.LN2 * stepMs) / index.jumpKickHalfLifeMs),
  };
}

/**
 * The path of the market: indices, their volatility, bases, skew, in steps of equal time. It is drawn ahead of the present, so that
 * who is informed can read what comes; and kept for a while, so that who is slow can read what was.
 *
 * Log volatility is a sum of five mean-reverting factors, from months to minutes; the index's shocks are scaled by it, by the
 * season and by nothing else. Jumps arrive by Poisson's law, faster when volatility is high, and excite volatility themselves.
 */
export class MarketPath {
  readonly stepMs: number;
  /** Steps ahead of the present that are drawn, and steps that are kept of the past. */
  readonly ahead: number;
  readonly kept: number;
  /** Rows in a ring; `at` tells where a row begins. */
  readonly values: Float64Array;

  readonly #currencies: number;
  readonly #rows: number;
  readonly #start: number;
  readonly #laws: Law[];
  readonly #means: Float64Array;
  readonly #kicks: Float64Array;
  readonly #season: Season;
  readonly #jumpChance: number;
  readonly #commonJumps: number;
  readonly #spot: number;
  readonly #spotRest: number;
  readonly #volCommon: number;
  readonly #volRest: number;
  readonly #random: RandomStream;
  /** Shocks that currencies share, by vol factor. */
  readonly #shared = new Float64Array(VOL_FACTORS);
  /** Steps since the start: of the present, and of the row drawn last. */
  #present = 0;
  #drawn = 0;

  /** @param aheadMs how far the informed see @param keptMs how far back the slow look */
  constructor(parameters: WorldParameters, seed: number, aheadMs: number, keptMs: number) {
    const { stepMs, currencies, startTime, spotCorrelation, volCorrelation } = parameters;
    this.stepMs = stepMs;
    this.ahead = Math.ceil(aheadMs / stepMs);
    this.kept = Math.ceil(keptMs / stepMs) + 1;
    this.#rows = this.ahead + this.kept + 1;
    this.#currencies = currencies.length;
    this.values = new Float64Array(this.#rows * this.#currencies * COLUMNS);
    this.#start = startTime;
    this.#laws = currencies.map((currency) => lawOf(currency, stepMs));
    this.#means = Float64Array.from(
      currencies.flatMap(({ basis }) => [basis.level.mean, basis.slope.mean, basis.perpetual.mean]),
    );
    this.#kicks = new Float64Array(currencies.length);
    this.#season = new Season(parameters.hours, parameters.days);
    this.#jumpChance = (currencies[0]!.index.jumpsPerDay * stepMs) / 86_400_000;
    this.#commonJumps = parameters.commonJumps;
    this.#spot = spotCorrelation;
    this.#spotRest = Math.sqrt(1 - spotCorrelation * spotCorrelation);
    this.#volCommon = Math.sqrt(volCorrelation);
    this.#volRest = Math.sqrt(1 - volCorrelation);
    this.#random = new RandomStream(seed, 'path');
    this.#begin(currencies);
    // The past before the start stands still.
    for (let row = 1; row < this.#rows; row++) this.values.copyWithin(row * this.#width, 0, this.#width);
    for (let step = 0; step < this.ahead; step++) this.#draw();
  }

  get #width(): number {
    return this.#currencies * COLUMNS;
  }

  /** Milliseconds since the Unix epoch of the present row. */
  get time(): number {
    return this.#start + this.#present * this.stepMs;
  }

  /** Where the row of a currency begins in `values`, so many steps from the present: negative is past, at most `kept`; positive ahead. */
  at(currency: number, steps: number): number {
    const row = (this.#present + steps + this.#rows) % this.#rows;
    return (row * this.#currencies + currency) * COLUMNS;
  }

  /** Goes a step on. */
  advance(): void {
    this.#present++;
    this.#draw();
  }

  /** The first row: factors as they may stand in the long run. */
  #begin(currencies: readonly CurrencyParameters[]): void {
    const random = this.#random;
    for (const [currency, { index, basis }] of currencies.entries()) {
      const row = currency * COLUMNS;
      const { values } = this;
      values[row + Column.LOG_INDEX] = Math.log(index.price);
      values[row + Column.BASIS_LEVEL] = basis.level.mean + basis.level.deviation * random.normal();
      values[row + Column.BASIS_SLOPE] = basis.slope.mean + basis.slope.deviation * random.normal();
      values[row + Column.PREMIUM] = basis.perpetual.mean + basis.perpetual.deviation * random.normal();
      values[row + Column.SKEW] = random.normal();
      for (let factor = 0; factor < VOL_FACTORS; factor++) {
        values[row + Column.VOL + factor] = index.volFactors[factor]!.deviation * random.normal();
      }
    }
  }

  #draw(): void {
    const { values } = this;
    const random = this.#random;
    const shared = this.#shared;
    const before = (this.#drawn % this.#rows) * this.#width;
    this.#drawn++;
    const after = (this.#drawn % this.#rows) * this.#width;
    const season = this.#season.at(this.#start + this.#drawn * this.stepMs);
    const rootStep = Math.sqrt(this.stepMs / YEAR_MS);
    for (let factor = 0; factor < VOL_FACTORS; factor++) shared[factor] = random.normal();
    const market = random.normal();
    const jump = random.uniform();
    const common = random.uniform() < this.#commonJumps;
    const jumpSize = random.normal();
    for (let currency = 0; currency < this.#currencies; currency++) {
      const law = this.#laws[currency]!;
      const from = before + currency * COLUMNS;
      const to = after + currency * COLUMNS;
      const shock = currency === 0 ? market : this.#spot * market + this.#spotRest * random.normal();

      let logVol = this.#kicks[currency]!;
      for (let factor = 0; factor < VOL_FACTORS; factor++) {
        const value = values[from + Column.VOL + factor]!;
        logVol += value;
        const own = this.#volCommon * shared[factor]! + this.#volRest * random.normal();
        const turn = law.lean[factor]! * shock + law.rest[factor]! * own;
        values[to + Column.VOL + factor] = law.vol.keep[factor]! * value + law.vol.shock[factor]! * turn;
      }
      const level = season * Math.exp(logVol);
      const deviation = law.medianVol * level * rootStep;
      let move = deviation * shock - 0.5 * deviation * deviation;
      this.#kicks[currency]! *= law.kickKeep;
      // A jump of one currency alone takes the lower or the upper half of the chance.
      const chance = this.#jumpChance * season;
      const jumps = jump < chance && (common || jump < 0.5 * chance === (currency === 0));
      if (jumps) {
        move += law.jumpDeviation * level * jumpSize;
        this.#kicks[currency]! += law.kick;
      }
      values[to + Column.LOG_INDEX] = values[from + Column.LOG_INDEX]! + move;

      for (let part = 0; part < 3; part++) {
        const mean = this.#means[currency * 3 + part]!;
        const away = values[from + Column.BASIS_LEVEL + part]! - mean;
        values[to + Column.BASIS_LEVEL + part] =
          mean + law.basis.keep[part]! * away + law.basis.shock[part]! * random.normal();
      }
      const lean = law.skewLean * shock + law.skewRest * random.normal();
      values[to + Column.SKEW] = law.skew.keep[0]! * values[from + Column.SKEW]! + law.skew.shock[0]! * lean;
    }
  }
}
