import { InstrumentKind } from '../instrument.js';
import { AnomalyKind, Severity } from './kinds.js';
import {
  LEVEL_BEFORE,
  LEVEL_EVIDENCE,
  LEVEL_SCORE,
  LevelOutcome,
  levelShifted,
  OUTSIDE_SEQ,
  OUTSIDE_SINCE,
} from './level-monitor.js';
import {
  ASK,
  BID,
  CROSSED_NOW,
  EXPIRY_OUTSIDE,
  FLAGS,
  Flag,
  FROZEN_NOW,
  HALF_SPREAD_VOL,
  HEAD,
  INTEREST_CHANGE,
  INTEREST_SEEN,
  KIND,
  LAST_TICKER,
  LAST_TICKER_CELLS,
  LEVEL,
  LINK_CELLS,
  MARK,
  MarketState,
  MEAN_SPREAD,
  MODEL_VOL,
  OBSERVATIONS,
  OPEN_INTEREST,
  REPEAT_RATE,
  REPEATS,
  REPEATS_SEQ,
  REPEATS_SINCE,
  RESIDUAL,
  ROW_CELLS,
  SEEN_TIME,
  TWO_SIDED_NOW,
  UNDERLYING,
  USUAL_GAP,
  VOL,
} from './market-state.js';
import { centreOf, SCORE, scaleOf, scoreRobustly } from './robust-score.js';
import { AT_PRICE, DEVIATION, EVIDENCE, EXPECTED, FIRST_SEQ, FOUND, NOBODY, SINCE, type Verdicts } from './verdicts.js';

/** Improbability of so many repeats, as -ln p, from which a quote counts as frozen: once in 500 million. */
const FROZEN_NATS = 20;
const LEAST_REPEATS = 3;
const LEAST_OBSERVATIONS = 60;
/** Bounds of the rate at which a quote repeats itself, and its memory in observations. */
const LEAST_RATE = 0.002;
const MOST_RATE = 0.98;
const RATE_MEMORY = 500;
/** Repeats of one stretch that the rate learns from, unless it is high already: a frozen quote is not the usual. */
const LEARNT_REPEATS = 3;
const QUIET_RATE = 0.2;
const GAP_GAIN = 0.02;

/** Robust deviations that make an outlier, and half-spreads by which it must have left its place. */
const OUTLIER = 9;
const LEAST_HALF_SPREADS = 1.5;
/** Smallest shift that counts: of a volatility, as a fraction a year, and of a basis. */
const LEAST_VOL_SHIFT = 0.01;
const LEAST_BASIS_SHIFT = 0.001;

/** Times its usual change by which open interest must have moved, and part of itself. */
const INTEREST_TIMES = 25;
const INTEREST_SHARE = 0.1;
const LEAST_INTEREST_CHANGES = 20;

const SPREAD_GAIN = 0.01;

/** Scratch cells. */
const NOW = 0;
const SEQ = 1;
const LEAST = 2;
const RESIDUAL_NOW = 3;
const CELLS = 4;

/** Looks at each observation of one quote: crossed, repeated, out of place, on another level. Constant time. */
export class QuoteDetector {
  private readonly state: MarketState;
  private readonly verdicts: Verdicts;
  private readonly clock: Float64Array;
  private readonly scratch = new Float64Array(CELLS);

  /** @param clock time and log sequence number of the event, at [0] and [1] */
  constructor(state: MarketState, verdicts: Verdicts, clock: Float64Array) {
    this.state = state;
    this.verdicts = verdicts;
    this.clock = clock;
  }

  /** Something was heard of an instrument: keeps the usual time between two such. */
  heard(id: number): void {
    const { rows } = this.state;
    const at = id * ROW_CELLS;
    const now = this.clock[0]!;
    const seen = rows[at + OBSERVATIONS]!;
    if (seen > 0) {
      const gap = now - rows[at + SEEN_TIME]!;
      rows[at + USUAL_GAP]! += Math.max(GAP_GAIN, 1 / seen) * (gap - rows[at + USUAL_GAP]!);
    }
    rows[at + SEEN_TIME] = now;
    rows[at + OBSERVATIONS] = seen + 1;
  }

