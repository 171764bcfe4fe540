import type { Histogram } from '../../engine/telemetry/histogram.js';
import { HopBucket } from '../../schemas/generated/hop-bucket.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import type { MergeTopic } from './topic.js';

/** Powers of two of a nanosecond that are told apart. */
const POWERS = 32;
/** Keys of one actor: waiting, then work. */
export const BUCKET_KEYS = 2 * POWERS;

/** Histograms of the board in steps of powers of two: coarse enough for a screen, and only what has grown is told. */
export class HopBuckets {
  private readonly topic: MergeTopic;
  private readonly buffer = new ViewBuffer(new ArrayBuffer(HopBucket.sizeOf()));
  private readonly row = new HopBucket().__init(0, this.buffer);
  private readonly told: Float64Array;
  private readonly found = new Float64Array(POWERS);

  constructor(topic: MergeTopic) {
    this.topic = topic;
    this.told = new Float64Array(topic.definition.keys);
  }

  /** @param time microseconds since the Unix epoch */
  tell(actor: number, time: number, waiting: Histogram, service: Histogram): void {
    this.tellKind(actor, 0, time, waiting);
    this.tellKind(actor, 1, time, service);
  }

  private tellKind(actor: number, kind: number, time: number, histogram: Histogram): void {
    const { found, told, row } = this;
    found.fill(0);
    histogram.forEach((value, count) => {
      found[Math.min(POWERS - 1, Math.floor(Math.log2(Math.max(1, value))))]! += count;
    });
    for (let bucket = 0; bucket < POWERS; bucket++) {
      const key = actor * BUCKET_KEYS + kind * POWERS + bucket;
      if (found[bucket] === told[key]) continue;
      told[key] = found[bucket]!;
      row.mutate_actor(actor);
      row.mutate_kind(kind);
      row.mutate_bucket(bucket);
      row.mutate_count(found[bucket]!);
      this.topic.set(key, time, this.buffer, 0);
    }
  }
}
