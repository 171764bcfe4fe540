import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameFlag, FrameReader } from '../net/frame.js';
import { frameOf, type Row } from '../testing/frames.js';
import { tops } from '../topics/first.js';
import { fills } from '../topics/pages.js';
import { Channel, type Topic } from './channel.js';
import type { Table } from './table.js';

type Top = import('../../schemas/generated/book-top.js').BookTop;
type Fill = import('../../schemas/generated/fill.js').Fill;

const WHOLE = FrameFlag.SNAPSHOT | FrameFlag.LAST_PART;
const top = (key: number, bid: number): Row<Top> => ({
  key,
  fill(row) {
    row.mutate_instrument(key);
    row.mutate_bidPrice(bid);
  },
});

function opened<T extends Parameters<typeof frameOf>[0]>(
  topic: T,
  rows: readonly Row<never>[],
  options: Parameters<typeof frameOf>[2],
): FrameReader {
  const reader = new FrameReader();
  expect(reader.open(frameOf(topic as unknown as Topic<never>, rows, options))).toBeUndefined();
  return reader;
}

const rowsOf = (channel: Channel<Top>) => {
  const table = channel.rows as Table<Top>;
  return Array.from({ length: table.count }, (_, slot) => [table.keys[slot], table.at(slot).bidPrice()]);
};

describe('a channel', () => {
  it('shows a snapshot, then what changed, and says how old it is', () => {
    const channel = new Channel(tops);
    expect(channel.isStale(0)).toBe(true);
    channel.take(opened(tops, [top(7, 1), top(100_000, 2)], { seq: 5, flags: WHOLE }), 1000);
    channel.take(opened(tops, [top(7, 3)], { seq: 6 }), 2000);
    expect(rowsOf(channel)).toEqual([
      [7, 3],
      [100_000, 2],
    ]);
    expect([channel.age(2500), channel.isStale(2500), channel.isStale(2000 + 1000 * tops.silence + 1)]).toEqual([
      0.5,
      false,
      true,
    ]);
  });

  it('asks for a snapshot after a gap, takes nothing until it comes, and says that it is stale', () => {
    const channel = new Channel(tops);
    channel.take(opened(tops, [top(1, 1)], { seq: 5, flags: WHOLE }), 0);
    expect(channel.take(opened(tops, [top(1, 9)], { seq: 7 }), 1)).toBe('resync');
    expect(channel.take(opened(tops, [top(1, 9)], { seq: 8 }), 1)).toBe('ignored');
    expect([rowsOf(channel), channel.isStale(1)]).toEqual([[[1, 1]], true]);
    channel.take(opened(tops, [top(2, 4)], { seq: 8, flags: WHOLE }), 2);
    expect([rowsOf(channel), channel.isStale(2)]).toEqual([[[2, 4]], false]);
  });

  it('takes a snapshot in parts as one', () => {
    const channel = new Channel(tops);
    channel.take(opened(tops, [top(9, 9)], { seq: 1, flags: WHOLE }), 0);
    channel.take(opened(tops, [top(1, 1)], { seq: 5, flags: FrameFlag.SNAPSHOT }), 0);
    expect(channel.isStale(0)).toBe(true);
    channel.take(opened(tops, [top(2, 2)], { seq: 5, flags: WHOLE }), 0);
    expect([rowsOf(channel), channel.isStale(0)]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      false,
    ]);
  });

  it('refuses rows of another layout and says so', () => {
    const channel = new Channel(tops);
    const foreign = { ...fills, events: undefined } as unknown as Topic<Fill>;
    channel.take(opened(foreign, [{ key: 1, fill: () => {} }], { seq: 1, flags: WHOLE }), 0);
    expect([channel.problem, rowsOf(channel)]).toEqual([expect.stringMatching(/reload/), []]);
  });

  it('shows the same whatever the steps that lead to the same rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 200 }), fc.double({ noNaN: true })), { maxLength: 20 }), {
          maxLength: 12,
        }),
        (steps) => {
          const channel = new Channel(tops);
          const expected = new Map<number, number>();
          channel.take(opened(tops, [], { seq: 0, flags: WHOLE }), 0);
          for (const [seq, step] of steps.entries()) {
            for (const [key, bid] of step) expected.set(key, bid);
            channel.take(
              opened(
                tops,
                step.map(([key, bid]) => top(key, bid)),
                { seq: seq + 1 },
              ),
              0,
            );
          }
          expect(new Map(rowsOf(channel) as [number, number][])).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('counts events once, also when a replay tells them again', () => {
    const channel = new Channel(fills);
    const fill = (number: number): Row<Fill> => ({ key: number, fill: (row) => void row.mutate_number(number) });
    channel.take(opened(fills, [fill(1), fill(2)], { seq: 2, flags: WHOLE }), 0);
    channel.take(opened(fills, [fill(3)], { seq: 3 }), 0);
    channel.take(opened(fills, [fill(3)], { seq: 3 }), 0);
    const tail = channel.rows;
    expect(Array.from({ length: tail.count }, (_, age) => tail.at(age).number())).toEqual([3, 2, 1]);
  });
});

describe('a frame', () => {
  const good = frameOf(tops, [top(1, 1), top(2, 2)], { seq: 1, flags: WHOLE });

  it('is never read beyond its end, however it was cut or changed', () => {
    const reader = new FrameReader();
    const channel = new Channel(tops);
    for (let length = 0; length < good.byteLength; length++) {
      if (reader.open(good.slice(0, length)) === undefined) channel.take(reader, 0);
    }
    fc.assert(
      fc.property(fc.nat(good.byteLength - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const bytes = new Uint8Array(good.slice(0));
        bytes[at] = byte;
        if (reader.open(bytes.buffer) === undefined) channel.take(reader, 0);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        if (reader.open(bytes.slice().buffer) === undefined) channel.take(reader, 0);
      }),
      { numRuns: 500 },
    );
  });
});
