import { type RecordHandler, recordStep } from '../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Goes from record to record of a ring that has no readers. Positions are in 8-byte words, run freely and wrap at 2^32. */
export class RingWalk {
  readonly buffer: ViewBuffer;
  readonly data: Int32Array;
  readonly #mask: number;

  constructor(writer: StreamWriter) {
    const { memory, dataOffset } = writer.arena;
    this.buffer = writer.buffer;
    this.data = new Int32Array(memory, dataOffset, writer.capacityBytes / 4);
    this.#mask = writer.capacityBytes / 8 - 1;
  }

  /** The word of the ring at which the record of a position begins; a filling at the ring's end is stepped over. */
  wordAt(position: number): number {
    const word = position & this.#mask;
    return (this.data[(word << 1) + 1]! & 0xffff) === MessageType.PADDING ? 0 : word;
  }

  /** The position behind the record that begins at a word. */
  behind(position: number, word: number): number {
    const filling = word === 0 ? -position & this.#mask : 0;
    return (position + filling + (recordStep(this.data[word << 1]!) >> 3)) | 0;
  }

  typeAt(word: number): number {
    return this.data[(word << 1) + 1]! & 0xffff;
  }

  /** Hands over what lies between two positions. */
  each(from: number, to: number, handler: RecordHandler): void {
    for (let position = from; position !== to; ) {
      const word = this.wordAt(position);
      handler(this.typeAt(word), this.buffer, word << 3);
      position = this.behind(position, word);
    }
  }
}
