import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternBytes, patternType, readPattern, writePattern } from '../../testing/patterned-record.js';
import { type Arena, attachArena, RuntimeSetupError, releaseWriter } from '../arena/arena.js';
import { Descriptor, EdgeKind, WRITER_COUNTERS, WriterCounter } from '../arena/layout.js';
import { createBroadcast } from './create-broadcast.js';
import { createStream, type StreamOptions } from './create-stream.js';
import { HEADER_BYTES, recordStep } from './record.js';
import { StreamReader } from './stream-reader.js';
import { StreamWriter } from './stream-writer.js';

const MAX_BODY = 56;
const CAPACITY = 1024;

function stream(options: Partial<StreamOptions> = {}): Arena {
  return createStream({
    name: 'log',
    capacityBytes: CAPACITY,
    maxBodyBytes: MAX_BODY,
    readers: 1,
    engineRun: 7,
    ...options,
  });
}

function write(writer: StreamWriter, sequence: number): boolean {
  const bytes = patternBytes(sequence, MAX_BODY);
  const offset = writer.claim(patternType(sequence), bytes);
  if (offset < 0) return false;
  writePattern(writer.buffer.view, offset, sequence, bytes);
  return true;
}

function read(reader: StreamReader, limit = 1000): number[] {
  const sequences: number[] = [];
  reader.poll((type, buffer, offset) => sequences.push(readPattern(type, buffer, offset, MAX_BODY)), limit);
  return sequences;
}

