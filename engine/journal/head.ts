import { type KeyObject, sign, verify } from 'node:crypto';
import { HASH_BYTES } from './block.js';

/**
 * A signed statement of where the chain stood: a cut tail cannot be seen from inside a chain, but a head that was kept
 * elsewhere shows it.
 */
export interface Head {
  /** The last block that the statement covers. */
  ordinal: number;
  lastPosition: number;
  /** Microseconds since the Unix epoch at which it was signed. */
  time: number;
  hash: Buffer;
}

const PURPOSE = Buffer.from('volfilter journal head\0', 'latin1');
const STATEMENT_BYTES = 8 + 8 + 8 + HASH_BYTES;

function statement({ ordinal, lastPosition, time, hash }: Head): Buffer {
  const bytes = Buffer.alloc(STATEMENT_BYTES);
  bytes.writeUInt32LE(ordinal, 0);
  bytes.writeDoubleLE(lastPosition, 8);
  bytes.writeDoubleLE(time, 16);
  hash.copy(bytes, 24);
  return bytes;
}

/** A head and its signature, as they are stored. */
export function signHead(head: Head, key: KeyObject): Buffer {
  const bytes = statement(head);
  return Buffer.concat([bytes, sign(null, Buffer.concat([PURPOSE, bytes]), key)]);
}

/** The head in stored bytes, and whether the key signed it. */
export function readHead(stored: Buffer, key: KeyObject): { head: Head; valid: boolean } {
  const bytes = stored.subarray(0, STATEMENT_BYTES);
  const head = {
    ordinal: bytes.readUInt32LE(0),
    lastPosition: bytes.readDoubleLE(8),
    time: bytes.readDoubleLE(16),
    hash: Buffer.from(bytes.subarray(24)),
  };
  const valid = verify(null, Buffer.concat([PURPOSE, bytes]), key, stored.subarray(STATEMENT_BYTES));
  return { head, valid };
}
