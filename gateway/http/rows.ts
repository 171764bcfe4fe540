import type { ByteBuffer } from 'flatbuffers';
import * as structs from '../../schemas/generated/index.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { EventTopic, MergeTopic } from '../topics/topic.js';

/** A generated struct, as far as its fields are asked for by name. */
interface AnyStruct {
  __init(at: number, buffer: ByteBuffer): unknown;
}
type StructClass = (new () => AnyStruct) & { prototype: object };

/** A row as JSON has it: what is no number is null. */
export type JsonRow = Record<string, unknown>;

/** Turns the rows of a topic into JSON. */
export class RowReader {
  private readonly topic: MergeTopic | EventTopic;
  private readonly buffer: ViewBuffer;
  private readonly struct: AnyStruct;
  private readonly fields: readonly string[];

  constructor(topic: MergeTopic | EventTopic) {
    const struct = (structs as unknown as Record<string, StructClass>)[topic.definition.row];
    if (struct === undefined) throw new Error(`there is no struct '${topic.definition.row}'`);
    this.topic = topic;
    this.buffer = new ViewBuffer(topic.rows.buffer);
    this.struct = new struct();
    this.fields = fieldsOf(struct);
  }

  /** The row of a place of the topic's table. */
  at(place: number, key: number): JsonRow {
    const { topic, struct } = this;
    struct.__init(place * topic.definition.stride, this.buffer);
    const row: JsonRow = { key, time: plain(topic.times[place]) };
    for (const field of this.fields) row[field] = fieldValue(struct, field);
    if (topic.texts !== undefined) row.text = topic.texts[place] ?? '';
    return row;
  }
}

const LEFT_OUT = new Set(['constructor', '__init', 'reserved', 'reserved2']);

/** Names of a struct's fields in the order of the schema; nested structs among them. */
function fieldsOf(struct: StructClass): readonly string[] {
  return Object.getOwnPropertyNames(struct.prototype).filter(
    (name) => !LEFT_OUT.has(name) && !name.startsWith('mutate_'),
  );
}

function fieldValue(struct: AnyStruct, field: string): unknown {
  const value = (struct as unknown as Record<string, () => unknown>)[field]!.call(struct);
  if (value === null || typeof value !== 'object') return plain(value);
  const nested = value as AnyStruct;
  const fields = fieldsOf(nested.constructor as StructClass);
  return Object.fromEntries(fields.map((name) => [name, fieldValue(nested, name)]));
}

function plain(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? null : value;
}

/** Schema of the rows, for the OpenAPI document. */
export function rowSchema(row: string): object {
  const struct = (structs as unknown as Record<string, StructClass>)[row]!;
  const properties = Object.fromEntries(fieldsOf(struct).map((name) => [name, { type: ['number', 'object', 'null'] }]));
  return {
    type: 'object',
    required: ['topic', 'epoch', 'version', 'rows', 'next'],
    properties: {
      topic: { type: 'string' },
      epoch: { type: 'integer' },
      version: { type: 'integer' },
      next: { type: ['integer', 'null'] },
      rows: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            key: { type: 'integer' },
            time: { type: ['number', 'null'] },
            text: { type: 'string' },
            ...properties,
          },
        },
      },
    },
  };
}
