import type { EngineRun } from '../arena/run-folder.js';
import type { KillReason } from '../supervision/kill-reason.js';
import type { NoteLevel } from '../supervision/notes.js';
import type { Placement } from '../topology/placement.js';
import type { Topology } from '../topology/topology.js';
import type { RestoredCore } from './restored-core.js';
import type { SharedHandle } from './shared-memory.js';
import type { TopologySettings } from './thread-spec.js';
import type { WaitingThread } from './waiting-thread.js';
import type { WarmUpLimits } from './warm-up.js';

export interface EngineOptions {
  /** Address of the module that exports `topology(settings)`; every compute thread imports it. */
  topologyModule: string;
  topology: Topology;
  settings: TopologySettings;
  placement: Placement;
  /** Distinguishes this run's arenas from those of others; positive. */
  engineRun: number;
  engineId: number;
  /** The engine's folder of mapped files, for memory that other processes must see; without it they must be threads. */
  run?: EngineRun;
  /** The peers' own files, see command-channel.ts. */
  peerFiles?: readonly SharedHandle[];
  /** Off where no clock may be read. On unless said otherwise. */
  telemetry?: boolean;
  /** Off for replays and backtests, where nobody trades and a busy machine is no danger. On unless said otherwise. */
  supervised?: boolean;
  /**
   * Until the engine is warm its state stays STARTING: nothing that adds risk passes, and a stall is not fatal. Absent: it is warm at once.
   */
  warmUp?: WarmUpLimits;
  /** Whether stages leave copies of their state for snapshots. Off unless said otherwise. */
  snapshots?: boolean;
  /** Where the core goes on after a restart; absent: from its beginning. */
  restored?: RestoredCore;
  /** A compute thread that has begun to load the topology's module. */
  waiting?: WaitingThread;
  /** Log lines of the threads and of the engine itself. */
  onNote: (level: NoteLevel, who: string, message: string) => void;
  onKilled?: (reason: KillReason) => void;
  /** The engine's threads have taken their places: whoever works beside it should leave the compute threads' CPUs too. */
  onPlaced?: () => void;
}
