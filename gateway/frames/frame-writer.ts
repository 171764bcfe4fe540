/** Bits of FrameHeader.flags. */
export const FrameFlag = { SNAPSHOT: 1, LAST_PART: 2, SKIPPED: 4, LOST: 8 } as const;

/** What stands in a frame's header beside count and stride. */
export interface FrameFields {
  epoch: number;
  topic: number;
  rowType: number;
  flags: number;
  rateHz: number;
  seq: number;
  /** Microseconds since the Unix epoch. */
  engineTime: number;
  /** Microseconds since the Unix epoch. */
  sentTime: number;
}

/*
 * A frame is always laid out the same way, so it is written from front to back instead of by a builder:
 *
 *     0   root table's offset; "VFG1"; vtable of five fields
 *     24  table: offset to the vtable; offsets of keys, times, rows, texts; 4 bytes of nothing; header, 56 bytes
 *     104 keys, times, rows, texts: each a length and its elements, on the boundary that they need
 */
const VTABLE = 8;
const TABLE = 24;
const HEADER = TABLE + 24;
const VECTORS = HEADER + 56;
/** "VFG1", little endian. */
const IDENTIFIER = 0x31474656;

const encoder = new TextEncoder();
const NO_TEXTS: readonly Uint8Array[] = [];

/** A frame whose rows are filled in by whoever asked for it; then it is sent as it is. */
export class FrameWriter {
  /** The whole message. */
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly keysAt: number;
  private readonly timesAt: number;
  private readonly rowsAt: number;
  private readonly stride: number;
  private row = 0;
  private engineTime = 0;

  /** `texts`: one a row where the topic has texts. */
  constructor(fields: FrameFields, count: number, stride: number, texts?: readonly string[]) {
    const encoded = texts === undefined ? NO_TEXTS : texts.map((text) => encoder.encode(text));
    const keys = VECTORS;
    // The elements of both stand on 8: their lengths 4 before.
    const times = align8(keys + 4 + 4 * count + 4) - 4;
    const rows = align8(times + 4 + 8 * count + 4) - 4;
    const textsAt = (rows + 4 + stride * count + 3) & ~3;
    const end = texts === undefined ? textsAt : encoded.reduce(afterText, textsAt + 4 + 4 * count);
    const memory = new ArrayBuffer(end);
    const view = new DataView(memory);
    this.bytes = new Uint8Array(memory);
    this.view = view;
    this.stride = stride;
    view.setUint32(0, TABLE, true);
    view.setUint32(4, IDENTIFIER, true);
    view.setUint16(VTABLE, 14, true);
    view.setUint16(VTABLE + 2, VECTORS - TABLE, true);
    view.setUint16(VTABLE + 4, HEADER - TABLE, true);
    view.setUint16(VTABLE + 6, 4, true);
    view.setUint16(VTABLE + 8, 8, true);
    view.setUint16(VTABLE + 10, 12, true);
    view.setUint16(VTABLE + 12, texts === undefined ? 0 : 16, true);
    view.setInt32(TABLE, TABLE - VTABLE, true);
    view.setUint32(TABLE + 4, keys - (TABLE + 4), true);
    view.setUint32(TABLE + 8, times - (TABLE + 8), true);
    view.setUint32(TABLE + 12, rows - (TABLE + 12), true);
    if (texts !== undefined) view.setUint32(TABLE + 16, textsAt - (TABLE + 16), true);
    view.setUint32(HEADER, fields.epoch, true);
    view.setUint16(HEADER + 4, fields.topic, true);
    view.setUint16(HEADER + 6, fields.rowType, true);
    view.setUint32(HEADER + 8, fields.flags, true);
    view.setUint32(HEADER + 12, count, true);
    view.setUint32(HEADER + 16, stride, true);
    view.setUint32(HEADER + 20, fields.rateHz, true);
    view.setFloat64(HEADER + 24, fields.seq, true);
    view.setFloat64(HEADER + 32, fields.engineTime, true);
    view.setFloat64(HEADER + 40, fields.sentTime, true);
    view.setUint32(keys, count, true);
    view.setUint32(times, count, true);
    view.setUint32(rows, count * stride, true);
    this.keysAt = keys + 4;
    this.timesAt = times + 4;
    this.rowsAt = rows + 4;
    this.engineTime = fields.engineTime;
    if (texts !== undefined) this.writeTexts(textsAt, encoded);
  }

  /** The next row, from a table of rows of this frame's stride. */
  add(key: number, time: number, source: Uint8Array, sourceOffset: number): void {
    const { row, stride } = this;
    this.label(row, key, time);
    this.bytes.set(source.subarray(sourceOffset, sourceOffset + stride), this.rowsAt + row * stride);
    this.row = row + 1;
  }

  /** The next rows, whose places are their keys and stand one behind the other in a table: its bytes are copied in one piece. */
  addRun(firstKey: number, count: number, times: Float64Array, source: Uint8Array): void {
    const { row, stride } = this;
    for (let index = 0; index < count; index++) this.label(row + index, firstKey + index, times[firstKey + index]!);
    const from = firstKey * stride;
    this.bytes.set(source.subarray(from, from + count * stride), this.rowsAt + row * stride);
    this.row = row + count;
  }

  private label(row: number, key: number, time: number): void {
    const { view } = this;
    view.setUint32(this.keysAt + 4 * row, key, true);
    view.setFloat64(this.timesAt + 8 * row, time, true);
    if (!(time > this.engineTime)) return;
    this.engineTime = time;
    view.setFloat64(HEADER + 32, time, true);
  }

  private writeTexts(at: number, texts: readonly Uint8Array[]): void {
    const { view, bytes } = this;
    view.setUint32(at, texts.length, true);
    let place = at + 4 + 4 * texts.length;
    texts.forEach((text, index) => {
      const slot = at + 4 + 4 * index;
      view.setUint32(slot, place - slot, true);
      view.setUint32(place, text.length, true);
      bytes.set(text, place + 4);
      place = afterText(place, text);
    });
  }
}

function align8(offset: number): number {
  return (offset + 7) & ~7;
}

/** Where the next string stands: a length, the bytes, the zero that ends it. */
function afterText(at: number, text: Uint8Array): number {
  return (at + 4 + text.length + 1 + 3) & ~3;
}
