import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';

/**
 * A record in a ring: header, body, levels; padding to 8 bytes; latency stamps.
 *
 *     0         8                    56          length  aligned     step
 *     | length  | seq cause times .. | body ...  |       | stamps    |
 *     | type    |
 *     |<-------- canonical bytes, hashed ------->|       |<-- 16 --->|
 *
 * These offsets mirror schemas/header.fbs; a test holds them to the generated accessors.
 */
export const HEADER_BYTES = 56;
export const STAMPS_BYTES = 16;

export const HeaderOffset = {
  LENGTH: 0,
  TYPE: 4,
  FLAGS: 6,
  SEQ: 8,
  CAUSE: 16,
  EVENT_TIME: 24,
  EXCHANGE_TIME: 32,
  RECEIVE_TIME: 40,
  VENUE: 48,
  CONNECTION: 50,
  ACCOUNT: 52,
  ENGINE: 54,
} as const;

/** Bit of `flags`: older records of the same key were dropped before stamping. */
export const FLAG_CONFLATED = 1;

/** Bytes that a record of this length takes in a ring. */
export function recordStep(length: number): number {
  return ((length + 7) & ~7) + STAMPS_BYTES;
}

/** From here on a call that fills a whole range at once pays. */
const LONG_WORDS = 64;

/**
 * Writes a record's length and type at an 8-byte word of a ring and zeroes the rest up to its stamps, so that a field which
 * the caller leaves out is the same on every run: records are hashed. `step` is the record's `recordStep` in 8-byte words.
 */
export function openRecord(
  data: Int32Array,
  doubles: Float64Array,
  word: number,
  step: number,
  type: number,
  length: number,
): void {
  data[word << 1] = length;
  data[(word << 1) + 1] = type;
  zeroWords(doubles, word + 1, word + step - (STAMPS_BYTES >> 3));
}

function zeroWords(doubles: Float64Array, from: number, to: number): void {
  if (to - from > LONG_WORDS) {
    doubles.fill(0, from, to);
    return;
  }
  let index = from;
  // By fours: a third of what claiming costs is this loop's own turning.
  for (; index + 3 < to; index += 4) {
    doubles[index] = 0;
    doubles[index + 1] = 0;
    doubles[index + 2] = 0;
    doubles[index + 3] = 0;
  }
  for (; index < to; index++) doubles[index] = 0;
}

/** Fills a ring from an 8-byte word to its end: a record never straddles the end, so that views of it stay contiguous. */
export function padToEnd(data: Int32Array, word: number, padding: number): void {
  data[word << 1] = padding << 3;
  data[(word << 1) + 1] = MessageType.PADDING;
}

/** Puts latency stamps behind every record between two positions of a ring; `times` holds ingress and now. */
export function stampRecords(
  data: Int32Array,
  doubles: Float64Array,
  mask: number,
  from: number,
  to: number,
  times: Float64Array,
): void {
  let position = from;
  while (position !== to) {
    const word = position & mask;
    const length = data[word << 1]!;
    if ((data[(word << 1) + 1]! & 0xffff) === MessageType.PADDING) {
      position = (position + (length >> 3)) | 0;
      continue;
    }
    const step = recordStep(length) >> 3;
    doubles[word + step - 2] = times[0]!;
    doubles[word + step - 1] = times[1]!;
    position = (position + step) | 0;
  }
}

/**
 * Copies a body, or a part of it that is a multiple of 4 bytes, as it stands. Field by field the accessors of a large struct are too
 * many to be compiled into their caller, and each double that passes between them would be boxed.
 */
export function copyBody(from: ViewBuffer, fromOffset: number, to: ViewBuffer, toOffset: number, bytes: number): void {
  const source = from.view;
  const target = to.view;
  for (let byte = 0; byte < bytes; byte += 4) {
    target.setInt32(toOffset + byte, source.getInt32(fromOffset + byte, true), true);
  }
}

/** Whether a record may have this type and body: the writers' door. NaN fails. */
export function recordFits(type: number, bodyBytes: number, maxBodyBytes: number): boolean {
  return bodyBytes >= 0 && bodyBytes <= maxBodyBytes && type > MessageType.PADDING && type <= 0xffff;
}

/**
 * Called for each record that is read. `offset` is the header's place in `buffer`; the body stands HEADER_BYTES behind it.
 * Both are valid during the call only.
 */
export type RecordHandler = (type: number, buffer: ViewBuffer, offset: number) => void;

/** What every edge offers its readers. */
export interface EdgeReader {
  /** Hands over at most `limit` records; the number of those handed over. Fewer than `limit` does not mean that none is left. */
  poll(handler: RecordHandler, limit: number): number;
  /** Whether a poll would find something, without consuming. */
  hasPending(): boolean;
}
