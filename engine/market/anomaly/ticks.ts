import { AnomalyKind, Severity } from './kinds.js';
import {
  BAR_HIGH,
  BAR_LOW,
  BAR_OPEN,
  type MarketState,
  PRICE,
  REFERENCE,
  SAMPLE_PRICE,
  SAMPLE_TIME,
  MarketState as State,
  TICK_SCORE,
  TICK_SQUARE,
} from './market-state.js';
import { centreOf, SCORE, scaleOf, scoreRobustly } from './robust-score.js';
import { AT_PRICE, DEVIATION, EXPECTED, FOUND, NOBODY, SINCE, type Verdicts } from './verdicts.js';

/** Robust deviations of a tick's move that make a jump. */
const JUMP = 9;
/** Root mean squares that it must exceed as well: where most ticks do not move, their median says nothing. */
const MEAN_SQUARES = 7;
const SQUARE_GAIN = 0.005;
/** Smallest log return that may be one. */
const LEAST_JUMP = 0.0005;
/** Prices nearer in time than this are one sample, unless they move far: bounces between bid and ask are no news. */
const SAMPLE_MICROS = 100_000;
/** A move within so long counts as over this long. */
const LONGEST_MICROS = 60_000_000;
const MICROS = 1e-6;

/** Scratch: size of the move over the root of its seconds. */
const MOVE = 0;

/** Follows the price that stands for an underlying, tick by tick: bars and jumps. Constant time. */
export class TickDetector {
  private readonly state: MarketState;
  private readonly verdicts: Verdicts;
  private readonly clock: Float64Array;
  private readonly scratch = new Float64Array(1);

  constructor(state: MarketState, verdicts: Verdicts, clock: Float64Array) {
    this.state = state;
    this.verdicts = verdicts;
    this.clock = clock;
  }

  /** The price at `values[at]` is the underlying's now. */
  move(number: number, values: Float64Array, at: number): void {
    const { underlyings } = this.state;
    const row = State.underlyingRow(number);
    const price = values[at]!;
    if (!(price > 0 && price < Number.POSITIVE_INFINITY)) return;
    underlyings[row + PRICE] = price;
    if (underlyings[row + BAR_OPEN] === 0) {
      underlyings[row + BAR_OPEN] = price;
      underlyings[row + BAR_HIGH] = price;
      underlyings[row + BAR_LOW] = price;
    } else {
      if (price > underlyings[row + BAR_HIGH]!) underlyings[row + BAR_HIGH] = price;
      if (price < underlyings[row + BAR_LOW]!) underlyings[row + BAR_LOW] = price;
    }
    const before = underlyings[row + SAMPLE_PRICE]!;
    const elapsed = this.clock[0]! - underlyings[row + SAMPLE_TIME]!;
    if (before === 0 || elapsed > LONGEST_MICROS) {
      // After a gap nobody knows how the price went.
      underlyings[row + SAMPLE_PRICE] = price;
      underlyings[row + SAMPLE_TIME] = this.clock[0]!;
      return;
    }
    const logReturn = Math.log(price / before);
    const away = Math.abs(logReturn);
    const seconds = Math.max(elapsed, SAMPLE_MICROS) * MICROS;
    this.scratch[MOVE] = away / Math.sqrt(seconds);
    const bound = centreOf(underlyings, row + TICK_SCORE) + JUMP * scaleOf(underlyings, row + TICK_SCORE);
    if (elapsed < SAMPLE_MICROS && !(away > LEAST_JUMP && this.scratch[MOVE]! > bound)) return;
    scoreRobustly(this.scratch, MOVE, underlyings, row + TICK_SCORE);
    const since = underlyings[row + SAMPLE_TIME]!;
    underlyings[row + SAMPLE_PRICE] = price;
    underlyings[row + SAMPLE_TIME] = this.clock[0]!;
    const score = underlyings[row + TICK_SCORE + SCORE]!;
    const usual = MEAN_SQUARES * Math.sqrt(underlyings[row + TICK_SQUARE]!);
    const isFar = this.scratch[MOVE]! > usual;
    // What is far counts as the farthest that is not.
    const counted = isFar && score > JUMP ? usual : this.scratch[MOVE]!;
    underlyings[row + TICK_SQUARE]! += SQUARE_GAIN * (counted * counted - underlyings[row + TICK_SQUARE]!);
    if (!(isFar && score > JUMP && away > LEAST_JUMP)) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = logReturn;
    numbers[EXPECTED] = scaleOf(underlyings, row + TICK_SCORE) * Math.sqrt(seconds);
    numbers[DEVIATION] = score;
    numbers[AT_PRICE] = price;
    numbers[SINCE] = since;
    const reference = underlyings[row + REFERENCE]! - 1;
    this.verdicts.tell(
      AnomalyKind.JUMP,
      Severity.CRITICAL,
      NOBODY,
      reference < 0 ? NOBODY : reference,
      NOBODY,
      NOBODY,
      number,
    );
  }
}
