import { Action, type Field, type FieldMap } from './field.js';
import type { NameTable } from './name-table.js';
import { bitOffsets, wordSetOf } from './shape.js';

/** Why a frame was refused. Codes of the counters. */
export const Refusal = {
  /** Not JSON, cut off, or not text. */
  MALFORMED: 0,
  /** A field that must be there is not. */
  MISSING: 1,
  /** A field is of another type or form than documented. */
  WRONG_TYPE: 2,
  /** A number beyond the range of a double. */
  OUT_OF_RANGE: 3,
  /** A subscription's data on a channel that nobody subscribed to. */
  UNKNOWN_CHANNEL: 4,
  /** An instrument or index that is not known, or another than the channel's. */
  UNKNOWN_SUBJECT: 5,
  /** The frame is longer than the decoder's memory. */
  TOO_LONG: 6,
  /** More levels or trades than a record holds. */
  TOO_MANY: 7,
} as const;

export type RefusalCode = (typeof Refusal)[keyof typeof Refusal];

/** A message that the reference parser cannot turn into a record. */
export class RefusedMessage extends Error {
  readonly reason: RefusalCode;

  constructor(reason: RefusalCode, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Where a record goes. */
export interface Destination {
  slot: DataView;
  /** The record's first byte. */
  record: number;
  /** Bytes from the record's start to its run of levels or structs. */
  runOffset: number;
  /** The first byte that the record must not reach. */
  limit: number;
  /** Id that the message must be about; -1 for any. */
  subject: number;
}

/**
 * Writes a parsed message to a record, field by field in the map's order (so bids before asks): the slow decoder that the fast one is measured, taught and tested by. Returns
 * bytes from the record's start to the end of its run; throws RefusedMessage.
 */
export function writeParsed(message: unknown, fields: FieldMap, names: NameTable, to: Destination): number {
  return new ReferenceWriter(names, to).fields(message, fields, to.record);
}

class ReferenceWriter {
  readonly #names: NameTable;
  readonly #to: Destination;
  #runEnd: number;

  constructor(names: NameTable, to: Destination) {
    this.#names = names;
    this.#to = to;
    this.#runEnd = to.runOffset;
  }

  fields(message: unknown, fields: FieldMap, base: number): number {
    const { slot } = this.#to;
    for (const offset of bitOffsets(fields)) slot.setUint32(base + offset, 0, true);
    for (const [path, field] of Object.entries(fields)) {
      const value = valueAt(message, path);
      if (value === undefined || (value === null && !field.required)) {
        if (field.required) throw new RefusedMessage(Refusal.MISSING, `expected '${path}', found none`);
        if (field.action === Action.OPTIONAL_NUMBER || field.action === Action.PERCENT) {
          slot.setFloat64(base + field.offset, Number.NaN, true);
        }
      } else this.#write(value, path, field, base);
    }
    return this.#runEnd;
  }

  #write(value: unknown, path: string, field: Field, base: number): void {
    const { slot } = this.#to;
    const at = base + field.offset;
    const add = (bits: number) => slot.setUint32(at, slot.getUint32(at, true) | bits, true);
    switch (field.action) {
      case Action.NUMBER:
      case Action.OPTIONAL_NUMBER:
        if (field.otherwise === 1 && typeof value === 'string') slot.setFloat64(at, Number.NaN, true);
        else slot.setFloat64(at, finite(value, path), true);
        break;
      case Action.PERCENT:
        slot.setFloat64(at, finite(value, path) / 100, true);
        break;
      case Action.MILLISECONDS:
        slot.setFloat64(at, finite(value, path) * 1000, true);
        break;
      case Action.QUOTED_NUMBER:
        slot.setFloat64(at, quoted(value, path), true);
        break;
      case Action.ACTION_LEVELS:
      case Action.NUMBER_LEVELS:
      case Action.QUOTED_LEVELS:
        this.#levels(value, path, field, at);
        break;
      case Action.SUBJECT: {
        const id = this.#names.get(text(value, path));
        if (id < 0 || (this.#to.subject >= 0 && id !== this.#to.subject)) {
          throw new RefusedMessage(
            Refusal.UNKNOWN_SUBJECT,
            `'${path}' names '${value}', which is not what the channel is about`,
          );
        }
        slot.setUint32(at, id, true);
        break;
      }
      case Action.WORD: {
        const bits = wordSetOf(field).bitsOf(text(value, path));
        if (bits < 0) throw wrongType(path, 'a known word', value);
        add(bits);
        break;
      }
      case Action.DIGIT:
        if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 9) throw wrongType(path, 'a digit', value);
        add(Number(value) << field.argument);
        break;
      case Action.BOOLEAN:
        if (typeof value !== 'boolean') throw wrongType(path, 'true or false', value);
        add(value ? field.argument : field.otherwise);
        break;
      case Action.TRADE_ID: {
        const parts = /^([A-Z_]+-)?(\d{1,15})$/.exec(text(value, path));
        if (parts === null) throw wrongType(path, 'a trade id', value);
        slot.setFloat64(at, Number(parts[2]), true);
        const flags = base + field.argument;
        if (parts[1] !== undefined) slot.setUint32(flags, slot.getUint32(flags, true) | 256, true);
        break;
      }
      case Action.RUN:
        this.#run(value, path, field, at);
        break;
    }
  }

  #levels(value: unknown, path: string, field: Field, countAt: number): void {
    if (!Array.isArray(value)) throw wrongType(path, 'an array of levels', value);
    for (const level of value) {
      const at = this.#room(16);
      if (!Array.isArray(level)) throw wrongType(path, 'a level', level);
      const [price, amount] = levelOf(level, path, field.action);
      this.#to.slot.setFloat64(at, price, true);
      this.#to.slot.setFloat64(at + 8, amount, true);
    }
    this.#to.slot.setUint32(countAt, value.length, true);
  }