describe('a Stream', () => {
  it.each([0, 2 ** 31 - 40, -40])('delivers everything once and in order across wraps, positions from %d', (start) => {
    const steps = fc.array(fc.record({ writes: fc.nat(12), published: fc.boolean(), read: fc.nat(12) }), {
      minLength: 20,
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (turns) => {
        const arena = stream({ startPosition: start });
        const writer = new StreamWriter(arena);
        const reader = new StreamReader(arena, 0);
        const received: number[] = [];
        let sent = 0;
        let visible = 0;
        for (const turn of turns) {
          for (let count = 0; count < turn.writes && write(writer, sent); count++) sent++;
          if (turn.published) {
            writer.publish();
            visible = sent;
          }
          received.push(...read(reader, turn.read));
          expect(received.length).toBeLessThanOrEqual(visible);
        }
        writer.publish();
        while (reader.hasPending()) received.push(...read(reader));
        expect(received).toEqual(Array.from({ length: sent }, (_, sequence) => sequence));
      }),
      { numRuns: 200 },
    );
  });

  it('shows nothing before it is published, and forgets what is abandoned', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    const reader = new StreamReader(arena, 0);
    write(writer, 1);
    expect(reader.hasPending()).toBe(false);
    writer.abandon();
    expect(writer.publish()).toBe(false);
    write(writer, 2);
    expect(writer.publish()).toBe(true);
    expect(reader.hasPending()).toBe(true);
    expect(read(reader)).toEqual([2]);
  });

  it.each([0, 2 ** 31 - 40, -40])('without readers begins again where it began, positions from %d', (start) => {
    const writer = new StreamWriter(stream({ readers: 0, startPosition: start }));
    const places = (): number[] => {
      writer.rewind();
      const offsets = [writer.claim(1, MAX_BODY), writer.claim(1, 8)];
      writer.publish();
      // What is claimed and never published is forgotten.
      writer.claim(1, MAX_BODY);
      return offsets;
    };
    const first = [0, recordStep(HEADER_BYTES + MAX_BODY)];
    // More in all than the ring holds.
    for (let round = 0; round < 20; round++) expect(places()).toEqual(first);
    write(writer, 3);
    expect(writer.publish()).toBe(true);
  });

  it('abandons a record that had wrapped together with its padding', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    const reader = new StreamReader(arena, 0);
    const step = recordStep(HEADER_BYTES + MAX_BODY);
    for (let count = 0; count < Math.floor(CAPACITY / step); count++) writer.claim(1, MAX_BODY);
    writer.publish();
    reader.poll(() => {}, 100);
    expect(writer.claim(2, 0)).not.toBe(-1);
    writer.abandon();
    write(writer, 5);
    writer.publish();
    expect(read(reader)).toEqual([5]);
  });

  it('pushes back when it is full, counts it, and goes on when its slowest reader has made room', () => {
    const arena = stream({ readers: 2 });
    const writer = new StreamWriter(arena);
    const [fast, slow] = [new StreamReader(arena, 0), new StreamReader(arena, 1)];
    let sent = 0;
    while (write(writer, sent)) sent++;
    writer.publish();
    const full = (): number => arena.doubles[WRITER_COUNTERS + WriterCounter.FULL]!;
    expect(full()).toBe(1);
    expect(read(fast)).toHaveLength(sent);
    expect(write(writer, sent)).toBe(false);
    expect(full()).toBe(2);
    expect(read(slow)).toHaveLength(sent);
    expect(write(writer, sent)).toBe(true);
    expect(arena.doubles[WRITER_COUNTERS + WriterCounter.RECORDS]).toBe(sent);
    expect(arena.doubles[WRITER_COUNTERS + WriterCounter.HIGH_WATER_WORDS]! * 8).toBeGreaterThan(CAPACITY - 2 * 128);
  });

  it('keeps its word about room: what hasRoom promises is claimed, wherever the wrap falls', () => {
    const records = fc.array(fc.nat(MAX_BODY), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(300), records, (before, bodies) => {
        const arena = stream({ startPosition: 2 ** 31 - 100 });
        const writer = new StreamWriter(arena);
        const reader = new StreamReader(arena, 0);
        for (let sequence = 0; sequence < before; sequence++) {
          write(writer, sequence);
          writer.publish();
          if (sequence % 3 !== 0) read(reader);
        }
        const bytes = bodies.reduce((sum, body) => sum + recordStep(HEADER_BYTES + body), 0);
        if (!writer.hasRoom(bytes)) return;
        for (const body of bodies) expect(writer.claim(1, body)).not.toBe(-1);
      }),
    );
  });

  it('puts latency stamps behind every record, across a wrap, and none into the canonical bytes', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    const reader = new StreamReader(arena, 0);
    const stamps = new Float64Array(2);
    for (let sequence = 0; sequence < 200; sequence += 2) {
      write(writer, sequence);
      write(writer, sequence + 1);
      writer.publishStamped(Float64Array.of(sequence, sequence + 0.5));
      reader.refresh();
      for (let offset = reader.peek(); offset >= 0; offset = reader.peek()) {
        reader.stampsAt(offset, stamps);
        expect([...stamps]).toEqual([sequence, sequence + 0.5]);
        expect(readPattern(reader.typeAt(offset), reader.buffer, offset, MAX_BODY)).toBe(reader.seqAt(offset));
        reader.advance(offset);
      }
      reader.release();
    }
    expect(reader.hasPending()).toBe(false);
  });

  it('gives fields that the writer leaves out as zero, whatever stood there before', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    const reader = new StreamReader(arena, 0);
    for (let round = 0; round < 40; round++) {
      const offset = writer.claim(9, 52);
      const first = offset >> 2;
      const words = new Int32Array(arena.memory, arena.dataOffset, CAPACITY / 4);
      expect([...words.subarray(first + 2, first + (HEADER_BYTES + 52) / 4)].every((word) => word === 0)).toBe(true);
      words.fill(-1, first + 2, first + (HEADER_BYTES + 52) / 4);
      writer.publish();
      reader.poll(() => {}, 10);
    }
  });

  it('delivers again a record whose handler threw, and nothing before it', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    const reader = new StreamReader(arena, 0);
    for (let sequence = 0; sequence < 4; sequence++) write(writer, sequence);
    writer.publish();
    let calls = 0;
    const failing = (): void => {
      if (++calls === 3) throw new Error('third record');
    };
    expect(() => reader.poll(failing, 10)).toThrow('third record');
    expect(read(reader)).toEqual([2, 3]);
  });

  it('lets a restarted reader go on at what its predecessor gave back', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    for (let sequence = 0; sequence < 5; sequence++) write(writer, sequence);
    writer.publish();
    expect(read(new StreamReader(arena, 0), 2)).toEqual([0, 1]);
    expect(read(new StreamReader(arena, 0))).toEqual([2, 3, 4]);
  });

  it('lets a restarted writer go on behind what its predecessor published', () => {
    const arena = stream({ startPosition: 2 ** 31 - 5 });
    const reader = new StreamReader(arena, 0);
    const first = new StreamWriter(arena);
    write(first, 0);
    first.publish();
    write(first, 1);
    releaseWriter(arena);
    const second = new StreamWriter(arena);
    write(second, 2);
    second.publish();
    expect(read(reader)).toEqual([0, 2]);
  });

  it('tells how far its writer has finished, beyond 32 bits', () => {
    const arena = stream();
    const writer = new StreamWriter(arena);
    const reader = new StreamReader(arena, 0);
    const start = 2 ** 40 + 2 ** 31 - 3;
    reader.startAt(start);
    for (let seq = start; seq < start + 10; seq++) {
      writer.finish(seq);
      reader.refresh();
      expect(reader.finishedSeq()).toBe(seq);
    }
  });

  it('takes the largest record that it was made for, and no larger', () => {
    const writer = new StreamWriter(stream());
    expect(writer.claim(1, MAX_BODY)).toBe(0);
    expect(() => writer.claim(65_000, MAX_BODY + 1)).toThrow(
      "stream 'log': a record of type 65000 with a body of 57 bytes; types are 1 to 65535, the largest body that fits is 56 bytes",
    );
    for (const [type, body] of [
      [1, -1],
      [1, Number.NaN],
      [0, 8],
      [65_536, 8],
      [Number.NaN, 8],
    ] as const) {
      expect(() => writer.claim(type, body)).toThrow(RuntimeSetupError);
    }
    // A refused claim leaves no trace.
    expect(writer.publish()).toBe(true);
    expect(writer.backlogWords() * 8).toBe(recordStep(HEADER_BYTES + MAX_BODY));
  });
});

