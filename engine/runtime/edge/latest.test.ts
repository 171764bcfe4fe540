import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternBytes, patternType, readPattern, writePattern } from '../../testing/patterned-record.js';
import { type Arena, attachArena, releaseWriter } from '../arena/arena.js';
import { Descriptor, EdgeKind, ReaderCounter } from '../arena/layout.js';
import { createLatest, type LatestOptions } from './create-latest.js';
import { createStream } from './create-stream.js';
import { LatestReader } from './latest-reader.js';
import { LatestWriter } from './latest-writer.js';
import type { EdgeReader } from './record.js';

const MAX_BODY = 40;

function latest(options: Partial<LatestOptions> = {}): Arena {
  return createLatest({ name: 'theos', keys: 200, maxBodyBytes: MAX_BODY, engineRun: 7, ...options });
}

function claim(writer: LatestWriter, key: number, sequence: number): void {
  const bytes = patternBytes(sequence, MAX_BODY);
  writePattern(writer.buffer.view, writer.claim(key, patternType(sequence), bytes), sequence, bytes);
}

function write(writer: LatestWriter, key: number, sequence: number): void {
  claim(writer, key, sequence);
  writer.publish(key);
}

/** What a poll hands over, [key, sequence] each, in the order of the keys. */
function read(reader: LatestReader, limit = 1000): number[][] {
  const found: number[][] = [];
  reader.poll((type, buffer, offset, key) => found.push([key, readPattern(type, buffer, offset, MAX_BODY)]), limit);
  return found.sort((a, b) => a[0]! - b[0]!);
}

describe('a Latest', () => {
  it.each([0, 2 ** 31 - 6, -6])(
    'hands over the newest value of every changed key, versions from %d',
    (startVersion) => {
      const turns = fc.array(fc.record({ writes: fc.array(fc.nat(199), { maxLength: 30 }), limit: fc.nat(20) }), {
        minLength: 5,
        maxLength: 30,
      });
      fc.assert(
        fc.property(turns, (all) => {
          const arena = latest({ startVersion });
          const writer = new LatestWriter(arena);
          const reader = new LatestReader(arena);
          const newest = new Map<number, number>();
          const had = new Map<number, number>();
          let sequence = 0;
          for (const turn of all) {
            for (const key of turn.writes) {
              write(writer, key, ++sequence);
              newest.set(key, sequence);
            }
            for (const [key, value] of read(reader, turn.limit)) {
              expect(value).toBe(newest.get(key!));
              expect(value).not.toBe(had.get(key!));
              had.set(key!, value!);
            }
          }
          for (const [key, value] of read(reader)) had.set(key!, value!);
          expect(had).toEqual(newest);
          expect(reader.hasPending()).toBe(false);
          // Nothing is gone without being counted.
          const { counters } = reader;
          expect(counters[ReaderCounter.RECORDS]! + counters[ReaderCounter.CONFLATED]!).toBe(sequence);
        }),
      );
    },
  );

  it('gives a reader that comes late every value, and counts none of the past as conflated', () => {
    const arena = latest();
    const writer = new LatestWriter(arena);
    for (const [key, sequence] of [
      [3, 1],
      [3, 2],
      [64, 3],
      [199, 4],
    ] as const)
      write(writer, key, sequence);
    const reader = new LatestReader(arena);
    expect(reader.hasPending()).toBe(true);
    expect(read(reader)).toEqual([
      [3, 2],
      [64, 3],
      [199, 4],
    ]);
    expect(reader.counters[ReaderCounter.CONFLATED]).toBe(0);
  });

  it('has nothing for a reader before the first value', () => {
    const arena = latest();
    const reader = new LatestReader(arena);
    expect(reader.hasPending()).toBe(false);
    expect(read(reader)).toEqual([]);
  });

  it('serves readers that know nothing of each other', () => {
    const arena = latest();
    const writer = new LatestWriter(arena);
    const [one, other] = [new LatestReader(arena), new LatestReader(arena)];
    write(writer, 5, 1);
    expect(read(one)).toEqual([[5, 1]]);
    write(writer, 5, 2);
    expect(read(one)).toEqual([[5, 2]]);
    expect(read(other)).toEqual([[5, 2]]);
    expect([one, other].map((reader) => reader.counters[ReaderCounter.CONFLATED])).toEqual([0, 1]);
  });

  it('passes a key over while it is being written, and hands it over when it is whole', () => {
    const arena = latest();
    const writer = new LatestWriter(arena);
    const reader = new LatestReader(arena);
    write(writer, 1, 1);
    write(writer, 2, 2);
    claim(writer, 1, 3);
    expect(read(reader)).toEqual([[2, 2]]);
    expect(reader.hasPending()).toBe(false);
    writer.publish(1);
    expect(read(reader)).toEqual([[1, 3]]);
  });

  it('outlives a writer that died in the middle of a value', () => {
    const arena = latest();
    const reader = new LatestReader(arena);
    claim(new LatestWriter(arena), 9, 1);
    releaseWriter(arena);
    const second = new LatestWriter(arena);
    expect(read(reader)).toEqual([]);
    write(second, 9, 2);
    expect(read(reader)).toEqual([[9, 2]]);
  });

  it('favours no key when the limit is small and one key never rests', () => {
    const arena = latest();
    const writer = new LatestWriter(arena);
    const reader = new LatestReader(arena);
    for (let key = 0; key < 200; key++) write(writer, key, key + 1);
    const seen = new Set<number>();
    for (let turn = 0; turn < 400; turn++) {
      write(writer, 0, 1000 + turn);
      write(writer, 130, 2000 + turn);
      for (const [key] of read(reader, 1)) seen.add(key!);
    }
    expect(seen.size).toBe(200);
  });

  it('hands a value over again when the handler threw on it', () => {
    const arena = latest();
    const writer = new LatestWriter(arena);
    const reader = new LatestReader(arena);
    write(writer, 1, 1);
    write(writer, 2, 2);
    expect(() =>
      reader.poll((_type, _buffer, _offset, key) => {
        if (key === 2) throw new Error('second key');
      }, 10),
    ).toThrow('second key');
    expect(read(reader)).toEqual([[2, 2]]);
  });

  it('is read like every edge', () => {
    const arena = latest();
    const reader: EdgeReader = new LatestReader(arena);
    write(new LatestWriter(arena), 1, 1);
    expect(reader.poll(() => {}, 10)).toBe(1);
  });

  it('carries latency stamps behind the record', () => {
    const arena = latest();
    const writer = new LatestWriter(arena);
    claim(writer, 4, 1);
    writer.publishStamped(4, Float64Array.of(10, 20));
    const stamps: number[] = [];
    new LatestReader(arena).poll((_type, buffer) => {
      const end = (buffer.view.getUint32(0, true) + 7) & ~7;
      stamps.push(buffer.view.getFloat64(end, true), buffer.view.getFloat64(end + 8, true));
    }, 1);
    expect(stamps).toEqual([10, 20]);
  });
});

