import { CLOSE_BRACKET, COMMA, FALS, MINUS, NULL, OPEN_BRACKET, QUOTE, TRUE, ZERO } from './ascii.js';
import type { Action } from './field.js';
import type { FrameMemory } from './frame-memory.js';
import { LEVEL, LevelReader, rotateLevels } from './level-reader.js';
import { type NameTable, skipPlainText } from './name-table.js';
import { scanNumber } from './number.js';
import type { RememberedValues } from './remembered-values.js';
import type { RunShapes, Shape } from './shape.js';

/** Where skipped numbers go. */
const nowhere = new DataView(new ArrayBuffer(8));

/**
 * Reads messages of a known shape from a socket's bytes straight into a record. It makes no object and no string, and
 * says -1 to anything that is not exactly of the shape.
 */
export class ShapeReader {
  /** Bytes from the record's start to the end of the last record's run of levels or structs. */
  runEnd = 0;

  readonly #names: NameTable;
  readonly #levels: LevelReader;
  #memory: FrameMemory;
  #slot: DataView;
  #record = 0;
  #limit = 0;
  #subject = -1;
  /** What the last word set. */
  #bitsAdded = 0;
  #bids = 0;
  #asks = 0;

  constructor(names: NameTable, memory: FrameMemory) {
    this.#names = names;
    this.#memory = memory;
    this.#slot = nowhere;
    this.#levels = new LevelReader(memory, nowhere);
  }

  /**
   * Reads what follows the channel's name at `at` into the record at `record`, whose run starts `runOffset` bytes in and
   * may reach to `limit`. `subject` is the id that the channel is about, -1 for any; `remembered` what the channel's last
   * message of this shape said. Returns the position behind what was read, or -1; the record holds parts of a message then.
   */
  read(
    shape: Shape,
    memory: FrameMemory,
    at: number,
    slot: DataView,
    record: number,
    runOffset: number,
    limit: number,
    subject: number,
    remembered: RememberedValues | undefined,
  ): number {
    this.#memory = memory;
    this.#slot = slot;
    this.#record = record;
    this.#limit = limit;
    this.#subject = subject;
    this.#bids = 0;
    this.#asks = 0;
    this.runEnd = runOffset;
    return this.#steps(shape, at, record, remembered);
  }

  #steps(shape: Shape, at: number, base: number, remembered: RememberedValues | undefined): number {
    // Constants of the function, not of the module: the compiler sees the values of these only.
    const WORDS_FROM = 0;
    const WORDS_TO = 1;
    const TAIL_LOW = 2;
    const MASK_LOW = 3;
    const TAIL_HIGH = 4;
    const MASK_HIGH = 5;
    const TAIL_LENGTH = 6;
    const ACTION = 7;
    const OFFSET = 8;
    const ARGUMENT = 9;
    const OTHERWISE = 10;
    const STEP_NUMBERS = 11;
    const SKIP = 1 satisfies typeof Action.SKIP;
    const NUMBER = 2 satisfies typeof Action.NUMBER;
    const LAST_NUMBER = 5 satisfies typeof Action.MILLISECONDS;
    const WORD = 11 satisfies typeof Action.WORD;
    const { steps, words, absent, bits } = shape;
    const memory = this.#memory;
    const { bytes, view } = memory;
    const slot = this.#slot;
    for (let index = 0; index < bits.length; index++) slot.setUint32(base + bits[index]!, 0, true);
    for (let index = 0; index < absent.length; index++) slot.setFloat64(base + absent[index]!, Number.NaN, true);

