import { SCHEMA_FINGERPRINT } from '../../../schemas/generated/fingerprint.js';
import {
  ARENA_LAYOUT,
  ARENA_MAGIC,
  controlBytes,
  Descriptor,
  type EdgeKindId,
  edgeKindName,
  LINE_BYTES,
  MAX_READERS,
} from './layout.js';

/** One block of shared memory, seen as words, as doubles and as bytes. */
export class Arena {
  readonly memory: ArrayBufferLike;
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  /** What to call it in errors. */
  readonly name: string;

  constructor(memory: ArrayBufferLike, name: string) {
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.name = name;
  }

  get dataOffset(): number {
    return this.words[Descriptor.DATA_OFFSET]!;
  }
}

/** A failure to set up the runtime: a wrong arena, a wrong topology, a wrong placement. Raised before anything runs. */
export class RuntimeSetupError extends Error {
  override readonly name = 'RuntimeSetupError';
}

export interface ArenaDescription {
  kind: EdgeKindId;
  /** Bytes of the data region, a multiple of 8. */
  capacityBytes: number;
  readers: number;
  /** Largest record, or bytes of one keyed item. */
  itemBytes: number;
  dataOffset: number;
  /** Id of the engine run that owns the arena, an int32; an arena of another run is refused. */
  engineRun: number;
  /** Keys of a Latest. */
  keys?: number;
}

/** Writes the descriptor into fresh, zeroed memory. */
export function formatArena(memory: ArrayBufferLike, name: string, description: ArenaDescription): Arena {
  const arena = new Arena(memory, name);
  const { words } = arena;
  words[Descriptor.LAYOUT] = ARENA_LAYOUT;
  words[Descriptor.KIND] = description.kind;
  words[Descriptor.SCHEMAS] = SCHEMA_FINGERPRINT;
  words[Descriptor.CAPACITY] = description.capacityBytes;
  words[Descriptor.READERS] = description.readers;
  words[Descriptor.ITEM_BYTES] = description.itemBytes;
  words[Descriptor.ENGINE] = description.engineRun;
  words[Descriptor.DATA_OFFSET] = description.dataOffset;
  words[Descriptor.KEYS] = description.keys ?? 0;
  // Last: an arena whose creator died half-way has no magic and is refused.
  Atomics.store(words, Descriptor.MAGIC, ARENA_MAGIC);
  return arena;
}

/** Attaches to an arena that somebody else formatted, after checking that it is what the caller expects. */
export function attachArena(memory: ArrayBufferLike, name: string, kind: EdgeKindId, engineRun: number): Arena {
  const refuse = (what: string, expected: string, found: string): never => {
    throw new RuntimeSetupError(`arena '${name}': expected ${what} ${expected}, found ${found}`);
  };
  if (memory.byteLength < LINE_BYTES || memory.byteLength % 8 !== 0) {
    refuse('at least', `${LINE_BYTES} bytes, a multiple of 8`, `${memory.byteLength}`);
  }
  const arena = new Arena(memory, name);
  const { words } = arena;
  const expectWord = (word: number, what: string, expected: number, show: (value: number) => string): void => {
    const found = Atomics.load(words, word);
    if (found !== expected) refuse(what, show(expected), show(found));
  };
  expectWord(Descriptor.MAGIC, 'magic', ARENA_MAGIC, hex);
  expectWord(Descriptor.LAYOUT, 'layout version', ARENA_LAYOUT, String);
  expectWord(Descriptor.KIND, 'an edge of kind', kind, edgeKindName);
  expectWord(Descriptor.SCHEMAS, 'schema fingerprint', SCHEMA_FINGERPRINT, hex);
  expectWord(Descriptor.ENGINE, 'an arena of engine run', engineRun | 0, String);
  const readers = words[Descriptor.READERS]!;
  if (readers < 0 || readers > MAX_READERS) refuse('readers', `0 to ${MAX_READERS}`, String(readers));
  if (arena.dataOffset !== controlBytes(readers)) {
    refuse('data at byte', String(controlBytes(readers)), String(arena.dataOffset));
  }
  const capacity = words[Descriptor.CAPACITY]!;
  if (capacity <= 0) refuse('a data region of', 'some bytes', String(capacity));
  const end = arena.dataOffset + capacity;
  if (end > memory.byteLength) refuse('room for', `${end} bytes`, `${memory.byteLength}`);
  return arena;
}

/** Claims the writer's place of an edge; a second writer is refused. */
export function claimWriter(arena: Arena): void {
  if (Atomics.compareExchange(arena.words, Descriptor.WRITER, 0, 1) !== 0) {
    throw new RuntimeSetupError(`arena '${arena.name}' has a writer already: an edge takes one writer only`);
  }
}

/** Gives the writer's place back, so that a restarted I/O actor may take it. */
export function releaseWriter(arena: Arena): void {
  Atomics.store(arena.words, Descriptor.WRITER, 0);
}

/** Refuses an arena that holds another kind of edge than the one about to use it. */
export function requireKind(arena: Arena, kind: EdgeKindId): void {
  const found = arena.words[Descriptor.KIND]!;
  if (found !== kind) {
    throw new RuntimeSetupError(`arena '${arena.name}' holds a ${edgeKindName(found)}, not a ${edgeKindName(kind)}`);
  }
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
