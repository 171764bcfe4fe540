import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import type { LatestWriter } from '../../engine/runtime/edge/latest-writer.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';

/** The most records that one event may lead to; what is beyond is counted and not written. */
export const MOST_RECORDS = 256;

/** Places of what is shown, in the order of the stage's definition. */
export const SHOWN = { anomalies: 0, statistics: 1, alerts: 2, rules: 3, events: 4, bars: 5 } as const;

/** What is counted of what was told: anomalies, events of the filter, filtered bars. */
export const TOLD = { anomalies: 0, events: 1, bars: 2 } as const;

/** Where the stage writes, and shows people the newest of it. */
export class Teller {
  readonly out: CoreContext<unknown>['out'];
  private readonly shown: CoreContext<unknown>['shown'];
  private readonly event: CoreContext<unknown>['event'];
  private readonly told: Float64Array;
  private written = 0;

  /** @param told counts by `TOLD`, a part of the state */
  constructor({ out, shown, event }: Pick<CoreContext<unknown>, 'out' | 'shown' | 'event'>, told: Float64Array) {
    this.out = out;
    this.shown = shown;
    this.event = event;
    this.told = told;
  }

  /** Whether the event may lead to one more record: to be asked before each that is written. */
  mayWrite(): boolean {
    return this.written++ < MOST_RECORDS;
  }

  endOfEvent(): void {
    this.written = 0;
  }

  /** Where something is shown; undefined where nobody looks. */
  latest(edge: number): LatestWriter | undefined {
    return this.shown[edge];
  }

  /** Where the body of what is shown under a key goes. Event and time stand in its header, so that a screen can put events in order and say how old they are. */
  claimShown(latest: LatestWriter, key: number, type: number, bytes: number): number {
    const { event } = this;
    const at = latest.claim(key, type, bytes);
    latest.buffer.view.setFloat64(at + HeaderOffset.SEQ, event.seq, true);
    latest.buffer.view.setFloat64(at + HeaderOffset.EVENT_TIME, event.time, true);
    return at + HEADER_BYTES;
  }

  /** Shows a copy of the record that was just written at `body` under a key. */
  showCopy(edge: number, key: number, type: number, body: number, bytes: number): void {
    const latest = this.shown[edge];
    if (latest === undefined) return;
    copyBody(this.out.buffer, body, latest.buffer, this.claimShown(latest, key, type, bytes), bytes);
    latest.publish(key);
  }

  /** Counts the record that was just written at `body`, and shows it in the place of the oldest of its kind. */
  showLast(edge: number, counted: number, keys: number, type: number, body: number, bytes: number): void {
    const key = this.told[counted]! % keys;
    this.told[counted]! += 1;
    this.showCopy(edge, key, type, body, bytes);
  }
}
