/** Entry of every worker thread of the engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachArena } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import { NoteWriter } from '../supervision/notes.js';
import { runComputeThread } from './compute-thread.js';
import { runIoThread } from './io-thread.js';
import { ThreadPlace } from './thread-place.js';
import type { ThreadMessage, ThreadSpec, ThreadStages } from './thread-spec.js';

const spec = workerData as ThreadSpec;
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
