import { Grid } from '../../../engine/market/grid.js';
import { Side } from '../../../engine/market/orders/codes.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import { BookUpdate } from '../../../schemas/generated/book-update.js';
import { Level } from '../../../schemas/generated/level.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { type DepthTape, TapeRow } from '../../backtest/perpetual/depth-tape.js';

const START = 1_700_000_000_000_000;
const STEP_MICROS = 20_000;
const LEVELS = 5;
const RECORD_BYTES = HEADER_BYTES + BookUpdate.sizeOf() + 2 * LEVELS * Level.sizeOf();
const SNAPSHOT = 1;

/** A tape of a made-up market: a random walk of the mid, levels around it told as whole books, and trades at the touch. */
export function writeBook({ seconds, seed }: { seconds: number; seed: number }): DepthTape {
  const random = new Seeded(seed);
  const steps = Math.floor((seconds * 1e6) / STEP_MICROS);
  const buffer = new ViewBuffer(new ArrayBuffer((steps + 1) * RECORD_BYTES));
  const rows: { kind: number; time: number; at: number }[] = [];
  const trades: { ticks: number; lots: number; side: number }[] = [];
  let bid = 600_000;
  const book = (step: number): number => {
    const at = step * RECORD_BYTES;
    buffer.view.setFloat64(at + HeaderOffset.EXCHANGE_TIME, START + step * STEP_MICROS, true);
    const update = new BookUpdate().__init(at + HEADER_BYTES, buffer);
    update.mutate_kind(SNAPSHOT);
    update.mutate_changeId(step + 1);
    update.mutate_bidCount(LEVELS);
    update.mutate_askCount(LEVELS);
    for (let level = 0; level < 2 * LEVELS; level++) {
      const place = level % LEVELS;
      const told = new Level().__init(at + HEADER_BYTES + BookUpdate.sizeOf() + level * Level.sizeOf(), buffer);
      told.mutate_price((level < LEVELS ? bid - place : bid + 1 + place) / 10);
      told.mutate_amount((1 + random.below(200)) / 1000);
    }
    return at;
  };
  const snapshot = book(0);
  for (let step = 1; step <= steps; step++) {
    const time = START + step * STEP_MICROS;
    if (random.below(3) === 0) {
      const side = random.below(2) === 0 ? Side.BUY : Side.SELL;
      const through = random.below(4);
      rows.push({ kind: TapeRow.TRADE, time, at: trades.length });
      trades.push({
        side,
        ticks: side === Side.BUY ? bid + 1 + through : bid - through,
        lots: 1 + random.below(100),
      });
    }
    bid += random.below(9) - 4;
    rows.push({ kind: TapeRow.DEPTH, time, at: book(step) });
  }
  return {
    source: 'a small tape',
    instrument: 'TEST',
    hash: '',
    tick: new Grid(0.1),
    lot: new Grid(0.001),
    rows: rows.length,
    kind: Uint8Array.from(rows, ({ kind }) => kind),
    exchangeTime: Float64Array.from(rows, ({ time }) => time),
    localTime: Float64Array.from(rows, ({ time }) => time),
    at: Float64Array.from(rows, ({ at }) => at),
    records: buffer.view,
    snapshot,
    tradeTicks: Float64Array.from(trades, ({ ticks }) => ticks),
    tradeLots: Float64Array.from(trades, ({ lots }) => lots),
    tradeSide: Uint8Array.from(trades, ({ side }) => side),
    levels: steps * 2 * LEVELS,
    depth: 64,
  };
}
