import { CHECKS } from '../../engine/market/risk/risk-code.js';
import { Refusal } from '../../schemas/generated/refusal.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { EventTopic } from '../topics/topic.js';

const names = new Map<number, string>(Object.entries(CHECKS).map(([name, { code }]) => [code, name.toLowerCase()]));

/** Refusals that were overwritten between two looks, whose code nobody can tell any more. */
const UNSEEN = 'unseen';
const OTHER = 'other';

/** Counts what risk has refused, by the check that refused it, from the events that are shown. */
export class RefusalCounts {
  readonly counts = new Map<string, number>();
  private readonly topic: EventTopic;
  private readonly row = new Refusal();
  private last = 0;

  constructor(topic: EventTopic) {
    this.topic = topic;
  }

  /** Takes in what has come since the last look. */
  count(): void {
    const { topic, row } = this;
    const buffer = new ViewBuffer(topic.rows.buffer);
    const first = Math.max(this.last + 1, topic.oldest);
    if (first > this.last + 1) this.add(UNSEEN, first - this.last - 1);
    for (let event = first; event <= topic.version; event++) {
      const code = row.__init(topic.placeOf(event) * topic.definition.stride, buffer).code();
      this.add(names.get(code) ?? OTHER, 1);
    }
    this.last = topic.version;
  }

  private add(check: string, count: number): void {
    this.counts.set(check, (this.counts.get(check) ?? 0) + count);
  }
}
