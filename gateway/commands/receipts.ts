import { setTimeout as delay } from 'node:timers/promises';
import { ReceiptOutcome } from '../../engine/runtime/peers/command-layouts.js';
import { CommandReceipt } from '../../schemas/generated/command-receipt.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { EventTopic } from '../topics/topic.js';
import type { TopicSet } from '../topics/topic-set.js';

/** What the engine has said of a command. */
export interface Answered {
  outcome: 'accepted' | 'refused' | 'pending';
  /** Log sequence number; 0 while it is not in the log. */
  seq: number;
  /** See CommandRefusal. */
  refusal: number;
}

const LOOK_MS = 5;
const MOST = 1024;

/** Finds what became of this gateway's commands: at the engine's door, and in the log. */
export class Receipts {
  private readonly topics: TopicSet;
  private readonly peer: number;
  private readonly answers = new Map<number, Answered>();
  private readonly sources: { topic: EventTopic; buffer: ViewBuffer; seen: number }[];
  private readonly receipt = new CommandReceipt();

  constructor(topics: TopicSet, peer: number) {
    this.topics = topics;
    this.peer = peer;
    this.sources = ['receipts', 'logged-commands'].map((name) => {
      const topic = topics.events(name);
      return { topic, buffer: new ViewBuffer(topic.rows.buffer), seen: 0 };
    });
  }

  /** Numbers a command by `give`, whose answer is then no other's: what came before of the same number, as of a start, is forgotten. */
  expect(give: () => number): number {
    this.look();
    const nonce = give();
    this.answers.delete(nonce);
    return nonce;
  }

  /** What is known of a command now. */
  of(nonce: number): Answered {
    this.look();
    return this.answers.get(nonce) ?? { outcome: 'pending', seq: 0, refusal: 0 };
  }

  /** Waits until it is in the log or refused, but no longer than this. */
  async wait(nonce: number, withinMs: number): Promise<Answered> {
    const until = performance.now() + withinMs;
    for (;;) {
      const answer = this.of(nonce);
      if (answer.outcome !== 'pending' || performance.now() > until) return answer;
      await delay(LOOK_MS);
    }
  }

  private look(): void {
    this.topics.poll();
    const { receipt, answers } = this;
    for (const source of this.sources) {
      const { topic, buffer } = source;
      for (let event = Math.max(source.seen + 1, topic.oldest); event <= topic.version; event++) {
        receipt.__init(topic.placeOf(event) * topic.definition.stride, buffer);
        // A command that names no peer is known by its nonce alone.
        if (receipt.peer() !== this.peer && receipt.peer() !== 0xffffffff) continue;
        const nonce = receipt.nonce();
        if (receipt.outcome() === ReceiptOutcome.TAKEN) continue;
        if (answers.size >= MOST) answers.delete(answers.keys().next().value!);
        answers.set(
          nonce,
          receipt.outcome() === ReceiptOutcome.LOGGED
            ? { outcome: 'accepted', seq: receipt.seq(), refusal: 0 }
            : { outcome: 'refused', seq: 0, refusal: receipt.refusal() },
        );
      }
      source.seen = topic.version;
    }
  }
}
