import type { Followed } from '../socket/answer-feed.js';
import type { Answer } from './conversations/conversation.js';
import type { OpenProposal } from './proposals.js';

/** What is told of an answer while it is written. */
export type AnswerEvent =
  | { kind: 'text'; text: string }
  | { kind: 'tool'; ref: number; name: string; input: unknown }
  | { kind: 'result'; ref: number; name: string; failed: boolean; text: string }
  | { kind: 'proposal'; proposal: OpenProposal }
  | { kind: 'waits'; seconds: number; words: string }
  | { kind: 'end'; answer: Pick<Answer, 'id' | 'status' | 'usage' | 'usd' | 'failure'> };

/** An answer that is being written, for those who look on; the store has it when it is done. */
export class LiveAnswer implements Followed {
  readonly user: string;
  readonly id: string;
  readonly abort = new AbortController();
  private readonly events: AnswerEvent[] = [];
  private readonly watching = new Set<() => void>();

  constructor(user: string, id: string) {
    this.user = user;
    this.id = id;
  }

  get isOver(): boolean {
    return this.events.at(-1)?.kind === 'end';
  }

  tell(event: AnswerEvent): void {
    this.events.push(event);
    for (const wake of [...this.watching]) wake();
  }

  /** Calls back with everything that is told from now on, until the function that it gives back is called. */
  watch(wake: () => void): () => void {
    this.watching.add(wake);
    return () => this.watching.delete(wake);
  }

  /** What was told behind the first `after` events; waits for it no longer than `waitMs`. */
  async since(after: number, waitMs: number): Promise<{ next: number; events: AnswerEvent[] }> {
    if (this.events.length <= after && !this.isOver) await this.something(waitMs);
    return this.news(after);
  }

  /** What was told behind the first `after` events, with texts that follow each other as one. */
  news(after: number): { next: number; events: AnswerEvent[] } {
    const events: AnswerEvent[] = [];
    for (const event of this.events.slice(after)) {
      const last = events.at(-1);
      if (event.kind === 'text' && last?.kind === 'text')
        events[events.length - 1] = { kind: 'text', text: last.text + event.text };
      else events.push(event);
    }
    return { next: Math.max(after, this.events.length), events };
  }

  private something(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.watching.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      this.watching.add(wake);
    });
  }
}
