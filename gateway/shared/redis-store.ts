import { createClient } from '@redis/client';
import { OutsideCall } from '../../engine/telemetry/outside/outside-call.js';
import type { SharedStore } from './shared-store.js';

export interface RedisSettings {
  /** `redis://host:port/database`, or `rediss://` for TLS; may hold a name and a password. */
  url: string;
  note: (message: string) => void;
  timeoutMs?: number;
  failures?: number;
  openMs?: number;
}

const PREFIX = 'volfilter:';
/** An answer to a screen waits no longer for what is only shared. */
const TIMEOUT_MS = 200;
const FAILURES = 5;
const OPEN_MS = 5000;
const LONGEST_PAUSE_MS = 5000;

/** Redis or Valkey. What it cannot do in time is an error to the caller, and never a wait. */
export class RedisStore implements SharedStore {
  private readonly client;
  private readonly outside: OutsideCall;
  private closed = false;

  constructor({ url, note, timeoutMs = TIMEOUT_MS, failures = FAILURES, openMs = OPEN_MS }: RedisSettings) {
    this.outside = new OutsideCall(
      'redis',
      { timeoutMs, retries: 0, failures, openMs, atOnce: 64, waiting: 256 },
      note,
    );
    this.client = createClient({
      url,
      // What cannot be sent now is refused, not kept: an old count means nothing.
      disableOfflineQueue: true,
      socket: {
        connectTimeout: 2000,
        reconnectStrategy: (tries) => Math.min(LONGEST_PAUSE_MS, 100 * 2 ** Math.min(tries, 6)),
      },
    });
    // The breaker tells what is wrong; without a listener the process would end.
    this.client.on('error', () => {});
    void this.client.connect().catch(() => {});
  }

  add(key: string, amount: number, endsAfterMs: number): Promise<number> {
    return this.outside.call(async () => {
      const at = PREFIX + key;
      const answers = await this.client
        .multi()
        .set(at, '0', { condition: 'NX', expiration: { type: 'PX', value: endsAfterMs } })
        .incrBy(at, amount)
        .exec();
      return Number(answers[1]);
    });
  }

  get(key: string): Promise<string | undefined> {
    return this.outside.call(async () => {
      const found = await this.client.get(PREFIX + key);
      return found === null ? undefined : String(found);
    });
  }

  async set(key: string, value: string, endsAfterMs: number): Promise<void> {
    await this.outside.call(() =>
      this.client.set(PREFIX + key, value, { expiration: { type: 'PX', value: endsAfterMs } }),
    );
  }

  claim(key: string, value: string, endsAfterMs: number): Promise<boolean> {
    return this.outside.call(async () => {
      const options = { condition: 'NX', expiration: { type: 'PX', value: endsAfterMs } } as const;
      return (await this.client.set(PREFIX + key, value, options)) !== null;
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.client.destroy();
  }
}
