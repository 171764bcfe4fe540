/** Entry of every worker thread of the engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachArena } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import { libc } from '../native/libc.js';
import { NoteWriter } from '../supervision/notes.js';
import { runComputeThread } from './compute-thread.js';
import { runIoThread } from './io-thread.js';
import type { ThreadMessage, ThreadSpec, TopologyModule } from './thread-spec.js';
import { Wiring } from './wiring.js';

const spec = workerData as ThreadSpec;
const { placement } = spec;

const library = libc();
library?.nameThread(`vf-${placement.name}`);
const pinned = placement.cpu === undefined ? undefined : (library?.pinThread(placement.cpu) ?? false);
if (placement.realtime === true) library?.realtimeThread();
if (placement.nice !== undefined) library?.niceThread(placement.nice);

const notes = new NoteWriter(attachArena(spec.notes, `notes of ${placement.name}`, EdgeKind.STREAM, spec.engineRun));
const module = (await import(spec.topologyModule)) as TopologyModule;
const wiring = new Wiring(spec, module.topology(spec.settings));
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

if (placement.kind === 'compute') runComputeThread(spec, wiring, notes, () => say({ kind: 'ready', pinned }));
else await runIoThread(spec, wiring, notes, () => say({ kind: 'ready', pinned }));
say({ kind: 'done' });
// A compute thread has held libuv all its life; whatever else lives here must not keep the thread.
parentPort?.unref();
