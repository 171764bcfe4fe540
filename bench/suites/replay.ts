/**
 * A journal of a quoted chain of options, played again: into books alone, through the whole core, and with everything compared to what was recorded.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreSettings } from '../../actors/backtest/simulated-backtest.js';
import { core } from '../../actors/core.js';
import { isOutput } from '../../actors/replay/log-player.js';
import { verifyReplay } from '../../actors/replay/verify-replay.js';
import { journalVirtualRun } from '../../actors/testing/backtest/journalled-virtual-run.js';
import { MARKET_MAKER_LIMITS } from '../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../actors/venue-sim/world/parameters.js';
import { VirtualLog } from '../../actors/virtual-run/virtual-log.js';
import { eachRecord } from '../../engine/journal/block.js';
import { JournalReader } from '../../engine/journal/reader.js';
import { Grid } from '../../engine/market/grid.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import { decodeInstrument } from '../../engine/market/instrument-codec.js';
import { OrderBook } from '../../engine/market/order-book.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { MessageType } from '../../schemas/message-type.js';
import type { BenchResult, BenchSuite } from '../report.js';

const ROUNDS = 5;
/** Of the whole core: its code is warm after some. */
const CORE_ROUNDS = 8;
const WARM_UP_SECONDS = 60;
const SECONDS = 240;
const STRIKES = 16;

/** Events a second from the journal's blocks to up-to-date books; the best of some rounds. */
function booksAlone(folder: string): BenchResult {
  const journal = new JournalReader(folder);
  let best = 0;
  let events = 0;
  let updates = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const books: (OrderBook | undefined)[] = [];
    events = 0;
    updates = 0;
    const started = performance.now();
    for (const block of journal.blocks()) {
      const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
      eachRecord(block, (offset, length) => {
        events++;
        const type = view.getUint16(offset + HeaderOffset.TYPE, true);
        if (type === MessageType.BOOK_UPDATE) {
          updates++;
          books[view.getUint32(offset + HEADER_BYTES, true)]?.apply(view, offset);
        } else if (type === MessageType.INSTRUMENT_DEFINITION) {
          const { id, instrument } = decodeInstrument(block.subarray(offset + HEADER_BYTES, offset + length));
          if (instrument.kind === InstrumentKind.INDEX) return;
          const { tickSize, minimumAmount } = instrument;
          books[id] = new OrderBook({ tick: new Grid(tickSize), lot: new Grid(minimumAmount), depth: 128, reserve: 1 });
        }
      });
    }
    best = Math.max(best, (1000 * events) / (performance.now() - started));
  }
  void journal.close();
  return {
    name: 'journal to books alone',
    unit: 'events/s',
    value: best,
    note: `${events} records, ${updates} of them changes of books; the best of ${ROUNDS} rounds; aim 1,500,000`,
  };
}

/** Events a second through the core, once its code is warm. */
function wholeCore(folder: string): BenchResult {
  const journal = new JournalReader(folder);
  const settings = coreSettings({ quoting: {}, hedging: {} });
  let best = 0;
  let events = 0;
  for (let round = 0; round < CORE_ROUNDS; round++) {
    const log = new VirtualLog({ stages: core(settings) });
    events = 0;
    const started = performance.now();
    for (const block of journal.blocks()) {
      const words = new Float64Array((block.length + 7) >> 3);
      block.copy(new Uint8Array(words.buffer));
      const view = new DataView(words.buffer);
      eachRecord(block, (offset, length) => {
        if (isOutput(view, offset)) return;
        events++;
        log.at(view.getFloat64(offset + HeaderOffset.EVENT_TIME, true));
        log.take(words, offset >> 3, length, view.getUint16(offset + HeaderOffset.TYPE, true));
      });
    }
    log.finish();
    best = Math.max(best, (1000 * events) / (performance.now() - started));
    log.core.close();
  }
  void journal.close();
  return {
    name: 'journal through the whole core',
    unit: 'events/s',
    value: best,
    note: `${events} events of a chain that is quoted and hedged; the best of ${CORE_ROUNDS} rounds; aim 150,000`,
  };
}

function compared(folder: string): BenchResult {
  const journal = new JournalReader(folder);
  const started = performance.now();
  const { events, first, orders } = verifyReplay(journal);
  const seconds = (performance.now() - started) / 1000;
  void journal.close();
  if (first !== undefined) throw new Error(`the replay differs at log event ${first.seq}: ${first.what}`);
  return {
    name: 'replay that compares everything',
    unit: 'events/s',
    value: events / seconds,
    note: `${orders} orders equal byte for byte, and the digests of all stages`,
  };
}

export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-replay-'));
  try {
    const [currency] = WORLD.currencies;
    const run = await journalVirtualRun(
      folder,
      {
        seed: 1,
        core: coreSettings({ quoting: {}, hedging: {} }),
        world: { ...WORLD, strikes: STRIKES, currencies: [currency!] },
        limits: MARKET_MAKER_LIMITS,
        deposit: { [currency!.name]: 1000 },
      },
      WARM_UP_SECONDS + SECONDS,
    );
    progress(`replay: a journal of ${run.log.seq} events and ${run.exchange.instruments.size} instruments is written`);
    const books = booksAlone(folder);
    progress('replay: books are done');
    const whole = wholeCore(folder);
    progress('replay: the whole core is done');
    return [books, whole, compared(folder)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
