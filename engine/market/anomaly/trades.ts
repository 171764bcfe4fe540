import { InstrumentKind } from '../instrument.js';
import { AnomalyKind, Severity } from './kinds.js';
import {
  ASK,
  BAR_TRADES,
  BAR_VOLUME,
  BID,
  FORWARD,
  IS_INVERSE,
  KIND,
  MARK,
  type MarketState,
  PRICE,
  ROW_CELLS,
  MarketState as State,
  TICK,
  TICK_SCORE,
  UNDERLYING,
} from './market-state.js';
import { centreOf, scaleOf } from './robust-score.js';
import { AT_PRICE, DEVIATION, EXPECTED, FOUND, NOBODY, type Verdicts } from './verdicts.js';

/** A print is bad beyond the touch by more than these together: spreads, ticks, deviations of a second's move of the underlying. */
const SPREADS = 3;
const TICKS = 5;
const DEVIATIONS = 9;
/** Where there is no touch, the part of the mark by which it may miss it. */
const MARK_SHARE = 0.5;

/** Looks at each trade beside the quote that it should have met. Constant time. */
export class TradeDetector {
  private readonly state: MarketState;
  private readonly verdicts: Verdicts;

  constructor(state: MarketState, verdicts: Verdicts) {
    this.state = state;
    this.verdicts = verdicts;
  }

  /** A trade of an instrument: its price at `values[price]`, its amount behind it. */
  trade(id: number, values: Float64Array, price: number): void {
    const { rows, underlyings } = this.state;
    const at = id * ROW_CELLS;
    const number = rows[at + UNDERLYING]! - 1;
    const row = State.underlyingRow(number);
    const paid = values[price]!;
    const amount = values[price + 1]!;
    if (!(paid > 0 && paid < Number.POSITIVE_INFINITY && amount >= 0 && amount < Number.POSITIVE_INFINITY)) return;
    const isOption = rows[at + KIND] === InstrumentKind.OPTION;
    const spot = underlyings[row + PRICE]!;
    // Amounts of inverse futures are USD already; of all else they are coins, priced in coins or in USD.
    const isUsdAmount = !isOption && rows[at + IS_INVERSE] === 1;
    const usd = isUsdAmount ? amount : amount * (rows[at + IS_INVERSE] === 1 ? paid * spot : paid);
    if (usd >= 0 && usd < Number.POSITIVE_INFINITY) underlyings[row + BAR_VOLUME]! += usd;
    underlyings[row + BAR_TRADES]! += 1;
    const bid = rows[at + BID]!;
    const ask = rows[at + ASK]!;
    const mark = rows[at + MARK]!;
    const move = centreOf(underlyings, row + TICK_SCORE) + DEVIATIONS * scaleOf(underlyings, row + TICK_SCORE);
    const forward = rows[at + FORWARD]!;
    // One unit of return in the price's unit: an option follows its forward by one for one at the most.
    const unit = isOption ? (rows[at + IS_INVERSE] === 1 ? 1 : forward) : paid;
    let outside = Number.NaN;
    let allowed = Number.NaN;
    if (bid > 0 && ask >= bid) {
      outside = Math.max(0, paid - ask, bid - paid);
      allowed = SPREADS * (ask - bid) + TICKS * rows[at + TICK]! + move * unit;
    } else if (mark > 0) {
      outside = Math.abs(paid - mark);
      allowed = MARK_SHARE * mark + TICKS * rows[at + TICK]! + move * unit;
    }
    if (!(outside > allowed)) return;
    const numbers = this.verdicts.begin();
    numbers[FOUND] = paid;
    numbers[EXPECTED] = bid > 0 && ask >= bid ? 0.5 * (bid + ask) : mark;
    numbers[DEVIATION] = outside / allowed;
    numbers[AT_PRICE] = paid;
    this.verdicts.tell(AnomalyKind.BAD_PRINT, Severity.WARNING, id, id, NOBODY, NOBODY, number);
  }
}
