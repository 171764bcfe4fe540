import { CLOSE_BRACKET, COMMA, OPEN_BRACKET, QUOTE } from './ascii.js';
import type { FrameMemory } from './frame-memory.js';
import { scanNumber } from './number.js';

/** Bytes of a level in a record: price and amount. */
export const LEVEL = 16;

/** `["ne`, `["ch`, `["de` and what must follow each, as little-endian integers. */
const NEW = 0x656e225b;
const NEW_REST = 0x2c227765;
const CHANGE = 0x6863225b;
const CHANGE_MIDDLE = 0x65676e61;
const CHANGE_REST = 0x2c226567;
const DELETE = 0x6564225b;
const DELETE_MIDDLE = 0x6574656c;
const DELETE_REST = 0x2c226574;

/**
 * Reads one side of a book, as the venues write it, into the levels of a record. Each method takes the position of the list's bracket and
 * returns the position behind the list, or -1 where it is anything else than levels, or more than there is room for.
 */
export class LevelReader {
  /** Byte of the slot where the last level that was read ends. */
  end = 0;
  #memory: FrameMemory;
  #slot: DataView;
  #limit = 0;

  constructor(memory: FrameMemory, slot: DataView) {
    this.#memory = memory;
    this.#slot = slot;
  }

  /** What is read from, and written to from `end` up to `limit`. */
  begin(memory: FrameMemory, slot: DataView, end: number, limit: number): void {
    this.#memory = memory;
    this.#slot = slot;
    this.end = end;
    this.#limit = limit;
  }

  /** `[["new",price,amount],...]`. */
  actionLevels(at: number): number {
    const { bytes, view } = this.#memory;
    const slot = this.#slot;
    if (bytes[at] !== OPEN_BRACKET) return -1;
    let position = at + 1;
    if (bytes[position] === CLOSE_BRACKET) return position + 1;
    let target = this.end;
    const last = this.#limit - LEVEL;
    while (target <= last) {
      const action = view.getInt32(position, true);
      if (action === NEW) {
        if (view.getInt32(position + 3, true) !== NEW_REST) return -1;
        position += 7;
      } else if (action === CHANGE) {
        if (view.getInt32(position + 4, true) !== CHANGE_MIDDLE || view.getInt32(position + 6, true) !== CHANGE_REST)
          return -1;
        position += 10;
      } else if (action === DELETE) {
        if (view.getInt32(position + 4, true) !== DELETE_MIDDLE || view.getInt32(position + 6, true) !== DELETE_REST)
          return -1;
        position += 10;
      } else return -1;
      position = scanNumber(bytes, position, slot, target);
      if (position < 0 || bytes[position] !== COMMA) return -1;
      position = scanNumber(bytes, position + 1, slot, target + 8);
      if (position < 0 || bytes[position] !== CLOSE_BRACKET) return -1;
      if (action === DELETE) slot.setFloat64(target + 8, 0, true);
      target += LEVEL;
      const next = bytes[position + 1];
      position += 2;
      if (next === CLOSE_BRACKET) {
        this.end = target;
        return position;
      }
      if (next !== COMMA) return -1;
    }
    return -1;
  }

  /** `[[price,amount],...]`. */
  numberLevels(at: number): number {
    const { bytes } = this.#memory;
    const slot = this.#slot;
    if (bytes[at] !== OPEN_BRACKET) return -1;
    let position = at + 1;
    if (bytes[position] === CLOSE_BRACKET) return position + 1;
    let target = this.end;
    const last = this.#limit - LEVEL;
    while (target <= last) {
      if (bytes[position] !== OPEN_BRACKET) return -1;
      position = scanNumber(bytes, position + 1, slot, target);
      if (position < 0 || bytes[position] !== COMMA) return -1;
      position = scanNumber(bytes, position + 1, slot, target + 8);
      if (position < 0 || bytes[position] !== CLOSE_BRACKET) return -1;
      target += LEVEL;
      const next = bytes[position + 1];
      position += 2;
      if (next === CLOSE_BRACKET) {
        this.end = target;
        return position;
      }
      if (next !== COMMA) return -1;
    }
    return -1;
  }

  /** `[["price","amount"],...]`. */
  quotedLevels(at: number): number {
    const { bytes, view } = this.#memory;
    const slot = this.#slot;
    if (bytes[at] !== OPEN_BRACKET) return -1;
    let position = at + 1;
    if (bytes[position] === CLOSE_BRACKET) return position + 1;
    let target = this.end;
    const last = this.#limit - LEVEL;
    while (target <= last) {
      // ["
      if (view.getUint16(position, true) !== 0x225b) return -1;
      position = scanNumber(bytes, position + 2, slot, target);
      // ","
      if (position < 0 || view.getUint16(position, true) !== 0x2c22 || bytes[position + 2] !== QUOTE) return -1;
      position = scanNumber(bytes, position + 3, slot, target + 8);
      // "]
      if (position < 0 || view.getUint16(position, true) !== 0x5d22) return -1;
      target += LEVEL;
      const next = bytes[position + 2];
      position += 3;
      if (next === CLOSE_BRACKET) {
        this.end = target;
        return position;
      }
      if (next !== COMMA) return -1;
    }
    return -1;
  }
}

/** Makes `first` levels followed by `second` levels, which end at `end`, stand the other way round, in place. */
export function rotateLevels(slot: DataView, end: number, first: number, second: number): void {
  const start = end - (first + second) * LEVEL;
  reverseLevels(slot, start, first);
  reverseLevels(slot, start + first * LEVEL, second);
  reverseLevels(slot, start, first + second);
}

function reverseLevels(slot: DataView, start: number, count: number): void {
  for (let low = start, high = start + (count - 1) * LEVEL; low < high; low += LEVEL, high -= LEVEL) {
    for (let part = 0; part < LEVEL; part += 8) {
      const kept = slot.getFloat64(low + part, true);
      slot.setFloat64(low + part, slot.getFloat64(high + part, true), true);
      slot.setFloat64(high + part, kept, true);
    }
  }
}
