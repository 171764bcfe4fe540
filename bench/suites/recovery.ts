import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { core } from '../../actors/core.js';
import { type CoreSettings, NO_VENUE, OPTION_TRADING } from '../../actors/core-settings.js';
import { recoverCore } from '../../actors/replay/recover.js';
import { journalledRun, SCHEMAS } from '../../actors/testing/replay/journalled-run.js';
import { MARKET_MAKER_LIMITS } from '../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../actors/venue-sim/world/parameters.js';
import { VirtualLog } from '../../actors/virtual-run/virtual-log.js';
import { VirtualRun } from '../../actors/virtual-run/virtual-run.js';
import { JournalReader } from '../../engine/journal/reader.js';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { RestoredCore } from '../../engine/runtime/host/restored-core.js';
import type { BenchResult, BenchSuite } from '../report.js';

/** The longest tail that snapshots leave, and what a core without one has to go through. */
const TAIL = 150_000;
const LONG = 1_000_000;
const PART = 50_000;
const QUOTES: CoreSettings = { instruments: 256, bookDepth: 4, trading: NO_VENUE };
const CHAIN: CoreSettings = { instruments: 1024, bookDepth: 10, trading: OPTION_TRADING };

/** Seconds from a journal on the disk to a core that stands where it ended. */
async function fromJournal(events: number, progress: (line: string) => void): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-recovery-'));
  try {
    let restored: RestoredCore | undefined;
    // In parts: between two of them what was written reaches the disk.
    for (let firstSeq = 1; firstSeq <= events; firstSeq += PART) {
      const part = {
        folder,
        settings: QUOTES,
        firstSeq,
        events: Math.min(PART, events - firstSeq + 1),
        seed: firstSeq,
      };
      restored = await journalledRun({ ...part, ...(restored === undefined ? {} : { restored }) });
    }
    progress(`a journal of ${events} events is written`);
    const journal = new JournalReader(folder);
    const started = performance.now();
    const recovery = recoverCore({
      journal,
      snapshots: join(folder, 'snapshots'),
      settings: QUOTES,
      schemas: SCHEMAS,
      note: progress,
    });
    const seconds = (performance.now() - started) / 1000;
    await journal.close();
    const position = recovery?.restored.position;
    if (position !== events) throw new Error(`the journal ends at ${events}, the core stands at ${position}`);
    return { name: `journal of ${events} quotes`, unit: 's', value: seconds };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds that the core takes for a tail of a whole chain's market, quoted. */
function chainTail(progress: (line: string) => void): BenchResult {
  const world = { ...WORLD, strikes: 8, currencies: [WORLD.currencies[0]!] };
  const run = new VirtualRun({ seed: 1, world, core: CHAIN, limits: MARKET_MAKER_LIMITS });
  run.advance(30);
  const from: RestoredCore = run.log.snapshot();
  const tail: { type: number; time: number; length: number; words: Float64Array }[] = [];
  run.log.onEvent = (type, buffer, offset) => {
    const { view } = buffer;
    const length = view.getInt32(offset + HeaderOffset.LENGTH, true);
    const words = Float64Array.from({ length: (length + 7) >> 3 }, (_, word) =>
      view.getFloat64(offset + 8 * word, true),
    );
    tail.push({ type, time: view.getFloat64(offset + HeaderOffset.EVENT_TIME, true), length, words });
  };
  while (tail.length < TAIL) run.advance(10);
  progress(`a tail of ${tail.length} events of a chain is made`);
  const started = performance.now();
  const log = new VirtualLog({ stages: core(CHAIN), restored: from });
  for (let index = 0; index < TAIL; index++) {
    const { type, time, length, words } = tail[index]!;
    log.at(time);
    log.take(words, 0, length, type);
  }
  log.finish();
  const seconds = (performance.now() - started) / 1000;
  return { name: `tail of ${TAIL} events of a quoted chain`, unit: 's', value: seconds, note: 'the core alone' };
}

export const suite: BenchSuite = async (progress) => [
  chainTail(progress),
  await fromJournal(TAIL, progress),
  await fromJournal(LONG, progress),
];
