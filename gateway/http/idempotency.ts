import { createHash } from 'node:crypto';
import { SharedAnswers } from '../shared/shared-answers.js';
import type { SharedStore } from '../shared/shared-store.js';
import { type HttpAnswer, type HttpRequest, problemAnswer } from '../transport/transport.js';

const KEPT_MS = 10 * 60_000;
const MOST = 1024;
const KEY = /^[\x21-\x7e]{1,128}$/;

const SHARED = ['kill', 'quoting/', 'risk/', 'limits/', 'trades', 'smile', 'orders', 'hedges', 'alerts'].map(
  (name) => `/api/v1/${name}`,
);

interface Kept {
  hash: string;
  at: number;
  answer: HttpAnswer | Promise<HttpAnswer>;
}

/** Does what is asked for under one `Idempotency-Key` once: who asks again, as after a lost answer, gets the first answer. */
export class Idempotency {
  private readonly kept = new Map<string, Kept>();
  private readonly now: () => number;
  private readonly shared: SharedAnswers | undefined;

  /** @param shared what other gateways know too; absent where there are none */
  constructor(now: () => number = () => performance.now(), shared?: SharedStore) {
    this.now = now;
    this.shared = shared === undefined ? undefined : new SharedAnswers(shared, KEPT_MS);
  }

  once(
    request: HttpRequest,
    user: string,
    act: () => HttpAnswer | Promise<HttpAnswer>,
  ): HttpAnswer | Promise<HttpAnswer> {
    const given = request.header('idempotency-key');
    if (given === '') return act();
    if (!KEY.test(given)) return problemAnswer(400, 'an Idempotency-Key has 1 to 128 visible characters');
    const key = `${user} ${given}`;
    const hash = createHash('sha256').update(`${request.method} ${request.path}\n`).update(request.body).digest('hex');
    const before = this.kept.get(key);
    if (before !== undefined && this.now() - before.at < KEPT_MS) {
      return before.hash === hash
        ? before.answer
        : problemAnswer(422, 'this Idempotency-Key was used for another request');
    }
    const { shared } = this;
    const answer = shared === undefined || !mayBeShared(request.path) ? act() : shared.once(key, hash, act);
    if (this.kept.size >= MOST) this.kept.delete(this.kept.keys().next().value!);
    this.kept.delete(key);
    this.kept.set(key, { hash, at: this.now(), answer });
    return answer;
  }
}

/** Only what commands the engine: answers of the account's own routes hold secrets, which belong into no cache. */
function mayBeShared(path: string): boolean {
  return SHARED.some((start) => path.startsWith(start));
}
