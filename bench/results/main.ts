/** `npm run bench:report [-- suite ...]`: measures, writes bench/RESULTS.md and plots, and compares ratios with bench/baseline.json. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../engine/testing/project-root.js';
import { suiteNames } from '../registry.js';
import type { BenchReport } from '../report.js';
import { isDistribution, percentilesPlot, type Results, ratiosOf, regressions, resultsPage } from './results.js';

/** A ratio may fall to this share of the baseline's before it is called a regression: shared machines scatter by a third. */
const SHARE = 0.6;
const LONGEST_SUITE_MS = 10 * 60_000;
const UPDATE = '--update-baseline';

// Beside the sources, not beside the built code.
const folder = join(projectRoot(), 'bench');
const program = join(projectRoot(), 'dist/engine/cli/main.js');
const words = process.argv.slice(2);
const asked = words.filter((word) => word !== UPDATE);
const unknown = asked.find((name) => !suiteNames().includes(name));
if (unknown !== undefined) {
  process.stderr.write(`bench:report: no benchmark is called '${unknown}'; there are: ${suiteNames().join(', ')}\n`);
  process.exit(2);
}

const reports: BenchReport[] = [];
const failed: { suite: string; why: string }[] = [];
for (const suite of asked.length === 0 ? suiteNames() : asked) {
  process.stderr.write(`${suite} ...\n`);
  // In a process of its own: what one suite has warmed up or left behind is no part of the next.
  const ended = spawnSync(process.execPath, [program, 'bench', suite, '--json'], {
    encoding: 'utf8',
    timeout: LONGEST_SUITE_MS,
    maxBuffer: 1 << 26,
  });
  try {
    reports.push(JSON.parse(ended.stdout) as BenchReport);
  } catch {
    const why = ended.error?.message ?? (ended.stderr.trim().split('\n').at(-1) || `ended with ${ended.status}`);
    failed.push({ suite, why });
  }
}

const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: folder, encoding: 'utf8' }).stdout.trim();
const results: Results = {
  date: new Date().toISOString().slice(0, 10),
  commit: commit || 'no commit',
  reports,
  failed,
};
mkdirSync(join(folder, 'results'), { recursive: true });
for (const report of reports) {
  if (report.results.some(isDistribution)) {
    writeFileSync(join(folder, 'results', `${report.suite}.svg`), percentilesPlot(report));
  }
}
writeFileSync(join(folder, 'RESULTS.md'), resultsPage(results));

const baselineFile = join(folder, 'baseline.json');
const now = ratiosOf(reports);
const baseline = existsSync(baselineFile)
  ? (JSON.parse(readFileSync(baselineFile, 'utf8')) as Record<string, number>)
  : undefined;
if (words.includes(UPDATE)) {
  writeFileSync(baselineFile, `${JSON.stringify({ ...baseline, ...now }, null, 2)}\n`);
} else if (baseline === undefined) {
  process.stderr.write(`there is no baseline to compare with: ${UPDATE} makes one of this run\n`);
} else {
  const worse = regressions(baseline, now, SHARE);
  for (const each of worse)
    process.stderr.write(`worse: ${each.name}: ${each.before.toFixed(2)}x was, ${each.now.toFixed(2)}x is\n`);
  if (worse.length > 0) process.exitCode = 1;
}
for (const { suite, why } of failed) process.stderr.write(`not measured: ${suite}: ${why}\n`);
if (failed.length > 0) process.exitCode = 1;
