import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameMemory } from '../../feed/wire/frame-memory.js';
import { type ServerFrame, serverFrame } from '../testing/server-frames.js';
import { type FrameFault, frameFaults } from './frame-fault.js';
import { FrameReader, Opcode } from './frame-reader.js';
import { isUtf8 } from './utf8.js';

const LIMITS = { mostBytes: 100_000, checksText: true };

/** What a reader says of a stream that comes in pieces, each in the same memory as the one before. */
function said(stream: Buffer, cuts: readonly number[], limits = LIMITS): string[] {
  const heard: string[] = [];
  const memory = new FrameMemory(Math.max(1, stream.length));
  const take = (from: FrameMemory, start: number, end: number) =>
    Buffer.from(from.bytes.subarray(start, end)).toString('latin1');
  const reader = new FrameReader(
    {
      message: (from, start, end, isBinary) => heard.push(`${isBinary ? 'binary' : 'text'} ${take(from, start, end)}`),
      ping: (from, start, end) => heard.push(`ping ${take(from, start, end)}`),
      close: (code, reason) => heard.push(`close ${code} ${reason}`),
      fault: (fault) => heard.push(fault),
    },
    limits,
  );
  let at = 0;
  for (const cut of [...cuts, stream.length]) {
    memory.bytes.fill(0xff);
    memory.bytes.set(stream.subarray(at, cut), 3 % Math.max(1, stream.length - (cut - at) + 1));
    const start = 3 % Math.max(1, stream.length - (cut - at) + 1);
    reader.take(memory, start, start + cut - at);
    at = cut;
  }
  return heard;
}

const everyByte = ({ length }: Buffer): number[] => Array.from({ length }, (_, at) => at);
const text = (value: string): Buffer => Buffer.from(value);

/** A message in fragments, with pings between them; what shall be heard of it. */
interface Sent {
  frames: ServerFrame[];
  heard: string[];
}

const sizes = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 127, 65_535, 65_536, 70_000));
const messages: fc.Arbitrary<Sent> = fc
  .record({
    isBinary: fc.boolean(),
    parts: fc.array(sizes, { minLength: 1, maxLength: 4 }),
    pings: fc.array(fc.integer({ min: 0, max: 125 }), { maxLength: 3 }),
    seed: fc.integer({ min: 0, max: 93 }),
  })
  .filter(({ parts }) => parts.reduce((sum, size) => sum + size, 0) <= LIMITS.mostBytes)
  .map(({ isBinary, parts, pings, seed }) => {
    const frames: ServerFrame[] = [];
    const heard: string[] = [];
    let whole = '';
    for (const [index, size] of parts.entries()) {
      const payload = Buffer.from(Array.from({ length: size }, (_, at) => 33 + ((seed + at * 7) % 93)));
      whole += payload.toString('latin1');
      const opcode = index > 0 ? Opcode.CONTINUATION : isBinary ? Opcode.BINARY : Opcode.TEXT;
      frames.push({ opcode, payload, isFinal: index === parts.length - 1 });
      if (index === parts.length - 1) heard.push(`${isBinary ? 'binary' : 'text'} ${whole}`);
      else if (pings[index] !== undefined) {
        frames.push({ opcode: Opcode.PING, payload: Buffer.alloc(pings[index], 0x61) });
        heard.push(`ping ${'a'.repeat(pings[index])}`);
      }
    }
    return { frames, heard };
  });

