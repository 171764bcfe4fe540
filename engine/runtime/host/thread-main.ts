/** Entry of every worker thread of the engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachArena } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import { NoteWriter } from '../supervision/notes.js';
import { runComputeThread } from './compute-thread.js';
import { runIoThread } from './io-thread.js';
import { ThreadPlace } from './thread-place.js';
import type { ThreadMessage, ThreadSpec, ThreadStages } from './thread-spec.js';
import type { WaitingSpec } from './waiting-thread.js';

const given = workerData as ThreadSpec | WaitingSpec;
const spec = 'waits' in given ? await awaited(given) : given;
const { placement } = spec;

const place = new ThreadPlace(placement, spec.loadingCpus);
const notes = new NoteWriter(attachArena(spec.notes, `notes of ${placement.name}`, EdgeKind.STREAM, spec.engineRun));
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

let pinned: boolean | undefined;
const stages: ThreadStages = {
  loaded: () => {
    pinned = place.take();
  },
  ready: () => say({ kind: 'ready', pinned }),
  standBack: () => place.standBack(),
};
if (spec.part.kind === 'compute') await runComputeThread(spec, spec.part, notes, stages);
else await runIoThread(spec, spec.part, notes, stages);
say({ kind: 'done' });
// A compute thread has held libuv all its life; whatever else lives here must not keep the thread.
parentPort?.unref();

/** Loads the core, and then hears what of it to run. */
async function awaited({ waits, topologyModule }: WaitingSpec): Promise<ThreadSpec> {
  const heard = new Promise<ThreadSpec>((resolve) => waits.once('message', resolve));
  await import(topologyModule);
  const spec = await heard;
  waits.close();
  return spec;
}
