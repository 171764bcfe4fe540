import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A struct of nothing but words is text: an id of the venue, a currency. */
export type FieldType = 'uint16' | 'uint32' | 'float64' | 'text';

/** One field of a struct. */
export interface LayoutField {
  name: string;
  type: FieldType;
  /** Bytes from the struct's start. */
  offset: number;
  /** Bytes of a text, zeros behind it. */
  bytes?: number;
  /** Unit and meaning, from the schema. */
  meaning: string;
}

export interface StructLayout {
  bytes: number;
  fields: LayoutField[];
}

/** What stands behind the header of one type of record. */
export interface RecordLayout {
  name: string;
  /** Name of the body's struct; absent where the body is a FlatBuffers table or text. */
  body?: string;
  /** Structs packed behind the body, and the fields of the body that count them. */
  run?: { struct: string; counts: string[] };
}

/**
 * How the bytes of records are laid out. A journal keeps the layouts that it was written with, so it is read rightly by
 * programs of years to come.
 */
export interface JournalLayouts {
  structs: Record<string, StructLayout>;
  /** By message type id. */
  records: Record<number, RecordLayout>;
}

const BYTES: Readonly<Record<string, number>> = { uint16: 2, uint32: 4, float64: 8 };

/** Runs behind bodies: the schema language cannot say this. */
const RUNS: Record<string, { struct: string; counts: string[] }> = {
  BookUpdate: { struct: 'Level', counts: ['bidCount', 'askCount'] },
  TradeRun: { struct: 'Trade', counts: ['count'] },
  TheoRun: { struct: 'Theo', counts: ['count'] },
  ChainSnapshot: { struct: 'ChainQuote', counts: ['count'] },
  SurfaceFit: { struct: 'SliceFit', counts: ['count'] },
};

/**
 * The structs of a schema. Ours use three types, no padding, so that offsets add up, and structs that were declared before: the
 * fields of a struct within a struct stand in its place, named after both.
 */
function parseStructs(schema: string): Record<string, StructLayout> {
  const structs: Record<string, StructLayout> = {};
  for (const [, name, body] of schema.matchAll(/^struct (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const fields: LayoutField[] = [];
    let offset = 0;
    for (const [, field, type, meaning] of body!.matchAll(/^\s*(\w+): *(\w+);\s*\/\/ *(.*)$/gm)) {
      const bytes = BYTES[type!];
      const nested = structs[type!];
      if (nested !== undefined) {
        fields.push(...within(field!, nested, offset, meaning!));
        offset += nested.bytes;
        continue;
      }
      if (bytes === undefined || offset % bytes !== 0) {
        throw new Error(
          `${name}.${field} is a ${type} at offset ${offset}: expected uint16, uint32 or float64, aligned, or a struct that was declared before`,
        );
      }
      fields.push({ name: field!, type: type as FieldType, offset, meaning: meaning! });
      offset += bytes;
    }
    structs[name!] = { bytes: offset, fields };
  }
  return structs;
}

/** The fields of a struct that stands within another as `name`. */
function within(name: string, nested: StructLayout, offset: number, meaning: string): LayoutField[] {
  if (nested.fields.every((field) => /^word\d+$/.test(field.name))) {
    return [{ name, type: 'text', offset, bytes: nested.bytes, meaning }];
  }
  return nested.fields.map((field) => ({
    ...field,
    name: `${name}${field.name[0]!.toUpperCase()}${field.name.slice(1)}`,
    offset: offset + field.offset,
  }));
}

/**
 * The layouts of this version's records: structs of the schemas, and for each message type the struct of the same name.
 * @param messageTypes names in capitals and their ids
 */
export function currentLayouts(messageTypes: Readonly<Record<string, number>>): JournalLayouts {
  const folder = join(dirname(createRequire(import.meta.url).resolve('volfilter/package.json')), 'schemas');
  const schemas = readdirSync(folder).filter((name) => name.endsWith('.fbs'));
  const structs: Record<string, StructLayout> = {};
  for (const name of schemas.sort()) Object.assign(structs, parseStructs(readFileSync(join(folder, name), 'utf8')));
  const records: Record<number, RecordLayout> = {};
  for (const [name, id] of Object.entries(messageTypes)) {
    if (id === 0) continue;
    const struct = name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
    const layout: RecordLayout = { name };
    if (structs[struct] !== undefined) layout.body = struct;
    if (RUNS[struct] !== undefined) layout.run = RUNS[struct];
    records[id] = layout;
  }
  return { structs, records };
}
