/** Entry of every worker thread of the engine. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachArena } from '../arena/arena.js';
import { EdgeKind } from '../arena/layout.js';
import { libc } from '../native/libc.js';
import { NoteWriter } from '../supervision/notes.js';
import { runComputeThread } from './compute-thread.js';
import { runIoThread } from './io-thread.js';
import type { ThreadMessage, ThreadSpec } from './thread-spec.js';

const spec = workerData as ThreadSpec;
const { placement } = spec;

const library = libc();
library?.nameThread(`vf-${placement.name}`);
const pinned = placement.cpu === undefined ? undefined : (library?.pinThread(placement.cpu) ?? false);
if (placement.realtime === true) library?.realtimeThread();
if (placement.nice !== undefined) library?.niceThread(placement.nice);

const notes = new NoteWriter(attachArena(spec.notes, `notes of ${placement.name}`, EdgeKind.STREAM, spec.engineRun));
const say = (message: ThreadMessage): void => parentPort?.postMessage(message);

const ready = (): void => say({ kind: 'ready', pinned });
if (spec.part.kind === 'compute') await runComputeThread(spec, spec.part, notes, ready);
else await runIoThread(spec, spec.part, notes, ready);
say({ kind: 'done' });
// A compute thread has held libuv all its life; whatever else lives here must not keep the thread.
parentPort?.unref();
