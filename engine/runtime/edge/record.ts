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
/** Records start and end on this boundary. */
export const RECORD_ALIGN = 8;

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

/**
 * Called for each record that is read. `offset` is the header's place in `buffer`; the body stands HEADER_BYTES behind it.
 * Both are valid during the call only.
 */
export type RecordHandler = (type: number, buffer: ViewBuffer, offset: number) => void;

/** What every edge offers its readers. */
export interface EdgeReader {
  /** Hands over at most `limit` records; the number of those handed over. */
  poll(handler: RecordHandler, limit: number): number;
  /** Whether a poll would find something, without consuming. */
  hasPending(): boolean;
}
