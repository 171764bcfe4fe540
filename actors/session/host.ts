import type { FrameMemory } from '../feed/wire/frame-memory.js';

/** What a socket tells its owner. After `closed` it says nothing more. */
export interface SocketHandlers {
  opened(): void;
  /** A frame in memory that is used again when the call returns: what must be held is copied. */
  frame(memory: FrameMemory, start: number, end: number, isBinary: boolean): void;
  closed(why: string): void;
}

export interface Socket {
  /** A text frame; bytes may be used again when it returns. */
  send(data: string | Uint8Array): void;
  /** Bytes that wait to be written. */
  readonly bufferedBytes: number;
  /** Ends it at once; `closed` follows. */
  end(): void;
  /** Stops reading, so that the sender is held back; what was read already may still come. */
  pause(): void;
  resume(): void;
}

/** What sessions need of the world outside, handed in so that tests give them a clock, chance and sockets of their own. */
export interface SessionHost {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** From 0 up to 1. */
  random(): number;
  /** Runs something later; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
  connect(url: string, handlers: SocketHandlers): Socket;
}
