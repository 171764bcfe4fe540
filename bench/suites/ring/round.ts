import type { MessagePort } from 'node:worker_threads';
import type { SideSetup } from '../../rig/side.js';

/** One side of every measurement here: writer thread -> ring (or port) -> reader thread. */
export interface RingSetup extends SideSetup {
  role: 'writer' | 'reader';
  /** Messages made visible together. */
  batch: number;
  /** What carries the messages. */
  carrier: SharedArrayBuffer | MessagePort;
}

/** Send, or expect, `count` messages that are numbered from `first`; `count` is a multiple of the batch. */
export interface RingRound {
  first: number;
  count: number;
}

/** Bytes of the ring that each contender gets. */
export const RING_BYTES = 1 << 17;

export function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
