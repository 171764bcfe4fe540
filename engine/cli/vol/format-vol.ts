import type { VolReport } from './vol-report.js';

const BLOCKS = '▁▂▃▄▅▆▇█';

/** Values as one line of blocks, lowest to highest; what is not finite is a gap. */
export function sparkline(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(...finite);
  const range = Math.max(...finite) - least;
  return values
    .map((value) => {
      if (!Number.isFinite(value)) return ' ';
      const height = range > 0 ? (value - least) / range : 0.5;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(height * BLOCKS.length))];
    })
    .join('');
}

function percent(volatility: number | null): string {
  return (volatility === null || !Number.isFinite(volatility) ? '-' : `${(100 * volatility).toFixed(2)} %`).padStart(
    10,
  );
}

/** The report as tables and sparklines for a person. */
export function formatVol(report: VolReport): string {
  const { bars, barsPerDay, missing, lastBars, history, path } = report;
  const gaps = missing > 0 ? `, ${missing} missing` : '';
  const range = (values: readonly number[]): string => {
    const finite = values.filter(Number.isFinite);
    return `${percent(Math.min(...finite)).trim()} to ${percent(Math.max(...finite)).trim()}`;
  };
  const lines = [
    `${bars} bars, ${barsPerDay} a day, ${report.from} to ${report.to}${gaps}; volatilities are annualised over 365 days`,
    '',
    `${'realised'.padEnd(26)}${`last ${lastBars}`.padStart(10)}${'all'.padStart(10)}`,
    ...report.estimators.map(({ name, last, all }) => `${name.padEnd(26)}${percent(last)}${percent(all)}`),
    '',
    `${'bars ahead'.padEnd(26)}${'filter'.padStart(10)}${'EWMA 0.94'.padStart(10)}${'GARCH'.padStart(10)}`,
    ...report.forecasts.map(
      ({ horizonBars, filter, ewma, garch }) =>
        `${String(horizonBars).padEnd(26)}${percent(filter)}${percent(ewma)}${percent(garch)}`,
    ),
    '',
    `history   ${sparkline(history)}  ${range(history)}`,
    `forecast  ${sparkline(path)}  ${range(path)}, next ${barsPerDay > 1 ? 'day' : '24 bars'}`,
  ];
  return `${lines.join('\n')}\n`;
}
