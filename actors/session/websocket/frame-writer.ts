import { randomFillSync } from 'node:crypto';

const MASK_BYTES = 4;
/** Masks that are drawn at a time: each is a call into the system otherwise. */
const MASKS = 1024;
const masks = Buffer.alloc(MASKS * MASK_BYTES);
let used = MASKS;

/** A frame as a client sends it: whole, and masked by four bytes that nobody can foresee (RFC 6455 section 5.3). */
export function clientFrame(opcode: number, payload: string | Uint8Array): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const extended = length < 126 ? 0 : length < 0x10000 ? 2 : 8;
  const start = 2 + extended + MASK_BYTES;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  else if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  if (typeof payload === 'string') frame.write(payload, start);
  else frame.set(payload, start);
  if (used === MASKS) {
    randomFillSync(masks);
    used = 0;
  }
  const mask = MASK_BYTES * used++;
  for (let byte = 0; byte < MASK_BYTES; byte++) frame[start - MASK_BYTES + byte] = masks[mask + byte]!;
  for (let byte = 0; byte < length; byte++) frame[start + byte] = frame[start + byte]! ^ masks[mask + (byte & 3)]!;
  return frame;
}
