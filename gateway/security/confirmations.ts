import { newSecret } from './secrets.js';

const CONFIRM_MS = 60_000;
const MOST = 256;

/** What waits for its second step. */
export interface Pending {
  user: string;
  /** In words, as it is shown to who confirms it. */
  summary: string;
  /** The command, as it will be given. */
  run(): Promise<unknown> | unknown;
}

/** Second steps: what adds risk is done only when the same person says so twice, within a minute. */
export class Confirmations {
  private readonly waiting = new Map<string, Pending & { until: number }>();
  private readonly now: () => number;

  /** `now`: milliseconds. */
  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  ask(pending: Pending): { nonce: string; until: number } {
    const now = this.now();
    for (const [nonce, { until }] of this.waiting) if (until < now) this.waiting.delete(nonce);
    if (this.waiting.size >= MOST) this.waiting.clear();
    const nonce = newSecret();
    this.waiting.set(nonce, { ...pending, until: now + CONFIRM_MS });
    return { nonce, until: now + CONFIRM_MS };
  }

  /** What was asked under a nonce, once, by who asked it. */
  take(nonce: string, user: string): Pending | undefined {
    const found = this.waiting.get(nonce);
    if (found === undefined || found.user !== user) return undefined;
    this.waiting.delete(nonce);
    return found.until >= this.now() ? found : undefined;
  }
}
