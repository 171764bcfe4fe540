import { resolve } from 'node:path';
import type { Engine } from '../../runtime/host/engine.js';
import { ActorCounter } from '../../runtime/supervision/board.js';
import type { Topology } from '../../runtime/topology/topology.js';
import { ArchiveRuns } from './archive-runs.js';
import type { EngineNotes } from './engine-notes.js';
import { ProfileDesk } from './profile-desk.js';
import type { RunOptions } from './run-options.js';
import { runTraces } from './run-traces.js';
import type { ShownBeside } from './shown-beside.js';
import type { StartTimeline } from './start-timeline.js';
import { StoreProcess } from './store-process.js';

const REFRESH_MS = 500;
/** A compute thread that is asked for its collections allocates a little: once in ten seconds is enough for a graph. */
const LOOK_AT_COLLECTIONS_EVERY = 20;
const TRACE_EVERY_SECONDS = 5;

/** The engine that is attended to, and what its main thread has for that. */
export interface Attended {
  engine: Engine;
  topology: Topology;
  /** Number of this start of the engine. */
  run: number;
  notes: EngineNotes;
  start: StartTimeline;
  beside: ShownBeside;
  /** Where gateways leave requests for profiles. */
  profiles: string | undefined;
  /** Draws the screen. */
  draw: () => void;
}

/** What serves a running engine without trading: its screen, what gateways are shown beside it, traces, profiles, the SQL store and the archives. */
export class Attendants {
  private readonly attended: Attended;
  private readonly traces: ReturnType<typeof runTraces>;
  private readonly desk: ProfileDesk | undefined;
  private readonly store: StoreProcess | undefined;
  private readonly archives: ArchiveRuns | undefined;
  private readonly recorder: Float64Array;
  private readonly timer: NodeJS.Timeout;
  private refreshes = 0;

  constructor(options: RunOptions, attended: Attended) {
    const { engine, notes, topology, run, profiles } = attended;
    const { journal, archives } = options;
    this.attended = attended;
    this.traces = runTraces(engine, topology, notes, {
      ...(options.traces === undefined ? {} : { endpoint: options.traces }),
      every: options.traceEvery ?? TRACE_EVERY_SECONDS,
      environment: options.mode ?? 'sim',
      run,
    });
    this.desk = profiles === undefined ? undefined : new ProfileDesk(profiles, engine);
    if (journal !== false && options.store === true)
      this.store = new StoreProcess(resolve(journal), (message) => notes.note('info', 'store', message));
    this.store?.start();
    if (journal !== false && archives !== undefined)
      this.archives = new ArchiveRuns(journal, archives, (text) => notes.note('info', 'archive', text));
    this.recorder = engine.board.actorCounters(engine.boardPlan.actors.indexOf('recorder'));
    this.timer = setInterval(() => this.refresh(), REFRESH_MS);
  }

  private refresh(): void {
    const { engine, beside, start, draw } = this.attended;
    beside.refresh();
    beside.showStart(start);
    beside.showEdges(engine.edges());
    this.recorder[ActorCounter.STORE_LAG_MS] = this.store?.lagMs ?? Number.NaN;
    beside.showOutside(engine.outside());
    this.desk?.poll();
    if (++this.refreshes % LOOK_AT_COLLECTIONS_EVERY === 0) engine.board.askForCollections();
    draw();
  }

  /** Leaves the engine alone, which is about to end. */
  leave(): void {
    clearInterval(this.timer);
    this.traces?.stop();
    this.desk?.close();
  }

  /** Ends the processes, once there is nothing more to come. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.store?.stop(), this.archives?.stop()]);
  }
}
