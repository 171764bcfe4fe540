import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { outsideStatuses } from '../../telemetry/outside/outside-status.js';
import type { IoActor, IoContext, IoDefinition, IoModule, StreamEdge } from '../actor/definition.js';
import type { StreamReader } from '../edge/stream-reader.js';
import { libc } from '../native/libc.js';
import { StopPhase } from '../supervision/engine-state.js';
import type { NoteWriter } from '../supervision/notes.js';
import { ThreadCounter, type ThreadLine } from '../supervision/thread-line.js';
import { isProfileRequest, ThreadProfiler } from './thread-profiler.js';
import type { IoPart, ThreadMessage, ThreadSpec, ThreadStages } from './thread-spec.js';
import { Wiring } from './wiring.js';

/** Pause of a thread whose actors leave their inputs alone. */
const GATED_PAUSE_MS = 1;

/** Between two looks at the lag of an event loop: each wakes its thread. A lag that is shorter may fall between two looks; the supervisor's are finer. */
const LAG_LOOK_MS = 250;

/** An actor of this thread, with what the loop needs to know of it. */
interface Hosted {
  actor: IoActor;
  inputs: readonly StreamReader[];
}

/**
 * Runs the actors of one I/O thread: it belongs to libuv and sleeps in epoll; a doorbell wakes it when there is something
 * in an actor's inputs.
 */
export async function runIoThread(
  spec: ThreadSpec,
  { actors }: IoPart,
  notes: NoteWriter,
  stages: ThreadStages,
): Promise<void> {
  const modules = await Promise.all(actors.map(async ({ module }) => (await import(module)) as IoModule));
  stages.loaded();
  const wiring = new Wiring(spec);
  const { board } = wiring;
  const line = board.thread(spec.thread);
  const doorbell = wiring.doorbellOf(spec.thread);
  const stopWatching = watchThread(line, (message) => parentPort?.postMessage(message));
  // The doorbell's promise keeps no event loop alive; this does, until the thread is done.
  const profiler = new ThreadProfiler();
  const keepAlive = (message: unknown): void => {
    const answer = isProfileRequest(message) ? profiler.answer(message) : undefined;
    if (answer !== undefined) parentPort?.postMessage(answer);
  };
  parentPort?.on('message', keepAlive);

  const hosted = actors.map((definition, index) => host(definition, modules[index]!, wiring, notes, stages));
  const hasWork = (): boolean => hosted.some(({ inputs }) => inputs.some((input) => input.hasPending()));
  const turn = (): number => {
    let work = 0;
    for (const { actor } of hosted) work += actor.turn?.() ?? 0;
    line.turned();
    return work;
  };

  for (const { actor } of hosted) await actor.start?.();
  line.io = true;
  line.identify(process.pid, libc()?.threadId() ?? 0);
  line.alive = true;
  stages.ready();
  let stopped = false;
  let fruitless = 0;
  for (;;) {
    const work = turn();
    const phase = board.stopPhase;
    if (phase >= StopPhase.INPUTS && !stopped) {
      stopped = true;
      for (const { actor } of hosted) await actor.stop?.();
      continue;
    }
    if (work > 0) {
      fruitless = 0;
      // Sockets must have their turn between two batches.
      await new Promise<void>((resolve) => setImmediate(resolve));
      continue;
    }
    if (phase >= StopPhase.OUTPUTS && !hasWork()) break;
    line.idle = true;
    const slept = await doorbell.parkAsync(() => hasWork() || board.stopPhase !== phase);
    line.idle = false;
    if (slept) fruitless = 0;
    // Nobody takes what waits, because an output is full. Promises alone would never let timers and sockets have their turn.
    else if (++fruitless > 1) await delay(GATED_PAUSE_MS);
  }
  for (const { actor } of hosted) await actor.close?.();
  stopWatching();
  line.alive = false;
  parentPort?.off('message', keepAlive);
}

function host(
  definition: IoDefinition,
  { create }: IoModule,
  wiring: Wiring,
  notes: NoteWriter,
  stages: ThreadStages,
): Hosted {
  const inputs = definition.reads
    .filter((edge): edge is StreamEdge => edge.kind === 'stream')
    .map((edge) => wiring.reader(edge, definition.name));
  return { actor: create(context(definition, inputs, wiring, notes, stages)), inputs };
}

function context(
  definition: IoDefinition,
  inputs: readonly StreamReader[],
  wiring: Wiring,
  notes: NoteWriter,
  stages: ThreadStages,
): IoContext<unknown> {
  const { clock } = wiring;
  const out = definition.writes === undefined ? undefined : wiring.writer(definition.writes);
  const bells = wiring.bellsOf(definition.writes);
  const stamps = new Float64Array(2);
  const number = wiring.actorNumber(definition.name);
  return {
    name: definition.name,
    config: definition.config,
    inputs,
    watched: (definition.watches ?? []).map((edge) => wiring.latestReader(edge)),
    shown: (definition.shows ?? []).map((edge) => wiring.latestWriter(edge)),
    out,
    board: wiring.board,
    actor: number,
    clock,
    snapshots: wiring.snapshots,
    publish(ingressNanoseconds) {
      clock.tick();
      stamps[0] = ingressNanoseconds;
      stamps[1] = clock.now[0]!;
      if (out?.publishStamped(stamps) === true) for (const bell of bells) bell.ring();
    },
    log: (level, message) => notes.write(level, number, 0, message),
    standBack: () => stages.standBack(),
  };
}

/** Puts this thread's garbage collections and the lag of its event loop on the board, and tells what became of its calls to the world outside. */
function watchThread(line: ThreadLine, say: (message: ThreadMessage) => void): () => void {
  const { counters } = line;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      counters[ThreadCounter.GC_COUNT]! += 1;
      counters[ThreadCounter.GC_MS]! += duration;
      if (duration > counters[ThreadCounter.GC_MAX_MS]!) counters[ThreadCounter.GC_MAX_MS] = duration;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  const delay = monitorEventLoopDelay({ resolution: LAG_LOOK_MS });
  delay.enable();
  let told = '[]';
  const timer = setInterval(() => {
    const calls = outsideStatuses();
    const now = JSON.stringify(calls);
    if (now !== told) {
      told = now;
      say({ kind: 'outside', calls });
    }
    counters[ThreadCounter.LOOP_LAG_MAX_MS] = Math.max(0, delay.max / 1e6 - LAG_LOOK_MS);
    delay.reset();
  }, 1000);
  timer.unref();
  return () => {
    observer.disconnect();
    delay.disable();
    clearInterval(timer);
  };
}
