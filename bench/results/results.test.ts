import { describe, expect, it } from 'vitest';
import type { BenchReport } from '../report.js';
import { percentilesPlot } from './plot.js';
import { type Measured, ratiosOf, regressions, resultsPage } from './results.js';

const machine = { cpu: 'x', cores: 2, memoryGiB: 8, kernel: '6', node: 'v20', referenceKernelMs: 10 };
const report: BenchReport = {
  suite: 'ring',
  machine,
  results: [
    { name: 'a < b', unit: 'ns', p50: 100, p99: 2000, max: 90_000, peer: 'p', peerValue: 300, ratio: 3 },
    { name: 'rate', unit: 'messages/s', value: 5, note: 'a|b' },
  ],
};

const measured: Measured = { date: '2026-01-31', commit: 'abc', seconds: 61, report };

describe('the results of benchmarks', () => {
  it('are a page with machine, day and commit, figures beside their peers, and what could not be measured', () => {
    const page = resultsPage({
      measured: [measured],
      failed: [{ suite: 'hop', why: 'no' }],
      worse: [{ name: 'ring: a < b', before: 6, now: 3 }],
    });
    expect(page).toContain('Measured on 2026-01-31 at abc: x, 2 cores, 8 GiB');
    expect(page).toContain('2 figures of 1 suites, which took 2 minutes. Of the 1 with a ratio');
    expect(page).toContain('* ring: a < b: 3.00x, was 6.00x');
    expect(page).toContain('`volfilter bench ring`, 61 s.\n');
    expect(page).toContain('| a < b | p50 100  p99 2,000  max 90,000 ns  vs p 300 = 3.00x |');
    expect(page).toContain('![percentiles of ring](results/ring.svg)');
    expect(page).toContain('a\\|b');
    expect(page).toContain('* hop: no');
  });

  it('keep the day and the commit of what was not measured with the rest', () => {
    const older: Measured = { ...measured, date: '2026-01-30', commit: 'old', report: { ...report, suite: 'hop' } };
    const page = resultsPage({ measured: [older, measured], failed: [], worse: [] });
    expect(page).toMatch(/^# Benchmarks\n\nMeasured on 2026-01-31 at abc/);
    expect(page).toContain('`volfilter bench hop`, 61 s. Measured on 2026-01-30 at old: x, 2 cores');
    expect(page).not.toMatch(/Not measured|Worse/);
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
