import { isLivelyHour } from '../../engine/market/anomaly/bar-averages.js';
import { BIPOWER, JUMP_RATIO, REALISED } from '../../engine/market/anomaly/bars.js';
import {
  BAR_HIGH,
  BAR_LOW,
  FORECAST,
  FORECAST_1H,
  FORECAST_1S,
  FORECAST_15M,
  GARCH_VARIANCE,
  GARMAN_KLASS,
  IMPLIED,
  MarketState,
  MOST_UNDERLYINGS,
  RANGE_VARIANCE,
  RISK_PREMIUM,
} from '../../engine/market/anomaly/market-state.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import type { ThresholdRule } from '../../engine/market/volatility-filter/rule.js';
import { FILTER_HEAD, FILTERED, ThresholdFilter } from '../../engine/market/volatility-filter/threshold-filter.js';

/** Outputs of models that a rule can be held against while the engine runs. The codes stand in records. */
export const FilterMeasure = {
  /** Volatility of the last bars, annualised. */
  realised: 1,
  /** Size of a bar's return in standard deviations of those before it. */
  jump: 2,
  /** Volatility of one bar by its high and low, annualised. */
  range: 3,
  /** What the volatility filter forecasts for the next minute. */
  forecast: 4,
  /** Implied volatility 30 days ahead, as the volatility filter interpolates it. */
  implied: 5,
  /** Volatility of the last bars without jumps, annualised. */
  bipower: 6,
  /** Volatility by the highs and lows of the last bars, annualised. */
  parkinson: 7,
  /** Exponentially weighted average of Garman-Klass variances, decay 0.94, annualised. */
  ewma: 8,
  /** Forecasts for the next second, quarter of an hour and hour. */
  forecast1s: 9,
  forecast15m: 10,
  forecast1h: 11,
  /** Implied less forecast volatility of 30 days; only what is above 0 is an observation. */
  premium: 12,
  /** Volatility that a GARCH(1,1) with variance targeting expects of the next bar, annualised. */
  targetedGarch: 13,
} as const;
export type FilterMeasureName = keyof typeof FilterMeasure;

export interface FilterRule {
  measure: FilterMeasureName;
  rule: ThresholdRule;
}

/** Rules that there may be: each has a bit in the records. */
export const MOST_RULES = 16;
const MODES = { absolute: 0, relative: 1, percentile: 2, deviations: 3 } as const;

/**
 * Cells of one rule on one underlying: when and with which log event its event began, what it marked since, and why; how long it has lasted
 * (microseconds), and what all events together were.
 */
const SINCE = 0;
const SEQ = 1;
const TRADES = 2;
const BARS = 3;
const CAUSE = 4;
const LASTED = 5;
const EVENTS = 6;
const ALL_TRADES = 7;
const ALL_BARS = 8;
const CELLS = 9;

const CAUSE_JUMP = 1;
const CAUSE_SEASON = 2;
const CAUSE_CLUSTER = 3;
const CAUSE_DRIFT = 4;
/** Deviations of a bar's return that make a jump the cause, and part by which the measure rose that makes a burst. */
const JUMP = 4;
const BURST = 1.25;
/** Factor by which the hour of the day must stand above the mean hour, in variance. */
const LIVELY = Float64Array.of(1.75);

/** What a rule did with the bar that has just ended: an event begins or ends. */
export interface FilterOutcome {
  onFilterEvent(rule: number, underlying: number, phase: number): void;
}

/** The rules of the volatility filter on every underlying, bar by bar; which of them have an event is a set of bits. */
export class FilterRules {
  /** By underlying: bits of the rules with an event under way. */
  readonly active: Int32Array;
  private readonly rules: readonly FilterRule[];
  private readonly filters: ThresholdFilter[];
  private readonly cells: Float64Array;
  private readonly before: Float64Array;
  private readonly perYear: Float64Array;

  constructor(rules: readonly FilterRule[], barSeconds: number, cells: Cells) {
    if (rules.length > MOST_RULES)
      throw new RangeError(`expected at most ${MOST_RULES} filter rules, found ${rules.length}`);
    this.rules = rules;
    this.perYear = Float64Array.of((365 * 86_400) / barSeconds);
    this.active = cells.int32(MOST_UNDERLYINGS, 'active');
    this.cells = cells.float64(rules.length * MOST_UNDERLYINGS * CELLS, 'filter rules: cells', {
      SINCE,
      SEQ,
      TRADES,
      BARS,
      CAUSE,
      LASTED,
      EVENTS,
      ALL_TRADES,
      ALL_BARS,
    });
    this.before = cells.float64(rules.length * MOST_UNDERLYINGS, 'before');
    this.filters = rules.flatMap(({ rule }) =>
      Array.from(
        { length: MOST_UNDERLYINGS },
        () => new ThresholdFilter(rule, cells.float64(ThresholdFilter.cellsOf(rule), 'filter', FILTER_HEAD)),
      ),
    );
  }

  get count(): number {
    return this.rules.length;
  }

