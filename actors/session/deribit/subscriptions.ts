/** What should be asked of the venue next. */
export interface SubscriptionRequest {
  method: 'subscribe' | 'unsubscribe';
  channels: string[];
}

/** Requests are refused above 32 kB; this leaves room for the rest of the message. */
const MOST_BYTES = 24 * 1024;
const MOST_CHANNELS = 500;

/**
 * Which channels are wanted, which are there, and what to ask for next: one batch at a time, no larger than the venue takes.
 * A channel that is renewed is given up first, so that it comes back with a snapshot.
 */
export class Subscriptions {
  #wanted = new Set<string>();
  readonly #held = new Set<string>();
  readonly #renewing = new Set<string>();
  /** Asked for and left out of the answer, or refused. */
  readonly #denied = new Set<string>();

  /** Replaces what is wanted. What was denied is asked for again when it is new. */
  want(channels: Iterable<string>): void {
    this.#wanted = new Set(channels);
    for (const channel of this.#denied) if (!this.#wanted.has(channel)) this.#denied.delete(channel);
  }

  /** Asks for a channel anew. */
  renew(channel: string): void {
    if (this.#held.has(channel)) this.#renewing.add(channel);
  }

  /** The connection is new: nothing is there, and nothing denied. */
  reset(): void {
    this.#held.clear();
    this.#renewing.clear();
    this.#denied.clear();
  }

  get held(): ReadonlySet<string> {
    return this.#held;
  }

  get deniedCount(): number {
    return this.#denied.size;
  }

  /** The next request; undefined where everything is as it should be. */
  next(): SubscriptionRequest | undefined {
    const given = batch(this.#held, (channel) => !this.#wanted.has(channel) || this.#renewing.has(channel));
    if (given.length > 0) return { method: 'unsubscribe', channels: given };
    const missing = batch(this.#wanted, (channel) => !this.#held.has(channel) && !this.#denied.has(channel));
    return missing.length > 0 ? { method: 'subscribe', channels: missing } : undefined;
  }

  /** The venue answered a request with the channels that it did it for. */
  answered({ method, channels }: SubscriptionRequest, granted: ReadonlySet<string>): void {
    for (const channel of channels) {
      if (method === 'unsubscribe') {
        this.#held.delete(channel);
        this.#renewing.delete(channel);
      } else if (granted.has(channel)) this.#held.add(channel);
      else this.#denied.add(channel);
    }
  }
}

function batch(channels: Iterable<string>, isDue: (channel: string) => boolean): string[] {
  const due: string[] = [];
  let bytes = 0;
  for (const channel of channels) {
    if (!isDue(channel)) continue;
    bytes += channel.length + 3;
    if (due.length === MOST_CHANNELS || bytes > MOST_BYTES) break;
    due.push(channel);
  }
  return due;
}
