import { type Arena, formatArena, RuntimeSetupError } from '../arena/arena.js';
import { controlBytes, Descriptor, EdgeKind, LINE_BYTES } from '../arena/layout.js';
import { HEADER_BYTES, recordStep } from './record.js';

export interface LatestOptions {
  name: string;
  /** Keys are 0 to keys - 1. */
  keys: number;
  /** Largest body of an item, levels included. */
  maxBodyBytes: number;
  engineRun: number;
  /** Where the versions of the keys start, an even number; tests start them just below their wrap. */
  startVersion?: number;
}

/** Keys that share one version word: a reader looks at this many keys when one of them has changed. */
export const KEYS_PER_BLOCK = 64;
const MAX_LATEST_BYTES = 2 ** 30;

/** Where the parts of a Latest lie, in bytes from the start of its data. */
export interface LatestGeometry {
  blocks: number;
  /** One version word per key; the blocks' words stand in front, from byte 0. */
  versions: number;
  /** One slot per key: the record and its stamps. */
  slots: number;
  slotBytes: number;
  bytes: number;
}

export function latestGeometry(keys: number, maxBodyBytes: number): LatestGeometry {
  const line = (bytes: number): number => Math.ceil(bytes / LINE_BYTES) * LINE_BYTES;
  const blocks = Math.ceil(keys / KEYS_PER_BLOCK);
  const versions = line(4 * blocks);
  const slots = versions + line(4 * keys);
  const slotBytes = recordStep(HEADER_BYTES + maxBodyBytes);
  return { blocks, versions, slots, slotBytes, bytes: slots + keys * slotBytes };
}

/** The geometry of an arena, refused when the arena is not as large as its own figures say. */
export function geometryOf(arena: Arena): LatestGeometry {
  const { words, name } = arena;
  const keys = words[Descriptor.KEYS]!;
  const maxBodyBytes = words[Descriptor.ITEM_BYTES]! - HEADER_BYTES;
  const geometry = latestGeometry(keys, maxBodyBytes);
  if (keys < 1 || maxBodyBytes < 0 || geometry.bytes !== words[Descriptor.CAPACITY]!) {
    throw new RuntimeSetupError(
      `latest '${name}': ${keys} keys with bodies of ${maxBodyBytes} bytes need ${geometry.bytes} bytes of data, found ${words[Descriptor.CAPACITY]}`,
    );
  }
  return geometry;
}

/** Bytes of shared memory that a Latest needs, for any number of readers. */
export function latestBytes(options: LatestOptions): number {
  const { name, keys, maxBodyBytes } = options;
  if (!Number.isInteger(keys) || keys < 1) {
    throw new RuntimeSetupError(`latest '${name}': it needs one key at least, found ${keys}`);
  }
  if (!Number.isInteger(maxBodyBytes) || maxBodyBytes < 0) {
    throw new RuntimeSetupError(
      `latest '${name}': the largest body must be a whole number of bytes, found ${maxBodyBytes}`,
    );
  }
  const bytes = controlBytes(0) + latestGeometry(keys, maxBodyBytes).bytes;
  if (bytes > MAX_LATEST_BYTES) {
    throw new RuntimeSetupError(
      `latest '${name}': ${keys} keys with bodies of ${maxBodyBytes} bytes take ${bytes} bytes, more than ${MAX_LATEST_BYTES}`,
    );
  }
  return bytes;
}

/** Formats zeroed memory of `latestBytes(options)` bytes as a Latest. */
export function formatLatest(memory: ArrayBufferLike, options: LatestOptions): Arena {
  const geometry = latestGeometry(options.keys, options.maxBodyBytes);
  const arena = formatArena(memory, options.name, {
    kind: EdgeKind.LATEST,
    capacityBytes: geometry.bytes,
    readers: 0,
    itemBytes: HEADER_BYTES + options.maxBodyBytes,
    dataOffset: controlBytes(0),
    engineRun: options.engineRun,
    keys: options.keys,
  });
  const first = (arena.dataOffset + geometry.versions) / 4;
  arena.words.fill((options.startVersion ?? 0) & ~1, first, first + options.keys);
  return arena;
}

/** A Latest between threads. */
export function createLatest(options: LatestOptions): Arena {
  return formatLatest(new SharedArrayBuffer(latestBytes(options)), options);
}