  /** The bar of an underlying has ended at `clock[0]`, with log event `clock[1]`. */
  step(underlying: number, state: MarketState, clock: Float64Array, outcome: FilterOutcome): void {
    for (let rule = 0; rule < this.rules.length; rule++) {
      const place = rule * MOST_UNDERLYINGS + underlying;
      const filter = this.filters[place]!;
      this.measure(rule, underlying, state, filter.input);
      const found = filter.step();
      const at = place * CELLS;
      if (found === FILTERED.begins) {
        this.cells[at + SINCE] = clock[0]!;
        this.cells[at + SEQ] = clock[1]!;
        this.cells[at + TRADES] = 0;
        this.cells[at + BARS] = 0;
        this.cells[at + EVENTS]! += 1;
        this.cells[at + CAUSE] = this.causeOf(place, underlying, state, clock);
        this.active[underlying]! |= 1 << rule;
        outcome.onFilterEvent(rule, underlying, 1);
      } else if (found === FILTERED.ends) {
        this.active[underlying]! &= ~(1 << rule);
        outcome.onFilterEvent(rule, underlying, 2);
      }
      if (filter.active) {
        this.cells[at + BARS]! += 1;
        this.cells[at + ALL_BARS]! += 1;
      }
      if (filter.active || found === FILTERED.ends) this.cells[at + LASTED] = clock[0]! - this.cells[at + SINCE]!;
      this.before[place] = filter.input[0]!;
    }
  }

  /** A trade of the underlying was marked. */
  marked(underlying: number): void {
    for (let rule = 0; rule < this.rules.length; rule++) {
      if ((this.active[underlying]! & (1 << rule)) === 0) continue;
      const at = (rule * MOST_UNDERLYINGS + underlying) * CELLS;
      this.cells[at + TRADES]! += 1;
      this.cells[at + ALL_TRADES]! += 1;
    }
  }

  filterOf(rule: number, underlying: number): ThresholdFilter {
    return this.filters[rule * MOST_UNDERLYINGS + underlying]!;
  }

  measureOf(rule: number): number {
    return FilterMeasure[this.rules[rule]!.measure];
  }

  modeOf(rule: number): number {
    return MODES[this.rules[rule]!.rule.mode];
  }

  since(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + SINCE]!;
  }

  firstSeq(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + SEQ]!;
  }

  tradesOf(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + TRADES]!;
  }

  barsOf(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + BARS]!;
  }

  cause(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + CAUSE]!;
  }

  /** Microseconds that the event under way, or the last one, has lasted. */
  lasted(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + LASTED]!;
  }

  /** Events that have begun so far, and the trades and bars that all of them marked. */
  eventsOf(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + EVENTS]!;
  }

  allTradesOf(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + ALL_TRADES]!;
  }

  allBarsOf(rule: number, underlying: number): number {
    return this.cells[(rule * MOST_UNDERLYINGS + underlying) * CELLS + ALL_BARS]!;
  }

  private measure(rule: number, underlying: number, state: MarketState, input: Float64Array): void {
    const { underlyings } = state;
    const row = MarketState.underlyingRow(underlying);
    const perYear = this.perYear[0]!;
    switch (this.rules[rule]!.measure) {
      case 'realised':
        input[0] = Math.sqrt(underlyings[row + REALISED]! * perYear);
        break;
      case 'jump':
        input[0] = underlyings[row + JUMP_RATIO]!;
        break;
      case 'range': {
        const range = Math.log(underlyings[row + BAR_HIGH]! / underlyings[row + BAR_LOW]!);
        input[0] = Math.sqrt(((range * range) / (4 * Math.LN2)) * perYear);
        break;
      }
      // What the filter does not know yet is 0 there, and no observation here.
      case 'forecast':
        input[0] = known(underlyings, row + FORECAST);
        break;
      case 'implied':
        input[0] = known(underlyings, row + IMPLIED);
        break;
      case 'forecast1s':
        input[0] = known(underlyings, row + FORECAST_1S);
        break;
      case 'forecast15m':
        input[0] = known(underlyings, row + FORECAST_15M);
        break;
      case 'forecast1h':
        input[0] = known(underlyings, row + FORECAST_1H);
        break;
      case 'premium':
        input[0] = known(underlyings, row + RISK_PREMIUM);
        break;
      case 'bipower':
        input[0] = Math.sqrt((Math.PI / 2) * underlyings[row + BIPOWER]! * perYear);
        break;
      case 'parkinson':
        input[0] = Math.sqrt(known(underlyings, row + RANGE_VARIANCE) * perYear);
        break;
      case 'ewma':
        input[0] = Math.sqrt(known(underlyings, row + GARMAN_KLASS) * perYear);
        break;
      case 'targetedGarch':
        input[0] = Math.sqrt(known(underlyings, row + GARCH_VARIANCE) * perYear);
        break;
    }
  }

  private causeOf(place: number, underlying: number, state: MarketState, clock: Float64Array): number {
    const row = MarketState.underlyingRow(underlying);
    if (state.underlyings[row + JUMP_RATIO]! > JUMP) return CAUSE_JUMP;
    if (isLivelyHour(state.underlyings, row, clock, LIVELY)) return CAUSE_SEASON;
    return this.filters[place]!.input[0]! > BURST * this.before[place]! ? CAUSE_CLUSTER : CAUSE_DRIFT;
  }
}

/** What is above 0 in a cell; NaN for what is not known. */
function known(cells: Float64Array, at: number): number {
  return cells[at]! > 0 ? cells[at]! : Number.NaN;
}
