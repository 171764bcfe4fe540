import { createHash } from 'node:crypto';
import { newSecret } from '../security/secrets.js';
import type { Card } from './conversations/conversation.js';
import { newId } from './conversations/ids.js';

const LIVES_MS = 10 * 60_000;
const MOST = 512;

/** What a confirmed proposal does: a request of the gateway's own, panes of the terminal, or a rule of the alerts. */
export type Payload =
  | { kind: 'request'; method: 'POST'; path: string; body: object }
  | { kind: 'dashboard'; lines: string[] }
  | { kind: 'alert'; rule: string };

export interface OpenProposal {
  card: Card;
  /** Good once, for who was asked, for ten minutes. The model never sees it. */
  nonce: string;
  until: number;
}

interface Kept extends OpenProposal {
  user: string;
  answer: string;
  payload: Payload;
}

/** SHA-256 of a payload. */
export function hashOf(payload: Payload): string {
  return createHash('sha256').update(JSON.stringify(payload)).digest('hex');
}

/** Proposals that wait for their user. Kept in memory: with a new gateway they have lapsed. */
export class Proposals {
  private readonly waiting = new Map<string, Kept>();
  private readonly now: () => number;

  /** `now`: milliseconds. */
  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  open(
    user: string,
    answer: string,
    kind: Card['kind'],
    summary: string,
    diff: string[],
    payload: Payload,
  ): OpenProposal {
    const now = this.now();
    for (const [nonce, { until }] of this.waiting) if (until < now) this.waiting.delete(nonce);
    // The oldest makes room.
    if (this.waiting.size >= MOST) this.waiting.delete(this.waiting.keys().next().value!);
    const card: Card = { id: newId(now), kind, summary, diff, hash: hashOf(payload) };
    const kept: Kept = { card, nonce: newSecret(), until: now + LIVES_MS, user, answer, payload };
    this.waiting.set(kept.nonce, kept);
    return { card, nonce: kept.nonce, until: kept.until };
  }

  /** The open proposals of an answer, for the user whom they were shown to. */
  of(user: string, answer: string): OpenProposal[] {
    const now = this.now();
    return [...this.waiting.values()]
      .filter((kept) => kept.user === user && kept.answer === answer && kept.until >= now)
      .map(({ card, nonce, until }) => ({ card, nonce, until }));
  }

  /** What was proposed under a nonce: once, to its user, while it lives, and only where the hash is that of the card that was shown. */
  take(nonce: string, user: string, hash: string): { card: Card; payload: Payload } | undefined {
    const found = this.waiting.get(nonce);
    if (found === undefined || found.user !== user) return undefined;
    this.waiting.delete(nonce);
    if (found.until < this.now() || found.card.hash !== hash || hashOf(found.payload) !== hash) return undefined;
    return { card: found.card, payload: found.payload };
  }
}
