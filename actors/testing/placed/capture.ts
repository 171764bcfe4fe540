import { createHash } from 'node:crypto';
import { HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';

const DIGEST_BYTES = 32;
/** Digest, records, bytes kept. */
const SLOT_BYTES = DIGEST_BYTES + 8 + 8;
const CHUNK_BYTES = 1 << 20;

/** Shared memory for the digests of this many streams, and for the bytes of the first one. */
export function captureMemory(streams: number, keptBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(streams * SLOT_BYTES + keptBytes);
}

/** Digests one stream's canonical bytes, padded to 8 as in a ring; the bytes of stream 0 are kept as well. */
export class Capture {
  readonly onRecord: (type: number, buffer: ViewBuffer, offset: number) => void;
  private readonly view: DataView;
  private readonly slot: number;
  private readonly kept: Uint8Array;
  private readonly hash = createHash('sha256');
  private readonly chunk = new Uint8Array(CHUNK_BYTES);
  private filled = 0;
  private keptBytes = 0;
  private records = 0;

  constructor(memory: SharedArrayBuffer, stream: number, streams = STREAMS) {
    this.view = new DataView(memory);
    this.slot = stream * SLOT_BYTES;
    this.kept = stream === 0 ? new Uint8Array(memory, streams * SLOT_BYTES) : new Uint8Array(0);
    this.onRecord = (_type, buffer, offset) => {
      const length = buffer.view.getInt32(offset + HeaderOffset.LENGTH, true);
      const padded = (length + 7) & ~7;
      if (this.filled + padded > CHUNK_BYTES) this.flush();
      for (let byte = 0; byte < padded; byte++) {
        this.chunk[this.filled + byte] = byte < length ? buffer.view.getUint8(offset + byte) : 0;
      }
      this.filled += padded;
      this.records++;
    };
  }

  close(): void {
    this.flush();
    const digest = this.hash.digest();
    for (let byte = 0; byte < DIGEST_BYTES; byte++) this.view.setUint8(this.slot + byte, digest[byte]!);
    this.view.setFloat64(this.slot + DIGEST_BYTES, this.records, true);
    this.view.setFloat64(this.slot + DIGEST_BYTES + 8, this.keptBytes, true);
  }

  private flush(): void {
    const bytes = this.chunk.subarray(0, this.filled);
    this.hash.update(bytes);
    if (this.keptBytes + bytes.length <= this.kept.length) this.kept.set(bytes, this.keptBytes);
    this.keptBytes += bytes.length;
    this.filled = 0;
  }
}

/** The log and five stages. */
export const STREAMS = 6;

export interface Captured {
  digest: string;
  records: number;
}

export function readCaptured(memory: SharedArrayBuffer, stream: number): Captured {
  const at = stream * SLOT_BYTES;
  return {
    digest: Buffer.from(new Uint8Array(memory, at, DIGEST_BYTES)).toString('hex'),
    records: new DataView(memory).getFloat64(at + DIGEST_BYTES, true),
  };
}

/** The kept bytes of stream 0: a log to play again. */
export function keptLog(
  memory: SharedArrayBuffer,
  streams = STREAMS,
): { script: SharedArrayBuffer; scriptBytes: number } {
  const scriptBytes = new DataView(memory).getFloat64(DIGEST_BYTES + 8, true);
  const script = new SharedArrayBuffer(scriptBytes);
  new Uint8Array(script).set(new Uint8Array(memory, streams * SLOT_BYTES, scriptBytes));
  return { script, scriptBytes };
}
