import { Grid } from '../../../engine/market/grid.js';
import { Side } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { Level } from '../../../schemas/generated/level.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type DepthTape, TapeRow } from './depth-tape.js';

/** Bars of one instrument, oldest first. */
export interface Bars {
  /** Microseconds since the Unix epoch. */
  openTime: Float64Array;
  /** Prices, the venue's unit. */
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  /** Traded, the venue's amount unit; NaN where it is not known. */
  volume: Float64Array;
  /** Length of each, seconds. */
  seconds: number;
}

/** Orders in which a bar's extremes may have come; bars do not say. */
export const EXTREMES = ['nearest-first', 'farthest-first'] as const;

/** What has to be assumed of the market inside bars: plain data. */
export interface BarsPath {
  /** Which extreme came first: the one nearer to the open, or the other. */
  extremes: (typeof EXTREMES)[number];
  /** Prices on each of a bar's three straight lines: from the open to the first extreme, to the second, to the close. */
  steps: number;
  /** Between bid and offer, and what stands at each, the venue's amount unit. */
  spreadTicks: number;
  touchAmount: number;
}

export interface BarsTapeOptions {
  source: string;
  instrument: string;
  hash: string;
  tick: number;
  lot: number;
}

const LEGS = 3;
const LEVELS = 2;
const RECORD_BYTES = HEADER_BYTES + BookUpdate.sizeOf() + LEVELS * Level.sizeOf();
const SNAPSHOT = 1;
/** Of a book that has a level a side. */
const DEPTH = 8;

/**
 * Bars as a tape of depth and trades: the price goes in three straight lines through each bar's four prices, trades at each step, and has a touch of
 * a fixed spread and amount around it. An order is surely filled by what a bar has gone through; everything else about the way is assumed.
 *
 * @throws RangeError where there is less than a bar
 */
export function barsTape(bars: Bars, options: BarsTapeOptions, path: BarsPath): DepthTape {
  const { source, instrument, hash } = options;
  const { steps, spreadTicks, extremes } = path;
  const tick = new Grid(options.tick);
  const lot = new Grid(options.lot);
  const count = bars.openTime.length;
  if (count === 0) throw new RangeError(`${source}: expected at least one bar, found none`);
  const points = count * (1 + LEGS * steps);
  const buffer = new ViewBuffer(new ArrayBuffer(points * RECORD_BYTES));
  const kind = new Uint8Array(2 * points);
  const time = new Float64Array(2 * points);
  const at = new Float64Array(2 * points);
  const tradeTicks = new Float64Array(points);
  const tradeLots = new Float64Array(points);
  const tradeSide = new Uint8Array(points);
  const touchLots = Math.max(1, lot.nearest(path.touchAmount));
  const update = new BookUpdate();
  const level = new Level();
  let rows = 0;
  let books = 0;
  let trades = 0;
  let bid = Number.NaN;
  /** A trade at a price and the touch that it leaves: a rising price is an offer that was taken. */
  const point = (when: number, price: number, isRising: boolean, lots: number): void => {
    const ticks = tick.nearest(price);
    tradeTicks[trades] = ticks;
    tradeLots[trades] = lots;
    tradeSide[trades] = isRising ? Side.BUY : Side.SELL;
    kind[rows] = TapeRow.TRADE;
    time[rows] = when;
    at[rows++] = trades++;
    const next = isRising ? ticks - spreadTicks : ticks;
    if (next === bid) return;
    bid = next;
    const record = books++ * RECORD_BYTES;
    buffer.view.setFloat64(record + HeaderOffset.EXCHANGE_TIME, when, true);
    update.__init(record + HEADER_BYTES, buffer);
    update.mutate_kind(SNAPSHOT);
    update.mutate_changeId(books);
    update.mutate_bidCount(1);
    update.mutate_askCount(1);
    for (let side = 0; side < LEVELS; side++) {
      level.__init(record + HEADER_BYTES + BookUpdate.sizeOf() + side * Level.sizeOf(), buffer);
      level.mutate_price(tick.value(bid + side * spreadTicks));
      level.mutate_amount(lot.value(touchLots));
    }
    kind[rows] = TapeRow.DEPTH;
    time[rows] = when;
    at[rows++] = record;
  };
  let last = bars.open[0]!;
  for (let bar = 0; bar < count; bar++) {
    const [open, high, low, close] = [bars.open[bar]!, bars.high[bar]!, bars.low[bar]!, bars.close[bar]!];
    const isHighFirst = high - open < open - low === (extremes === 'nearest-first');
    const corners = [open, isHighFirst ? high : low, isHighFirst ? low : high, close];
    const traded = bars.volume[bar]! / (1 + LEGS * steps);
    const lots = Math.max(1, traded > 0 ? lot.nearest(traded) : 1);
    const begin = bars.openTime[bar]!;
    const stepMicros = (bars.seconds * 1e6) / (LEGS * steps);
    point(begin, open, open >= last, lots);
    for (let leg = 0; leg < LEGS; leg++) {
      const from = corners[leg]!;
      const to = corners[leg + 1]!;
      for (let step = 1; step <= steps; step++) {
        // The corner itself, and not what rounding makes of it.
        const price = step === steps ? to : from + ((to - from) * step) / steps;
        point(begin + (leg * steps + step) * stepMicros, price, to >= from, lots);
      }
    }
    last = close;
  }
  return {
    source,
    instrument,
    hash,
    tick,
    lot,
    rows,
    kind: kind.slice(0, rows),
    exchangeTime: time.slice(0, rows),
    // Nobody recorded it: it is heard as late as the settings say.
    localTime: time.slice(0, rows),
    at: at.slice(0, rows),
    records: new DataView(buffer.view.buffer, 0, books * RECORD_BYTES),
    snapshot: 0,
    tradeTicks: tradeTicks.slice(0, trades),
    tradeLots: tradeLots.slice(0, trades),
    tradeSide: tradeSide.slice(0, trades),
    levels: books * LEVELS,
    depth: DEPTH,
  };
}
