import { describe, expect, it } from 'vitest';
import type { BenchReport } from '../report.js';
import { percentilesPlot, ratiosOf, regressions, resultsPage } from './results.js';

const machine = { cpu: 'x', cores: 2, memoryGiB: 8, kernel: '6', node: 'v20', referenceKernelMs: 10 };
const report: BenchReport = {
  suite: 'ring',
  machine,
  results: [
    { name: 'a < b', unit: 'ns', p50: 100, p99: 2000, max: 90_000, peer: 'p', peerValue: 300, ratio: 3 },
    { name: 'rate', unit: 'messages/s', value: 5, note: 'a|b' },
  ],
};

describe('the results of benchmarks', () => {
  it('are a page with machine, day and commit, figures beside their peers, and what could not be measured', () => {
    const page = resultsPage({
      date: '2026-01-31',
      commit: 'abc',
      reports: [report],
      failed: [{ suite: 'hop', why: 'no' }],
    });
    expect(page).toContain('Measured on 2026-01-31 at abc: x, 2 cores, 8 GiB');
    expect(page).toContain('| a < b | p50 100  p99 2,000  max 90,000 ns  vs p 300 = 3.00x |');
    expect(page).toContain('![percentiles of ring](results/ring.svg)');
    expect(page).toContain('a\\|b');
    expect(page).toContain('* hop: no');
  });

  it('are drawn on a scale that holds all of them', () => {
    const plot = percentilesPlot(report);
    expect(plot).toContain('a &lt; b');
    expect(plot).not.toContain('NaN');
    const places = [...plot.matchAll(/cx="([\d.]+)" cy="39"/g)].map(([, x]) => Number(x));
    expect(places).toHaveLength(3);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.at(-1)).toBeLessThanOrEqual(900);
  });

  it('are worse where a ratio fell below a share of the baseline, and only ratios are compared', () => {
    const now = ratiosOf([report]);
    expect(now).toEqual({ 'ring: a < b': 3 });
    expect(regressions({ 'ring: a < b': 4, 'ring: gone': 9 }, now, 0.6)).toEqual([]);
    expect(regressions({ 'ring: a < b': 6 }, now, 0.6)).toEqual([{ name: 'ring: a < b', before: 6, now: 3 }]);
  });
});