describe('a Stream that is set up wrongly names what is wrong', () => {
  it('a second writer', () => {
    const arena = stream();
    new StreamWriter(arena);
    expect(() => new StreamWriter(arena)).toThrow("arena 'log' has a writer already");
  });

  it('a reader that it was not made for', () => {
    const arena = stream();
    for (const reader of [1, -1, 0.5]) expect(() => new StreamReader(arena, reader)).toThrow(`no reader ${reader}`);
  });

  it('another kind of edge', () => {
    const arena = createBroadcast({ name: 'ui', capacityBytes: 1024, maxBodyBytes: 8, engineRun: 7 });
    expect(() => new StreamWriter(arena)).toThrow("arena 'ui' holds a Broadcast, not a Stream");
    expect(() => new StreamReader(arena, 0)).toThrow("arena 'ui' holds a Broadcast, not a Stream");
    expect(() => attachArena(arena.memory, 'ui', EdgeKind.STREAM, 7)).toThrow(
      "arena 'ui': expected an edge of kind Stream, found Broadcast",
    );
  });

  it.each([
    [Descriptor.MAGIC, 0, 'expected magic 0x52414656, found 0x0'],
    [Descriptor.LAYOUT, 99, 'expected layout version 1, found 99'],
    [Descriptor.KIND, 42, 'expected an edge of kind Stream, found unknown kind 42'],
    [Descriptor.SCHEMAS, 1, 'expected schema fingerprint 0x'],
    [Descriptor.ENGINE, 8, 'expected an arena of engine run 7, found 8'],
    [Descriptor.READERS, 1_000_000, 'expected readers 0 to 64, found 1000000'],
    [Descriptor.DATA_OFFSET, 12, 'expected data at byte 640, found 12'],
    [Descriptor.CAPACITY, -8, 'expected a data region of some bytes, found -8'],
    [Descriptor.CAPACITY, 2048, 'expected room for 2688 bytes, found 1664'],
  ])('a descriptor whose word %d is %d', (word, value, message) => {
    const arena = stream();
    arena.words[word] = value;
    expect(() => attachArena(arena.memory, 'log', EdgeKind.STREAM, 7)).toThrow(`arena 'log': ${message}`);
  });

  it('memory that is no arena at all', () => {
    for (const bytes of [0, 40, 129, 1001]) {
      expect(() => attachArena(new SharedArrayBuffer(bytes), 'x', EdgeKind.STREAM, 7)).toThrow(
        `arena 'x': expected at least 128 bytes, a multiple of 8, found ${bytes}`,
      );
    }
    expect(() => attachArena(new SharedArrayBuffer(4096), 'x', EdgeKind.STREAM, 7)).toThrow(
      "arena 'x': expected magic",
    );
  });

  it.each([
    [{ capacityBytes: 1000 }, 'capacity must be a power of two from 1024'],
    [{ capacityBytes: 512 }, 'capacity must be a power of two from 1024'],
    [{ capacityBytes: 2 ** 31 }, 'capacity must be a power of two from 1024'],
    [{ maxBodyBytes: 57 }, 'a record with a body of 57 bytes takes more than an eighth of a ring of 1024 bytes'],
    [{ maxBodyBytes: Number.NaN }, 'the largest body must be a whole number of bytes, found NaN'],
    [{ readers: 65 }, 'readers must be from 0 to 64, found 65'],
  ] satisfies [Partial<StreamOptions>, string][])('%j', (options, message) => {
    expect(() => stream(options)).toThrow(`stream 'log': ${message}`);
  });
});
