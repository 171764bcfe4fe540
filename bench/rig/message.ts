import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** The message of the ring and hop suites: eight doubles behind the header, all of which follow from its number. */
export const BODY_BYTES = 64;
const BODY_WORDS = BODY_BYTES / 8;
/** Header and body as doubles: what the peers carry, so that all move the same bytes. */
export const MESSAGE_WORDS = (HEADER_BYTES + BODY_BYTES) / 8;
/** Word of the number, and first word of the body, in a message of doubles. */
export const NUMBER_WORD = HeaderOffset.SEQ / 8;
export const FIRST_BODY_WORD = HEADER_BYTES / 8;
/** Outside the ids of the engine's schemas. */
export const MESSAGE_TYPE = 999;

/** Writes message `number` into a claimed record: field by field in a straight line, as generated accessors do. */
export function writeMessage(buffer: ViewBuffer, offset: number, number: number): void {
  buffer.writeFloat64(offset + HeaderOffset.SEQ, number);
  const body = offset + HEADER_BYTES;
  buffer.writeFloat64(body, number);
  buffer.writeFloat64(body + 8, number + 1);
  buffer.writeFloat64(body + 16, number + 2);
  buffer.writeFloat64(body + 24, number + 3);
  buffer.writeFloat64(body + 32, number + 4);
  buffer.writeFloat64(body + 40, number + 5);
  buffer.writeFloat64(body + 48, number + 6);
  buffer.writeFloat64(body + 56, number + 7);
}

/** Sum of a message's body; NaN when its number is not the expected one, which then shows in every later sum. */
export function readMessage(buffer: ViewBuffer, offset: number, expected: number): number {
  if (buffer.readFloat64(offset + HeaderOffset.SEQ) !== expected) return Number.NaN;
  const body = offset + HEADER_BYTES;
  // A tree of additions: a chain of them would take longer than the reads that are measured.
  return (
    buffer.readFloat64(body) +
    buffer.readFloat64(body + 8) +
    (buffer.readFloat64(body + 16) + buffer.readFloat64(body + 24)) +
    (buffer.readFloat64(body + 32) +
      buffer.readFloat64(body + 40) +
      (buffer.readFloat64(body + 48) + buffer.readFloat64(body + 56)))
  );
}

/** What `writeMessage` writes, for peers that carry arrays of doubles. */
export function fillMessage(target: Float64Array, start: number, number: number): void {
  target[start + NUMBER_WORD] = number;
  const body = start + FIRST_BODY_WORD;
  target[body] = number;
  target[body + 1] = number + 1;
  target[body + 2] = number + 2;
  target[body + 3] = number + 3;
  target[body + 4] = number + 4;
  target[body + 5] = number + 5;
  target[body + 6] = number + 6;
  target[body + 7] = number + 7;
}

/** What `readMessage` answers, for peers that carry arrays of doubles. */
export function sumMessage(source: Float64Array, start: number, expected: number): number {
  if (source[start + NUMBER_WORD] !== expected) return Number.NaN;
  const body = start + FIRST_BODY_WORD;
  return (
    source[body]! +
    source[body + 1]! +
    (source[body + 2]! + source[body + 3]!) +
    (source[body + 4]! + source[body + 5]! + (source[body + 6]! + source[body + 7]!))
  );
}

/** The sum over messages `first` to `first + count - 1`, exact below 2^53. */
export function expectedSum(first: number, count: number): number {
  const numbers = first * count + (count * (count - 1)) / 2;
  return BODY_WORDS * numbers + count * ((BODY_WORDS * (BODY_WORDS - 1)) / 2);
}

/** Throws when messages were lost, torn, repeated or reordered. */
export function checkSum(what: string, sum: number, first: number, count: number): void {
  const expected = expectedSum(first, count);
  if (sum !== expected) {
    throw new Error(`${what}: expected the sum ${expected} over ${count} messages from ${first}, found ${sum}`);
  }
}
