import { GCProfiler } from 'node:v8';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { libc } from '../native/libc.js';
import { StopPhase } from '../supervision/engine-state.js';
import type { NoteWriter } from '../supervision/notes.js';
import { ThreadCounter, type ThreadLine } from '../supervision/thread-line.js';
import type { Doorbell } from '../wait/doorbell.js';
import { LADDER } from '../wait/wait-ladder.js';
import { CoreWiring } from './core-wiring.js';
import { type Member, MemberFailure, runDutyCycle } from './duty-cycle.js';
import { clearNursery, collectLeftovers } from './heap-and-compiler.js';
import { isProfileRequest, ThreadProfiler } from './thread-profiler.js';
import type { ComputePart, ThreadSpec, ThreadStages, TopologyModule } from './thread-spec.js';

/** Sleeps between two looks at the collector's record; a sleep lasts a tenth of a second at most. */
const SLEEPS_PER_LOOK = 10;

/** Runs the members of one compute thread until the engine stops. An uncaught error is fatal to the whole core. */
export async function runComputeThread(
  spec: ThreadSpec,
  { topologyModule, settings, restored }: ComputePart,
  notes: NoteWriter,
  stages: ThreadStages,
): Promise<void> {
  const { topology } = (await import(topologyModule)) as TopologyModule;
  stages.loaded();
  const wiring = new CoreWiring(spec, topology(settings), restored);
  const { placement, thread } = spec;
  const { board } = wiring;
  const line = board.thread(thread);
  const collector = new CollectorWatch(line);
  const profiler = new ThreadProfiler((act) => {
    const { loadingCpus } = spec;
    const isMoved = placement.cpu !== undefined && loadingCpus !== undefined && libc()?.confineThread(loadingCpus);
    act();
    if (isMoved === true) libc()?.confineThread([placement.cpu!]);
  });
  let sleeps = 0;
  let asked = 0;
  let cleared = 0;
  let ports = 0;
  // Called every so many turns too, so that a thread that never sleeps answers as well.
  const answer = (): void => {
    if (board.portsAsked() !== ports) {
      ports = board.portsAsked();
      readPort(profiler);
    }
    if (board.clearingsAsked() !== cleared) {
      cleared = board.clearingsAsked();
      clearNursery();
    }
    if (board.collectionsAsked() === asked) return;
    asked = board.collectionsAsked();
    collector.look();
    line.counters[ThreadCounter.LOOKED] = asked;
  };
  try {
    const alone = placement.actors.length === 1;
    const bellsOf = (threads: Iterable<number>): Doorbell[] => [...threads].map((each) => wiring.doorbellOf(each));
    const patient = new Set<number>();
    const members: Member[] = placement.actors.map((name) => {
      const definition = wiring.topology.actors.find((actor) => actor.name === name) ?? wiring.topology.sequencer;
      const listeners = wiring.listeners(definition.writes!);
      for (const listener of listeners.patient) patient.add(listener);
      return {
        runnable: wiring.runnable(name, alone),
        bells: bellsOf(listeners.compute),
        bellsOfSpeech: bellsOf(listeners.io),
      };
    });
    collectLeftovers();
    collector.begin();
    stages.ready();
    runDutyCycle({
      members,
      patientBells: bellsOf(patient),
      mayHoldBack: () => board.stopPhase === StopPhase.RUNNING,
      wait: placement.wait ?? LADDER,
      doorbell: wiring.doorbellOf(thread),
      line,
      shouldStop: () => {
        answer();
        return board.stopPhase >= StopPhase.CORE;
      },
      betweenSpells: answer,
      afterSleep: () => {
        if (++sleeps % SLEEPS_PER_LOOK === 0) collector.look();
      },
    });
  } catch (error) {
    const failure = error instanceof MemberFailure ? error : undefined;
    const cause = failure?.cause ?? error;
    notes.write(
      'fatal',
      failure === undefined ? undefined : wiring.actorNumber(failure.member),
      failure?.seq ?? 0,
      cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
    );
    throw error;
  } finally {
    line.alive = false;
    collector.look();
  }
}

/** Does what the messages ask that lie in this thread's port. */
function readPort(profiler: ThreadProfiler): void {
  for (;;) {
    const received = parentPort === null ? undefined : receiveMessageOnPort(parentPort);
    if (received === undefined) return;
    const message: unknown = received.message;
    if (!isProfileRequest(message)) continue;
    const answer = profiler.answer(message);
    if (answer !== undefined) parentPort?.postMessage(answer);
  }
}

/**
 * Garbage collections of this thread, into its line of the board. A compute thread gets no PerformanceObserver entries,
 * so a profiler records them and is read when the thread has slept.
 */
class CollectorWatch {
  private readonly line: ThreadLine;
  private profiler: GCProfiler | undefined;

  constructor(line: ThreadLine) {
    this.line = line;
  }

  begin(): void {
    this.profiler = new GCProfiler();
    this.profiler.start();
  }

  look(): void {
    const { counters } = this.line;
    for (const { cost } of this.profiler?.stop()?.statistics ?? []) {
      const ms = cost / 1000;
      counters[ThreadCounter.GC_COUNT]! += 1;
      counters[ThreadCounter.GC_MS]! += ms;
      if (ms > counters[ThreadCounter.GC_MAX_MS]!) counters[ThreadCounter.GC_MAX_MS] = ms;
    }
    this.begin();
  }
}
