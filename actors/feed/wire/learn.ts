import { Action, type FieldMap } from './field.js';
import { type RunShapes, type Shape, ShapeBuilder } from './shape.js';

/** Shapes of one kind of message or struct that are kept; a venue that needs more is read by the reference parser. */
export const MOST_SHAPES = 16;

/** Thrown for a message that has no shape worth keeping; it never leaves this file. */
class Unlearnable extends Error {}

/** Finds the shape of one message whose text JSON.parse has already accepted. */
class Learner {
  readonly #text: string;
  readonly #fields: FieldMap;
  readonly #runShapes: (path: string) => RunShapes;
  readonly #builder: ShapeBuilder;
  readonly #paths = new Set<string>();
  #at: number;
  /** Start of the literal that is being gathered. */
  #literal: number;
  /** Up to the channel's name every byte is the same in every message. */
  #inPrefix = false;

  constructor(text: string, at: number, fields: FieldMap, runShapes: (path: string) => RunShapes) {
    this.#text = text;
    this.#at = at;
    this.#literal = at;
    this.#fields = fields;
    this.#runShapes = runShapes;
    this.#builder = new ShapeBuilder(fields);
  }

  /** Of a whole message: the literal up to its channel's name, the name, and the shape of what follows. */
  message(channelPath: string): { prefix: string; channel: string; shape: Shape } {
    let prefix: string | undefined;
    let channel = '';
    this.#inPrefix = true;
    this.#value('', (path) => {
      if (path !== channelPath) return false;
      const name = this.#plainText();
      prefix = this.#text.slice(0, this.#at - name.length - 1);
      channel = name;
      this.#inPrefix = false;
      this.#literal = this.#at;
      return true;
    });
    if (prefix === undefined) throw new Unlearnable('no channel');
    return { prefix, channel, shape: this.#finish(this.#text.length) };
  }

  /** Of one struct in a run: its shape and its end. */
  element(): { shape: Shape; end: number } {
    this.#value('', () => false);
    return { shape: this.#finish(this.#at), end: this.#at };
  }

  #finish(end: number): Shape {
    return this.#builder.end(this.#text.slice(this.#literal, end));
  }

  #value(path: string, special: (path: string) => boolean): void {
    this.#space();
    if (this.#paths.has(path)) throw new Unlearnable(`'${path}' stands twice`);
    this.#paths.add(path);
    if (special(path)) return;
    const field = Object.hasOwn(this.#fields, path) ? this.#fields[path] : undefined;
    const first = this.#text[this.#at];
    if (field === undefined && first === '{') {
      this.#object(path, special);
      return;
    }
    if (this.#inPrefix) {
      if (field !== undefined) throw new Unlearnable(`'${path}' stands before the channel`);
      this.#skip();
      return;
    }
    const literal = this.#text.slice(this.#literal, this.#at);
    if (field === undefined) {
      if (first === '[') throw new Unlearnable(`'${path}' is an unknown array`);
      this.#builder.skip(literal);
      this.#skip();
    } else {
      const runShapes = field.action === Action.RUN ? this.#runShapes(path) : undefined;
      this.#builder.value(literal, path, field, runShapes);
      if (runShapes === undefined) this.#skip();
      else this.#run(runShapes);
    }
    this.#literal = this.#at;
  }

  #object(path: string, special: (path: string) => boolean): void {
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== '}'; this.#space()) {
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#space();
      }
      const key = this.#plainText();
      if (key.includes('.')) throw new Unlearnable(`the key '${key}' looks like a path`);
      this.#space();
      this.#at++;
      this.#value(path === '' ? key : `${path}.${key}`, special);
    }
    this.#at++;
  }

  #run({ shapes, fields }: RunShapes): void {
    this.#at++;
    for (this.#space(); this.#text[this.#at] !== ']'; this.#space()) {
      if (this.#text[this.#at] === ',') this.#at++;
      const { shape, end } = new Learner(this.#text, this.#at, fields, () => {
        throw new Unlearnable('a run within a run');
      }).element();
      if (!shapes.some(({ key }) => key === shape.key) && shapes.length < MOST_SHAPES) shapes.push(shape);
      this.#at = end;
    }
    this.#at++;
  }

  /** The string at hand, without its quotes; the position moves behind it. */
  #plainText(): string {
    const start = this.#at + 1;
    const end = this.#text.indexOf('"', start);
    const inner = this.#text.slice(start, end);
    if (inner.includes('\\')) throw new Unlearnable('an escaped name');
    this.#at = end + 1;
    return inner;
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '-')) this.#at++;
  }

  /** Moves behind any value. */
  #skip(): void {
    let depth = 0;
    do {
      const token = /\s*(?:"(?:[^"\\]|\\.)*"|[[{]|[\]}]|[,:]|[^\s",:[\]{}]+)/y;
      token.lastIndex = this.#at;
      const found = token.exec(this.#text);
      if (found === null) throw new Unlearnable('not JSON');
      this.#at = token.lastIndex;
      const last = this.#text[this.#at - 1];
      if (last === '[' || last === '{') depth++;
      else if (last === ']' || last === '}') depth--;
    } while (depth > 0);
  }
}

/**
 * The shape of a message that JSON.parse has accepted, or undefined where it has none worth keeping: text beyond ASCII,
 * escapes in keys, keys that stand twice, unknown arrays, the channel not in front.
 */
export function learnShape(
  text: string,
  channelPath: string,
  fields: FieldMap,
  runShapes: (path: string) => RunShapes,
): { prefix: string; channel: string; shape: Shape } | undefined {
  if (!/^[\t\n\r\x20-\x7e]*$/.test(text)) return undefined;
  try {
    return new Learner(text, 0, fields, runShapes).message(channelPath);
  } catch (error) {
    if (error instanceof Unlearnable) return undefined;
    throw error;
  }
}
