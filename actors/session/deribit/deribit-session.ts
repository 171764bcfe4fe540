import type { FrameMemory } from '../../feed/wire/frame-memory.js';
import { Backoff } from '../backoff.js';
import { ClockOffset } from '../clock-offset.js';
import { Connection } from '../connection.js';
import { Credits } from '../credits.js';
import type { SessionHost } from '../host.js';
import { authParams, type DeribitCredentials } from './credentials.js';
import { JsonRpc, RpcLost, RpcRefusal } from './json-rpc.js';
import { type PlatformState, readPlatformState } from './platform-state.js';
import { Subscriptions } from './subscriptions.js';

export interface DeribitSessionSettings {
  url: string;
  credentials?: DeribitCredentials;
  /** Seconds between the venue's heartbeats, at least 10. */
  heartbeatSeconds: number;
}

export type DeribitSessionEvents = CommonEvents & (CopiedFrames | FramesInPlace);

interface CopiedFrames {
  /** A frame for the decoder, valid as long as it is held; what it finds to be for the session comes back by `onControl`. */
  frame(data: Buffer): void;
}

interface FramesInPlace {
  /** A frame for the decoder, as above, in memory that is used again when the call returns. */
  bytes(memory: FrameMemory, start: number, end: number): void;
}

interface CommonEvents {
  /** Signed on; subscriptions follow by themselves. */
  ready(): void;
  down(why: string): void;
  /** What was subscribed has changed. */
  subscribed(): void;
  /** The venue is locked or unlocked, or an index of it is. */
  platform(state: PlatformState): void;
  note(level: 'info' | 'warn' | 'error', message: string): void;
  /** Our wall clock, microseconds since the Unix epoch. */
  nowMicros(): number;
}

const REQUEST_TIMEOUT_MS = 10_000;
/** What the venue takes for a request, of an account that holds 50,000 and gains 10,000 a second; a subscription's own account is tighter. */
const REQUEST_COST = 500;
const SUBSCRIBE_COST = 3000;
const CREDITS = { capacity: 30_000, refillPerSecond: 10_000 };
/** Readings of the venue's clock at the start, and the pause between them from then on. */
const FIRST_READINGS = 5;
const READ_CLOCK_EVERY_MS = 60_000;
/** A token is renewed when this share of its life is over. */
const RENEW_AT = 0.8;
const SUBSCRIBED_NOTHING = 11_052;
/** Authorisation is required, or the token is wrong or over: nothing that is private passes, cancels included. */
const SIGNED_OFF = new Set([10_000, 13_009]);

/** One connection to the venue: signs on, keeps the heartbeat, and holds the channels that are wanted. */
export class DeribitSession {
  readonly connection: Connection;
  readonly clockOffset = new ClockOffset();
  readonly subscriptions = new Subscriptions();
  readonly #host: SessionHost;
  readonly #settings: DeribitSessionSettings;
  readonly #events: DeribitSessionEvents;
  readonly #rpc: JsonRpc;
  readonly #retry: Backoff;
  readonly #credits: Credits;
  #isReady = false;
  #isSubscribing = false;
  /** Grows with each connection: what an older one still waits for is of no interest. */
  #generation = 0;
  #cancelTimers: (() => void)[] = [];

