import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { HEADER_BYTES, HeaderOffset } from '../runtime/edge/record.js';

/**
 * Records whose every byte follows from their sequence number: size, type and each word of the body. A reader that knows
 * nothing but the record itself sees whether it is whole, and by the numbers whether one is missing or came twice.
 */

/** A well-mixed int32 of two numbers (the finaliser of MurmurHash3). */
export function mix(a: number, b: number): number {
  let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** Body bytes of record `sequence`: any multiple of 4 up to the largest, the ends more often than the rest. */
export function patternBytes(sequence: number, maxBodyBytes: number): number {
  const choice = mix(sequence | 0, 1) >>> 0;
  if ((choice & 15) === 0) return maxBodyBytes & ~3;
  if ((choice & 15) === 1) return 0;
  return ((choice >>> 4) % ((maxBodyBytes >> 2) + 1)) << 2;
}

export function patternType(sequence: number): number {
  return 1 + ((mix(sequence | 0, 2) >>> 0) % 0xffff);
}

/** Writes what belongs into a claimed record. */
export function writePattern(view: DataView, offset: number, sequence: number, bodyBytes: number): void {
  view.setFloat64(offset + HeaderOffset.SEQ, sequence, true);
  const body = offset + HEADER_BYTES;
  for (let at = 0; at < bodyBytes; at += 4) view.setInt32(body + at, mix(sequence | 0, at + 3), true);
}

/** The sequence number of a record, or -1 when a byte of it is not what follows from it. */
export function readPattern(type: number, buffer: ViewBuffer, offset: number, maxBodyBytes: number): number {
  const { view } = buffer;
  const sequence = view.getFloat64(offset + HeaderOffset.SEQ, true);
  const bodyBytes = patternBytes(sequence, maxBodyBytes);
  if (type !== patternType(sequence)) return -1;
  if (view.getUint32(offset + HeaderOffset.LENGTH, true) !== HEADER_BYTES + bodyBytes) return -1;
  const body = offset + HEADER_BYTES;
  for (let at = 0; at < bodyBytes; at += 4) {
    if (view.getInt32(body + at, true) !== mix(sequence | 0, at + 3)) return -1;
  }
  return sequence;
}
