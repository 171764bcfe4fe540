import { connect as connectTcp, isIP, type Socket as NetSocket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { FrameMemory } from '../../feed/wire/frame-memory.js';
import type { Socket, SocketHandlers } from '../host.js';
import { type FrameFault, frameFaults } from './frame-fault.js';
import { type FrameLimits, FrameReader, Opcode } from './frame-reader.js';
import { clientFrame } from './frame-writer.js';
import { type HandshakeFault, MOST_ANSWER_BYTES, newKey, objectionTo, upgradeRequest } from './handshake.js';

export interface OwnSocketOptions extends FrameLimits {
  /** Milliseconds after which a connection that is no WebSocket yet is given up. */
  handshakeMs: number;
  /** How the server is proven, where it is not by the public authorities. */
  tls?: ConnectionOptions;
}

/** What one reading of the socket brings at most: what the kernel holds of a burst, and little enough to stay in a cache. */
const READ_BYTES = 64 * 1024;
/** How long the last frames may take to leave before the connection is cut. */
const LINGER_MS = 2000;
const END_OF_ANSWER = '\r\n\r\n';

/**
 * A WebSocket that makes no object for a frame: the socket reads into one memory for ever, and frames are handed over where they lie
 * in it.
 */
class OwnSocket implements Socket {
  readonly #url: URL;
  readonly #handlers: SocketHandlers;
  readonly #memory = new FrameMemory(READ_BYTES);
  readonly #reader: FrameReader;
  readonly #key = newKey();
  readonly #socket: NetSocket;
  #answer = Buffer.alloc(0);
  #isOpen = false;
  #isEnding = false;
  #why = '';
  #code = 1006;
  #timer: NodeJS.Timeout;

  constructor(url: string, handlers: SocketHandlers, options: OwnSocketOptions) {
    this.#url = new URL(url);
    this.#handlers = handlers;
    this.#reader = new FrameReader(
      {
        message: (memory, start, end, isBinary) => handlers.frame(memory, start, end, isBinary),
        ping: ({ bytes }, start, end) => this.#write(Opcode.PONG, bytes.subarray(start, end)),
        close: (code, reason) => this.#closedBy(code, reason),
        fault: (fault) => this.#fault(fault),
      },
      options,
    );
    this.#socket = this.#connect(options);
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error) => {
      this.#why ||= error.message;
    });
    this.#socket.on('close', () => {
      clearTimeout(this.#timer);
      this.#reader.stop();
      handlers.closed(this.#why || (this.#isOpen ? `code ${this.#code}` : 'it ended before it was a WebSocket'));
    });
    this.#timer = setTimeout(() => this.#cut(`no WebSocket within ${options.handshakeMs} ms`), options.handshakeMs);
  }

  send(data: string | Uint8Array): void {
    if (this.#isOpen && !this.#isEnding) this.#write(Opcode.TEXT, data);
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  end(): void {
    this.#reader.stop();
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #connect({ tls }: OwnSocketOptions): NetSocket {
    const { protocol, hostname, port } = this.#url;
    const isSecure = protocol === 'wss:';
    if (!isSecure && protocol !== 'ws:')
      throw new Error(`expected an address that begins with ws:// or wss://, found '${this.#url.href}'`);
    const host = hostname.replace(/^\[|\]$/g, '');
    const onread = {
      buffer: Buffer.from(this.#memory.bytes.buffer, 0, READ_BYTES),
      callback: (count: number): boolean => {
        this.#received(count);
        return true;
      },
    };
    const ask = (): void => {
      this.#socket.write(upgradeRequest(this.#url, this.#key));
    };
    const to = { host, port: Number(port) || (isSecure ? 443 : 80), onread };
    if (!isSecure) return connectTcp(to, ask);
    return connectTls({ ...to, ...(isIP(host) === 0 ? { servername: host } : {}), ...tls }, ask);
  }

  #received(count: number): void {
    if (this.#isOpen) this.#reader.take(this.#memory, 0, count);
    else if (!this.#isEnding) this.#answered(Buffer.from(this.#memory.bytes.subarray(0, count)));
  }

  #answered(part: Buffer): void {
    this.#answer = Buffer.concat([this.#answer, part]);
    const end = this.#answer.indexOf(END_OF_ANSWER);
    if ((end < 0 ? this.#answer.length : end) > MOST_ANSWER_BYTES) {
      const fault: HandshakeFault = 'ANSWER_TOO_LONG';
      this.#cut(`${fault}: the answer to the handshake has more than ${MOST_ANSWER_BYTES} bytes`);
      return;
    }
    if (end < 0) return;
    const objection = objectionTo(this.#answer.toString('latin1', 0, end), this.#key);
    if (objection !== undefined) {
      this.#cut(objection);
      return;
    }
    clearTimeout(this.#timer);
    const behind = this.#answer.subarray(end + END_OF_ANSWER.length);
    this.#answer = Buffer.alloc(0);
    this.#isOpen = true;
    this.#handlers.opened();
    if (behind.length === 0) return;
    const memory = new FrameMemory(behind.length);
    memory.load(behind);
    this.#reader.take(memory, 0, behind.length);
  }

  #closedBy(code: number, reason: string): void {
    this.#code = code;
    this.#why ||= reason;
    const answer = Buffer.alloc(code === 1005 ? 0 : 2);
    if (answer.length > 0) answer.writeUInt16BE(code);
    this.#leave(answer);
  }

  #fault(fault: FrameFault): void {
    const { code, text } = frameFaults[fault];
    this.#why ||= `${text} (${fault})`;
    const answer = Buffer.alloc(2);
    answer.writeUInt16BE(code);
    this.#leave(answer);
  }

  /** Says goodbye, and cuts the connection when that has left, or does not leave. */
  #leave(close: Buffer): void {
    this.#write(Opcode.CLOSE, close);
    this.#isEnding = true;
    this.#timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.destroySoon();
  }

  #cut(why: string): void {
    this.#isEnding = true;
    this.#why ||= why;
    this.#socket.destroy();
  }

  #write(opcode: number, payload: string | Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(clientFrame(opcode, payload));
  }
}

/** Connects to a server; `handlers` hear of it from the next turn of the event loop on. */
export function connectOwn(url: string, handlers: SocketHandlers, options: OwnSocketOptions): Socket {
  return new OwnSocket(url, handlers, options);
}
