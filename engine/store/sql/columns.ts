import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { JournalLayouts, LayoutField, RecordLayout, StructLayout } from '../../journal/layouts.js';
import { tableColumns } from '../../journal/tables.js';
import type { SqlType, StoreColumn, StoreTable } from './store-table.js';

/** Where a column's cells come from. Offsets are from the start of that part of the record. */
export type CellSource =
  | { part: 'header'; field: LayoutField }
  | { part: 'body'; field: LayoutField }
  | { part: 'entry'; field: LayoutField }
  | { part: 'name'; of: 'body' | 'entry'; field: LayoutField }
  | { part: 'text' }
  | { part: 'table'; field: string };

export interface SourcedColumn extends StoreColumn {
  source: CellSource;
}

/** Columns of every record's header that are kept, by their field. */
const HEADER_COLUMNS: readonly (Omit<StoreColumn, 'meaning'> & { field: string })[] = [
  { field: 'seq', name: 'seq', type: 'BIGINT' },
  { field: 'eventTime', name: 'time', type: 'TIMESTAMP' },
  { field: 'exchangeTime', name: 'exchange_time', type: 'TIMESTAMP' },
  { field: 'receiveTime', name: 'receive_time', type: 'TIMESTAMP' },
  { field: 'venue', name: 'venue', type: 'USMALLINT' },
  { field: 'account', name: 'account', type: 'USMALLINT' },
];

const EPOCH_MICROSECONDS = 'microseconds since the Unix epoch';
const FIRST_WORD_OF_TEXT = /^(.*), bytes 0 to 3, first byte lowest$/;

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The columns of a table by the layouts of a journal; undefined where they do not know its records. */
export function columnsOf(layouts: JournalLayouts, table: StoreTable): SourcedColumn[] | undefined {
  const layout = Object.values(layouts.records).find(({ name }) => name === table.record);
  if (layout === undefined) return undefined;
  const own = ownColumns(layouts, layout, table);
  if (own === undefined) return undefined;
  const taken = new Set(own.map(({ name }) => name));
  return [...headerColumns(layouts).filter(({ name }) => !taken.has(name)), ...own];
}

function headerColumns(layouts: JournalLayouts): SourcedColumn[] {
  const { fields } = structOf(layouts, 'Header');
  return HEADER_COLUMNS.map(({ field, name, type }) => {
    const of = fields.find((candidate) => candidate.name === field)!;
    return { name, type, meaning: meaningOf(of.meaning, type), source: { part: 'header', field: of } };
  });
}

function ownColumns(layouts: JournalLayouts, layout: RecordLayout, table: StoreTable): SourcedColumn[] | undefined {
  const asTable = tableColumns[layout.name];
  if (asTable !== undefined) return fieldsOfTable(layout.name, asTable.columns);
  if (layout.body === undefined) return undefined;
  const bodyStruct = structOf(layouts, layout.body);
  const body = fieldColumns(bodyStruct, 'body').filter(({ name }) => name !== 'text_bytes');
  if (bodyStruct.fields.some(({ name }) => name === 'textBytes'))
    body.push({ name: 'text', type: 'VARCHAR', meaning: 'the text behind the record', source: { part: 'text' } });
  if (table.rows === 'records') return body;
  if (layout.run === undefined) return undefined;
  const taken = new Set(body.map(({ name }) => name));
  const entry = fieldColumns(structOf(layouts, layout.run.struct), 'entry').map((column) =>
    taken.has(column.name) ? { ...column, name: `entry_${column.name}` } : column,
  );
  return [...body.filter(({ name }) => name !== 'count'), ...entry];
}

function structOf({ structs }: JournalLayouts, name: string): StructLayout {
  const struct = structs[name];
  if (struct === undefined) throw new Error(`the journal keeps no layout of ${name}`);
  return struct;
}

/** The fields of a struct that say something, with a column for the name of each instrument. */
function fieldColumns({ fields }: StructLayout, part: 'body' | 'entry'): SourcedColumn[] {
  const columns: SourcedColumn[] = [];
  for (let place = 0; place < fields.length; place++) {
    const field = fields[place]!;
    if (/^reserved/.test(field.name)) continue;
    const text = FIRST_WORD_OF_TEXT.exec(field.meaning);
    if (text !== null) {
      // A name in two words of its own.
      const name = field.name.replace(/0$/, '');
      const joined: LayoutField = { ...field, name, type: 'text', bytes: 8, meaning: text[1]! };
      columns.push({ name: snakeCase(name), type: 'VARCHAR', meaning: text[1]!, source: { part, field: joined } });
      place++;
      continue;
    }
    const type = typeOf(field);
    columns.push({
      name: snakeCase(field.name),
      type,
      meaning: meaningOf(field.meaning, type),
      source: { part, field },
    });
    if (/^(the )?instrument id/.test(field.meaning))
      columns.push({
        name: field.name === 'index' ? 'instrument_name' : `${snakeCase(field.name)}_name`,
        type: 'VARCHAR',
        meaning: "the venue's name of the instrument; null where none is concerned",
        source: { part: 'name', of: part, field },
      });
  }
  return columns;
}

function typeOf({ type, meaning }: LayoutField): SqlType {
  if (type === 'text') return 'VARCHAR';
  if (type === 'uint16') return 'USMALLINT';
  if (type === 'uint32') return 'UINTEGER';
  return meaning.includes(EPOCH_MICROSECONDS) ? 'TIMESTAMP' : 'DOUBLE';
}

/** A time is a timestamp here, and what is not a number is null. */
function meaningOf(meaning: string, type: SqlType): string {
  const said = meaning
    .replaceAll('NaN', 'null')
    .replace(/Infinity (?=for perpetuals)/, type === 'TIMESTAMP' ? 'null ' : '$&');
  return type === 'TIMESTAMP'
    ? said.replace(EPOCH_MICROSECONDS, 'UTC, to the microsecond').replace(/\b0 (?=where|while|until)/, 'null ')
    : said;
}

function fieldsOfTable(record: string, columns: readonly { name: string; type: string }[]): SourcedColumn[] {
  const meanings = schemaTableMeanings(record);
  return columns.map(({ name, type }) => {
    const said = meanings.get(name) ?? TABLE_MEANINGS[name];
    if (said === undefined) throw new Error(`no schema says what ${record}.${name} means`);
    const field: LayoutField = { name, type: type as LayoutField['type'], offset: 0, meaning: said };
    const sqlType = typeOf(field);
    return {
      name: snakeCase(name),
      type: sqlType,
      meaning: meaningOf(said, sqlType),
      source: { part: 'table', field: name },
    };
  });
}

/** Columns of tables that put several fields of the schema together. */
const TABLE_MEANINGS: Readonly<Record<string, string>> = {
  right: "an option's right: call or put; empty where there is none",
};

let tableSchemas: string | undefined;

/** The comments of a FlatBuffers table's fields: journals keep layouts of structs alone. */
function schemaTableMeanings(record: string): Map<string, string> {
  if (tableSchemas === undefined) {
    const folder = join(dirname(createRequire(import.meta.url).resolve('volfilter/package.json')), 'schemas');
    const files = readdirSync(folder).filter((name) => name.endsWith('.fbs'));
    tableSchemas = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  }
  const name = record.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
  const body = new RegExp(`^table ${name} \\{\\n([\\s\\S]*?)^\\}`, 'm').exec(tableSchemas)?.[1] ?? '';
  const fields = body.matchAll(/^\s*(\w+): *[^;]+; *\/\/ *(.*)$/gm);
  return new Map([...fields].map(([, field, meaning]) => [field!, meaning!]));
}
