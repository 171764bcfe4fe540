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

/** Writes message `number` into a claimed record. */
export function writeMessage(buffer: ViewBuffer, offset: number, number: number): void {
  buffer.writeFloat64(offset + HeaderOffset.SEQ, number);
  const body = offset + HEADER_BYTES;
  for (let word = 0; word < BODY_WORDS; word++) buffer.writeFloat64(body + word * 8, number + word);
}

/** Sum of a message's body; NaN when its number is not the expected one, which then shows in every later sum. */
export function readMessage(buffer: ViewBuffer, offset: number, expected: number): number {
  const body = offset + HEADER_BYTES;
  let sum = buffer.readFloat64(offset + HeaderOffset.SEQ) === expected ? 0 : Number.NaN;
  for (let word = 0; word < BODY_WORDS; word++) sum += buffer.readFloat64(body + word * 8);
  return sum;
}

/** What `writeMessage` writes, for peers that carry arrays of doubles. */
export function fillMessage(target: Float64Array, start: number, number: number): void {
  target[start + NUMBER_WORD] = number;
  for (let word = 0; word < BODY_WORDS; word++) target[start + FIRST_BODY_WORD + word] = number + word;
}

/** What `readMessage` answers, for peers that carry arrays of doubles. */
export function sumMessage(source: Float64Array, start: number, expected: number): number {
  let sum = source[start + NUMBER_WORD] === expected ? 0 : Number.NaN;
  for (let word = 0; word < BODY_WORDS; word++) sum += source[start + FIRST_BODY_WORD + word]!;
  return sum;
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
