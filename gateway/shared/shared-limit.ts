import type { SharedStore } from './shared-store.js';

const WINDOW_MS = 5000;
const TELL_EVERY_MS = 250;
/** Keys that are counted between two tellings; who is beyond is counted by this gateway's own limit alone. */
const MOST_KEYS = 4096;

/**
 * What one client may ask of all gateways together. No answer waits for it: each gateway lets through what its own limit allows, tells the others how much that was a few times a
 * second, and refuses a client from when all of them together were too many until the window ends.
 */
export class SharedLimit {
  private readonly store: SharedStore;
  private readonly most: number;
  private readonly now: () => number;
  private counted = new Map<string, number>();
  /** End of the window in which a key is refused. */
  private readonly refused = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds since the Unix epoch: windows are the same on every gateway */
  constructor(
    store: SharedStore,
    { perSecond, burst }: { perSecond: number; burst: number },
    now: () => number = Date.now,
  ) {
    this.store = store;
    this.most = (perSecond * WINDOW_MS) / 1000 + burst;
    this.now = now;
  }

  start(): void {
    this.timer = setInterval(() => void this.tell(), TELL_EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** True where the key may go on. */
  take(key: string): boolean {
    const until = this.refused.get(key);
    if (until !== undefined) {
      if (this.now() < until) return false;
      this.refused.delete(key);
    }
    const before = this.counted.get(key);
    if (before !== undefined || this.counted.size < MOST_KEYS) this.counted.set(key, (before ?? 0) + 1);
    return true;
  }

  /** Tells the others what was let through since the last time, and hears what they have. Never rejects. */
  async tell(): Promise<void> {
    const { counted } = this;
    if (counted.size === 0) return;
    this.counted = new Map();
    const window = Math.floor(this.now() / WINDOW_MS);
    const ends = (window + 1) * WINDOW_MS;
    await Promise.all(
      [...counted].map(async ([key, count]) => {
        try {
          const all = await this.store.add(`limit:${window}:${key}`, count, 2 * WINDOW_MS);
          if (all > this.most) this.refused.set(key, ends);
        } catch {
          // Out of reach: each gateway's own limit holds meanwhile, and the store's state is seen elsewhere.
        }
      }),
    );
    for (const [key, until] of this.refused) if (this.now() >= until) this.refused.delete(key);
  }
}