describe('a Latest that is set up or used wrongly names what is wrong', () => {
  it('a key, a type or a body that it was not made for', () => {
    const writer = new LatestWriter(latest());
    for (const [key, type, body] of [
      [200, 1, 8],
      [-1, 1, 8],
      [Number.NaN, 1, 8],
      [0, 0, 8],
      [0, 1, 41],
    ] as const) {
      expect(() => writer.claim(key, type, body)).toThrow(
        `latest 'theos': a record of type ${type} with a body of ${body} bytes for key ${key}; keys are 0 to 199`,
      );
    }
  });

  it('a second writer, another kind of edge, an arena whose figures do not agree', () => {
    const arena = latest();
    new LatestWriter(arena);
    expect(() => new LatestWriter(arena)).toThrow("arena 'theos' has a writer already");
    const other = createStream({ name: 'log', capacityBytes: 1024, maxBodyBytes: 8, readers: 1, engineRun: 7 });
    expect(() => new LatestReader(other)).toThrow("arena 'log' holds a Stream, not a Latest");
    expect(() => attachArena(arena.memory, 'theos', EdgeKind.STREAM, 7)).toThrow(
      'expected an edge of kind Stream, found Latest',
    );
    arena.words[Descriptor.KEYS] = 1_000_000;
    expect(() => new LatestReader(arena)).toThrow("latest 'theos': 1000000 keys with bodies of 40 bytes need");
  });

  it.each([
    [{ keys: 0 }, 'it needs one key at least, found 0'],
    [{ maxBodyBytes: -1 }, 'the largest body must be a whole number of bytes, found -1'],
    [{ keys: 10_000_000 }, '10000000 keys with bodies of 40 bytes take'],
  ] satisfies [Partial<LatestOptions>, string][])('%j', (options, message) => {
    expect(() => latest(options)).toThrow(`latest 'theos': ${message}`);
  });
});