describe('a reader of frames', () => {
  test('gives every message once, whole and in order, however it is fragmented and the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(messages, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (sent, places) => {
          const stream = Buffer.concat(sent.flatMap(({ frames }) => frames.map(serverFrame)));
          const cuts = places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b);
          expect(said(stream, cuts)).toEqual(sent.flatMap(({ heard }) => heard));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('reads a stream cut at every byte, and in two at each', () => {
    const stream = Buffer.concat([
      serverFrame({ opcode: Opcode.TEXT, payload: text('{"a":1}') }),
      serverFrame({ opcode: Opcode.PING, payload: text('are you there') }),
      serverFrame({ opcode: Opcode.TEXT, payload: text('x'.repeat(130)), isFinal: false }),
      serverFrame({ opcode: Opcode.PONG, payload: text('') }),
      serverFrame({ opcode: Opcode.CONTINUATION, payload: text('') }),
      serverFrame({ opcode: Opcode.BINARY, payload: text('') }),
      serverFrame({ opcode: Opcode.CLOSE, payload: Buffer.concat([Buffer.of(0x03, 0xe9), text('going away')]) }),
    ]);
    const heard = ['text {"a":1}', 'ping are you there', `text ${'x'.repeat(130)}`, 'binary ', 'close 1001 going away'];
    expect(said(stream, everyByte(stream))).toEqual(heard);
    for (const cut of everyByte(stream)) expect(said(stream, [cut])).toEqual(heard);
  });

  const good = { opcode: Opcode.TEXT, payload: text('good') };
  const malformed: [FrameFault, ServerFrame[]][] = [
    ...[1, 2, 4].map((reserved): [FrameFault, ServerFrame[]] => ['RESERVED_BITS', [{ ...good, reserved }]]),
    ...[3, 7, 11, 15].map((opcode): [FrameFault, ServerFrame[]] => ['UNKNOWN_OPCODE', [{ ...good, opcode }]]),
    ['MASKED', [{ ...good, isMasked: true }]],
    ['LENGTH_NOT_MINIMAL', [{ ...good, lengthBytes: 2 }]],
    ['LENGTH_NOT_MINIMAL', [{ ...good, lengthBytes: 8 }]],
    ['CONTROL_FRAGMENTED', [{ opcode: Opcode.PING, payload: text('a'), isFinal: false }]],
    ['CONTROL_TOO_LONG', [{ opcode: Opcode.PING, payload: Buffer.alloc(126) }]],
    ['NOTHING_TO_CONTINUE', [{ opcode: Opcode.CONTINUATION, payload: text('a') }]],
    ['MESSAGE_UNFINISHED', [{ ...good, isFinal: false }, good]],
    ['CLOSE_TOO_SHORT', [{ opcode: Opcode.CLOSE, payload: Buffer.of(3) }]],
    ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map((code): [FrameFault, ServerFrame[]] => [
      'CLOSE_CODE',
      [{ opcode: Opcode.CLOSE, payload: Buffer.of(code >> 8, code & 0xff) }],
    ]),
    ['NOT_UTF8', [{ opcode: Opcode.CLOSE, payload: Buffer.of(3, 0xe8, 0xff) }]],
    ['NOT_UTF8', [{ opcode: Opcode.TEXT, payload: Buffer.of(0x61, 0xed, 0xa0, 0x80) }]],
    ['TOO_LONG', [{ ...good, payload: Buffer.alloc(LIMITS.mostBytes + 1) }]],
    [
      'TOO_LONG',
      [
        { ...good, payload: Buffer.alloc(LIMITS.mostBytes), isFinal: false },
        { opcode: 0, payload: text('a') },
      ],
    ],
  ];

  test.each(malformed)('says %s, after what was good and before anything else', (fault, frames) => {
    const stream = Buffer.concat([good, ...frames, good].map(serverFrame));
    const cuts = stream.length < 1000 ? everyByte(stream) : [1, 7, 20];
    expect(said(stream, [])).toEqual(['text good', fault]);
    expect(said(stream, cuts)).toEqual(['text good', fault]);
  });

  test('has tests for every fault there is', () => {
    expect(new Set(malformed.map(([fault]) => fault))).toEqual(new Set(Object.keys(frameFaults)));
  });

  test('refuses lengths beyond any memory by their header alone', () => {
    for (const high of [0, 1, 0x7fffffff, 0x80000000]) {
      const header = Buffer.alloc(10);
      header.set([0x82, 127]);
      header.writeUInt32BE(high, 2);
      header.writeUInt32BE(0xffffffff, 6);
      expect(said(header, [])).toEqual(['TOO_LONG']);
    }
  });

  test('says at most one fault of any bytes whatever, and never breaks down', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.array(fc.nat(400), { maxLength: 5 }), (bytes, places) => {
        const stream = Buffer.from(bytes);
        const cuts = places.filter((place) => place <= stream.length).sort((a, b) => a - b);
        const heard = said(stream, cuts);
        expect(heard).toEqual(said(stream, []));
        expect(heard.slice(0, -1).filter((line) => line in frameFaults)).toEqual([]);
      }),
    );
  });
});

test('what is UTF-8 is what the decoder of the platform takes', () => {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }).map((value) => Buffer.from(value)),
    fc.uint8Array({ maxLength: 5 }).map((value) => Buffer.from(value)),
    fc
      .constantFrom('c080', 'eda080', 'f4908080', 'f48fbfbf', 'e0a080', 'e09f80', 'f0908080', 'ee8080')
      .map((hex) => Buffer.from(hex, 'hex')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(3), (pieces, before) => {
      const bytes = Buffer.concat([Buffer.alloc(before, 0xff), ...pieces]);
      let expected = true;
      try {
        strict.decode(bytes.subarray(before));
      } catch {
        expected = false;
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      expect(isUtf8(bytes, view, before, bytes.length)).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});
