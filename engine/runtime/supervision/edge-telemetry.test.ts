import { expect, it } from 'vitest';
import { stream } from '../actor/definition.js';
import { createStream } from '../edge/create-stream.js';
import { HEADER_BYTES, recordStep } from '../edge/record.js';
import { StreamReader } from '../edge/stream-reader.js';
import { StreamWriter } from '../edge/stream-writer.js';
import { readEdge } from './edge-telemetry.js';

const edge = stream({ name: 'log', capacityBytes: 2048, maxBodyBytes: 64 });
const STEP = recordStep(HEADER_BYTES + 64);
const wire = { edge, writer: 'sequencer', readers: ['book', 'recorder'] };

it('tells of a stream what went in, what came out, what waits, and how often it was full', () => {
  const arena = createStream({ ...edge, readers: 2, engineRun: 1 });
  const writer = new StreamWriter(arena);
  const [book] = [0, 1].map((place) => new StreamReader(arena, place));
  let written = 0;
  while (writer.claim(1, 64) >= 0) written++;
  writer.publish();
  book!.poll(() => {}, 3);
  const bytes = written * STEP;
  expect(readEdge(wire, arena)).toEqual({
    name: 'log',
    writer: 'sequencer',
    capacityBytes: 2048,
    records: written,
    full: 1,
    highWaterBytes: expect.any(Number) as number,
    readers: [
      { name: 'book', records: 3, waitingBytes: bytes - 3 * STEP },
      { name: 'recorder', records: 0, waitingBytes: bytes },
    ],
  });
  expect(readEdge(wire, arena).highWaterBytes).toBeGreaterThanOrEqual(bytes);
});
