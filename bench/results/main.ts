/** `npm run bench:report [-- suite ...]`: measures, writes bench/RESULTS.md and plots, and compares ratios with bench/baseline.json. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../engine/testing/project-root.js';
import { suiteNames } from '../registry.js';
import { measure } from './measure.js';
import { isDistribution, percentilesPlot } from './plot.js';
import { type Measured, ratiosOf, regressions, resultsPage } from './results.js';

/** A ratio may fall to this share of the baseline's before it is called a regression: shared machines scatter by a third. */
const SHARE = 0.6;
const LONGEST_SUITE_MS = 4 * 60_000;
/** Longest that all of them may take; what is left then can be measured by its name. */
const LONGEST_MS = 25 * 60_000;
const UPDATE = '--update-baseline';

// Beside the sources, not beside the built code.
const folder = join(projectRoot(), 'bench');
const keptFile = join(folder, 'results', 'measured.json');
const baselineFile = join(folder, 'baseline.json');
const words = process.argv.slice(2);
const asked = words.filter((word) => word !== UPDATE);
const unknown = asked.find((name) => !suiteNames().includes(name));
if (unknown !== undefined) {
  process.stderr.write(
    `bench:report: no benchmark is called '${unknown}'; there are: ${suiteNames().join(', ')}; and the option ${UPDATE}\n`,
  );
  process.exit(2);
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const json = <T>(file: string): T | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as T) : undefined;
const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: folder, encoding: 'utf8' });
const commit = (git.stdout ?? '').trim() || 'no commit';
const kept = new Map(Object.entries(json<Record<string, Measured>>(keptFile) ?? {}));
const baseline = json<Record<string, number>>(baselineFile);
const suites = asked.length === 0 ? suiteNames() : asked;
const failed: { suite: string; why: string }[] = [];
const now: Measured[] = [];
const until = performance.now() + LONGEST_MS;
mkdirSync(join(folder, 'results'), { recursive: true });

for (const [place, suite] of suites.entries()) {
  const from = performance.now();
  tell(`${suite} (${place + 1} of ${suites.length})`);
  try {
    if (from > until)
      throw new Error(`the ${LONGEST_MS / 60_000} minutes are over; npm run bench:report -- ${suite} measures it`);
    const report = await measure(suite, Math.min(LONGEST_SUITE_MS, until - from), (line) => tell(`  ${line}`));
    const seconds = Math.round((performance.now() - from) / 1000);
    const measured: Measured = { date: new Date().toISOString().slice(0, 10), commit, seconds, report };
    now.push(measured);
    kept.set(suite, measured);
  } catch (error) {
    failed.push({ suite, why: (error as Error).message });
    tell(`  not measured: ${(error as Error).message}`);
  }
  // After each: what was measured is on the page whatever becomes of the next.
  write();
}

const ratios = ratiosOf(now.map(({ report }) => report));
const worse = baseline === undefined || words.includes(UPDATE) ? [] : regressions(baseline, ratios, SHARE);
if (words.includes(UPDATE)) {
  writeFileSync(baselineFile, `${JSON.stringify({ ...baseline, ...ratios }, null, 2)}\n`);
  tell(`bench/baseline.json holds the ratios of ${now.length} suites of this run`);
} else if (baseline === undefined) {
  tell(`there is no baseline to compare with: ${UPDATE} makes one of this run`);
}
for (const { name, before, now: is } of worse) tell(`worse: ${name}: ${before.toFixed(2)}x was, ${is.toFixed(2)}x is`);
for (const { suite, why } of failed) tell(`not measured: ${suite}: ${why}`);
tell(`${now.length} of ${suites.length} suites are on bench/RESULTS.md`);
if (worse.length > 0 || failed.length > 0) process.exitCode = 1;

/** The page, its plots and what they are made of. */
function write(): void {
  const measured = suiteNames().flatMap((name) => kept.get(name) ?? []);
  for (const { report } of now)
    if (report.results.some(isDistribution))
      writeFileSync(join(folder, 'results', `${report.suite}.svg`), percentilesPlot(report));
  const reports = now.map(({ report }) => report);
  const found = baseline === undefined ? [] : regressions(baseline, ratiosOf(reports), SHARE);
  writeFileSync(keptFile, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
  writeFileSync(join(folder, 'RESULTS.md'), resultsPage({ measured, failed, worse: found }));
}
