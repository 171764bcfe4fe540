import { core } from '../../core.js';
import type { CoreSettings } from '../../core-settings.js';
import { type Captured, captureMemory, readCaptured } from '../placed/capture.js';
import { runToEnd } from '../placed/run-to-end.js';
import { type PlacedCoreSettings, placedStreams, topology } from './placed-core.js';

/**
 * Plays a journal's log through the whole core on so many compute threads, the stages dealt out in turn, so that nearly every edge is one
 * between threads.
 * @returns digests of the log and of what each stage said, in the order of `placedStreams`
 */
export async function runPlacedCore(journal: string, settings: CoreSettings, threads: number): Promise<Captured[]> {
  const streams = placedStreams(settings).length;
  const captured = captureMemory(streams, 0);
  const placed: PlacedCoreSettings = { journal, core: settings, captured };
  const compute: string[][] = Array.from({ length: threads }, () => []);
  for (const [rank, name] of ['sequencer', ...core(settings).map((stage) => stage.name)].entries())
    compute[rank % threads]!.push(name);
  await runToEnd({
    module: new URL('./placed-core.js', import.meta.url).href,
    topology: topology(placed),
    settings: placed,
    compute,
    io: ['player', 'collector'],
  });
  return Array.from({ length: streams }, (_, index) => readCaptured(captured, index));
}
