import { ANOMALY_KINDS, type AnomalyKindCode } from './kinds.js';
import { ANOMALIES_TOLD, MarketState, MOST_UNDERLYINGS } from './market-state.js';

/** Numbers of a verdict, by place: set before `tell`. */
export const FOUND = 0;
export const EXPECTED = 1;
export const DEVIATION = 2;
export const SIZE_USD = 3;
export const AT_PRICE = 4;
export const SINCE = 5;
export const FIRST_SEQ = 6;
export const EVIDENCE = 7;
/** Set by `tell`: anomalies that the cool-down kept back since the last one of its kind and place. */
export const SUPPRESSED = 8;
const VERDICT_CELLS = 9;

export const NOBODY = 0xffffffff;

/** Who hears of an anomaly that is told. */
export interface VerdictSink {
  onAnomaly(
    kind: AnomalyKindCode,
    severity: number,
    instrument: number,
    second: number,
    third: number,
    underlying: number,
    /** Of the verdict, by place; good during the call. */
    numbers: Float64Array,
  ): void;
}

const PER_KIND = 2;

/** Where the detectors tell what they found. After one anomaly of a kind and a place, others are counted and not told for a while. */
export class Verdicts {
  readonly numbers = new Float64Array(VERDICT_CELLS);
  private readonly state: MarketState;
  private readonly sink: VerdictSink;
  /** By kind and place: the time until which nothing is told, and how often it would have been. */
  private readonly cells: Float64Array;
  private readonly coolDown: Float64Array;
  /** Time of the event, microseconds, at `clock[0]`. */
  private readonly clock: Float64Array;

  /** @param coolDownSeconds by kind code, or one for all */
  constructor(
    state: MarketState,
    sink: VerdictSink,
    cells: Float64Array,
    clock: Float64Array,
    coolDownSeconds: number | readonly number[],
  ) {
    this.state = state;
    this.sink = sink;
    this.cells = cells;
    this.clock = clock;
    this.coolDown = Float64Array.from(
      { length: ANOMALY_KINDS },
      (_, kind) => 1e6 * (typeof coolDownSeconds === 'number' ? coolDownSeconds : (coolDownSeconds[kind] ?? 0)),
    );
  }

  static cellsOf(instruments: number): number {
    return ANOMALY_KINDS * (instruments + MOST_UNDERLYINGS) * PER_KIND;
  }

  /** Clears the numbers of the next verdict. */
  begin(): Float64Array {
    const { numbers, clock } = this;
    numbers[FOUND] = Number.NaN;
    numbers[EXPECTED] = Number.NaN;
    numbers[DEVIATION] = Number.NaN;
    numbers[SIZE_USD] = Number.NaN;
    numbers[AT_PRICE] = Number.NaN;
    numbers[SINCE] = clock[0]!;
    numbers[FIRST_SEQ] = clock[1]!;
    numbers[EVIDENCE] = 1;
    return numbers;
  }

  /** Tells an anomaly, unless the same was told a short while ago. `place`: the instrument that the cool-down goes by, or NOBODY. */
  tell(
    kind: AnomalyKindCode,
    severity: number,
    place: number,
    instrument: number,
    second: number,
    third: number,
    underlying: number,
  ): void {
    const { cells, clock, numbers, state } = this;
    const row = place === NOBODY ? state.instruments + underlying : place;
    const at = (kind * (state.instruments + MOST_UNDERLYINGS) + row) * PER_KIND;
    if (clock[0]! < cells[at]!) {
      cells[at + 1]! += 1;
      return;
    }
    numbers[SUPPRESSED] = cells[at + 1]!;
    cells[at] = clock[0]! + this.coolDown[kind]!;
    cells[at + 1] = 0;
    if (underlying < MOST_UNDERLYINGS) state.underlyings[MarketState.underlyingRow(underlying) + ANOMALIES_TOLD]! += 1;
    this.sink.onAnomaly(kind, severity, instrument, second, third, underlying, this.numbers);
  }
}
