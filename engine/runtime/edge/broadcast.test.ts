import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternBytes, patternType, readPattern, writePattern } from '../../testing/patterned-record.js';
import { type Arena, releaseWriter } from '../arena/arena.js';
import { ReaderCounter } from '../arena/layout.js';
import { BroadcastReader } from './broadcast-reader.js';
import { BroadcastWriter } from './broadcast-writer.js';
import { type BroadcastOptions, createBroadcast } from './create-broadcast.js';
import { createLatest } from './create-latest.js';
import { HEADER_BYTES, recordStep } from './record.js';

const MAX_BODY = 56;
const CAPACITY = 1024;

function broadcast(options: Partial<BroadcastOptions> = {}): Arena {
  return createBroadcast({ name: 'ui', capacityBytes: CAPACITY, maxBodyBytes: MAX_BODY, engineRun: 7, ...options });
}

function claim(writer: BroadcastWriter, sequence: number): void {
  const bytes = patternBytes(sequence, MAX_BODY);
  writePattern(writer.buffer.view, writer.claim(patternType(sequence), bytes), sequence, bytes);
}

function read(reader: BroadcastReader, limit = 1000): number[] {
  const found: number[] = [];
  reader.poll((type, buffer, offset) => found.push(readPattern(type, buffer, offset, MAX_BODY)), limit);
  return found;
}

describe('a Broadcast', () => {
  it.each([0, 2 ** 31 - 200, -200])(
    'gives whole records in order and counts what is lost, positions from %d',
    (start) => {
      const turns = fc.array(fc.record({ writes: fc.nat(15), read: fc.nat(15) }), { minLength: 20, maxLength: 60 });
      fc.assert(
        fc.property(turns, (all) => {
          const arena = broadcast({ startPosition: start });
          const writer = new BroadcastWriter(arena);
          const reader = new BroadcastReader(arena);
          const received: number[] = [];
          let sent = 0;
          for (const turn of all) {
            for (let count = 0; count < turn.writes; count++) claim(writer, sent++);
            writer.publish();
            received.push(...read(reader, turn.read));
          }
          while (reader.hasPending()) received.push(...read(reader));
          expect(received.every((sequence, index) => index === 0 || sequence > received[index - 1]!)).toBe(true);
          expect(received).not.toContain(-1);
          const lost = sent - received.length;
          const { counters } = reader;
          expect(counters[ReaderCounter.RECORDS]).toBe(received.length);
          expect(counters[ReaderCounter.LOST_RECORDS]).toBeLessThanOrEqual(lost);
          expect(counters[ReaderCounter.LAPPED]! > 0).toBe(lost > 0);
          expect(counters[ReaderCounter.LOST_BYTES]).toBeGreaterThanOrEqual(lost * recordStep(HEADER_BYTES));
        }),
      );
    },
  );

  it('loses nothing of a reader that keeps up', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    const reader = new BroadcastReader(arena);
    const received: number[] = [];
    for (let sequence = 0; sequence < 500; sequence++) {
      claim(writer, sequence);
      writer.publish();
      received.push(...read(reader));
    }
    expect(received).toEqual(Array.from({ length: 500 }, (_, sequence) => sequence));
    expect(reader.counters[ReaderCounter.LAPPED]).toBe(0);
  });

  it('keeps a lapped reader what is left of the newest lap', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    const reader = new BroadcastReader(arena);
    const step = recordStep(HEADER_BYTES + MAX_BODY);
    // 8 records fill a ring of 1,024 bytes; three laps and two records.
    for (let sequence = 0; sequence < 3 * (CAPACITY / step) + 2; sequence++) writer.claim(1 + sequence, MAX_BODY);
    writer.publish();
    const types: number[] = [];
    reader.poll((type) => types.push(type), 100);
    expect(types).toEqual([25, 26]);
    expect([...reader.counters.subarray(ReaderCounter.LAPPED, ReaderCounter.LOST_RECORDS + 1)]).toEqual([
      1,
      0,
      3 * CAPACITY,
      24,
    ]);
  });

  it('discards what is being overwritten before it is published', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    const reader = new BroadcastReader(arena);
    for (let sequence = 0; sequence < 8; sequence++) writer.claim(1, MAX_BODY);
    writer.publish();
    // The ring is full; this begins to overwrite the reader's next record.
    writer.claim(2, MAX_BODY);
    expect(read(reader)).toEqual([]);
    expect(reader.counters[ReaderCounter.LAPPED]).toBe(1);
  });

  it('does not take back what an abandoned claim has overwritten', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    const reader = new BroadcastReader(arena);
    for (let sequence = 0; sequence < 8; sequence++) writer.claim(1, MAX_BODY);
    writer.publish();
    writer.claim(2, MAX_BODY);
    writer.abandon();
    releaseWriter(arena);
    new BroadcastWriter(arena).publish();
    expect(read(reader)).toEqual([]);
    expect(reader.counters[ReaderCounter.LOST_BYTES]).toBe(CAPACITY);
  });

  it('starts a new reader at what comes next', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    claim(writer, 1);
    writer.publish();
    const reader = new BroadcastReader(arena);
    expect(reader.hasPending()).toBe(false);
    claim(writer, 2);
    writer.publish();
    expect(read(reader)).toEqual([2]);
  });

  it('hands a record over again when the handler threw on it', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    const reader = new BroadcastReader(arena);
    claim(writer, 1);
    writer.publish();
    expect(() =>
      reader.poll(() => {
        throw new Error('handler');
      }, 1),
    ).toThrow('handler');
    expect(read(reader)).toEqual([1]);
  });

  it('carries latency stamps behind the record', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    const reader = new BroadcastReader(arena);
    claim(writer, 1);
    writer.publishStamped(Float64Array.of(10, 20));
    const stamps: number[] = [];
    reader.poll((_type, buffer) => {
      const end = (buffer.view.getUint32(0, true) + 7) & ~7;
      stamps.push(buffer.view.getFloat64(end, true), buffer.view.getFloat64(end + 8, true));
    }, 1);
    expect(stamps).toEqual([10, 20]);
  });

  it('refuses a record that is too long, a second writer and another kind of edge', () => {
    const arena = broadcast();
    const writer = new BroadcastWriter(arena);
    expect(() => writer.claim(3, MAX_BODY + 1)).toThrow("broadcast 'ui': a record of type 3 with a body of 57 bytes");
    expect(() => writer.claim(0, 8)).toThrow("broadcast 'ui': a record of type 0");
    expect(() => new BroadcastWriter(arena)).toThrow("arena 'ui' has a writer already");
    const other = createLatest({ name: 'theos', keys: 1, maxBodyBytes: 8, engineRun: 7 });
    expect(() => new BroadcastReader(other)).toThrow("arena 'theos' holds a Latest, not a Broadcast");
  });
});
