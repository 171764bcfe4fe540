import type { Cells } from '../orders/cells.js';

/** Numbers of one currency, in this order in its row. */
export const TIE = {
  BASE_EQUITY: 0,
  BASE_TOTAL: 1,
  BASE_TIME: 2,
  BASE_FEES: 3,
  BASE_FUNDING: 4,
  BASE_REALISED: 5,
  CHANGE: 6,
  OUR_CHANGE: 7,
  DIFFERENCE: 8,
  TOLERANCE: 9,
} as const;
export const TIE_FIELDS = 10;

/** What a look found; `DAY_TIES` and `DAY_DIFFERS` at the first look of a venue's day, of the whole day before. */
export const TieState = { BASELINE: 1, TIES: 2, DIFFERS: 3, DAY_TIES: 4, DAY_DIFFERS: 5 } as const;

/** Currencies that an account may have. */
export const MOST_CURRENCIES = 16;

/** What rounding of the venue's numbers may amount to, currency units. */
const ROUNDING = 1e-6;
/** Share of the book's gross value by which two looks at moving marks may differ. */
const MARK_NOISE = 1e-3;

/** The venue's day begins at 08:00 UTC, when it settles. */
const DAY_MICROS = 86_400e6;
const DAY_BEGINS_MICROS = 8 * 3600e6;

/**
 * Our count of the money in each currency beside the venue's equity: both as changes since a baseline, because what was there
 * before the first look is the venue's to know. Each day of the venue is closed for itself, its settlement included: a difference is of one day.
 */
export class TieOutBook {
  /** Rows of TIE_FIELDS numbers, by place. */
  readonly cells: Float64Array;
  /** [equity, our total at the venue's marks, fees, funding, realised, gross value of the book, time] of a look. */
  readonly look = new Float64Array(7);
  /** Two words of the currency's name, by place. */
  readonly names: Int32Array;
  private readonly count: Int32Array;

  constructor(cells: Cells) {
    this.cells = cells.float64(MOST_CURRENCIES * TIE_FIELDS, 'tie out: cells', TIE);
    this.names = cells.int32(2 * MOST_CURRENCIES, 'names');
    this.count = cells.int32(1, 'count');
  }

  /** Place of a currency, given by the first look at it; -1 where there is no room. */
  placeOf(word0: number, word1: number): number {
    const { names } = this;
    let place = 0;
    while (place < this.count[0]! && (names[2 * place] !== (word0 | 0) || names[2 * place + 1] !== (word1 | 0)))
      place++;
    if (place === MOST_CURRENCIES) return -1;
    if (place === this.count[0]) {
      names[2 * place] = word0;
      names[2 * place + 1] = word1;
      this.count[0]! += 1;
      this.cells[place * TIE_FIELDS + TIE.BASE_TIME] = Number.NaN;
    }
    return place;
  }

  /** Takes in `look`; the first of a currency is its baseline. Where it ends a day, the next one begins by `begin`, once this has been told. */
  compare(place: number): number {
    const { cells, look } = this;
    const row = place * TIE_FIELDS;
    if (Number.isNaN(cells[row + TIE.BASE_TIME]!)) {
      this.begin(place);
      return TieState.BASELINE;
    }
    const change = look[0]! - cells[row + TIE.BASE_EQUITY]!;
    const ours = look[1]! - cells[row + TIE.BASE_TOTAL]!;
    cells[row + TIE.CHANGE] = change;
    cells[row + TIE.OUR_CHANGE] = ours;
    cells[row + TIE.DIFFERENCE] = change - ours;
    cells[row + TIE.TOLERANCE] = ROUNDING + MARK_NOISE * look[5]!;
    // Written so that a NaN differs.
    const ties = Math.abs(change - ours) <= cells[row + TIE.TOLERANCE]!;
    const isOver = Math.floor((look[6]! - DAY_BEGINS_MICROS) / DAY_MICROS) > this.dayOf(row);
    if (isOver) return ties ? TieState.DAY_TIES : TieState.DAY_DIFFERS;
    return ties ? TieState.TIES : TieState.DIFFERS;
  }

  /** Takes `look` for the baseline from which the next ones are counted. */
  begin(place: number): void {
    const { cells, look } = this;
    const row = place * TIE_FIELDS;
    cells[row + TIE.BASE_EQUITY] = look[0]!;
    cells[row + TIE.BASE_TOTAL] = look[1]!;
    cells[row + TIE.BASE_FEES] = look[2]!;
    cells[row + TIE.BASE_FUNDING] = look[3]!;
    cells[row + TIE.BASE_REALISED] = look[4]!;
    cells[row + TIE.BASE_TIME] = look[6]!;
  }

  private dayOf(row: number): number {
    return Math.floor((this.cells[row + TIE.BASE_TIME]! - DAY_BEGINS_MICROS) / DAY_MICROS);
  }
}
