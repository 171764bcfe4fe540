import { Engine } from '../../../engine/runtime/host/engine.js';
import type { Placement } from '../../../engine/runtime/topology/placement.js';
import { LADDER } from '../../../engine/runtime/wait/wait-ladder.js';
import type { FilterConfig } from '../../filter/filter-config.js';
import { type Captured, captureMemory, readCaptured } from '../determinism/capture.js';
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
  const placement: Placement = {
    threads: [
      ...threadsOf[threads].map((actors, index) => ({
        name: `core-${index}`,
        kind: 'compute' as const,
        wait: LADDER,
        actors,
      })),
      { name: 'player', kind: 'io', actors: ['player'] },
      { name: 'collector', kind: 'io', actors: ['collector'] },
    ],
  };
  const failures: string[] = [];
  const engine = new Engine({
    topologyModule: new URL('./placed-filter.js', import.meta.url).href,
    topology: topology(settings),
    settings,
    placement,
    engineRun: 1,
    engineId: 1,
    telemetry: false,
    supervised: false,
    onNote: (level, who, message) => {
      if (level === 'fatal' || level === 'error') failures.push(`${who}: ${message}`);
    },
  });
  await engine.start();
  await engine.drained();
  await engine.stop();
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return Array.from({ length: PLACED_STREAMS }, (_, index) => readCaptured(captured, index));
}