  /** Bid and offer are new: whether they cross, and whether there are two. */
  touched(id: number): void {
    const { rows, underlyings } = this.state;
    const at = id * ROW_CELLS;
    const number = rows[at + UNDERLYING]! - 1;
    const row = MarketState.underlyingRow(number);
    const bid = rows[at + BID]!;
    const ask = rows[at + ASK]!;
    const flags = rows[at + FLAGS]! | 0;
    const twoSided = bid > 0 && ask > 0 ? Flag.TWO_SIDED : 0;
    const crossed = twoSided !== 0 && bid >= ask ? Flag.CROSSED : 0;
    if ((flags & Flag.TWO_SIDED) !== twoSided) underlyings[row + TWO_SIDED_NOW]! += twoSided !== 0 ? 1 : -1;
    if ((flags & Flag.CROSSED) !== crossed) underlyings[row + CROSSED_NOW]! += crossed !== 0 ? 1 : -1;
    rows[at + FLAGS] = (flags & ~(Flag.TWO_SIDED | Flag.CROSSED)) | twoSided | crossed;
    if (twoSided === 0) return;
    if (crossed !== 0) {
      const numbers = this.verdicts.begin();
      numbers[FOUND] = bid - ask;
      numbers[EXPECTED] = 0;
      numbers[AT_PRICE] = bid;
      const severity = bid > ask ? Severity.CRITICAL : Severity.WARNING;
      this.verdicts.tell(AnomalyKind.CROSSED_MARKET, severity, id, id, NOBODY, NOBODY, number);
    } else if (rows[at + KIND] === InstrumentKind.OPTION) {
      const spread = (2 * (ask - bid)) / (ask + bid);
      underlyings[row + MEAN_SPREAD]! += SPREAD_GAIN * (spread - underlyings[row + MEAN_SPREAD]!);
    }
  }

  /** The venue's summary of an instrument, whose numbers stand at `values[0 .. LAST_TICKER_CELLS]`, came again: the same or not. */
  repeated(id: number, values: Float64Array): void {
    const { rows, underlyings } = this.state;
    const at = id * ROW_CELLS;
    let same = true;
    for (let cell = 0; cell < LAST_TICKER_CELLS; cell++) {
      const value = values[cell]!;
      const before = rows[at + LAST_TICKER + cell]!;
      // NaN is equal to NaN here.
      if (value !== before && !(Number.isNaN(value) && Number.isNaN(before))) same = false;
      rows[at + LAST_TICKER + cell] = value;
    }
    const seen = rows[at + OBSERVATIONS]!;
    const flags = rows[at + FLAGS]! | 0;
    const gain = 1 / Math.min(seen + 1, RATE_MEMORY);
    if (!same) {
      rows[at + REPEATS] = 0;
      rows[at + REPEAT_RATE]! -= gain * rows[at + REPEAT_RATE]!;
      if ((flags & Flag.FROZEN) !== 0) {
        rows[at + FLAGS] = flags & ~Flag.FROZEN;
        underlyings[MarketState.underlyingRow(rows[at + UNDERLYING]! - 1) + FROZEN_NOW]! -= 1;
      }
      return;
    }
    const repeats = rows[at + REPEATS]! + 1;
    rows[at + REPEATS] = repeats;
    if (repeats === 1) {
      rows[at + REPEATS_SINCE] = this.clock[0]!;
      rows[at + REPEATS_SEQ] = this.clock[1]!;
    }
    const rate = rows[at + REPEAT_RATE]!;
    if (repeats <= LEARNT_REPEATS || rate > QUIET_RATE || seen < LEAST_OBSERVATIONS) {
      rows[at + REPEAT_RATE] = rate + gain * (1 - rate);
    }
    if (seen < LEAST_OBSERVATIONS || repeats < LEAST_REPEATS) return;
    const nats = -repeats * Math.log(Math.min(MOST_RATE, Math.max(LEAST_RATE, rate)));
    // A one-sided or empty quote has nothing to move.
    if (!(nats > FROZEN_NATS) || (flags & Flag.TWO_SIDED) === 0) return;
    if ((flags & Flag.FROZEN) === 0) {
      rows[at + FLAGS] = flags | Flag.FROZEN;
      underlyings[MarketState.underlyingRow(rows[at + UNDERLYING]! - 1) + FROZEN_NOW]! += 1;
    }
    const numbers = this.verdicts.begin();
    numbers[FOUND] = repeats;
    numbers[EXPECTED] = rate / (1 - Math.min(rate, MOST_RATE));
    numbers[DEVIATION] = nats;
    numbers[AT_PRICE] = rows[at + BID]!;
    numbers[SINCE] = rows[at + REPEATS_SINCE]!;
    numbers[FIRST_SEQ] = rows[at + REPEATS_SEQ]!;
    numbers[EVIDENCE] = repeats;
    this.verdicts.tell(AnomalyKind.FROZEN_QUOTE, Severity.WARNING, id, id, NOBODY, NOBODY, rows[at + UNDERLYING]! - 1);
  }

