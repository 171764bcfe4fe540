/**
 * Where everything lies in an arena.
 *
 * An arena is one block of shared memory that holds one edge. Offsets are in 32-bit words; a line is 128 bytes, two
 * cache lines, because the hardware prefetcher pulls lines in pairs.
 *
 *     line 0    descriptor: what this arena is; written once by its creator; from word 16 the presence of its peer process
 *     line 1    TAIL: end of what the writer has published, in 8-byte words, free running
 *     line 2    Stream: PROGRESS, low 32 bits of the last log event that the writer has finished
 *               Broadcast: INTENT, end of what the writer may be overwriting, in 8-byte words, free running
 *     line 3    the writer's counters, float64
 *     line 4    first reader: HEAD, end of what it has consumed; then its counters, float64, from byte 64 of the line
 *     line 5    second reader ...
 *     DATA      from the byte offset that the descriptor names. Stream, Broadcast: records. Latest: version words of the
 *               blocks, version words of the keys, one slot per key, each part on a line of its own
 *
 * Readers of a Latest and of a Broadcast have no line: they may map the arena read-only and keep their state to themselves.
 * Counters that two threads compare are Int32 and wrap: compare them by `(a - b) | 0`.
 */
export const LINE_WORDS = 32;
export const LINE_BYTES = 128;

/** Words of the descriptor. */
export const Descriptor = {
  MAGIC: 0,
  LAYOUT: 1,
  KIND: 2,
  SCHEMAS: 3,
  CAPACITY: 4,
  READERS: 5,
  ITEM_BYTES: 6,
  ENGINE: 7,
  DATA_OFFSET: 8,
  WRITER: 9,
  KEYS: 10,
} as const;

/** Words of the presence that a process shows to its peers, in the descriptor's line; see presence.ts. */
export const PresenceWord = { PID: 16, STARTED: 17, HEARTBEAT: 18 } as const;

/** Word of the descriptor's line by which a peer kills the engine at once: no ring, no thread stands between. */
export const PEER_KILL = 24;

/** "VFAR", little endian. */
export const ARENA_MAGIC = 0x52414656;
/** Grows with every change of this file's offsets or of an edge's protocol. */
export const ARENA_LAYOUT = 1;

export const EdgeKind = { STREAM: 1, LATEST: 2, BROADCAST: 3, BOARD: 4 } as const;
export type EdgeKindId = (typeof EdgeKind)[keyof typeof EdgeKind];

const kindNames: Record<number, string> = { 1: 'Stream', 2: 'Latest', 3: 'Broadcast', 4: 'Board' };

export function edgeKindName(kind: number): string {
  return kindNames[kind] ?? `unknown kind ${kind}`;
}

/** Word of the writer's published end. */
export const TAIL = LINE_WORDS;
/** Word of a Stream writer's progress. */
export const PROGRESS = 2 * LINE_WORDS;
/** Word of a Broadcast writer's intent: what lies more than the ring's size before it may be torn. */
export const INTENT = 2 * LINE_WORDS;
/** First float64 of the writer's counters. */
export const WRITER_COUNTERS = (3 * LINE_BYTES) / 8;
/** Line of the first reader. */
const FIRST_READER_LINE = 4;

/** Counters of a writer, float64 indexes from WRITER_COUNTERS. */
export const WriterCounter = { RECORDS: 0, FULL: 1, HIGH_WATER_WORDS: 2, DROPPED: 3 } as const;
/**
 * Counters of a reader: of a Stream float64 indexes from `readerCounters(reader)`, else indexes of the reader's own array.
 * LOST_RECORDS is what was lost at least: a lapped reader knows the bytes, not into how many records they were cut.
 */
export const ReaderCounter = {
  RECORDS: 0,
  LAPPED: 1,
  CONFLATED: 2,
  LOST_BYTES: 3,
  LOST_RECORDS: 4,
  REFUSED: 5,
  CORRUPTIONS: 6,
} as const;
/** Counters that a reader has room for. */
export const READER_COUNTERS = 8;

/** Readers that an edge may be made for. */
export const MAX_READERS = 64;

/** Word of a reader's consumed end. */
export function headWord(reader: number): number {
  return (FIRST_READER_LINE + reader) * LINE_WORDS;
}

/** First float64 of a reader's counters. */
export function readerCounters(reader: number): number {
  return ((FIRST_READER_LINE + reader) * LINE_BYTES + 64) / 8;
}

/** Bytes in front of the data of an edge with this many readers. */
export function controlBytes(readers: number): number {
  return (FIRST_READER_LINE + readers) * LINE_BYTES;
}
