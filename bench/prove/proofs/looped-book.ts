import { binanceDecoder } from '../../../actors/feed/binance/decoder.js';
import { writeSnapshot } from '../../../actors/feed/binance/snapshot.js';
import { NameTable } from '../../../actors/feed/wire/name-table.js';
import { Grid } from '../../../engine/market/grid.js';
import { OrderBook } from '../../../engine/market/order-book.js';
import { Reason } from '../../../engine/market/quality/reason.js';
import { recordedStream } from '../../../engine/testing/recordings.js';
import { layOut, needed } from '../../recorded-frames.js';
import type { Proof } from '../proof.js';

const SLOT = 1 << 18;
const LEVELS_AT = 96;
const LEVEL = 16;
/** Levels before memory is first looked at. */
const WARM = 2_000_000;
/** What the heap may wander by without a leak: one level that leaked 16 bytes would pass this within the first percent. */
const WANDER = 16 * 1024 * 1024;

/** The recorded perpetual goes round and round through decoder and book, and memory stays where it was. */
export const proof: Proof = {
  name: 'looped-book',
  claim: 'decoder and book keep their memory flat over the recorded stream in a loop, and the book stays whole',
  unit: 'levels',
  amounts: { ci: 10_000_000, full: 100_000_000 },
  async run(amount, progress) {
    const all = needed(recordedStream('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz'), 'binance/perp-2024-08-08');
    const snapshot: unknown = JSON.parse(all.find((text) => text.includes('lastUpdateId'))!);
    const { memory, starts, ends } = layOut(all.filter((text) => text.includes('@depth')));
    const names = new NameTable();
    names.set('BTCUSDT', 0);
    const decoder = binanceDecoder(names);
    decoder.subscribe('btcusdt@depth@0ms', 'depth', 0);
    const book = new OrderBook({ tick: new Grid(0.1), lot: new Grid(0.001), depth: 16_384 });
    const slot = new DataView(new ArrayBuffer(SLOT));
    let levels = 0;
    let before = Number.NaN;
    let highest = 0;
    while (levels < amount) {
      writeSnapshot(snapshot, 0, slot, 0, SLOT);
      book.apply(slot, 0);
      for (let index = 0; index < starts.length; index++) {
        const length = decoder.decode(memory, starts[index]!, ends[index]!, slot, 0, SLOT);
        levels += (length - LEVELS_AT) / LEVEL;
        const reason = book.apply(slot, 0);
        if (reason !== Reason.NONE && reason !== Reason.DUPLICATE)
          throw new Error(`the book broke with reason ${reason}`);
      }
      if (book.crossed) throw new Error('the book is crossed');
      progress(Math.min(levels, amount));
      if (levels < WARM) continue;
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      if (Number.isNaN(before)) before = heapUsed + arrayBuffers;
      highest = Math.max(highest, heapUsed + arrayBuffers - before);
    }
    if (highest > WANDER) throw new Error(`memory grew by ${highest} bytes over ${levels} levels`);
    return [
      {
        name: 'memory above its level after warm-up, at most',
        unit: 'bytes',
        value: highest,
        note: `${levels} levels`,
      },
    ];
  },
};
