import { type Arena, formatArena } from '../arena/arena.js';
import { controlBytes, EdgeKind, INTENT, TAIL } from '../arena/layout.js';
import { HEADER_BYTES } from './record.js';
import { ringBytes } from './ring-size.js';

export interface BroadcastOptions {
  name: string;
  /** Bytes of the ring: a power of two, from 1 KiB to 1 GiB. */
  capacityBytes: number;
  /** Largest body of a record, levels included; a record may take an eighth of the ring at most. */
  maxBodyBytes: number;
  engineRun: number;
  /** Where the free-running positions start; tests start them just below their wrap. */
  startPosition?: number;
}

/** Bytes of shared memory that a Broadcast needs, for any number of readers. */
export function broadcastBytes(options: BroadcastOptions): number {
  return ringBytes(`broadcast '${options.name}'`, options.capacityBytes, options.maxBodyBytes, 0);
}

/** Formats zeroed memory of `broadcastBytes(options)` bytes as a Broadcast. */
export function formatBroadcast(memory: ArrayBufferLike, options: BroadcastOptions): Arena {
  const arena = formatArena(memory, options.name, {
    kind: EdgeKind.BROADCAST,
    capacityBytes: options.capacityBytes,
    readers: 0,
    itemBytes: HEADER_BYTES + options.maxBodyBytes,
    dataOffset: controlBytes(0),
    engineRun: options.engineRun,
  });
  // At offset 0 of the ring: a lapped reader takes the start of a lap for the start of a record.
  const start = (options.startPosition ?? 0) & -(options.capacityBytes >> 3);
  arena.words[TAIL] = start;
  arena.words[INTENT] = start;
  return arena;
}

/** A Broadcast between threads. */
export function createBroadcast(options: BroadcastOptions): Arena {
  return formatBroadcast(new SharedArrayBuffer(broadcastBytes(options)), options);
}
