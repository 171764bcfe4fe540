import { FrameMemory } from '../../feed/wire/frame-memory.js';
import type { FrameFault } from './frame-fault.js';
import { isUtf8 } from './utf8.js';

/** Kinds of frames, RFC 6455 section 5.2. */
export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** What a reader finds. Memory that is handed over is used again when the call returns. */
export interface FrameSink {
  message(memory: FrameMemory, start: number, end: number, isBinary: boolean): void;
  ping(memory: FrameMemory, start: number, end: number): void;
  /** The other side closes; nothing follows. @param code 1005 where it gives none */
  close(code: number, reason: string): void;
  /** What comes breaks the protocol; nothing follows. */
  fault(fault: FrameFault): void;
}

export interface FrameLimits {
  /** Most bytes of a message, all its fragments together; no more are ever kept. */
  mostBytes: number;
  /** Whether texts must be UTF-8; not needed where whoever reads them checks. */
  checksText: boolean;
}

const MOST_CONTROL_BYTES = 125;
const FIRST_KEPT_BYTES = 64 * 1024;
const NO_CODE = 1005;

function headerBytes(second: number): number {
  const length = second & 0x7f;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}

/** Codes that may stand in a close frame: RFC 6455 section 7.4 and the registry that it opens. */
function mayBeSent(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999)
  );
}

