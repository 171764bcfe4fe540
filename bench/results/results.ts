import { type BenchReport, type BenchResult, formatFigures, formatMachine } from '../report.js';

/** A run of several suites, and what it was a run of. */
export interface Results {
  /** Of the day, as `2026-01-31`. */
  date: string;
  commit: string;
  reports: readonly BenchReport[];
  /** Suites that could not be measured, and why. */
  failed: readonly { suite: string; why: string }[];
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
export function resultsPage({ date, commit, reports, failed }: Results): string {
  const machine = reports[0] === undefined ? 'nothing was measured' : formatMachine(reports[0].machine);
  const sections = reports.flatMap(({ suite, results }) => [
    `## ${suite}`,
    '',
    `\`volfilter bench ${suite}\``,
    '',
    ...(results.some(isDistribution) ? [`![percentiles of ${suite}](results/${suite}.svg)`, ''] : []),
    '| what | measured |',
    '|---|---|',
    ...results.map((result) => `| ${cell(result.name)} | ${cell(formatFigures(result))} |`),
    '',
  ]);
  return [
    '# Benchmarks',
    '',
    `Measured on ${date} at ${commit}: ${machine}.`,
    '',
    'Every figure with a peer was measured beside it in the same run; a ratio above one is better than the peer. `npm run bench:report` writes this page anew; with names after `--` it measures those suites alone.',
    '',
    ...sections,
    ...(failed.length === 0
      ? []
      : ['## Not measured', '', ...failed.map(({ suite, why }) => `* ${suite}: ${why}`), '']),
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

export function isDistribution({ p50, p99 }: BenchResult): boolean {
  return p50 !== undefined && p99 !== undefined && p50 > 0 && p99 > 0;
}

const LABELS = 300;
const WIDTH = 900;
const ROW = 26;
const PERCENTILES = [
  ['p50', '#2b6cb0'],
  ['p99', '#dd6b20'],
  ['p999', '#c53030'],
  ['max', '#718096'],
] as const;

/** Percentiles of a suite's distributions on one logarithmic scale; those of another unit than the first are left out. */
export function percentilesPlot({ suite, results }: BenchReport): string {
  const unit = results.find(isDistribution)?.unit;
  const rows = results.filter((result) => isDistribution(result) && result.unit === unit);
  const values = rows
    .flatMap((row) => PERCENTILES.map(([name]) => row[name]))
    .filter((value) => value !== undefined && value > 0);
  const low = Math.floor(Math.log10(Math.min(...(values as number[]))));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...(values as number[])))));
  const x = (value: number): number => LABELS + ((Math.log10(value) - low) / (high - low)) * (WIDTH - LABELS - 40);
  const height = (rows.length + 2) * ROW;
  const grid = Array.from({ length: high - low + 1 }, (_, step) => {
    const at = x(10 ** (low + step)).toFixed(1);
    return `<line x1="${at}" y1="${ROW}" x2="${at}" y2="${height - ROW}" stroke="#ddd"/><text x="${at}" y="${height - 8}" text-anchor="middle">${10 ** (low + step)}</text>`;
  });
  const lines = rows.map((row, place) => {
    const y = (place + 1.5) * ROW;
    const dots = PERCENTILES.flatMap(([name, colour]) => {
      const value = row[name];
      return value === undefined || value <= 0
        ? []
        : [
            `<circle cx="${x(value).toFixed(1)}" cy="${y}" r="5" fill="${colour}"><title>${name} ${value}</title></circle>`,
          ];
    });
    return `<text x="${LABELS - 12}" y="${y + 4}" text-anchor="end">${escaped(row.name)}</text>${dots.join('')}`;
  });
  const legend = PERCENTILES.map(
    ([name, colour], place) =>
      `<circle cx="${LABELS + place * 80}" cy="14" r="5" fill="${colour}"/><text x="${LABELS + place * 80 + 10}" y="18">${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/><text x="12" y="18" font-weight="bold">${escaped(suite)}, ${escaped(unit ?? '')}</text>${[...legend, ...grid, ...lines].join('')}</svg>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
