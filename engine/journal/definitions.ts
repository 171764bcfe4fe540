import { createHash } from 'node:crypto';
import { MessageType } from '../../schemas/message-type.js';
import { eachRecord } from './block.js';

/** Bytes of a record's header, and where its type stands in it. */
export const RECORD_HEADER = 56;
const RECORD_TYPE = 4;

/** Calls back with the body of every instrument definition in a block; the bytes are the callee's. */
export function eachDefinition(block: Buffer, take: (body: Uint8Array) => void): void {
  eachRecord(block, (offset, length) => {
    if (block.readUInt16LE(offset + RECORD_TYPE) !== MessageType.INSTRUMENT_DEFINITION) return;
    take(Uint8Array.from(block.subarray(offset + RECORD_HEADER, offset + length)));
  });
}

/** What proves the definitions that an archive has left behind: they are no part of the chain any more. */
export function hashCarried(definitions: Iterable<{ key: number; value: Uint8Array }>): string {
  const hash = createHash('sha256');
  for (const { key, value } of definitions) hash.update(`${key}:${value.length}:`).update(value);
  return hash.digest('hex');
}