/**
 * Frames of a server out of a socket's bytes, however these are cut. A message that came whole in one frame and one piece is handed
 * over where it lies; others are put together in memory that is kept. No object is made for a frame.
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  /** The beginning of a header that was cut. */
  readonly #header = new Uint8Array(10);
  #headerFilled = 0;
  /** Of the frame whose payload is being read. */
  #inPayload = false;
  #opcode = 0;
  #isFinal = false;
  /** Bytes of its payload that have not come. */
  #left = 0;
  /** Of the message that is being put together: its kind, 0 for none, and its bytes so far. */
  #messageOpcode = 0;
  #kept = new FrameMemory(FIRST_KEPT_BYTES);
  #keptBytes = 0;
  readonly #control = new FrameMemory(MOST_CONTROL_BYTES);
  #controlBytes = 0;
  #hasEnded = false;

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Nothing more is handed over. */
  stop(): void {
    this.#hasEnded = true;
  }

  /** Takes the next bytes of the stream. */
  take(memory: FrameMemory, start: number, end: number): void {
    let at = start;
    while (!this.#hasEnded) {
      if (!this.#inPayload) {
        at = this.#readHeader(memory.bytes, memory.view, at, end);
        if (!this.#inPayload) return;
      }
      if (this.#left > end - at) {
        this.#keep(memory, at, end);
        this.#left -= end - at;
        return;
      }
      const stop = at + this.#left;
      this.#inPayload = false;
      if (this.#opcode >= Opcode.CLOSE) this.#finishControl(memory, at, stop);
      else this.#finishData(memory, at, stop);
      at = stop;
    }
  }

  /** Reads a header, or as much of it as there is; returns where its bytes end. */
  #readHeader(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    if (this.#headerFilled === 0 && end - start >= 2) {
      const length = headerBytes(bytes[start + 1]!);
      if (end - start >= length) {
        this.#failFor(this.#understand(bytes[start]!, bytes[start + 1]!, view, start));
        return start + length;
      }
    }
    const header = this.#header;
    for (let at = start; at < end; ) {
      header[this.#headerFilled++] = bytes[at++]!;
      if (this.#headerFilled < 2 || this.#headerFilled < headerBytes(header[1]!)) continue;
      this.#headerFilled = 0;
      this.#failFor(this.#understand(header[0]!, header[1]!, new DataView(header.buffer), 0));
      return at;
    }
    return end;
  }

  /** What is wrong with a header; where nothing is, its payload is what comes next. @param at where it begins in `view` */
  #understand(first: number, second: number, view: DataView, at: number): FrameFault | undefined {
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    if ((first & 0x70) !== 0) return 'RESERVED_BITS';
    if (opcode > Opcode.PONG || (opcode > Opcode.BINARY && opcode < Opcode.CLOSE)) return 'UNKNOWN_OPCODE';
    if ((second & 0x80) !== 0) return 'MASKED';
    let length = second & 0x7f;
    if (opcode >= Opcode.CLOSE) {
      if (!isFinal) return 'CONTROL_FRAGMENTED';
      if (length > MOST_CONTROL_BYTES) return 'CONTROL_TOO_LONG';
      this.#controlBytes = 0;
    } else {
      if (opcode === Opcode.CONTINUATION && this.#messageOpcode === 0) return 'NOTHING_TO_CONTINUE';
      if (opcode !== Opcode.CONTINUATION && this.#messageOpcode !== 0) return 'MESSAGE_UNFINISHED';
      if (length === 126) {
        length = view.getUint16(at + 2);
        if (length < 126) return 'LENGTH_NOT_MINIMAL';
      } else if (length === 127) {
        if (view.getInt32(at + 2) !== 0 || view.getInt32(at + 6) < 0) return 'TOO_LONG';
        length = view.getInt32(at + 6);
        if (length < 0x10000) return 'LENGTH_NOT_MINIMAL';
      }
      if (length > this.#limits.mostBytes - this.#keptBytes) return 'TOO_LONG';
      if (opcode !== Opcode.CONTINUATION) this.#messageOpcode = opcode;
    }
    this.#opcode = opcode;
    this.#isFinal = isFinal;
    this.#left = length;
    this.#inPayload = true;
    return undefined;
  }

  #keep(memory: FrameMemory, start: number, end: number): void {
    if (this.#opcode >= Opcode.CLOSE) {
      this.#control.append(this.#controlBytes, memory, start, end);
      this.#controlBytes += end - start;
      return;
    }
    const needed = this.#keptBytes + (end - start);
    if (needed > this.#kept.capacity) {
      const grown = new FrameMemory(Math.max(needed, 2 * this.#kept.capacity));
      grown.append(0, this.#kept, 0, this.#keptBytes);
      this.#kept = grown;
    }
    this.#kept.append(this.#keptBytes, memory, start, end);
    this.#keptBytes = needed;
  }

  #finishData(memory: FrameMemory, start: number, end: number): void {
    if (this.#isFinal && this.#keptBytes === 0) {
      this.#deliver(memory, start, end);
      return;
    }
    this.#keep(memory, start, end);
    if (!this.#isFinal) return;
    const bytes = this.#keptBytes;
    this.#keptBytes = 0;
    this.#deliver(this.#kept, 0, bytes);
  }

  #deliver(memory: FrameMemory, start: number, end: number): void {
    const isBinary = this.#messageOpcode === Opcode.BINARY;
    this.#messageOpcode = 0;
    const isFit = isBinary || !this.#limits.checksText || isUtf8(memory.bytes, memory.view, start, end);
    if (isFit) this.#sink.message(memory, start, end, isBinary);
    else this.#failFor('NOT_UTF8');
  }

  #finishControl(memory: FrameMemory, start: number, end: number): void {
    if (this.#controlBytes > 0) {
      this.#keep(memory, start, end);
      this.#tell(this.#control, 0, this.#controlBytes);
    } else this.#tell(memory, start, end);
  }

  #tell(memory: FrameMemory, start: number, end: number): void {
    if (this.#opcode === Opcode.PING) this.#sink.ping(memory, start, end);
    else if (this.#opcode === Opcode.CLOSE) this.#close(memory, start, end);
  }

  #close({ bytes, view }: FrameMemory, start: number, end: number): void {
    const code = end - start < 2 ? NO_CODE : view.getUint16(start);
    const reason = Math.min(start + 2, end);
    if (end - start === 1) this.#failFor('CLOSE_TOO_SHORT');
    else if (end > start && !mayBeSent(code)) this.#failFor('CLOSE_CODE');
    else if (!isUtf8(bytes, view, reason, end)) this.#failFor('NOT_UTF8');
    else {
      this.#hasEnded = true;
      this.#sink.close(code, Buffer.from(bytes.subarray(reason, end)).toString());
    }
  }

  #failFor(fault: FrameFault | undefined): void {
    if (fault === undefined) return;
    this.#hasEnded = true;
    this.#sink.fault(fault);
  }
}
