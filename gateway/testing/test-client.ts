import { createHash } from 'node:crypto';
import WebSocket from 'ws';
import { Frame } from '../../schemas/generated/frame.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { SOCKET_PATH, SUBPROTOCOL } from '../transport/transport.js';

export interface ReadFrame {
  epoch: number;
  topic: number;
  rowType: number;
  flags: number;
  count: number;
  stride: number;
  seq: number;
  keys: number[];
  times: number[];
  rows: Uint8Array;
  texts: string[] | undefined;
  bytes: number;
}

/** A frame, read by the code that is generated from the schema. */
export function readFrame(message: Uint8Array): ReadFrame {
  const buffer = new ViewBuffer(new Uint8Array(message).buffer);
  if (!Frame.bufferHasIdentifier(buffer)) throw new Error('no frame: its identifier is missing');
  const frame = Frame.getRootAsFrame(buffer);
  const header = frame.header()!;
  const texts =
    frame.textsLength() === 0 ? undefined : Array.from({ length: frame.textsLength() }, (_, row) => frame.texts(row));
  return {
    epoch: header.epoch(),
    topic: header.topic(),
    rowType: header.rowType(),
    flags: header.flags(),
    count: header.count(),
    stride: header.stride(),
    seq: header.seq(),
    keys: [...frame.keysArray()!],
    times: Array.from({ length: frame.timesLength() }, (_, row) => frame.times(row)!),
    rows: frame.rowsArray()!,
    texts,
    bytes: message.length,
  };
}

/** A client as a screen is one: keeps what it is told, acknowledges, and sees gaps. */
export class TestClient {
  readonly said: Record<string, unknown>[] = [];
  readonly frames: ReadFrame[] = [];
  /** Rows by key, of the one topic that a test follows. */
  readonly table = new Map<number, Uint8Array>();
  gaps = 0;
  closed: { code: number; reason: string } | undefined;
  acknowledges = true;
  private readonly socket: WebSocket;
  private lastSeq: number | undefined;

  constructor(port: number, options: { origin?: string; protocol?: string; host?: string } = {}) {
    const { origin, protocol = SUBPROTOCOL, host } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${SOCKET_PATH}`, protocol, {
      ...(origin === undefined ? {} : { origin }),
      ...(host === undefined ? {} : { headers: { host } }),
    });
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.onFrame(readFrame(data));
      else this.said.push(JSON.parse(data.toString()) as Record<string, unknown>);
    });
    this.socket.on('close', (code: number, reason: Buffer) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on('error', () => {});
  }

  opened(): Promise<boolean> {
    return new Promise((resolve) => {
      this.socket.once('open', () => resolve(true));
      this.socket.once('close', () => resolve(false));
    });
  }

  say(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  /** Reads nothing more from the network until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** A hash of the table: the same rows give the same. */
  tableHash(): string {
    const hash = createHash('sha256');
    for (const key of [...this.table.keys()].sort((a, b) => a - b)) hash.update(`${key}`).update(this.table.get(key)!);
    return hash.digest('hex');
  }

  close(): void {
    this.socket.terminate();
  }

  private onFrame(frame: ReadFrame): void {
    this.frames.push(frame);
    if ((frame.flags & 1) !== 0) {
      if (this.lastSeq !== frame.seq || (frame.flags & 2) !== 0) this.table.clear();
      this.lastSeq = frame.seq;
    } else {
      if (this.lastSeq !== undefined && frame.seq !== this.lastSeq + 1) this.gaps++;
      this.lastSeq = frame.seq;
    }
    frame.keys.forEach((key, row) => {
      this.table.set(key, frame.rows.slice(row * frame.stride, (row + 1) * frame.stride));
    });
    if (this.acknowledges) this.say({ type: 'ack', frames: this.frames.length });
  }
}

/** Waits for something to be so. */
export async function until<T>(look: () => T | undefined | false, what: string, withinMs = 5000): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
