import type { JournalLayouts, LayoutField } from '../../journal/layouts.js';
import { tableColumns } from '../../journal/tables.js';
import { columnsOf, type SourcedColumn } from './columns.js';
import type { StoreTable } from './store-table.js';

/** A cell: a time is still its microseconds. */
export type Cell = number | string | null;

/** Bytes of a record's header. */
const HEADER_BYTES = 56;
const EVENT_TIME = 24;

/** Reads the records of one table, by the layouts that they were written with, into rows of its columns. */
export class RowSource {
  readonly table: StoreTable;
  readonly columns: readonly SourcedColumn[];
  readonly #bodyBytes: number;
  readonly #entryBytes: number;
  readonly #counts: readonly LayoutField[];
  /** Fields by which rows are thinned out, and the last second that each of their values was told in. */
  readonly #thinnedBy: readonly { part: 'body' | 'entry'; field: LayoutField }[];
  readonly #told = new Map<Cell, number>();

  constructor(layouts: JournalLayouts, table: StoreTable, columns: readonly SourcedColumn[]) {
    this.table = table;
    this.columns = columns;
    const layout = Object.values(layouts.records).find(({ name }) => name === table.record)!;
    const body = layout.body === undefined ? undefined : layouts.structs[layout.body];
    this.#bodyBytes = body?.bytes ?? 0;
    this.#entryBytes = table.rows === 'entries' ? layouts.structs[layout.run!.struct]!.bytes : 0;
    const counts = table.rows === 'entries' ? layout.run!.counts : [];
    this.#counts = counts.map((name) => body!.fields.find((field) => field.name === name)!);
    this.#thinnedBy = (table.oncePerSecond ?? []).map((by) => {
      const source = columns.find(({ name }) => name === by)?.source;
      if (source?.part === 'body' || source?.part === 'entry') return source;
      throw new Error(
        `table ${table.name} keeps a row a second for each ${by}: expected a field of ${table.record}, found none`,
      );
    });
  }

  /** Calls back with each row of a record. */
  read(
    bytes: Buffer,
    offset: number,
    length: number,
    names: ReadonlyMap<number, string>,
    take: (row: Cell[]) => void,
  ): void {
    const second = Math.floor(bytes.readDoubleLE(offset + EVENT_TIME) / 1e6);
    if (this.table.rows === 'records') {
      if (this.#isDue(bytes, offset, -1, second)) take(this.#row(bytes, offset, length, -1, names));
      return;
    }
    const body = offset + HEADER_BYTES;
    let entries = 0;
    for (const count of this.#counts) entries += Number(cell(bytes, body, count));
    const first = body + this.#bodyBytes;
    for (let entry = 0; entry < entries; entry++) {
      const at = first + entry * this.#entryBytes;
      if (this.#isDue(bytes, offset, at, second)) take(this.#row(bytes, offset, length, at, names));
    }
  }

  /** Whether a row is the first of its second. Looked at before it is made: of what is told over and over most is left out. */
  #isDue(bytes: Buffer, offset: number, entry: number, second: number): boolean {
    const fields = this.#thinnedBy;
    if (fields.length === 0) return true;
    let by: Cell = null;
    for (let place = 0; place < fields.length; place++) {
      const { part, field } = fields[place]!;
      const found = cell(bytes, part === 'body' ? offset + HEADER_BYTES : entry, field);
      by = place === 0 ? found : `${by},${found}`;
    }
    if (this.#told.get(by) === second) return false;
    this.#told.set(by, second);
    return true;
  }

  #row(bytes: Buffer, offset: number, length: number, entry: number, names: ReadonlyMap<number, string>): Cell[] {
    const body = offset + HEADER_BYTES;
    const fields = tableColumns[this.table.record]?.read(Uint8Array.from(bytes.subarray(body, offset + length)));
    return this.columns.map(({ source }) => {
      if (source.part === 'table') return fields![source.field] ?? null;
      if (source.part === 'text') return bytes.toString('utf8', body + this.#bodyBytes, offset + length);
      if (source.part === 'name')
        return names.get(Number(cell(bytes, source.of === 'body' ? body : entry, source.field))) ?? null;
      return cell(bytes, source.part === 'header' ? offset : source.part === 'body' ? body : entry, source.field);
    });
  }
}

/** Sources of all tables whose records a journal's layouts know, by the record's type id. */
export function rowSources(layouts: JournalLayouts, tables: readonly StoreTable[]): Map<number, RowSource[]> {
  const sources = new Map<number, RowSource[]>();
  for (const [id, { name }] of Object.entries(layouts.records)) {
    const own = tables.filter(({ record }) => record === name);
    const found = own.flatMap((table) => {
      const columns = columnsOf(layouts, table);
      return columns === undefined ? [] : [new RowSource(layouts, table, columns)];
    });
    if (found.length > 0) sources.set(Number(id), found);
  }
  return sources;
}

function cell(bytes: Buffer, at: number, { type, offset, bytes: length = 0 }: LayoutField): Cell {
  if (type === 'uint16') return bytes.readUInt16LE(at + offset);
  if (type === 'uint32') return bytes.readUInt32LE(at + offset);
  if (type === 'text') return bytes.toString('latin1', at + offset, at + offset + length).replace(/\0+$/, '') || null;
  const value = bytes.readDoubleLE(at + offset);
  return Number.isNaN(value) ? null : value;
}