  constructor(host: SessionHost, settings: DeribitSessionSettings, events: DeribitSessionEvents) {
    this.#host = host;
    this.#settings = settings;
    this.#events = events;
    this.#credits = new Credits(CREDITS, host.nowMs());
    this.#retry = new Backoff({ firstMs: 1000, longestMs: 30_000 }, () => host.random());
    this.connection = new Connection(
      host,
      {
        url: settings.url,
        backoff: { firstMs: 500, longestMs: 30_000 },
        // Two heartbeats and a half.
        silenceMs: settings.heartbeatSeconds * 2500,
      },
      {
        up: () => this.#signOn(),
        bytes:
          'bytes' in events
            ? (memory, start, end) => events.bytes(memory, start, end)
            : ({ bytes }, start, end) => events.frame(Buffer.from(bytes.subarray(start, end))),
        down: (why) => this.#down(why),
      },
    );
    this.#rpc = new JsonRpc(
      host,
      REQUEST_TIMEOUT_MS,
      (text) => this.connection.send(text),
      (why) => this.connection.fail(why),
    );
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(): void {
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  /** Replaces the channels that are wanted. */
  want(channels: Iterable<string>): void {
    this.subscriptions.want(channels);
    this.#subscribe();
  }

  /** Asks for a channel anew, which brings a snapshot of its book. */
  renew(channel: string): void {
    this.subscriptions.renew(channel);
    this.#subscribe();
  }

  /** A request within the rate that the venue allows; rejects with RpcRefusal or RpcLost. */
  async call(method: string, params: Record<string, unknown>, cost = REQUEST_COST): Promise<unknown> {
    for (;;) {
      const wait = this.#credits.take(cost, this.#host.nowMs());
      if (wait === 0) break;
      await this.#pause(wait);
    }
    try {
      return await this.#rpc.call(method, params);
    } catch (error) {
      if (error instanceof RpcRefusal) this.hearRefusal(error.code);
      throw error;
    }
  }

  /**
   * A request was refused with this code of the venue. Where it says that the session is signed on no more, the connection is made anew: then the venue takes away what rests, and nothing that
   * it did not tell meanwhile stays unheard.
   */
  hearRefusal(code: number): void {
    if (this.#isReady && SIGNED_OFF.has(code)) this.connection.fail(`the venue has signed the session off (${code})`);
  }

  /** A message that brings no market data: an answer, a heartbeat, or something that nobody expects. */
  onControl(message: unknown): void {
    const { method, params } = (message ?? {}) as { method?: unknown; params?: { type?: unknown } };
    if (method === 'heartbeat') {
      if (params?.type === 'test_request') this.call('public/test', {}).catch(this.#onLost);
    } else if (method === 'subscription') {
      const state = readPlatformState(message);
      if (state !== undefined) this.#events.platform(state);
    } else if (typeof message !== 'object' || message === null || !this.#rpc.answer(message)) {
      this.#events.note('warn', `a message that answers nothing: ${JSON.stringify(message)?.slice(0, 200)}`);
    }
  }

  async #signOn(): Promise<void> {
    const generation = ++this.#generation;
    this.subscriptions.reset();
    try {
      // First, because a signature needs the venue's time.
      for (let reading = 0; reading < FIRST_READINGS; reading++) await this.#readClock();
      await this.#authenticate();
      await this.call('public/set_heartbeat', { interval: this.#settings.heartbeatSeconds });
    } catch (error) {
      if (generation === this.#generation) this.connection.fail(`cannot sign on: ${(error as Error).message}`);
      return;
    }
    if (generation !== this.#generation) return;
    this.#isReady = true;
    this.#later(READ_CLOCK_EVERY_MS, () => this.#keepReadingClock());
    this.#events.ready();
    this.#subscribe();
  }

  async #authenticate(): Promise<void> {
    const { credentials } = this.#settings;
    if (credentials === undefined) return;
    const venueMs = Math.round((this.#events.nowMicros() + this.clockOffset.best.offsetMicros) / 1000);
    const nonce = Math.floor(this.#host.random() * 2 ** 32).toString(36);
    const answer = (await this.call('public/auth', authParams(credentials, venueMs, nonce))) as {
      expires_in?: unknown;
    };
    const seconds = Number(answer?.expires_in);
    if (!(seconds > 0)) throw new Error("the answer to public/auth has no 'expires_in'");
    this.#later(seconds * 1000 * RENEW_AT, () => {
      this.#authenticate().catch((error: Error) => this.connection.fail(`cannot renew the session: ${error.message}`));
    });
  }

  async #readClock(): Promise<void> {
    const asked = this.#events.nowMicros();
    const milliseconds = await this.call('public/get_time', {});
    if (typeof milliseconds !== 'number') throw new Error('the answer to public/get_time is no number');
    // A time cut off to milliseconds is half a millisecond early in the mean.
    this.clockOffset.add(asked, this.#events.nowMicros(), milliseconds * 1000 + 500);
  }

  #keepReadingClock(): void {
    this.#readClock().catch(this.#onLost);
    this.#later(READ_CLOCK_EVERY_MS, () => this.#keepReadingClock());
  }

  /** Brings what is subscribed and what is wanted together, one request at a time. */
  async #subscribe(): Promise<void> {
    if (this.#isSubscribing || !this.#isReady) return;
    this.#isSubscribing = true;
    const generation = this.#generation;
    for (;;) {
      const request = this.subscriptions.next();
      if (request === undefined || generation !== this.#generation || !this.#isReady) break;
      const access = this.#settings.credentials === undefined ? 'public' : 'private';
      try {
        const granted = await this.call(`${access}/${request.method}`, { channels: request.channels }, SUBSCRIBE_COST);
        if (generation !== this.#generation) break;
        this.#retry.reset();
        this.subscriptions.answered(request, new Set(Array.isArray(granted) ? (granted as string[]) : []));
        this.#events.subscribed();
      } catch (error) {
        if (generation !== this.#generation || error instanceof RpcLost) break;
        if (error instanceof RpcRefusal && error.code === SUBSCRIBED_NOTHING) {
          this.subscriptions.answered(request, new Set());
          this.#events.subscribed();
          continue;
        }
        this.#events.note('warn', (error as Error).message);
        await this.#pause(this.#retry.next());
      }
    }
    this.#isSubscribing = false;
    // What came while the last connection's request was still waiting.
    if (generation !== this.#generation) this.#subscribe();
  }

  #down(why: string): void {
    this.#generation++;
    this.#isReady = false;
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers = [];
    this.#rpc.lost();
    this.#events.down(why);
  }

  #later(ms: number, run: () => void): void {
    this.#cancelTimers.push(this.#host.after(ms, run));
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#host.after(ms, resolve));
  }

  /** A lost answer: where the connection is dead its silence shows it. */
  readonly #onLost = (error: Error): void => {
    if (!(error instanceof RpcLost)) this.#events.note('warn', error.message);
  };
}
