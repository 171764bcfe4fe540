import { Builder } from 'flatbuffers';
import { Frame } from '../../schemas/generated/frame.js';
import { FrameHeader } from '../../schemas/generated/frame-header.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { Placed, StructClass } from '../net/frame.js';
import type { Topic } from '../store/channel.js';

/** One row to be sent: what its struct's fields are set to. */
export interface Row<T> {
  key: number;
  fill(row: T): void;
  text?: string;
}

export interface FrameOptions {
  seq: number;
  flags?: number;
  epoch?: number;
  number?: number;
  /** Microseconds since the Unix epoch. */
  time?: number;
}

/** A frame by the stock FlatBuffers builder, as another implementation than the gateway's own writer. */
export function frameOf<T extends Placed>(
  topic: Topic<T>,
  rows: readonly Row<T>[],
  options: FrameOptions,
): ArrayBuffer {
  const { seq, flags = 0, epoch = 1, number = 1, time = 1_767_312_000_000_000 } = options;
  const stride = topic.struct.sizeOf();
  const bytes = structs(topic.struct, rows);
  const builder = new Builder(1024 + bytes.length);
  const texts = topic.texts
    ? Frame.createTextsVector(
        builder,
        rows.map(({ text }) => builder.createString(text ?? '')),
      )
    : 0;
  builder.startVector(1, bytes.length, 8);
  for (let at = bytes.length - 1; at >= 0; at--) builder.addInt8(bytes[at]!);
  const rowVector = builder.endVector();
  const times = Frame.createTimesVector(
    builder,
    rows.map(() => time),
  );
  const keys = Frame.createKeysVector(
    builder,
    rows.map(({ key }) => key),
  );
  Frame.startFrame(builder);
  const header = FrameHeader.createFrameHeader(
    builder,
    epoch,
    number,
    topic.rowType,
    flags,
    rows.length,
    stride,
    topic.hz,
    seq,
    time,
    time,
    0,
  );
  Frame.addHeader(builder, header);
  Frame.addKeys(builder, keys);
  Frame.addTimes(builder, times);
  Frame.addRows(builder, rowVector);
  if (texts !== 0) Frame.addTexts(builder, texts);
  Frame.finishFrameBuffer(builder, Frame.endFrame(builder));
  return builder.asUint8Array().slice().buffer as ArrayBuffer;
}

function structs<T extends Placed>(struct: StructClass<T>, rows: readonly Row<T>[]): Uint8Array {
  const stride = struct.sizeOf();
  const buffer = new ViewBuffer(new ArrayBuffer(rows.length * stride));
  const accessor = new struct();
  accessor.bb = buffer;
  for (const [at, row] of rows.entries()) {
    accessor.bb_pos = at * stride;
    row.fill(accessor);
  }
  return buffer.bytes();
}
