import { black76Price } from '../../../engine/quant/black76/index.js';
import { pow } from '../../../engine/quant/elementary/index.js';
import type { PortfolioMarginConfig } from './config.js';
import type { InstrumentTable } from './instruments.js';

const MS_PER_DAY = 86_400_000;
const MS_PER_YEAR = 365 * MS_PER_DAY;
const TERM_DAYS = 30;
/** Volatility down, as it is, up. */
const SHIFTS = 3;
/** Parts of the interval in which instruments are worked out anew. */
const TURNS = 64;

/**
 * What a lot of each instrument gains, in smallest units of its currency, in each scenario of portfolio margin: moves of the
 * price by volatility down, unmoved and up. It is worked out anew once an interval.
 */
export class MarginGrid {
  readonly scenarios: number;
  readonly #config: PortfolioMarginConfig;
  readonly #instruments: InstrumentTable;
  readonly #interval: number;
  readonly #gains: Float64Array[] = [];
  readonly #workedOutIn: number[] = [];
  readonly #moves: Float64Array;

  constructor(config: PortfolioMarginConfig, interval: number, instruments: InstrumentTable) {
    const { priceRange, priceSteps } = config;
    this.#config = config;
    this.#interval = interval;
    this.#instruments = instruments;
    this.#moves = Float64Array.from(
      { length: 2 * priceSteps + 1 },
      (_, step) => (priceRange * (step - priceSteps)) / priceSteps,
    );
    this.scenarios = this.#moves.length * SHIFTS;
  }

  /** The gains of one lot of an instrument, by scenario. */
  gains(instrument: number, now: number): Float64Array {
    const known = this.#gains[instrument];
    // Each instrument has its own turn in the interval, so that not all of a chain is due at once.
    const turn = Math.floor(now / this.#interval + (instrument % TURNS) / TURNS);
    if (known !== undefined && this.#workedOutIn[instrument] === turn) return known;
    const gains = known ?? new Float64Array(this.scenarios);
    this.#gains[instrument] = gains;
    this.#workedOutIn[instrument] = turn;
    const { isCombo, isFuture } = this.#instruments;
    if (isCombo[instrument] === 1) this.#fillCombo(gains, instrument, now);
    else if (isFuture[instrument] === 1) this.#fillFuture(gains, instrument);
    else this.#fillOption(gains, instrument, now);
    return gains;
  }

  #fillCombo(gains: Float64Array, combo: number, now: number): void {
    const { legs, ratios, lotSize } = this.#instruments;
    gains.fill(0);
    for (let leg = 0; leg < legs[combo]!.length; leg++) {
      const instrument = legs[combo]![leg]!;
      const lots = (ratios[combo]![leg]! * lotSize[combo]!) / lotSize[instrument]!;
      const ofLeg = this.gains(instrument, now);
      for (let scenario = 0; scenario < gains.length; scenario++) gains[scenario]! += lots * ofLeg[scenario]!;
    }
  }

  /** Of an inverse future, the dollars that it gains at the coin's present price. */
  #fillFuture(gains: Float64Array, instrument: number): void {
    const { unitsPerLot, forward, inverse } = this.#instruments;
    const price = forward[instrument]!;
    const value = unitsPerLot[instrument]! * (inverse[instrument] === 1 ? (price > 0 ? 1 / price : 0) : price);
    for (let scenario = 0; scenario < gains.length; scenario++) {
      gains[scenario] = value * this.#moves[Math.floor(scenario / SHIFTS)]!;
    }
  }

  #fillOption(gains: Float64Array, instrument: number, now: number): void {
    const { unitsPerLot, forward, volatility, strike, expiry, isCall, inverse } = this.#instruments;
    const { volatilityUp, volatilityDown, shortPower, longPower } = this.#config;
    const price = forward[instrument]!;
    if (!(price > 0)) {
      gains.fill(0);
      return;
    }
    const left = Math.max(0, expiry[instrument]! - now);
    const years = left / MS_PER_YEAR;
    const days = Math.max(left / MS_PER_DAY, 1);
    const term = pow(TERM_DAYS / days, days < TERM_DAYS ? shortPower : longPower);
    const vol = volatility[instrument]!;
    const call = isCall[instrument] === 1;
    const base = black76Price(price, strike[instrument]!, years, vol, call);
    const unit = unitsPerLot[instrument]! / (inverse[instrument] === 1 ? price : 1);
    for (let scenario = 0; scenario < gains.length; scenario++) {
      const shift = scenario % SHIFTS;
      const relative = shift === 0 ? -volatilityDown * term : shift === 1 ? 0 : volatilityUp * term;
      const moved = price * (1 + this.#moves[Math.floor(scenario / SHIFTS)]!);
      const shocked = vol * Math.max(0.05, 1 + relative);
      gains[scenario] = unit * (black76Price(moved, strike[instrument]!, years, shocked, call) - base);
    }
  }
}
