import type { JournalLayouts, LayoutField, RecordLayout, StructLayout } from './layouts.js';
import { type ColumnType, tableColumns } from './tables.js';

/** A record or a part of it, column by column. NaN is null. */
export type Row = Record<string, number | string | null>;

const HEADER = 'Header';
/** The field of bodies and of entries that holds an instrument's id, and the column with its name. */
const INSTRUMENT = 'instrument';
const INSTRUMENT_NAME = 'instrumentName';

/** Reads records of a journal into rows, by the layouts that they were written with. */
export class RecordRows {
  readonly #layouts: JournalLayouts;
  readonly #header: StructLayout;
  readonly #names: ReadonlyMap<number, string>;

  /** @param names of instruments by their ids, for a column of its own */
  constructor(layouts: JournalLayouts, names: ReadonlyMap<number, string> = new Map()) {
    const header = layouts.structs[HEADER];
    if (header === undefined) throw new Error('the journal keeps no layout of the header of its records');
    this.#layouts = layouts;
    this.#header = header;
    this.#names = names;
  }

  /** The layout of a record's type; one that the journal does not describe has only a number. */
  layoutOf(block: Buffer, offset: number): RecordLayout {
    const type = block.readUInt16LE(offset + 4);
    return this.#layouts.records[type] ?? { name: `TYPE_${type}` };
  }

  /** The columns of a type's flat rows: of the header, of the body, and of one entry of its run. */
  columns(layout: RecordLayout): { name: string; type: ColumnType }[] {
    const header = this.#header.fields.filter(({ name }) => name !== 'type');
    const table = tableColumns[layout.name]?.columns;
    if (table !== undefined) return [{ name: 'record', type: 'text' }, ...header, ...table];
    const body = layout.body === undefined ? [] : this.#struct(layout.body).fields;
    const run = layout.run === undefined ? [] : this.#struct(layout.run.struct).fields;
    const entry: { name: string; type: ColumnType }[] =
      layout.run === undefined
        ? []
        : [
            { name: 'group', type: 'text' },
            { name: 'index', type: 'uint32' },
          ];
    const named: { name: string; type: ColumnType }[] = [...body, ...run].some(({ name }) => name === INSTRUMENT)
      ? [{ name: INSTRUMENT_NAME, type: 'text' }]
      : [];
    return [
      { name: 'record', type: 'text' },
      ...header,
      ...named,
      ...body,
      ...entry,
      ...run.map((field) => ({ ...field, name: this.#runColumn(field, body) })),
    ];
  }

  /** The record with its run as a list: one row for one record. */
  nested(block: Buffer, offset: number, length: number): Record<string, unknown> {
    const layout = this.layoutOf(block, offset);
    const record: Record<string, unknown> = { ...this.#headerRow(layout, block, offset) };
    const table = tableColumns[layout.name];
    if (table !== undefined) return { ...record, ...table.read(this.#body(block, offset, length)) };
    if (layout.body === undefined) {
      record.bytes = block.toString('base64', offset + this.#header.bytes, offset + length);
      return record;
    }
    Object.assign(record, this.#named(read(this.#struct(layout.body), block, offset + this.#header.bytes)));
    for (const { group, entries } of this.#runs(layout, block, offset)) {
      record[group] = entries.map((entry) => this.#named(entry));
    }
    return record;
  }

  /** The record with a row for every entry of its run, or one row where its type has none. */
  flat(block: Buffer, offset: number): Row[] {
    const layout = this.layoutOf(block, offset);
    const header = this.#headerRow(layout, block, offset);
    const table = tableColumns[layout.name];
    if (table !== undefined) return [{ ...header, ...table.read(this.#body(block, offset, Number(header.length))) }];
    if (layout.body === undefined) return [header];
    const bodyFields = this.#struct(layout.body).fields;
    const base = { ...header, ...this.#named(read(this.#struct(layout.body), block, offset + this.#header.bytes)) };
    if (layout.run === undefined) return [base];
    return this.#runs(layout, block, offset).flatMap(({ group, entries }) =>
      entries.map((entry, index) => {
        const row: Row = { ...base, group, index };
        if (entry[INSTRUMENT] !== undefined) row[INSTRUMENT_NAME] = this.#nameOf(entry);
        for (const field of this.#struct(layout.run!.struct).fields)
          row[this.#runColumn(field, bodyFields)] = entry[field.name]!;
        return row;
      }),
    );
  }

  /** A copy, which tables are read from. */
  #body(block: Buffer, offset: number, length: number): Uint8Array {
    return Uint8Array.from(block.subarray(offset + this.#header.bytes, offset + length));
  }

  #headerRow(layout: RecordLayout, block: Buffer, offset: number): Row {
    const { type: _, ...header } = read(this.#header, block, offset);
    return { record: layout.name, ...header };
  }

  /** With the instrument's name, where there is an instrument. */
  #named(row: Row): Row {
    return row[INSTRUMENT] === undefined ? row : { [INSTRUMENT_NAME]: this.#nameOf(row), ...row };
  }

  #nameOf(row: Row): string | null {
    return this.#names.get(Number(row[INSTRUMENT])) ?? null;
  }

  /** A field of a run that the header or the body has too is told apart by a prefix. */
  #runColumn(field: LayoutField, body: readonly LayoutField[]): string {
    const isTaken = [...this.#header.fields, ...body].some(({ name }) => name === field.name);
    return isTaken ? `entry_${field.name}` : field.name;
  }

  /** `bidCount` counts the group `bids`; a plain `count` counts `entries`. */
  #runs(layout: RecordLayout, block: Buffer, offset: number): { group: string; entries: Row[] }[] {
    if (layout.body === undefined || layout.run === undefined) return [];
    const body = this.#struct(layout.body);
    const entry = this.#struct(layout.run.struct);
    const counts = read(body, block, offset + this.#header.bytes);
    let at = offset + this.#header.bytes + body.bytes;
    return layout.run.counts.map((field) => {
      const entries: Row[] = [];
      for (let left = Number(counts[field]); left > 0; left--, at += entry.bytes) entries.push(read(entry, block, at));
      return { group: field === 'count' ? 'entries' : field.replace(/Count$/, 's'), entries };
    });
  }

  #struct(name: string): StructLayout {
    const struct = this.#layouts.structs[name];
    if (struct === undefined) throw new Error(`the journal keeps no layout of ${name}`);
    return struct;
  }
}

function read(struct: StructLayout, block: Buffer, at: number): Row {
  const row: Row = {};
  for (const { name, type, offset, bytes = 0 } of struct.fields) {
    if (type === 'uint16') row[name] = block.readUInt16LE(at + offset);
    else if (type === 'uint32') row[name] = block.readUInt32LE(at + offset);
    else if (type === 'text')
      row[name] = block.toString('latin1', at + offset, at + offset + bytes).replace(/\0+$/, '');
    else {
      const value = block.readDoubleLE(at + offset);
      row[name] = Number.isNaN(value) ? null : value;
    }
  }
  return row;
}