  #run(value: unknown, path: string, field: Field, countAt: number): void {
    const layout = field.run;
    if (!Array.isArray(value) || layout === undefined) throw wrongType(path, 'an array', value);
    for (const element of value) this.fields(element, layout.fields, this.#room(layout.byteLength));
    this.#to.slot.setUint32(countAt, value.length, true);
  }

  /** Room for a struct in the record's run. */
  #room(byteLength: number): number {
    const at = this.#to.record + this.#runEnd;
    if (at + byteLength > this.#to.limit) {
      throw new RefusedMessage(
        Refusal.TOO_MANY,
        `more entries than a record of ${this.#to.limit - this.#to.record} bytes holds`,
      );
    }
    this.#runEnd += byteLength;
    return at;
  }
}

function levelOf(level: readonly unknown[], path: string, action: number): [price: number, amount: number] {
  if (action === Action.ACTION_LEVELS) {
    if (level.length !== 3) throw wrongType(path, '[action, price, amount]', level);
    const kind = level[0];
    if (kind !== 'new' && kind !== 'change' && kind !== 'delete') throw wrongType(path, 'new, change or delete', kind);
    const amount = finite(level[2], path);
    return [finite(level[1], path), kind === 'delete' ? 0 : amount];
  }
  if (level.length !== 2) throw wrongType(path, '[price, amount]', level);
  const read = action === Action.NUMBER_LEVELS ? finite : quoted;
  return [read(level[0], path), read(level[1], path)];
}

function valueAt(message: unknown, path: string): unknown {
  let value = message;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function wrongType(path: string, expected: string, found: unknown): RefusedMessage {
  return new RefusedMessage(
    Refusal.WRONG_TYPE,
    `expected '${path}' to be ${expected}, found ${JSON.stringify(found)?.slice(0, 80)}`,
  );
}

function finite(value: unknown, path: string): number {
  if (typeof value !== 'number') throw wrongType(path, 'a number', value);
  if (!Number.isFinite(value))
    throw new RefusedMessage(Refusal.OUT_OF_RANGE, `'${path}' is beyond the range of a double`);
  return value;
}

function quoted(value: unknown, path: string): number {
  if (typeof value !== 'string' || !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) {
    throw wrongType(path, 'a number in quotes', value);
  }
  return finite(Number(value), path);
}

function text(value: unknown, path: string): string {
  if (typeof value !== 'string') throw wrongType(path, 'text', value);
  return value;
}
