import type { Cells } from '../orders/cells.js';

/** Horizons of markouts, seconds. */
export const MARKOUT_SECONDS = [1, 10, 60] as const;
const HORIZONS = MARKOUT_SECONDS.length;

const INSTRUMENT = 0;
const SIGN = 1;
const PRICE = 2;
const VEGA = 3;
const TIME = 4;
const BUCKET = 5;
const DONE = 6;
const AMOUNT = 7;
const NUMBER = 8;
const FIELDS = 9;

/** What `look` found: fill's number, instrument, bucket, horizon (place), markout in price units and in vol, amount. */
export const Found = {
  NUMBER: 0,
  INSTRUMENT: 1,
  BUCKET: 2,
  HORIZON: 3,
  PRICE: 4,
  VOL: 5,
  AMOUNT: 6,
  SIGN: 7,
  SIZE: 8,
} as const;

export interface FoundMarkout {
  /** A markout stands in `found`. */
  onMarkout(): void;
}

/**
 * What became of the price after each fill: (value then - price of the fill) times the side, after each horizon. Positive is
 * good for us. The newest fills are watched; those beyond the room are forgotten, oldest first.
 */
export class Markouts {
  /** A fill on its way into `add`: [price, vega in price units, event time, amount, number]. */
  readonly input = new Float64Array(5);
  readonly found = new Float64Array(Found.SIZE);
  private readonly rows: Float64Array;
  private readonly control: Int32Array;
  private readonly capacity: number;

  constructor(cells: Cells, capacity: number) {
    this.capacity = capacity;
    this.rows = cells.float64(capacity * FIELDS, 'markouts: rows', {
      INSTRUMENT,
      SIGN,
      PRICE,
      VEGA,
      TIME,
      BUCKET,
      DONE,
      AMOUNT,
      NUMBER,
    });
    // [oldest, watched]
    this.control = cells.int32(2, 'markouts: oldest, watched');
  }

  add(instrument: number, isBuy: boolean, bucket: number): void {
    const { rows, control, input, capacity } = this;
    if (control[1] === capacity) {
      control[0] = (control[0]! + 1) % capacity;
      control[1]! -= 1;
    }
    const at = ((control[0]! + control[1]!) % capacity) * FIELDS;
    control[1]! += 1;
    rows[at + INSTRUMENT] = instrument;
    rows[at + SIGN] = isBuy ? 1 : -1;
    rows[at + PRICE] = input[0]!;
    rows[at + VEGA] = input[1]!;
    rows[at + TIME] = input[2]!;
    rows[at + AMOUNT] = input[3]!;
    rows[at + NUMBER] = input[4]!;
    rows[at + BUCKET] = bucket;
    rows[at + DONE] = 0;
  }

  /** Fills that are watched. */
  get watched(): number {
    return this.control[1]!;
  }

  /**
   * Tells the sink of every horizon that has passed.
   *
   * @param now `now[0]`, event time, microseconds @param values values of instruments, one every `stride` numbers from `first` on;
   * where one is not a positive number the fill waits
   */
  look(now: Float64Array, values: Float64Array, stride: number, first: number, sink: FoundMarkout): void {
    const { rows, control, capacity, found } = this;
    for (let place = 0; place < control[1]!; place++) {
      const at = ((control[0]! + place) % capacity) * FIELDS;
      const value = values[rows[at + INSTRUMENT]! * stride + first]!;
      while (rows[at + DONE]! < HORIZONS && value > 0) {
        const horizon = rows[at + DONE]!;
        if (now[0]! - rows[at + TIME]! < MARKOUT_SECONDS[horizon]! * 1e6) break;
        rows[at + DONE] = horizon + 1;
        const markout = rows[at + SIGN]! * (value - rows[at + PRICE]!);
        found[Found.NUMBER] = rows[at + NUMBER]!;
        found[Found.INSTRUMENT] = rows[at + INSTRUMENT]!;
        found[Found.BUCKET] = rows[at + BUCKET]!;
        found[Found.HORIZON] = horizon;
        found[Found.PRICE] = markout;
        found[Found.VOL] = rows[at + VEGA]! > 0 ? markout / rows[at + VEGA]! : 0;
        found[Found.AMOUNT] = rows[at + AMOUNT]!;
        found[Found.SIGN] = rows[at + SIGN]!;
        sink.onMarkout();
      }
    }
    // Fills end in order, but for those whose value is missing: these wait, at most until there is no room.
    while (control[1]! > 0 && rows[control[0]! * FIELDS + DONE]! === HORIZONS) {
      control[0] = (control[0]! + 1) % capacity;
      control[1]! -= 1;
    }
  }
}
