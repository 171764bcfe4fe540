import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Histogram } from '../../engine/telemetry/histogram.js';
import { HopBucket } from '../../schemas/generated/hop-bucket.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { TOPICS } from './catalogue.js';
import { BUCKET_KEYS, HopBuckets } from './hop-buckets.js';
import { MergeTopic } from './topic.js';

const declared = TOPICS.find(({ name }) => name === 'latency-buckets')!;

it('every value of a histogram is counted in one power of two, and only what has grown is told again', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000_000_000 }), { minLength: 1, maxLength: 50 }), (values) => {
      const topic = new MergeTopic({ ...declared, keys: 4 * BUCKET_KEYS }, 0);
      const buckets = new HopBuckets(topic);
      const histogram = new Histogram();
      for (const value of values) histogram.record(value);
      buckets.tell(2, 1, histogram, new Histogram());
      const row = new HopBucket().__init(0, new ViewBuffer(topic.rows.buffer as ArrayBuffer));
      let count = 0;
      topic.since(0, (key) => {
        row.bb_pos = key * topic.definition.stride;
        expect([row.actor(), row.kind(), key]).toEqual([2, 0, 2 * BUCKET_KEYS + row.bucket()]);
        count += row.count();
      });
      expect(count).toBe(values.length);
      const before = topic.version;
      buckets.tell(2, 2, histogram, new Histogram());
      expect(topic.version).toBe(before);
    }),
  );
});
