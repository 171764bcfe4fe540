import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** What a topic promises; docs/gateway.md. */
export type TopicClass = 'MERGE' | 'EVENT' | 'REPLACE';

/** Who may do what; each may do what those before it may. */
export const ROLES = ['viewer', 'trader', 'risk', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export function roleAllows(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

export interface TopicDefinition {
  name: string;
  class: TopicClass;
  /** Message type id of the rows, and the name of their struct. */
  rowType: number;
  row: string;
  /** Bytes of a row. */
  stride: number;
  /** MERGE and REPLACE: keys are 0 to keys - 1. EVENT: events that are kept. */
  keys: number;
  text: boolean;
  /** Least role that may read it. */
  role: Role;
}

/** A topic whose rows may be asked for: either kind. */
export interface Topic {
  readonly definition: TopicDefinition;
  /** Number by which frames name it. */
  readonly number: number;
  /** Grows with every row that is written. */
  readonly version: number;
}

/** The newest row of each key. What has changed since a version is found by looking at one number a key. */
export class MergeTopic implements Topic {
  readonly definition: TopicDefinition;
  readonly number: number;
  readonly rows: Uint8Array;
  readonly times: Float64Array;
  readonly texts: (string | undefined)[] | undefined;
  /** Version that wrote each key last; 0 where it has no row. */
  private readonly changed: Float64Array;
  private highest = 0;
  private written = 0;

  constructor(definition: TopicDefinition, number: number) {
    const { keys, stride, text } = definition;
    this.definition = definition;
    this.number = number;
    this.rows = new Uint8Array(keys * stride);
    this.times = new Float64Array(keys);
    this.changed = new Float64Array(keys);
    this.texts = text ? new Array<string | undefined>(keys) : undefined;
  }

  get version(): number {
    return this.written;
  }

  /** Takes a row from a buffer; `at` is where its struct begins. Keys that there is no room for are left out. */
  set(key: number, time: number, buffer: ViewBuffer, at: number, text?: string): void {
    const { stride, keys } = this.definition;
    if (key >= keys) return;
    const bytes = buffer.bytes();
    this.rows.set(bytes.subarray(at, at + stride), key * stride);
    this.times[key] = time;
    if (this.texts !== undefined) this.texts[key] = text ?? '';
    this.changed[key] = ++this.written;
    if (key >= this.highest) this.highest = key + 1;
  }

  /** Whether the row of a key is the same, byte by byte. */
  holds(key: number, buffer: ViewBuffer, at: number): boolean {
    if (!this.has(key)) return false;
    const { stride } = this.definition;
    const bytes = buffer.bytes();
    for (let byte = 0; byte < stride; byte++) if (this.rows[key * stride + byte] !== bytes[at + byte]) return false;
    return true;
  }

  /** Calls back for every key that has been written after a version; those with a row where it is 0. */
  since(version: number, visit: (key: number) => void): void {
    const { changed, highest } = this;
    for (let key = 0; key < highest; key++) if (changed[key]! > version) visit(key);
  }

  /** Whether a key has a row. */
  has(key: number): boolean {
    return key < this.highest && this.changed[key]! > 0;
  }
}

/** Numbered events, the newest of which are kept. */
export class EventTopic implements Topic {
  readonly definition: TopicDefinition;
  readonly number: number;
  readonly rows: Uint8Array;
  readonly times: Float64Array;
  readonly texts: string[] | undefined;
  private last = 0;

  constructor(definition: TopicDefinition, number: number) {
    const { keys, stride, text } = definition;
    this.definition = definition;
    this.number = number;
    this.rows = new Uint8Array(keys * stride);
    this.times = new Float64Array(keys);
    this.texts = text ? new Array<string>(keys).fill('') : undefined;
  }

  /** Number of the newest event; 0 before the first. */
  get version(): number {
    return this.last;
  }

  /** Number of the oldest event that is kept. */
  get oldest(): number {
    return Math.max(1, this.last - this.definition.keys + 1);
  }

  append(time: number, buffer: ViewBuffer, at: number, text = ''): void {
    const { stride } = this.definition;
    const place = this.placeOf(++this.last);
    this.rows.set(buffer.bytes().subarray(at, at + stride), place * stride);
    this.times[place] = time;
    if (this.texts !== undefined) this.texts[place] = text;
  }

  placeOf(event: number): number {
    return (event - 1) % this.definition.keys;
  }
}
