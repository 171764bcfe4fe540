import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import type { SharedStore } from './shared-store.js';

/** A request is being done by one gateway no longer than this; then another may do it. */
const CLAIMED_MS = 30_000;
const PENDING = 'pending';

/** Answers to what was asked for under an `Idempotency-Key`, known to all gateways: who asks another one again gets the first answer. */
export class SharedAnswers {
  private readonly store: SharedStore;
  private readonly keptMs: number;

  constructor(store: SharedStore, keptMs: number) {
    this.store = store;
    this.keptMs = keptMs;
  }

  /** Does it, unless another gateway has. @param hash of the request, so that one key is not used for two */
  async once(key: string, hash: string, act: () => HttpAnswer | Promise<HttpAnswer>): Promise<HttpAnswer> {
    let isOurs: boolean;
    let before: string | undefined;
    try {
      isOurs = await this.store.claim(`answer:${key}`, `${PENDING} ${hash}`, CLAIMED_MS);
      before = isOurs ? undefined : await this.store.get(`answer:${key}`);
    } catch {
      // Out of reach: this gateway alone sees to it.
      return act();
    }
    if (!isOurs && before !== undefined) return known(before, hash);
    const answer = await act();
    const { status, headers, body } = answer;
    const kept = { status, headers, body: Buffer.from(body).toString('base64') };
    void this.store.set(`answer:${key}`, `${JSON.stringify(kept)} ${hash}`, this.keptMs).catch(() => {});
    return answer;
  }
}

function known(text: string, hash: string): HttpAnswer {
  const end = text.lastIndexOf(' ');
  if (text.slice(end + 1) !== hash) return problemAnswer(422, 'this Idempotency-Key was used for another request');
  const kept = text.slice(0, end);
  if (kept === PENDING) {
    return problemAnswer(409, 'another gateway is doing this: ask again for its answer', { 'retry-after': '1' });
  }
  const { status, headers, body } = JSON.parse(kept) as {
    status: number;
    headers: Record<string, string>;
    body: string;
  };
  return { status, headers, body: Buffer.from(body, 'base64') };
}
