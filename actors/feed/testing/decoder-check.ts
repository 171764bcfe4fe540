import { expect } from 'vitest';
import type { FrameDecoder, MessageKind } from '../wire/frame-decoder.js';
import { writeRecord } from '../wire/frame-decoder.js';
import { FrameMemory } from '../wire/frame-memory.js';
import { RefusedMessage } from '../wire/reference.js';

const LIMIT = 1 << 18;

/** Decodes texts and compares every record with what JSON.parse and the reference writer make of the same text. */
export class DecoderCheck {
  readonly decoder: FrameDecoder;
  readonly slot = new DataView(new ArrayBuffer(LIMIT));
  readonly #reference = new DataView(new ArrayBuffer(LIMIT));
  readonly #kindOf: (message: unknown) => { kind: MessageKind; subject: number };
  readonly #memory = new FrameMemory(1 << 20);

  constructor(decoder: FrameDecoder, kindOf: (message: unknown) => { kind: MessageKind; subject: number }) {
    this.decoder = decoder;
    this.#kindOf = kindOf;
  }

  /** The record's length, or the decoder's refusal. What stood in the memory before stays behind the frame. */
  decode(text: string): number {
    const end = this.#memory.load(Buffer.from(text));
    return this.decoder.decode(this.#memory, 0, end, this.slot, 0, LIMIT);
  }

  /** Expects the decoder to make of a text exactly what the reference makes of it, twice: learning, then scanning. */
  expectSame(text: string): void {
    for (let time = 0; time < 2; time++) {
      const length = this.decode(text);
      const message: unknown = JSON.parse(text);
      const { kind, subject } = this.#kindOf(message);
      let expected: number;
      try {
        const to = { slot: this.#reference, record: 0, limit: LIMIT, subject };
        expected = writeRecord(kind, message, this.decoder.names, to);
      } catch (error) {
        if (!(error instanceof RefusedMessage)) throw error;
        expected = -1 - error.reason;
      }
      if (length !== expected)
        expect.fail(`${length} instead of ${expected} (${this.decoder.explanation}) for ${text}`);
      if (length <= 0) return;
      const same =
        Buffer.compare(new Uint8Array(this.slot.buffer, 0, 8), new Uint8Array(this.#reference.buffer, 0, 8)) === 0;
      const sameBody =
        Buffer.compare(
          new Uint8Array(this.slot.buffer, 32, length - 32),
          new Uint8Array(this.#reference.buffer, 32, length - 32),
        ) === 0;
      if (!same || !sameBody) expect.fail(`another record than the reference makes for ${text}`);
    }
  }
}
