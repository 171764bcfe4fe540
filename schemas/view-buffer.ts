import { ByteBuffer } from 'flatbuffers';

/** Upper half of the quiet NaN 0x7ff8000000000000. */
const CANONICAL_NAN_HIGH = 0x7ff80000;

/**
 * A FlatBuffers buffer read and written through a DataView.
 *
 * The stock ByteBuffer composes every number byte by byte; the generated accessors work on this subclass unchanged and
 * about ten times faster, on the same bytes. Memory may be shared between threads or mapped from a file.
 */
export class ViewBuffer extends ByteBuffer {
  readonly view: DataView;

  constructor(memory: ArrayBufferLike, byteOffset = 0, byteLength = memory.byteLength - byteOffset) {
    super(new Uint8Array(memory, byteOffset, byteLength));
    this.view = new DataView(memory, byteOffset, byteLength);
  }

  override readInt8(offset: number): number {
    return this.view.getInt8(offset);
  }
  override readUint8(offset: number): number {
    return this.view.getUint8(offset);
  }
  override readInt16(offset: number): number {
    return this.view.getInt16(offset, true);
  }
  override readUint16(offset: number): number {
    return this.view.getUint16(offset, true);
  }
  override readInt32(offset: number): number {
    return this.view.getInt32(offset, true);
  }
  override readUint32(offset: number): number {
    return this.view.getUint32(offset, true);
  }
  override readFloat32(offset: number): number {
    return this.view.getFloat32(offset, true);
  }
  override readFloat64(offset: number): number {
    return this.view.getFloat64(offset, true);
  }
  override readInt64(offset: number): bigint {
    return this.view.getBigInt64(offset, true);
  }
  override readUint64(offset: number): bigint {
    return this.view.getBigUint64(offset, true);
  }
  override writeInt8(offset: number, value: number): void {
    this.view.setInt8(offset, value);
  }
  override writeUint8(offset: number, value: number): void {
    this.view.setUint8(offset, value);
  }
  override writeInt16(offset: number, value: number): void {
    this.view.setInt16(offset, value, true);
  }
  override writeUint16(offset: number, value: number): void {
    this.view.setUint16(offset, value, true);
  }
  override writeInt32(offset: number, value: number): void {
    this.view.setInt32(offset, value, true);
  }
  override writeUint32(offset: number, value: number): void {
    this.view.setUint32(offset, value, true);
  }
  override writeFloat32(offset: number, value: number): void {
    this.view.setFloat32(offset, value, true);
  }
  override writeFloat64(offset: number, value: number): void {
    // The rare case stands apart: a longer body would no longer be inlined into the accessors of a whole struct.
    if (Number.isNaN(value)) this.writeNaN(offset);
    else this.view.setFloat64(offset, value, true);
  }
  /** One NaN only: processors differ in the sign bit of the NaN that they produce, and records are hashed. */
  private writeNaN(offset: number): void {
    this.view.setInt32(offset, 0, true);
    this.view.setInt32(offset + 4, CANONICAL_NAN_HIGH, true);
  }
  override writeInt64(offset: number, value: bigint): void {
    this.view.setBigInt64(offset, value, true);
  }
  override writeUint64(offset: number, value: bigint): void {
    this.view.setBigUint64(offset, value, true);
  }
}
