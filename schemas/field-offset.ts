import { ByteBuffer } from 'flatbuffers';

/** A generated struct. */
export interface Struct {
  __init(at: number, buffer: ByteBuffer): unknown;
}

/** Names of a struct's fields. */
export type FieldOf<T> = { [K in keyof T]: K extends `mutate_${infer Name}` ? Name : never }[keyof T] & string;

/** Remembers where the last write went, and writes nothing. */
class OffsetProbe extends ByteBuffer {
  offset = -1;

  override writeUint16(offset: number): void {
    this.offset = offset;
  }
  override writeUint32(offset: number): void {
    this.offset = offset;
  }
  override writeFloat64(offset: number): void {
    this.offset = offset;
  }
}

/**
 * Bytes from the start of a struct to one of its fields, asked from the generated code so that the layout stands in one
 * place only: the schema. For scanners that write many fields by number; call it at start, not per message.
 */
export function fieldOffset<T extends Struct>(struct: new () => T, field: FieldOf<T>): number {
  const probe = new OffsetProbe(new Uint8Array(0));
  const instance = new struct();
  instance.__init(0, probe);
  const mutate = (instance as unknown as Record<string, (value: number) => boolean>)[`mutate_${field}`];
  if (mutate === undefined) throw new Error(`${struct.name} has no field '${field}'`);
  mutate.call(instance, 0);
  return probe.offset;
}

/** Bytes from the start of a struct to a struct that is nested in it. */
export function structOffset<T extends Struct>(struct: new () => T, field: keyof T & string): number {
  const instance = new struct();
  instance.__init(0, new OffsetProbe(new Uint8Array(0)));
  const nested = (instance as unknown as Record<string, () => { bb_pos: number } | null>)[field]?.call(instance);
  if (nested === undefined || nested === null) throw new Error(`${struct.name} has no struct '${field}'`);
  return nested.bb_pos;
}
