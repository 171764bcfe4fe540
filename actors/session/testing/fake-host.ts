import { FrameMemory } from '../../feed/wire/frame-memory.js';
import type { SessionHost, Socket, SocketHandlers } from '../host.js';

/** A socket that a test plays the other end of. */
class FakeSocket implements Socket {
  readonly sent: string[] = [];
  isOpen = true;
  isPaused = false;
  readonly #handlers: SocketHandlers;

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers;
  }

  open(): void {
    this.#handlers.opened();
  }

  say(text: string): void {
    const bytes = Buffer.from(text);
    const memory = new FrameMemory(bytes.length);
    this.#handlers.frame(memory, 0, memory.load(bytes), false);
  }

  close(why: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#handlers.closed(why);
  }

  readonly bufferedBytes = 0;

  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? data : Buffer.from(data).toString());
  }

  end(): void {
    this.close('ended by us');
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

/** Time that moves when a test says so, chance that is always the same, and sockets that a test plays. */
export class FakeHost implements SessionHost {
  readonly sockets: FakeSocket[] = [];
  readonly urls: string[] = [];
  #nowMs = 0;
  readonly #timers = new Set<{ atMs: number; run: () => void }>();
  readonly #chance: number;

  constructor(chance = 0.5) {
    this.#chance = chance;
  }

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  random(): number {
    return this.#chance;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  connect(url: string, handlers: SocketHandlers): Socket {
    const socket = new FakeSocket(handlers);
    this.urls.push(url);
    this.sockets.push(socket);
    return socket;
  }

  /** Lets time pass, timers and what waits for promises in their order. */
  async pass(ms: number): Promise<void> {
    const end = this.#nowMs + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settled();
    }
    this.#nowMs = end;
  }
}

/** Everything that waits for promises has had its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
