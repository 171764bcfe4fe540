import type { FrameMemory } from '../feed/wire/frame-memory.js';
import { Backoff, type BackoffSettings } from './backoff.js';
import type { SessionHost, Socket } from './host.js';

export interface ConnectionSettings {
  url: string;
  backoff: BackoffSettings;
  /** A connection on which nothing came for this long is dead, milliseconds. */
  silenceMs: number;
}

export interface ConnectionEvents {
  up(): void;
  /** A frame of text, in memory that is used again when the call returns. */
  bytes(memory: FrameMemory, start: number, end: number): void;
  /** It was lost, or never came up; it is tried again by itself. */
  down(why: string): void;
}

/** A connection that has lasted this long begins its pauses anew when it is lost. */
const STEADY_MS = 30_000;

/** A socket that comes back: reconnects with growing pauses, and gives a silent connection up. */
export class Connection {
  /** Since the start. */
  readonly counters = { connects: 0, disconnects: 0, messages: 0, bytes: 0, binary: 0 };
  readonly #host: SessionHost;
  readonly #settings: ConnectionSettings;
  readonly #events: ConnectionEvents;
  readonly #backoff: Backoff;
  #socket: Socket | undefined;
  #isUp = false;
  #upSinceMs = 0;
  #heardMs = 0;
  #cancelTimer = (): void => {};
  #stopped = true;
  #paused = false;
  /** Why we ended it ourselves. */
  #fault = '';

  constructor(host: SessionHost, settings: ConnectionSettings, events: ConnectionEvents) {
    this.#host = host;
    this.#settings = settings;
    this.#events = events;
    this.#backoff = new Backoff(settings.backoff, () => host.random());
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(): void {
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer();
    this.#socket?.end();
  }

  /** False where there is no connection; nothing is kept for later. */
  send(data: string | Uint8Array): boolean {
    if (!this.#isUp) return false;
    this.#socket!.send(data);
    return true;
  }

  /** Bytes that wait to be written. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0;
  }

  /** Gives the connection up because of what was seen on it. */
  fail(why: string): void {
    this.#fault = why;
    this.#socket?.end();
  }

  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#paused = false;
    // Nothing could be heard while nothing was read.
    this.#heardMs = this.#host.nowMs();
    this.#socket?.resume();
  }

  #connect(): void {
    this.#fault = '';
    this.#socket = this.#host.connect(this.#settings.url, {
      opened: () => this.#opened(),
      frame: (memory, start, end, isBinary) => this.#frame(memory, start, end, isBinary),
      closed: (why) => this.#closed(this.#fault || why),
    });
  }

  #opened(): void {
    this.#isUp = true;
    this.counters.connects++;
    this.#upSinceMs = this.#host.nowMs();
    this.#heardMs = this.#upSinceMs;
    this.#listen();
    this.#events.up();
  }

  #frame(memory: FrameMemory, start: number, end: number, isBinary: boolean): void {
    const { counters } = this;
    this.#heardMs = this.#host.nowMs();
    counters.messages++;
    counters.bytes += end - start;
    if (isBinary) counters.binary++;
    else this.#events.bytes(memory, start, end);
  }

  #closed(why: string): void {
    this.#cancelTimer();
    this.#socket = undefined;
    if (this.#isUp) {
      this.counters.disconnects++;
      if (this.#host.nowMs() - this.#upSinceMs >= STEADY_MS) this.#backoff.reset();
    }
    this.#isUp = false;
    this.#events.down(why);
    if (this.#stopped) return;
    this.#cancelTimer = this.#host.after(this.#backoff.next(), () => this.#connect());
  }

  /** Looks again when the silence would be over if nothing came. */
  #listen(): void {
    const { silenceMs } = this.#settings;
    const left = this.#heardMs + silenceMs - this.#host.nowMs();
    if (left > 0 || this.#paused)
      this.#cancelTimer = this.#host.after(left > 0 ? left : silenceMs, () => this.#listen());
    else this.fail(`nothing was heard for ${silenceMs} ms`);
  }
}
