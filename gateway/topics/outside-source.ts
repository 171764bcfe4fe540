import { fillOutsideRow } from '../../engine/telemetry/outside/outside-row.js';
import { outsideStatuses } from '../../engine/telemetry/outside/outside-status.js';
import { OutsideRow } from '../../schemas/generated/outside-row.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { TopicSource } from './sources.js';
import type { MergeTopic } from './topic.js';

/** The first key of a gateway's own calls; those before it are the engine's. */
const FIRST_OWN_CALL = 32;

/** What the gateway itself calls outside, behind what the engine calls. */
export class OutsideSource implements TopicSource {
  private readonly topic: MergeTopic;
  private readonly row = new ViewBuffer(new ArrayBuffer(OutsideRow.sizeOf()));
  private readonly own = new OutsideRow().__init(0, this.row);
  private before = '';

  constructor(topic: MergeTopic) {
    this.topic = topic;
  }

  poll(): void {
    const statuses = outsideStatuses();
    if (statuses.length === 0) return;
    const now = JSON.stringify(statuses);
    if (now === this.before) return;
    this.before = now;
    const room = Math.max(0, this.topic.definition.keys - FIRST_OWN_CALL);
    statuses.slice(0, room).forEach((status, place) => {
      fillOutsideRow(this.own, FIRST_OWN_CALL + place, status);
      this.topic.set(FIRST_OWN_CALL + place, Date.now() * 1000, this.row, 0, status.name);
    });
  }
}
