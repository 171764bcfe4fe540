import type { FilterConfig } from '../../filter/filter-config.js';
import { type Captured, captureMemory, readCaptured } from '../placed/capture.js';
import { runToEnd } from '../placed/run-to-end.js';
import { PLACED_STREAMS, type PlacedSettings, topology } from './placed-filter.js';

const threadsOf: Record<1 | 2 | 3, readonly (readonly string[])[]> = {
  1: [['sequencer', 'book', 'filter']],
  2: [['sequencer', 'book'], ['filter']],
  3: [['sequencer'], ['book'], ['filter']],
};

/** Records one behind the other, each padded to 8 bytes. */
export function scriptOf(records: readonly Uint8Array[]): { script: SharedArrayBuffer; scriptBytes: number } {
  const scriptBytes = records.reduce((sum, record) => sum + ((record.length + 7) & ~7), 0);
  const script = new SharedArrayBuffer(scriptBytes);
  const bytes = new Uint8Array(script);
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += (record.length + 7) & ~7;
  }
  return { script, scriptBytes };
}

/** Plays a log through book and filter on compute threads of their own; digests of the log, the tops and the theos. */
export async function runPlaced(
  config: FilterConfig,
  events: readonly Uint8Array[],
  threads: 1 | 2 | 3,
): Promise<Captured[]> {
  const captured = captureMemory(PLACED_STREAMS, 0);
  const settings: PlacedSettings = { ...scriptOf(events), config, captured };
  await runToEnd({
    module: new URL('./placed-filter.js', import.meta.url).href,
    topology: topology(settings),
    settings,
    compute: threadsOf[threads],
    io: ['player', 'collector'],
  });
  return Array.from({ length: PLACED_STREAMS }, (_, index) => readCaptured(captured, index));
}
