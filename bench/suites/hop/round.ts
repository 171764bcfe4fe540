import type { MessagePort } from 'node:worker_threads';
import type { SideSetup } from '../../rig/side.js';

/**
 * One side of a round trip:
 *
 *     pinger ── there ──> ponger
 *       ^                   │
 *       └────── back ───────┘
 */
export interface HopSetup extends SideSetup {
  role: HopRole;
  wait: HopWait;
  /** Doorbells of the pinger and the ponger; for the ladder alone. */
  doorbells?: SharedArrayBuffer;
  carrier: RingPair | FilePair | MessagePort;
}

export type HopRole = 'pinger' | 'ponger';

/** How a side waits for the next message. */
export type HopWait = 'spin' | 'ladder';

/** Two rings between threads. */
export interface RingPair {
  there: SharedArrayBuffer;
  back: SharedArrayBuffer;
}

/** Two rings between processes: files of `bytes` bytes each, on the shared-memory file system. */
export interface FilePair {
  thereFile: string;
  backFile: string;
  bytes: number;
}

/** `count` round trips with messages numbered from `first`. */
export interface HopRound {
  first: number;
  count: number;
}

/** Bytes of each ring; the C++ program uses the same. */
export const RING_BYTES = 1 << 16;
