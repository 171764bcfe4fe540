import { workerData } from 'node:worker_threads';
import type { ClockEpoch } from '../clock/monotonic-clock.js';
import type { SharedHandle } from '../host/shared-memory.js';
import type { BoardPlan } from '../supervision/board.js';

/** A Latest that peers may read, with what they must know to read it. */
export interface ShownEdge {
  name: string;
  memory: SharedHandle;
}

/** What a peer is given: the engine's memory to look at, one small file of its own to write. */
export interface PeerSpec {
  name: string;
  /** The engine's number for this peer. */
  peer: number;
  engineRun: number;
  epoch: ClockEpoch;
  board: SharedHandle;
  boardPlan: BoardPlan;
  shown: readonly ShownEdge[];
  commands: SharedHandle;
  /** Grows with every start of this peer, so that its nonces do. */
  start: number;
  /** The peer's own settings. */
  settings: Record<string, unknown>;
}

/** Environment variable by which a peer process gets its specification, as JSON. */
export const PEER_VARIABLE = 'VOLFILTER_PEER';

/** The specification of the peer that this process, or this thread, is. */
export function ownPeerSpec(): PeerSpec {
  const text = process.env[PEER_VARIABLE];
  if (text !== undefined) return JSON.parse(text) as PeerSpec;
  const given: unknown = workerData;
  if (given === null || given === undefined) {
    throw new Error(`this is a part of the engine, started by it; to run the engine use 'volfilter run'`);
  }
  return given as PeerSpec;
}
