import { describe, expect, it } from 'vitest';
import { runFuzz } from '../../testing/edge-fuzz/run-fuzz.js';

describe('two threads at full speed, stalling and batching at random, across the wrap of the counters', () => {
  it('lose, double and tear nothing on a Stream', async () => {
    const report = await runFuzz({ edge: 'stream', messages: 1_000_000, seed: 1 });
    expect(report.faults).toEqual([]);
    expect(report.received).toBe(1_000_000);
  });

  it('lose, double and tear nothing on a Stream that is nearly always full', async () => {
    const report = await runFuzz({ edge: 'stream', messages: 200_000, seed: 2, capacityBytes: 1024, maxBodyBytes: 56 });
    expect(report.faults).toEqual([]);
  });

  it('see whole records in order on a Broadcast, and know of every loss', async () => {
    const report = await runFuzz({ edge: 'broadcast', messages: 1_000_000, seed: 3 });
    expect(report.faults).toEqual([]);
    expect(report.lapped).toBeGreaterThan(0);
    expect(report.received).toBeGreaterThan(0);
  });

  it('see whole values and the newest of each key on a Latest', async () => {
    const report = await runFuzz({ edge: 'latest', messages: 1_000_000, seed: 4 });
    expect(report.faults).toEqual([]);
    expect(report.conflated).toBeGreaterThan(0);
  });
});
