import { beforeEach, describe, expect, it } from 'vitest';
import { mix } from '../../testing/patterned-record.js';
import type { Arena } from '../arena/arena.js';
import { headWord, ReaderCounter, TAIL } from '../arena/layout.js';
import { createStream } from './create-stream.js';
import { HEADER_BYTES } from './record.js';
import { StreamWriter } from './stream-writer.js';
import { UntrustedStreamReader } from './untrusted-stream-reader.js';

const CAPACITY = 1024;
const COMMAND = 5;
const COMMAND_BYTES = 32;

let arena: Arena;
let writer: StreamWriter;
let reader: UntrustedStreamReader;
let data: Int32Array;

beforeEach(() => {
  arena = createStream({ name: 'commands', capacityBytes: CAPACITY, maxBodyBytes: 56, readers: 1, engineRun: 7 });
  writer = new StreamWriter(arena);
  reader = new UntrustedStreamReader(arena.memory, {
    capacityBytes: CAPACITY,
    bodies: new Map([[COMMAND, COMMAND_BYTES]]),
  });
  data = new Int32Array(arena.memory, arena.dataOffset, CAPACITY / 4);
});

function send(argument: number, type = COMMAND, bytes = COMMAND_BYTES): void {
  const offset = writer.claim(type, bytes);
  writer.buffer.view.setFloat64(offset + HEADER_BYTES, argument, true);
  writer.publish();
}

function read(limit = 100): number[] {
  const found: number[] = [];
  reader.poll((type, buffer, offset) => {
    expect([type, buffer.view.getUint32(offset, true)]).toEqual([COMMAND, HEADER_BYTES + COMMAND_BYTES]);
    found.push(buffer.view.getFloat64(offset + HEADER_BYTES, true));
  }, limit);
  return found;
}

describe('commands of a peer', () => {
  it('arrive in order across many laps, and the peer gets its room back', () => {
    for (let argument = 0; argument < 1000; argument++) {
      send(argument);
      expect(read()).toEqual([argument]);
    }
    expect(reader.isDetached).toBe(false);
    expect(reader.counters[ReaderCounter.RECORDS]).toBe(1000);
  });

  it('are not done twice when the reader fails and another goes on', () => {
    send(1);
    expect(read()).toEqual([1]);
    send(2);
    reader = new UntrustedStreamReader(arena.memory, {
      capacityBytes: CAPACITY,
      bodies: new Map([[COMMAND, COMMAND_BYTES]]),
    });
    expect(read()).toEqual([2]);
  });

  it('are refused and counted when the type is unknown or the size is not the type’s', () => {
    send(1);
    send(2, 77);
    send(3, COMMAND, 40);
    send(4);
    expect(read()).toEqual([1, 4]);
    expect(reader.counters[ReaderCounter.REFUSED]).toBe(2);
    expect(reader.isDetached).toBe(false);
  });

  it('count against the limit even when they are refused', () => {
    for (let count = 0; count < 5; count++) send(count, 77);
    read(3);
    expect(reader.counters[ReaderCounter.REFUSED]).toBe(3);
  });

  it('are copied before they are looked at: what the peer writes later does not matter', () => {
    send(1);
    reader.poll((_type, buffer, offset) => {
      data.fill(-1);
      expect(buffer.view.getFloat64(offset + HEADER_BYTES, true)).toBe(1);
      expect(buffer.view.getUint16(offset + 4, true)).toBe(COMMAND);
    }, 1);
    expect(reader.counters[ReaderCounter.RECORDS]).toBe(1);
  });

  it('do not depend on the head in the memory, which the peer can overwrite', () => {
    send(1);
    read();
    Atomics.store(arena.words, headWord(0), 12345);
    send(2);
    expect(read()).toEqual([2]);
  });
});

describe('a peer that corrupts its memory is cut off for good', () => {
  const record = (HEADER_BYTES + COMMAND_BYTES + 16) / 8;
  it.each([
    ['a tail further away than the ring is long', () => Atomics.store(arena.words, TAIL, CAPACITY / 8 + record + 1)],
    ['a tail that went back', () => Atomics.store(arena.words, TAIL, -1)],
    ['a tail in the middle of a record', () => Atomics.store(arena.words, TAIL, record - 1)],
    ['a length of zero', () => Atomics.store(data, 0, 0)],
    ['a negative length', () => Atomics.store(data, 0, -2147483648)],
    ['a length beyond the ring', () => Atomics.store(data, 0, 0x7fffffff)],
    ['a length beyond the tail', () => Atomics.store(data, 0, 120)],
    ['padding in the middle of the ring', () => Atomics.store(data, 1, 0)],
    [
      'padding of a whole ring',
      () => {
        Atomics.store(data, 0, CAPACITY);
        Atomics.store(data, 1, 0);
        Atomics.store(arena.words, TAIL, CAPACITY / 8);
      },
    ],
  ])('%s', (_name, corrupt) => {
    send(1);
    corrupt();
    expect(read()).toEqual([]);
    expect(reader.isDetached).toBe(true);
    expect(reader.counters[ReaderCounter.CORRUPTIONS]).toBe(1);
    // Whatever comes later, right or wrong, is not looked at.
    Atomics.store(arena.words, TAIL, record);
    expect(read()).toEqual([]);
    expect(reader.hasPending()).toBe(false);
    expect(reader.counters[ReaderCounter.CORRUPTIONS]).toBe(1);
  });

  it('and nothing else happens, whatever is written anywhere, also while a record is being read', () => {
    let detached = 0;
    for (let run = 0; run < 3000; run++) {
      arena = createStream({ name: 'commands', capacityBytes: CAPACITY, maxBodyBytes: 56, readers: 1, engineRun: 7 });
      writer = new StreamWriter(arena);
      reader = new UntrustedStreamReader(arena.memory, {
        capacityBytes: CAPACITY,
        bodies: new Map([[COMMAND, COMMAND_BYTES]]),
      });
      const words = arena.words;
      let state = run;
      const random = (below: number): number => (mix(++state, run) >>> 0) % below;
      const corrupt = (): void => {
        const word = random(4) === 0 ? TAIL : random(words.length);
        // Small changes are the ones that look right.
        const value = [words[word]! + 8 * (random(64) - 32), random(256), mix(state, 9), 1 << random(32)][random(4)]!;
        Atomics.store(words, word, value);
      };
      for (let turn = 0; turn < 40; turn++) {
        for (let count = random(4); count > 0 && writer.hasRoom(200); count--) send(turn);
        if (random(3) === 0) corrupt();
        const limit = 1 + random(8);
        let delivered = 0;
        const handled = reader.poll((type, buffer, offset) => {
          delivered++;
          if (random(4) === 0) corrupt();
          expect([type, offset]).toEqual([COMMAND, 0]);
          expect(buffer.view.getUint32(0, true)).toBe(HEADER_BYTES + COMMAND_BYTES);
        }, limit);
        expect(handled).toBe(delivered);
        expect(handled).toBeLessThanOrEqual(limit);
      }
      if (reader.isDetached) detached++;
    }
    expect(detached).toBeGreaterThan(1000);
    expect(detached).toBeLessThan(3000);
  });
});
