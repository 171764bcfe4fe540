import { type Arena, formatArena } from '../arena/arena.js';
import { inLargePages } from '../arena/large-pages.js';
import { controlBytes, EdgeKind, headWord, PROGRESS, TAIL } from '../arena/layout.js';
import { HEADER_BYTES } from './record.js';
import { ringBytes } from './ring-size.js';

export interface StreamOptions {
  name: string;
  /** Bytes of the ring: a power of two, from 1 KiB to 1 GiB. */
  capacityBytes: number;
  /** Largest body of a record, levels included; a record may take an eighth of the ring at most. */
  maxBodyBytes: number;
  readers: number;
  engineRun: number;
  /** Where the free-running counters start; tests start them just below their wrap. */
  startPosition?: number;
}

/** Bytes of shared memory that a Stream needs. */
export function streamBytes(options: StreamOptions): number {
  return ringBytes(`stream '${options.name}'`, options.capacityBytes, options.maxBodyBytes, options.readers);
}

/** Formats zeroed memory of `streamBytes(options)` bytes as a Stream. */
export function formatStream(memory: ArrayBufferLike, options: StreamOptions): Arena {
  const arena = formatArena(memory, options.name, {
    kind: EdgeKind.STREAM,
    capacityBytes: options.capacityBytes,
    readers: options.readers,
    itemBytes: HEADER_BYTES + options.maxBodyBytes,
    dataOffset: controlBytes(options.readers),
    engineRun: options.engineRun,
  });
  const start = (options.startPosition ?? 0) | 0;
  arena.words[TAIL] = start;
  arena.words[PROGRESS] = 0;
  for (let reader = 0; reader < options.readers; reader++) arena.words[headWord(reader)] = start;
  return arena;
}

/** A Stream between threads. */
export function createStream(options: StreamOptions): Arena {
  return formatStream(inLargePages(new SharedArrayBuffer(streamBytes(options))), options);
}
