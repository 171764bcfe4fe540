import type { BenchReport, BenchResult } from '../report.js';

/** Whether it has percentiles that a plot can show. */
export function isDistribution({ p50, p99 }: BenchResult): boolean {
  return p50 !== undefined && p99 !== undefined && p50 > 0 && p99 > 0;
}

const LABELS = 380;
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
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12"><title>Percentiles of ${escaped(suite)}</title><rect width="100%" height="100%" fill="white"/><text x="12" y="18" font-weight="bold">${escaped(suite)}, ${escaped(unit ?? '')}</text>${[...legend, ...grid, ...lines].join('')}</svg>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
