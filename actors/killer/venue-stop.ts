import { z } from 'zod';
import type { DeribitCredentials } from '../session/deribit/credentials.js';
import { DeribitSession } from '../session/deribit/deribit-session.js';
import type { SessionHost } from '../session/host.js';

export interface VenueStopSettings {
  /** Such as wss://www.deribit.com/ws/api/v2. */
  url: string;
  /** A key of its own for the account that the engine trades on: what ends the engine's session does not end this one. */
  credentials: DeribitCredentials;
}

export interface VenueStopEvents {
  tell(line: string): void;
  /** Nothing of the account is open at the venue any more. */
  empty(): void;
  /** Microseconds since the Unix epoch. */
  nowMicros(): number;
}

const HEARTBEAT_SECONDS = 10;
/** Pause between two questions for what is open still. */
const ASK_AGAIN_MS = 100;
/** What was on its way when the latch was set has arrived after this long: nothing open until then is the end. */
const QUIET_MS = 1000;

const openOrders = z.array(z.object({ order_id: z.string() }));

/**
 * The killer's own way to the venue: when it fires, it takes every order and quote of the account away, has new quotes refused, and asks
 * until nothing is open. Its session stands from the start, so that the cancel is one write away.
 */
export class VenueStop {
  readonly #host: SessionHost;
  readonly #events: VenueStopEvents;
  readonly #session: DeribitSession;
  #isFired = false;
  #isEmpty = false;
  /** Orders that were open when the venue said so last; NaN where it has not. */
  #lastOpen = Number.NaN;
  /** Grows with each attempt: an older one gives way. */
  #attempt = 0;

  constructor(host: SessionHost, { url, credentials }: VenueStopSettings, events: VenueStopEvents) {
    this.#host = host;
    this.#events = events;
    this.#session = new DeribitSession(
      host,
      { url, credentials, heartbeatSeconds: HEARTBEAT_SECONDS },
      {
        ready: () => {
          if (this.#isFired) this.#stop();
        },
        down: (why) => events.tell(`the killer's connection to the venue is down: ${why}`),
        frame: (data) => this.#frame(data),
        subscribed: () => {},
        platform: () => {},
        note: (level, message) => {
          if (level !== 'info') events.tell(`the killer's connection to the venue: ${message}`);
        },
        nowMicros: () => events.nowMicros(),
      },
    );
  }

  get isReady(): boolean {
    return this.#session.isReady;
  }

  /** Fired, and nothing is open any more. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** What is not known of the account, for who has to look there. */
  get doubt(): string {
    const last = Number.isNaN(this.#lastOpen)
      ? 'it has answered no question for them'
      : `${this.#lastOpen} were open when it answered last`;
    return `the venue has not confirmed that no order of the account is open: ${last}. Look there, and cancel by hand what is`;
  }

  start(): void {
    this.#session.start();
  }

  stop(): void {
    this.#session.stop();
  }

  /** Takes everything away. The first cancel is written before this returns, where there is a connection. */
  fire(): void {
    if (this.#isFired) return;
    this.#isFired = true;
    this.#isEmpty = false;
    this.#lastOpen = Number.NaN;
    if (this.#session.isReady) this.#stop();
    else this.#events.tell('the venue cannot be told to cancel yet: its connection is not up');
  }

  /** The latch was opened again: quotes are none of the killer's business until the next time. */
  rearm(): void {
    this.#isFired = false;
    this.#attempt++;
  }

  #stop(): void {
    const attempt = ++this.#attempt;
    // Quotes first: they are the many, and the freeze keeps those out that are on their way.
    const quotes = this.#session.call('private/cancel_quotes', { cancel_type: 'all', freeze_quotes: true });
    const orders = this.#session.call('private/cancel_all', {});
    Promise.allSettled([quotes, orders]).then((results) => {
      for (const result of results) {
        if (result.status === 'rejected')
          this.#events.tell(`a mass cancel failed: ${(result.reason as Error).message}`);
      }
      this.#ask(attempt, this.#host.nowMs());
    });
  }

  /** Asks for what is open until nothing has been for a while; what is open still is cancelled again. */
  async #ask(attempt: number, quietSince: number): Promise<void> {
    const isOld = (): boolean => attempt !== this.#attempt || !this.#isFired;
    while (!isOld()) {
      let open: number;
      try {
        open = openOrders.parse(await this.#session.call('private/get_open_orders', {})).length;
      } catch (error) {
        this.#events.tell(`what is open at the venue cannot be asked: ${(error as Error).message}`);
        // Without a connection the next one begins anew; an answer that makes no sense is asked for again.
        if (!this.#session.isReady) return;
        await this.#pause();
        continue;
      }
      if (isOld()) return;
      this.#lastOpen = open;
      if (open > 0) {
        this.#events.tell(`${open} orders are open still: they are cancelled again`);
        this.#stop();
        return;
      }
      if (this.#host.nowMs() - quietSince >= QUIET_MS) {
        this.#isEmpty = true;
        this.#events.empty();
        return;
      }
      await this.#pause();
    }
  }

  #frame(data: Buffer): void {
    try {
      this.#session.onControl(JSON.parse(data.toString()));
    } catch (error) {
      this.#events.tell(`the killer cannot read what the venue sent: ${(error as Error).message}`);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#host.after(ASK_AGAIN_MS, resolve));
  }
}
