import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame } from '../testing/test-client.js';
import { FrameWriter } from './frame-writer.js';

const uint32 = fc.integer({ min: 0, max: 0xffffffff });

describe('a frame', () => {
  it('is read by the code generated from the schema as it was written', () => {
    const rows = fc.array(
      fc.record({
        key: uint32,
        time: fc.double({ noNaN: true }),
        text: fc.string({ unit: 'grapheme', maxLength: 20 }),
      }),
      { maxLength: 20 },
    );
    const strides = fc.integer({ min: 1, max: 40 }).map((words) => 8 * words);
    fc.assert(
      fc.property(rows, strides, fc.boolean(), (given, stride, hasTexts) => {
        const table = new Uint8Array(given.length * stride).map((_, index) => (index * 7) & 255);
        const fields = { epoch: 7, topic: 9, rowType: 109, flags: 3, rateHz: 30, seq: 12, engineTime: 0, sentTime: 5 };
        const texts = hasTexts ? given.map(({ text }) => text) : undefined;
        const writer = new FrameWriter(fields, given.length, stride, texts);
        given.forEach(({ key, time }, row) => {
          writer.add(key, time, table, row * stride);
        });
        const read = readFrame(writer.bytes);
        expect(read).toMatchObject({
          epoch: 7,
          topic: 9,
          rowType: 109,
          flags: 3,
          seq: 12,
          count: given.length,
          stride,
        });
        expect(read.keys).toEqual(given.map(({ key }) => key));
        expect(read.times).toEqual(given.map(({ time }) => time));
        expect(Buffer.from(read.rows)).toEqual(Buffer.from(table));
        expect(read.texts ?? []).toEqual(hasTexts ? given.map(({ text }) => text) : []);
      }),
    );
  });

  it('is the same whether rows that stand side by side are added one by one or in one run', () => {
    const table = new Uint8Array(40 * 24).map((_, index) => (index * 13) & 255);
    const times = Float64Array.from({ length: 40 }, (_, row) => (row * 17) % 23);
    const fields = { epoch: 1, topic: 1, rowType: 1, flags: 0, rateHz: 1, seq: 1, engineTime: 0, sentTime: 0 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 39 }), fc.integer({ min: 1, max: 20 }), (first, most) => {
        const count = Math.min(most, 40 - first);
        const single = new FrameWriter(fields, count, 24);
        for (let key = first; key < first + count; key++) single.add(key, times[key]!, table, key * 24);
        const run = new FrameWriter(fields, count, 24);
        run.addRun(first, count, times, table);
        expect(Buffer.from(run.bytes).equals(Buffer.from(single.bytes))).toBe(true);
      }),
    );
  });

  it('has its rows on eight bytes, so that they are read in place', () => {
    for (let count = 0; count < 9; count++) {
      const fields = { epoch: 1, topic: 1, rowType: 1, flags: 0, rateHz: 1, seq: 1, engineTime: 0, sentTime: 0 };
      const { bytes } = new FrameWriter(fields, count, 24);
      expect(readFrame(bytes).rows.byteOffset % 8).toBe(0);
    }
  });
});