    let position = at;
    for (let step = 0, index = 0; ; step += STEP_NUMBERS, index++) {
      if (position > memory.capacity) return -1;
      const wordsTo = steps[step + WORDS_TO]!;
      for (let word = steps[step + WORDS_FROM]!; word < wordsTo; word++, position += 8) {
        if (position > memory.capacity || view.getFloat64(position, true) !== words[word]) return -1;
      }
      const low = (view.getInt32(position, true) ^ steps[step + TAIL_LOW]!) & steps[step + MASK_LOW]!;
      const high = (view.getInt32(position + 4, true) ^ steps[step + TAIL_HIGH]!) & steps[step + MASK_HIGH]!;
      if ((low | high) !== 0) return -1;
      position += steps[step + TAIL_LENGTH]!;
      const offset = base + steps[step + OFFSET]!;
      const action = steps[step + ACTION]!;
      const start = position;
      if (remembered !== undefined) {
        const length = remembered.match(index, view, position);
        if (length >= 0) {
          position += length;
          if (action >= NUMBER && action <= LAST_NUMBER) slot.setFloat64(offset, remembered.values[index]!, true);
          else if (action !== SKIP)
            slot.setUint32(offset, slot.getUint32(offset, true) | remembered.values[index]!, true);
          continue;
        }
      }
      switch (action) {
        case 0 satisfies typeof Action.END:
          return position;
        case 1 satisfies typeof Action.SKIP:
          position = this.#skip(position);
          break;
        case 2 satisfies typeof Action.NUMBER:
          position = scanNumber(bytes, position, slot, offset);
          break;
        case 3 satisfies typeof Action.OPTIONAL_NUMBER:
          if (view.getInt32(position, true) === NULL) {
            slot.setFloat64(offset, Number.NaN, true);
            position += 4;
          } else position = scanNumber(bytes, position, slot, offset);
          break;
        case 4 satisfies typeof Action.PERCENT:
          if (view.getInt32(position, true) === NULL) {
            slot.setFloat64(offset, Number.NaN, true);
            position += 4;
          } else {
            position = scanNumber(bytes, position, slot, offset);
            slot.setFloat64(offset, slot.getFloat64(offset, true) / 100, true);
          }
          break;
        case 5 satisfies typeof Action.MILLISECONDS:
          position = scanNumber(bytes, position, slot, offset);
          slot.setFloat64(offset, slot.getFloat64(offset, true) * 1000, true);
          break;
        case 6 satisfies typeof Action.QUOTED_NUMBER:
          if (bytes[position] !== QUOTE) return -1;
          position = scanNumber(bytes, position + 1, slot, offset);
          if (position < 0 || bytes[position++] !== QUOTE) return -1;
          break;
        case 7 satisfies typeof Action.ACTION_LEVELS:
        case 8 satisfies typeof Action.NUMBER_LEVELS:
        case 9 satisfies typeof Action.QUOTED_LEVELS: {
          const levels = this.#levels;
          const before = this.#record + this.runEnd;
          levels.begin(memory, slot, before, this.#limit);
          if (action === (7 satisfies typeof Action.ACTION_LEVELS)) position = levels.actionLevels(position);
          else if (action === (8 satisfies typeof Action.NUMBER_LEVELS)) position = levels.numberLevels(position);
          else position = levels.quotedLevels(position);
          this.runEnd = levels.end - this.#record;
          this.#count(steps[step + ARGUMENT]!, offset, (levels.end - before) / LEVEL);
          break;
        }
        case 10 satisfies typeof Action.SUBJECT:
          position = this.#name(position, offset);
          break;
        case 11 satisfies typeof Action.WORD:
          position = this.#word(shape, steps[step + ARGUMENT]!, position, offset);
          break;
        case 12 satisfies typeof Action.DIGIT: {
          const digit = bytes[position++]! ^ ZERO;
          if (digit > 9) return -1;
          slot.setUint32(offset, slot.getUint32(offset, true) | (digit << steps[step + ARGUMENT]!), true);
          break;
        }
        case 13 satisfies typeof Action.BOOLEAN: {
          const truth = view.getInt32(position, true) === TRUE;
          if (!truth && view.getInt32(position, true) !== FALS) return -1;
          if (!truth && bytes[position + 4] !== 0x65) return -1;
          position += truth ? 4 : 5;
          const set = truth ? steps[step + ARGUMENT]! : steps[step + OTHERWISE]!;
          slot.setUint32(offset, slot.getUint32(offset, true) | set, true);
          break;
        }
        case 14 satisfies typeof Action.TRADE_ID:
          position = this.#tradeId(position, offset, base + steps[step + ARGUMENT]!);
          break;
        case 15 satisfies typeof Action.RUN:
          position = this.#run(shape.runs[steps[step + ARGUMENT]!]!, position, offset);
          break;
        default:
          return -1;
      }
      if (position < 0) return -1;
      if (remembered !== undefined) {
        if (action >= NUMBER && action <= LAST_NUMBER) {
          remembered.keep(index, view, start, position);
          remembered.values[index] = slot.getFloat64(offset, true);
        } else if (action === WORD) {
          remembered.keep(index, view, start, position);
          remembered.values[index] = this.#bitsAdded;
        } else if (action === SKIP) remembered.keep(index, view, start, position);
      }
    }
  }

