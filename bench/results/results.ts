import { type BenchReport, formatFigures, formatMachine } from '../report.js';
import { isDistribution } from './plot.js';

/** What one suite has measured, and when. */
export interface Measured {
  /** Of the day, as `2026-01-31`. */
  date: string;
  commit: string;
  /** What the suite took. */
  seconds: number;
  report: BenchReport;
}

/** What has been measured of each suite last. */
export interface Results {
  measured: readonly Measured[];
  /** Suites that could not be measured this time, and why. */
  failed: readonly { suite: string; why: string }[];
  /** Ratios that are worse than the baseline's. */
  worse: readonly Regression[];
}

/** A ratio to a peer that became worse than it was. */
export interface Regression {
  name: string;
  before: number;
  now: number;
}

/** Ratios by suite and name. Figures alone say more of the machine than of the code, and are not compared. */
export function ratiosOf(reports: readonly BenchReport[]): Record<string, number> {
  const entries = reports.flatMap(({ suite, results }) =>
    results.flatMap(({ name, ratio }) => (ratio === undefined ? [] : [[`${suite}: ${name}`, ratio] as const])),
  );
  return Object.fromEntries(entries);
}

/** Ratios that fell below a share of what they were in the baseline. */
export function regressions(
  baseline: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
  share: number,
): Regression[] {
  return Object.entries(baseline).flatMap(([name, before]) => {
    const ratio = now[name];
    return ratio === undefined || ratio >= before * share ? [] : [{ name, before, now: ratio }];
  });
}

/** The results as a page. */
export function resultsPage({ measured, failed, worse }: Results): string {
  const newest = [...measured].sort((a, b) => a.date.localeCompare(b.date)).at(-1);
  return [
    '# Benchmarks',
    '',
    ...(newest === undefined ? ['Nothing was measured.'] : [`${measuredOn(newest)}.`, '', summary(measured)]),
    '',
    '`npm ci && npm run bench:report` measures all of it and writes this page anew; with names of suites after `--` it measures those alone and keeps the rest. `--update-baseline` makes ' +
      'what was measured the baseline (`bench/baseline.json`) that later runs are compared with: by ratios to peers of the same run, because figures alone say more of the machine than of the code.',
    '',
    ...listed(
      'Worse than the baseline',
      worse.map(({ name, before, now }) => `${name}: ${now.toFixed(2)}x, was ${before.toFixed(2)}x`),
    ),
    ...listed(
      'Not measured this time',
      failed.map(({ suite, why }) => `${suite}: ${why}`),
    ),
    ...measured.flatMap((each) => section(each, newest!)),
  ].join('\n');
}

function measuredOn({ date, commit, report }: Measured): string {
  return `Measured on ${date} at ${commit}: ${formatMachine(report.machine)}`;
}

/** How much there is, in one paragraph, with the way to each suite. */
function summary(measured: readonly Measured[]): string {
  const results = measured.flatMap(({ report }) => report.results);
  const ratios = results.flatMap(({ ratio }) => ratio ?? []);
  const better = ratios.filter((ratio) => ratio >= 1).length;
  const minutes = Math.ceil(measured.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  const links = measured.map(({ report: { suite } }) => `[${suite}](#${suite})`);
  return (
    `${results.length} figures of ${measured.length} suites, which took ${minutes} minutes. Of the ${ratios.length} with a ratio to a peer, measured beside it in the same run, ${better} are ` +
    `as good as the peer or better (a ratio above one). ${links.join(', ')}.`
  );
}

function section(each: Measured, newest: Measured): string[] {
  const { suite, results } = each.report;
  const isOfAnother = each.date !== newest.date || each.commit !== newest.commit;
  return [
    `## ${suite}`,
    '',
    `\`volfilter bench ${suite}\`, ${Math.round(each.seconds)} s.${isOfAnother ? ` ${measuredOn(each)}.` : ''}`,
    '',
    ...(results.some(isDistribution) ? [`![percentiles of ${suite}](results/${suite}.svg)`, ''] : []),
    '| what | measured |',
    '|---|---|',
    ...results.map((result) => `| ${cell(result.name)} | ${cell(formatFigures(result))} |`),
    '',
  ];
}

/** A section with a list; nothing where there is nothing to list. */
function listed(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, '', ...lines.map((line) => `* ${line}`), ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
