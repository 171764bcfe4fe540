import { appendFileSync, closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, partsFolder, type Tail } from './manifest.js';
import type { Cell } from './row-source.js';
import type { StoreColumn } from './store-table.js';

/** Rows of one table in a tail. */
export interface TailTable {
  table: string;
  columns: readonly StoreColumn[];
  rows: Cell[][];
}

/** Rows after which a tail ends and its rows become parts: who asks takes them all in. */
export const LONGEST_TAIL = 8000;

/**
 * The newest rows of all tables in one file: some thirty files of their own, several times a second, cost twenty times as much. It only grows, and the manifest
 * says how much of it counts, so that a reader never sees half a row. One line of JSON names the columns of each kind of rows; every other line is one row, its
 * kind first.
 */
export class LiveTail {
  readonly #folder: string;
  /** Kinds of rows, and their numbers in the file that is written. */
  readonly #kinds: { table: string; columns: readonly StoreColumn[] }[] = [];
  #named = new Map<number, number>();
  /** Rows that are in no part; those before `written` are in the file. */
  #rows: { kind: number; row: readonly Cell[] }[] = [];
  #written = 0;

  constructor(store: string) {
    this.#folder = partsFolder(store);
  }

  /** The number of a kind of rows. */
  kind(table: string, columns: readonly StoreColumn[]): number {
    return this.#kinds.push({ table, columns }) - 1;
  }

  /** Remembers a row, unless there are so many already that they will be parts. */
  add(kind: number, row: readonly Cell[]): void {
    if (this.#rows.length < LONGEST_TAIL) this.#rows.push({ kind, row });
  }

  /** Writes what was added since the last time; the manifest says so once it is written by the caller. */
  write(manifest: Manifest, now: number): void {
    const tail: Tail = manifest.tail ?? { file: `tail-${now}.jsonl`, bytes: 0 };
    let text = '';
    for (const { kind, row } of this.#rows.slice(this.#written)) {
      let number = this.#named.get(kind);
      if (number === undefined) {
        number = this.#named.size;
        this.#named.set(kind, number);
        const { table, columns } = this.#kinds[kind]!;
        const named = columns.map(({ name, type, meaning }) => ({ name, type, meaning }));
        text += `${JSON.stringify({ table, columns: named })}\n`;
      }
      text += `${JSON.stringify([number, ...row], finite)}\n`;
    }
    this.#written = this.#rows.length;
    appendFileSync(join(this.#folder, tail.file), text);
    manifest.tail = { file: tail.file, bytes: tail.bytes + Buffer.byteLength(text) };
  }

  /** Its rows are parts now. */
  end(manifest: Manifest, now: number): void {
    this.#rows = [];
    this.#written = 0;
    this.#named = new Map();
    if (manifest.tail === undefined) return;
    manifest.replaced = [...manifest.replaced, { file: manifest.tail.file, since: now }];
    delete manifest.tail;
  }
}

/** What a store's tail holds, table by table. */
export function readTail(store: string, tail: Tail | undefined): TailTable[] {
  if (tail === undefined) return [];
  const bytes = Buffer.alloc(tail.bytes);
  const file = openSync(join(partsFolder(store), tail.file), 'r');
  try {
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, bytes.length - at, at);
      if (read === 0) throw new Error(`${tail.file} has ${at} bytes: expected ${bytes.length}`);
      at += read;
    }
  } finally {
    closeSync(file);
  }
  const tables: TailTable[] = [];
  for (const line of bytes.toString('utf8').split('\n')) {
    if (line === '') continue;
    const said = JSON.parse(line) as [number, ...Cell[]] | Omit<TailTable, 'rows'>;
    if (Array.isArray(said)) tables[said[0]]!.rows.push(said.slice(1));
    else tables.push({ ...said, rows: [] });
  }
  return tables;
}

/** JSON knows no number without end: such a one goes as its name. */
function finite(_: string, value: unknown): unknown {
  return value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY ? String(value) : value;
}