  #skip(at: number): number {
    const { bytes, view } = this.#memory;
    const first = bytes[at]!;
    if (first === QUOTE) return skipPlainText(bytes, at + 1);
    const word = view.getInt32(at, true);
    if (word === NULL || word === TRUE) return at + 4;
    if (word === FALS) return bytes[at + 4] === 0x65 ? at + 5 : -1;
    return scanNumber(bytes, at, nowhere, 0);
  }

  #name(at: number, offset: number): number {
    if (this.#memory.bytes[at] !== QUOTE) return -1;
    const names = this.#names;
    const id = names.find(this.#memory, at + 1);
    if (id < 0 || (this.#subject >= 0 && id !== this.#subject)) return -1;
    this.#slot.setUint32(offset, id, true);
    return names.end;
  }

  #word(shape: Shape, set: number, at: number, offset: number): number {
    const memory = this.#memory;
    const { bytes } = memory;
    if (bytes[at] !== QUOTE) return -1;
    const { table, prefixes, otherwise } = shape.wordSets[set]!;
    let bits = table.find(memory, at + 1);
    let end = table.end;
    if (bits < 0) {
      end = skipPlainText(bytes, at + 1);
      if (end < 0) return -1;
      bits = otherwise;
      for (let index = 0; index < prefixes.length; index++) {
        const prefix = prefixes[index]!;
        let length = 0;
        while (length < prefix.bytes.length && bytes[at + 1 + length] === prefix.bytes[length]) length++;
        if (length === prefix.bytes.length) {
          bits = prefix.bits;
          break;
        }
      }
      if (bits < 0) return -1;
    }
    const slot = this.#slot;
    slot.setUint32(offset, slot.getUint32(offset, true) | bits, true);
    this.#bitsAdded = bits;
    return end;
  }

  #tradeId(at: number, offset: number, flagsOffset: number): number {
    const { bytes } = this.#memory;
    if (bytes[at] !== QUOTE) return -1;
    let position = at + 1;
    while ((bytes[position]! >= 0x41 && bytes[position]! <= 0x5a) || bytes[position] === 0x5f) position++;
    const slot = this.#slot;
    if (position > at + 1) {
      if (bytes[position++] !== MINUS) return -1;
      slot.setUint32(flagsOffset, slot.getUint32(flagsOffset, true) | 256, true);
    }
    const start = position;
    let id = 0;
    while ((bytes[position]! ^ ZERO) <= 9) id = id * 10 + (bytes[position++]! ^ ZERO);
    if (position === start || position > start + 15 || bytes[position] !== QUOTE) return -1;
    slot.setFloat64(offset, id, true);
    return position + 1;
  }

  #run(run: RunShapes, at: number, offset: number): number {
    const { bytes } = this.#memory;
    const { shapes, byteLength } = run;
    if (bytes[at] !== OPEN_BRACKET) return -1;
    let position = at + 1;
    let count = 0;
    if (bytes[position] === CLOSE_BRACKET) position++;
    else {
      while (true) {
        if (this.#record + this.runEnd + byteLength > this.#limit) return -1;
        let end = -1;
        for (let index = 0; end < 0 && index < shapes.length; index++) {
          end = this.#steps(shapes[index]!, position, this.#record + this.runEnd, undefined);
        }
        if (end < 0) return -1;
        this.runEnd += byteLength;
        count++;
        const next = bytes[end];
        position = end + 1;
        if (next === CLOSE_BRACKET) break;
        if (next !== COMMA) return -1;
      }
    }
    this.#slot.setUint32(offset, count, true);
    return position;
  }

  /** Notes how many levels a side has; bids must stand first, whatever the venue's order. */
  #count(side: number, offset: number, count: number): void {
    this.#slot.setUint32(offset, count, true);
    if (side === 0) {
      this.#bids = count;
      if (this.#asks > 0) rotateLevels(this.#slot, this.#record + this.runEnd, this.#asks, this.#bids);
    } else this.#asks = count;
  }
}
