import { type Arena, formatArena, RuntimeSetupError } from '../arena/arena.js';
import { controlBytes, EdgeKind, headWord, PROGRESS, TAIL } from '../arena/layout.js';
import { HEADER_BYTES, recordStep } from './record.js';

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
  const { name, capacityBytes, maxBodyBytes } = options;
  if (capacityBytes < 1024 || capacityBytes > 2 ** 30 || (capacityBytes & (capacityBytes - 1)) !== 0) {
    throw new RuntimeSetupError(
      `stream '${name}': capacity must be a power of two from 1024 to ${2 ** 30} bytes, found ${capacityBytes}`,
    );
  }
  if (recordStep(HEADER_BYTES + maxBodyBytes) > capacityBytes / 8) {
    throw new RuntimeSetupError(
      `stream '${name}': a record with a body of ${maxBodyBytes} bytes takes more than an eighth of a ring of ${capacityBytes} bytes`,
    );
  }
  return controlBytes(options.readers) + capacityBytes;
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
  return formatStream(new SharedArrayBuffer(streamBytes(options)), options);
}
