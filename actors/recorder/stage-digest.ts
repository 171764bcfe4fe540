import { createHash } from 'node:crypto';
import { HeaderOffset } from '../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Log events that one digest covers. */
const EVENTS_PER_DIGEST = 1024;
const GATHERED_BYTES = 64 * 1024;

/**
 * Rolling digest of one stage's output: each covers 1,024 log events and the digest before it. Replay makes the outputs
 * again; that these are the ones is what the digests prove.
 */
export class StageDigest {
  readonly onRecord: (type: number, buffer: ViewBuffer, offset: number) => void;
  private readonly give: (seq: number, hash: Buffer) => void;
  private readonly gathered = Buffer.alloc(GATHERED_BYTES);
  private readonly into = new DataView(this.gathered.buffer, this.gathered.byteOffset);
  private filled = 0;
  private previous = Buffer.alloc(32);
  private hash = createHash('sha256').update(this.previous);
  /** Number of the span of events that is being digested; -1 before the first record. */
  private span = -1;

  /** `give` is called with the last log event that a digest covers. */
  constructor(give: (seq: number, hash: Buffer) => void) {
    this.give = give;
    this.onRecord = (_type, buffer, offset) => {
      const { view } = buffer;
      const span = Math.floor(view.getFloat64(offset + HeaderOffset.SEQ, true) / EVENTS_PER_DIGEST);
      if (span !== this.span) this.finish(span);
      const length = view.getInt32(offset + HeaderOffset.LENGTH, true);
      if (this.filled + length > GATHERED_BYTES) this.flush();
      this.gather(view, offset, length);
      this.filled += length;
    };
  }

  private gather(view: DataView, offset: number, length: number): void {
    const { gathered, into, filled } = this;
    let byte = 0;
    for (; byte + 4 <= length; byte += 4) into.setInt32(filled + byte, view.getInt32(offset + byte, true), true);
    for (; byte < length; byte++) gathered[filled + byte] = view.getUint8(offset + byte);
  }

  private finish(next: number): void {
    if (this.span >= 0) {
      this.flush();
      this.previous = this.hash.digest();
      this.give((this.span + 1) * EVENTS_PER_DIGEST - 1, this.previous);
      this.hash = createHash('sha256').update(this.previous);
    }
    this.span = next;
  }

  private flush(): void {
    this.hash.update(this.gathered.subarray(0, this.filled));
    this.filled = 0;
  }
}
