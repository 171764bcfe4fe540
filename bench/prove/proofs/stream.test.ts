import { describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import type { Proof } from '../proof.js';
import { ExpectedRecords, MAX_BODY_BYTES } from './stream-record.js';

describe('the records of the fuzzed stream', () => {
  it('are the same for writer and reader, of every size up to the largest', () => {
    const written = new ExpectedRecords(7);
    const awaited = new ExpectedRecords(7);
    const words = new Int32Array((HEADER_BYTES + MAX_BODY_BYTES) / 4);
    const sizes = new Set<number>();
    for (let index = 0; index < 100_000; index++) {
      written.next();
      awaited.next();
      written.write(words, 0);
      expect(awaited.mismatch(words, 0)).toBe(-1);
      sizes.add(awaited.bodyBytes);
    }
    expect(Math.max(...sizes)).toBe(MAX_BODY_BYTES);
    expect(Math.min(...sizes)).toBe(0);
    expect(sizes.size).toBe(128);
  });

  it('give away one flipped bit', () => {
    const record = new ExpectedRecords(7);
    do record.next();
    while (record.bodyBytes < 16);
    const words = new Int32Array((HEADER_BYTES + MAX_BODY_BYTES) / 4);
    record.write(words, 0);
    words[HEADER_BYTES / 4 + 3]! ^= 1;
    expect(record.mismatch(words, 0)).toBe(3);
  });
});

describe('the proof of the stream', () => {
  it('holds on two threads of the built code', async () => {
    const built = new URL('../../../dist/bench/prove/proofs/stream.js', import.meta.url).href;
    const { proof } = (await import(built)) as { proof: Proof };
    const figures = await proof.run(300_000, () => {});
    expect(figures[0]!.value).toBeGreaterThan(0);
  });
});
