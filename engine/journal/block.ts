import { createHash } from 'node:crypto';

/**
 * A journal block: records behind a header, sealed with a hash that includes the hash of the block before.
 *
 *      0  u32  magic "VFJ1"             24  u32  records
 *      4  u32  ordinal, from 0          28  u32  bytes of records
 *      8  f64  position of the first    32  32 bytes  hash of the block before
 *     16  f64  position of the last     64  32 bytes  SHA-256 of bytes 0..63 and of the records
 *     96  records, each padded to 8 bytes
 *
 * A record's position is the highest log sequence number written so far, so positions never decrease.
 */
export const BLOCK_HEADER = 96;

/** "VFJ1" as a little-endian integer. */
const BLOCK_MAGIC = 0x314a4656;

export const HASH_BYTES = 32;

const ORDINAL = 4;
const FIRST = 8;
const LAST = 16;
const RECORDS = 24;
const BYTES = 28;
const PREVIOUS = 32;
const HASH = 64;

/** What a block's header says. */
export interface BlockHeader {
  ordinal: number;
  firstPosition: number;
  lastPosition: number;
  records: number;
  /** Bytes of records. */
  bytes: number;
  previousHash: Buffer;
  hash: Buffer;
}

/** SHA-256 of the chain so far and of everything else in the block. */
export function hashBlock(block: Buffer): Buffer {
  return createHash('sha256').update(block.subarray(0, HASH)).update(block.subarray(BLOCK_HEADER)).digest();
}

/** Writes the header of a block whose records are in place, hash included; returns the hash. */
export function sealBlock(block: Buffer, header: Omit<BlockHeader, 'bytes' | 'hash'>): Buffer {
  block.writeUInt32LE(BLOCK_MAGIC, 0);
  block.writeUInt32LE(header.ordinal, ORDINAL);
  block.writeDoubleLE(header.firstPosition, FIRST);
  block.writeDoubleLE(header.lastPosition, LAST);
  block.writeUInt32LE(header.records, RECORDS);
  block.writeUInt32LE(block.length - BLOCK_HEADER, BYTES);
  header.previousHash.copy(block, PREVIOUS);
  const hash = hashBlock(block);
  hash.copy(block, HASH);
  return hash;
}

/** Reads a block's header; undefined where the bytes are no block. The hashes are copies. */
export function readHeader(block: Buffer): BlockHeader | undefined {
  if (block.length < BLOCK_HEADER || block.readUInt32LE(0) !== BLOCK_MAGIC) return undefined;
  const bytes = block.readUInt32LE(BYTES);
  if (bytes !== block.length - BLOCK_HEADER) return undefined;
  return {
    ordinal: block.readUInt32LE(ORDINAL),
    firstPosition: block.readDoubleLE(FIRST),
    lastPosition: block.readDoubleLE(LAST),
    records: block.readUInt32LE(RECORDS),
    bytes,
    previousHash: Buffer.from(block.subarray(PREVIOUS, PREVIOUS + HASH_BYTES)),
    hash: Buffer.from(block.subarray(HASH, HASH + HASH_BYTES)),
  };
}

/** Calls back with the offset and length of every record in a block; returns how many there were, or -1 where they do not fit. */
export function eachRecord(block: Buffer, take: (offset: number, length: number) => void): number {
  let count = 0;
  for (let offset = BLOCK_HEADER; offset < block.length; count++) {
    const length = offset + 4 <= block.length ? block.readUInt32LE(offset) : 0;
    if (length < 8 || offset + length > block.length) return -1;
    take(offset, length);
    offset += (length + 7) & ~7;
  }
  return count;
}

/** How many records a block holds, or -1 where they do not fit. */
export function countRecords(block: Buffer): number {
  const { length: end } = block;
  const view = new DataView(block.buffer, block.byteOffset, end);
  let count = 0;
  for (let offset = BLOCK_HEADER; offset < end; count++) {
    const length = offset + 4 <= end ? view.getUint32(offset, true) : 0;
    if (length < 8 || offset + length > end) return -1;
    offset += (length + 7) & ~7;
  }
  return count;
}

const KEY_BYTES = 12;

/** Keys sort by position, then by ordinal: a burst at one position may fill several blocks. */
export function blockKey(firstPosition: number, ordinal: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key.writeUInt32BE(Math.floor(firstPosition / 4294967296), 0);
  key.writeUInt32BE(firstPosition % 4294967296, 4);
  key.writeUInt32BE(ordinal, 8);
  return key;
}
