import { Action, type Field, type FieldMap, type WordBits } from './field.js';
import { NameTable } from './name-table.js';

/** The texts of a WORD step, ready to be looked up in bytes. */
class WordSet {
  readonly table = new NameTable();
  readonly prefixes: { bytes: Uint8Array; bits: number }[];
  readonly otherwise: number;
  readonly #source: WordBits;

  constructor(source: WordBits) {
    this.#source = source;
    for (const [text, bits] of source.words) this.table.set(text, bits);
    this.prefixes = (source.prefixes ?? []).map(([text, bits]) => ({ bytes: Buffer.from(text, 'latin1'), bits }));
    this.otherwise = source.otherwise ?? -1;
  }

  /** The bits of a text that is at hand as a string; -1 where it is refused. */
  bitsOf(text: string): number {
    const known = this.table.get(text);
    if (known >= 0) return known;
    for (const [prefix, bits] of this.#source.prefixes ?? []) if (text.startsWith(prefix)) return bits;
    return this.otherwise;
  }
}

/** The forms in which the structs of one run have come so far. */
export interface RunShapes {
  readonly byteLength: number;
  readonly fields: FieldMap;
  readonly shapes: Shape[];
}

/**
 * The layout of a message as it came before: literal texts (punctuation, keys) and what to do with the value behind each.
 * Venues print messages of one channel with the same keys in the same order, so the next message is read by comparing
 * eight bytes at a time and scanning only the values.
 */
export interface Shape {
  /** Literals and actions as text: two shapes with the same key are the same. */
  readonly key: string;
  /**
   * Eleven numbers per step: first and last word of the literal in front of the value, eight bytes each; the rest of the
   * literal, up to seven bytes, as a word and a mask, a second word and mask, and its length; what to do with the value,
   * where it goes, and the field's argument and otherwise.
   */
  readonly steps: Int32Array;
  readonly stepCount: number;
  /** The literals, eight bytes as one double: ASCII text makes no NaN and no zero, so equality of doubles is equality of bytes. */
  readonly words: Float64Array;
  /** Offsets of numbers that this shape leaves out. */
  readonly absent: Int32Array;
  /** Offsets of bit fields, which steps only add to. */
  readonly bits: Int32Array;
  readonly wordSets: readonly WordSet[];
  readonly runs: readonly RunShapes[];
}

/** Word sets and runs belong to the fields, not to one shape of them. */
const wordSets = new WeakMap<WordBits, WordSet>();

export function wordSetOf(field: Field): WordSet {
  if (field.words === undefined) throw new Error('a WORD field names its words');
  let set = wordSets.get(field.words);
  if (set === undefined) {
    set = new WordSet(field.words);
    wordSets.set(field.words, set);
  }
  return set;
}

/** The places in a struct or record that its fields only add bits to. */
export function bitOffsets(fields: FieldMap): number[] {
  const offsets = Object.values(fields).flatMap((field) => {
    if (field.action === Action.TRADE_ID) return [field.argument];
    return field.action === Action.WORD || field.action === Action.DIGIT || field.action === Action.BOOLEAN
      ? [field.offset]
      : [];
  });
  return [...new Set(offsets)];
}

/** Puts a shape together, literal by literal. */
export class ShapeBuilder {
  readonly #fields: FieldMap;
  readonly #steps: number[] = [];
  readonly #words: number[] = [];
  readonly #wordSets: WordSet[] = [];
  readonly #runs: RunShapes[] = [];
  readonly #seen = new Set<string>();
  #key = '';
  #stepCount = 0;

  constructor(fields: FieldMap) {
    this.#fields = fields;
  }

  /** A literal, then a value that no field wants. */
  skip(literal: string): void {
    this.#step(literal, Action.SKIP, 0, 0, 0);
  }

  /** A literal, then the value of the field at a path. */
  value(literal: string, path: string, field: Field, runShapes?: RunShapes): void {
    this.#seen.add(path);
    let argument = field.argument;
    if (field.action === Action.WORD) argument = this.#wordSets.push(wordSetOf(field)) - 1;
    if (field.action === Action.RUN && runShapes !== undefined) argument = this.#runs.push(runShapes) - 1;
    this.#step(literal, field.action, field.offset, argument, field.otherwise);
  }

  /** The literal behind the last value. */
  end(literal: string): Shape {
    this.#step(literal, Action.END, 0, 0, 0);
    const absent = Object.entries(this.#fields)
      .filter(
        ([path, { action }]) =>
          !this.#seen.has(path) && (action === Action.OPTIONAL_NUMBER || action === Action.PERCENT),
      )
      .map(([, { offset }]) => offset);
    return {
      key: this.#key,
      steps: Int32Array.from(this.#steps),
      stepCount: this.#stepCount,
      words: Float64Array.from(this.#words),
      absent: Int32Array.from(absent),
      bits: Int32Array.from(bitOffsets(this.#fields)),
      wordSets: this.#wordSets,
      runs: this.#runs,
    };
  }

  #step(literal: string, action: number, offset: number, argument: number, otherwise: number): void {
    this.#key += `${literal}\u0000${action} ${offset} ${argument} ${otherwise}\u0000`;
    this.#stepCount++;
    const whole = literal.length & ~7;
    const bytes = Buffer.from(literal, 'latin1');
    const from = this.#words.length;
    for (let at = 0; at < whole; at += 8) this.#words.push(bytes.readDoubleLE(at));
    const tail = Buffer.alloc(8);
    const mask = Buffer.alloc(8);
    bytes.copy(tail, 0, whole);
    mask.fill(0xff, 0, literal.length - whole);
    this.#steps.push(from, this.#words.length, tail.readInt32LE(0), mask.readInt32LE(0));
    this.#steps.push(tail.readInt32LE(4), mask.readInt32LE(4), literal.length - whole);
    this.#steps.push(action, offset, argument, otherwise);
  }
}
