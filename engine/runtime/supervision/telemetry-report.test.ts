import hdr from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { boardBytes, formatBoard } from './board.js';
import { hdrLog, readTelemetry } from './telemetry-report.js';

const plan = { threads: ['core'], actors: ['book', 'risk'] };

describe('telemetry leaves the board', () => {
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  for (let value = 1000; value <= 100_000; value += 1000) board.waitingHistogram(0).record(value);
  board.serviceHistogram(1).record(500);

  it('as an HdrHistogram log that the library reads back', () => {
    const reader = new hdr.HistogramLogReader(hdrLog(board, 1_700_000_000_000, 1_700_000_001_000));
    const waiting = reader.nextIntervalHistogram();
    expect(waiting?.tag).toBe('waiting-book');
    expect(waiting?.totalCount).toBe(100);
    expect(Math.abs(waiting!.getValueAtPercentile(50) / 50_000 - 1)).toBeLessThan(0.02);
    const service = reader.nextIntervalHistogram();
    expect(service?.tag).toBe('service-risk');
    expect(reader.nextIntervalHistogram()).toBeNull();
  });

  it('as plain data, null where nothing was recorded', () => {
    const { hops, threads } = readTelemetry(board);
    expect(hops.map(({ name }) => name)).toEqual(['book', 'risk']);
    expect(hops[0]!.waiting.count).toBe(100);
    expect(hops[0]!.service.p50).toBeNull();
    expect(threads[0]).toMatchObject({ name: 'core', alive: false });
  });
});
