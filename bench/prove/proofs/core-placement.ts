import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreSettings } from '../../../actors/backtest/simulated-backtest.js';
import type { CoreSettings } from '../../../actors/core-settings.js';
import { journalVirtualRun } from '../../../actors/testing/backtest/journalled-virtual-run.js';
import { placedStreams } from '../../../actors/testing/core/placed-core.js';
import { runPlacedCore } from '../../../actors/testing/core/run-placed-core.js';
import { Capture, type Captured, captureMemory, readCaptured } from '../../../actors/testing/placed/capture.js';
import { MARKET_MAKER_LIMITS } from '../../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../../actors/venue-sim/world/parameters.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { Proof } from '../proof.js';

const SEED = 11;
/** So many log events a virtual second come of the chain below at least. */
const EVENTS_A_SECOND = 200;
const THREADS = [1, 2, 4] as const;

/** The core of a market maker, quoting and hedging a chain, replayed on threads of its own. */
export const proof: Proof = {
  name: 'core-placement',
  claim:
    'over the log of a chain that is quoted and hedged, every stage of the core says the same bytes on 1, 2 and 4 threads',
  unit: 'log events',
  amounts: { ci: 1_000_000, full: 10_000_000 },
  async run(amount, progress) {
    const folder = mkdtempSync(join(tmpdir(), 'volfilter-core-placement-'));
    try {
      const settings = coreSettings({ quoting: {}, hedging: {} });
      const streams = placedStreams(settings);
      const parts = THREADS.length + 1;
      const expected = await writeJournal(folder, settings, amount, (part) => progress(Math.floor(part / parts)));
      for (const [done, threads] of THREADS.entries()) {
        const found = await runPlacedCore(folder, settings, threads);
        if (found[0]!.records < amount)
          throw new Error(`only ${found[0]!.records} log events: less than is to be proved`);
        for (const [index, { digest, records }] of expected.entries()) {
          const { digest: other, records: count } = found[index + 1]!;
          if (other === digest) continue;
          throw new Error(
            `on ${threads} threads the ${count} records of '${streams[index + 1]!.name}' have the digest ${other}; when they were written, they were ${records} with ${digest}`,
          );
        }
        progress(Math.floor(((2 + done) * amount) / parts));
      }
      return expected.map(({ digest, records }, index) => ({
        name: streams[index + 1]!.name,
        unit: 'records',
        value: records,
        note: digest.slice(0, 16),
      }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A run on the virtual clock and its journal. @returns digests of what each stage said in it */
async function writeJournal(
  folder: string,
  settings: CoreSettings,
  events: number,
  progress: (events: number) => void,
): Promise<Captured[]> {
  const [, ...streams] = placedStreams(settings);
  const memory = captureMemory(streams.length, 0);
  const captures = new Map(streams.map(({ name }, index) => [name, new Capture(memory, index, streams.length)]));
  const [currency] = WORLD.currencies;
  const options = {
    seed: SEED,
    core: settings,
    world: { ...WORLD, currencies: [currency!] },
    limits: MARKET_MAKER_LIMITS,
    deposit: { [currency!.name]: 1000 },
  };
  const seconds = Math.ceil(events / EVENTS_A_SECOND);
  await journalVirtualRun(folder, options, seconds, {
    heard: (run) => {
      for (const edge of streams) run.hear(edge, captures.get(edge.name)!.onRecord);
      const { onTimer } = run.log;
      run.log.onTimer = (edge, buffer, offset) => {
        onTimer!(edge, buffer, offset);
        captures.get(edge.name)!.onRecord(MessageType.TIMER_REQUEST, buffer, offset);
      };
    },
    progress: (done) => progress(Math.floor((done * events) / seconds)),
  });
  for (const capture of captures.values()) capture.close();
  return streams.map((_, index) => readCaptured(memory, index));
}
