import { describe, expect, it } from 'vitest';
import { type TopLook, topLines } from './top-view.js';

function look(atMs: number, records: readonly number[], taken: number): TopLook {
  const hop = (key: number, text: string, p99: number) => ({
    ...{ key, text, records: records[key]!, gated: 0 },
    ...{ waitingP50: 500, waitingP99: p99, waitingP999: 9e6, waitingMax: 1e7 },
    ...{ serviceP50: null, serviceP99: null, serviceP999: null, serviceMax: null },
  });
  const edge = (key: number, text: string, waitingBytes: number) => ({
    ...{ key, text, capacityBytes: 1000, waitingBytes, highWaterBytes: 500, full: key, taken },
  });
  return {
    atMs,
    engine: [{ key: 0, text: '', state: 1, clients: 2, lagging: 1 }],
    latency: [hop(0, 'book', 4_000), hop(1, 'filter', 80_000)],
    threads: [
      { key: 0, text: 'core', flags: 1, collections: 3, collectionMs: atMs / 100, longestCollectionMs: 2, parked: 7 },
      {
        key: 1,
        text: 'feed',
        flags: 6,
        collections: 0,
        collectionMs: 0,
        longestCollectionMs: 0,
        loopLagMaxMs: 4,
        parked: 0,
      },
    ],
    edges: [edge(0, 'log\tsequencer\tbook', 10), edge(1, 'log\tsequencer\tfilter', 990)],
  };
}

const words = (lines: readonly string[], first: string): string[] =>
  lines.find((line) => line.startsWith(first))!.split(/\s{2,}/);

describe('what top shows', () => {
  it('is the engine, each actor and thread, and the fullest queue first', () => {
    const lines = topLines(look(0, [0, 0], 0), undefined, 'topology');
    expect(lines[0]).toBe('active   2 screens, 1 behind');
    expect(words(lines, 'book')).toEqual(['book', '-', '0.50', '4.00', '9000', '10000', '-', '-', '-', '-', '0']);
    expect(words(lines, 'core')).toEqual(['core', 'compute', 'runs', '3', '-', '2.0', '-', '7']);
    expect(words(lines, 'feed')).toEqual(['feed', 'io', 'DEAD', '0', '-', '0.0', '4.0', '0']);
    expect(lines.filter((line) => line.startsWith('log')).map((line) => line.split(/\s{2,}/)[1])).toEqual([
      'filter',
      'book',
    ]);
  });

  it('has rates from the second look on, and none where the engine was started anew', () => {
    const lines = topLines(look(2000, [100, 50], 30), look(0, [0, 60], 10), 'topology');
    expect(words(lines, 'book')[1]).toBe('50');
    expect(words(lines, 'filter')[1]).toBe('-');
    expect(words(lines, 'core')[4]).toBe('10.0');
    expect(words(lines, 'log')[2]).toBe('10');
  });

  it('stands in the order that was asked for', () => {
    const now = look(1000, [10, 90], 0);
    const first = (order: 'topology' | 'rate' | 'waiting'): string =>
      topLines(now, look(0, [0, 0], 0), order)[3]!.split(' ')[0]!;
    expect([first('topology'), first('rate'), first('waiting')]).toEqual(['book', 'filter', 'filter']);
  });

  it('says so when nothing is known yet', () => {
    expect(topLines({ atMs: 0, engine: [], latency: [], threads: [], edges: [] }, undefined, 'rate')[0]).toBe(
      'no word of the engine yet',
    );
  });
});