  /** An option's volatility is new: its place on the surface, and its level. */
  revalued(id: number): void {
    const { scratch, state, clock } = this;
    const { rows } = state;
    const at = id * ROW_CELLS;
    scratch[NOW] = clock[0]!;
    scratch[SEQ] = clock[1]!;
    scratch[LEAST] = Math.max(LEAST_VOL_SHIFT, rows[at + HALF_SPREAD_VOL]! > 0 ? rows[at + HALF_SPREAD_VOL]! : 0);
    this.watchLevel(id, VOL);
    const half = rows[at + HALF_SPREAD_VOL]!;
    const model = rows[at + MODEL_VOL]!;
    if (!(half > 0 && model > 0)) return;
    scratch[RESIDUAL_NOW] = (rows[at + VOL]! - model) / Math.max(half, 1e-5);
    scoreRobustly(scratch, RESIDUAL_NOW, rows, at + RESIDUAL);
    const score = rows[at + RESIDUAL + SCORE]!;
    const moved = Math.abs(scratch[RESIDUAL_NOW]! - centreOf(rows, at + RESIDUAL));
    if (!(Math.abs(score) > OUTLIER && moved > LEAST_HALF_SPREADS)) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = rows[at + VOL]!;
    numbers[EXPECTED] = model + centreOf(rows, at + RESIDUAL) * half;
    numbers[DEVIATION] = score;
    numbers[AT_PRICE] = rows[at + BID]!;
    this.verdicts.tell(
      AnomalyKind.RESIDUAL_OUTLIER,
      Severity.NOTICE,
      id,
      id,
      NOBODY,
      NOBODY,
      rows[at + UNDERLYING]! - 1,
    );
  }

  /** A future's basis, at the row's VOL cell, is new. */
  rebased(id: number): void {
    const { scratch, clock } = this;
    scratch[NOW] = clock[0]!;
    scratch[SEQ] = clock[1]!;
    scratch[LEAST] = LEAST_BASIS_SHIFT;
    this.watchLevel(id, VOL);
  }

  private watchLevel(id: number, cell: number): void {
    const { scratch, state } = this;
    const { rows, links } = state;
    const at = id * ROW_CELLS;
    rowValue[0] = rows[at + cell]!;
    rowValue[1] = scratch[NOW]!;
    rowValue[2] = scratch[SEQ]!;
    rowValue[3] = scratch[LEAST]!;
    const outcome = levelShifted(rowValue, 0, 3, 1, 2, rows, at + LEVEL);
    // A whole expiry moves together: one of its options speaks for all, and all of them for each.
    const head = links[id * LINK_CELLS + HEAD]! - 1;
    const place = head < 0 ? id : head;
    const count = place * ROW_CELLS + EXPIRY_OUTSIDE;
    const together = rows[count]!;
    if (outcome === LevelOutcome.INSIDE) rows[count] = 0;
    else if (outcome === LevelOutcome.ABOVE) rows[count] = together > 0 ? together + 1 : 1;
    else if (outcome === LevelOutcome.BELOW) rows[count] = together < 0 ? together - 1 : -1;
    const shifted = outcome === LevelOutcome.SHIFTED || Math.abs(rows[count]!) >= LEVEL_EVIDENCE;
    if (!shifted || outcome === LevelOutcome.INSIDE) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = rows[at + cell]!;
    numbers[EXPECTED] = rows[at + LEVEL + LEVEL_BEFORE]!;
    numbers[DEVIATION] = rows[at + LEVEL + LEVEL_SCORE]!;
    numbers[AT_PRICE] = rows[at + MARK]!;
    numbers[SINCE] = rows[at + LEVEL + OUTSIDE_SINCE]!;
    numbers[FIRST_SEQ] = rows[at + LEVEL + OUTSIDE_SEQ]!;
    numbers[EVIDENCE] = LEVEL_EVIDENCE;
    this.verdicts.tell(
      AnomalyKind.LEVEL_SHIFT,
      Severity.WARNING,
      place,
      id,
      NOBODY,
      NOBODY,
      rows[at + UNDERLYING]! - 1,
    );
  }

  /** Open interest as last told is at `values[at]`. */
  interest(id: number, values: Float64Array, at: number): void {
    const { rows } = this.state;
    const row = id * ROW_CELLS;
    const before = rows[row + OPEN_INTEREST]!;
    const value = values[at]!;
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    rows[row + OPEN_INTEREST] = value;
    if (!(before > 0) || value === before) return;
    const change = Math.abs(value - before);
    const seen = rows[row + INTEREST_SEEN]!;
    const usual = rows[row + INTEREST_CHANGE]!;
    rows[row + INTEREST_SEEN] = seen + 1;
    const capped = seen > LEAST_INTEREST_CHANGES ? Math.min(change, 5 * usual) : change;
    rows[row + INTEREST_CHANGE] = usual + Math.max(0.02, 1 / (seen + 1)) * (capped - usual);
    if (seen < LEAST_INTEREST_CHANGES || !(change > INTEREST_TIMES * usual && change > INTEREST_SHARE * before)) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = value - before;
    numbers[EXPECTED] = usual;
    numbers[DEVIATION] = change / usual;
    this.verdicts.tell(
      AnomalyKind.OPEN_INTEREST_SURPRISE,
      Severity.NOTICE,
      id,
      id,
      NOBODY,
      NOBODY,
      rows[row + UNDERLYING]! - 1,
    );
  }

  /** The scale of an instrument's residuals, for tests and screens. */
  residualScale(id: number): number {
    return scaleOf(this.state.rows, id * ROW_CELLS + RESIDUAL);
  }
}

/** What a level monitor is handed: value, time, event, least distance. Written anew before each use. */
const rowValue = new Float64Array(4);
