import { formatTable } from '../table.js';
import { columnsOf, partOf, rangeOf } from './columns.js';
import type { Distribution, FilterRun } from './filter-report.js';

const WIDTH = 96;
const HEIGHT = 12;

/**
 * The measure over its threshold for a terminal: a bar from the least to the greatest of each column's bars, `-` the
 * threshold, and below `#` where bars are filtered, as tall as the part that is.
 */
function drawFilter({ series, thresholds, marks, bars }: FilterRun, unit: (value: number) => string): string {
  const values = columnsOf(series, WIDTH);
  const bounds = columnsOf(thresholds, WIDTH);
  const { low, high } = rangeOf(values);
  const row = (value: number): number => Math.round(((high - value) / (high - low)) * (HEIGHT - 1));
  const canvas = Array.from({ length: HEIGHT }, () => new Array<string>(WIDTH).fill(' '));
  for (let column = 0; column < WIDTH; column++) {
    const bound = bounds.greatest[column]!;
    if (bound >= low && bound <= high) canvas[row(bound)]![column] = '-';
    if (Number.isNaN(values.least[column]!)) continue;
    for (let y = row(values.greatest[column]!); y <= row(values.least[column]!); y++) canvas[y]![column] = '|';
  }
  const shares = Array.from({ length: WIDTH }, (_, column) => {
    const [from, to] = partOf(column, WIDTH, marks.length);
    let sum = 0;
    for (let index = from; index < Math.min(to, marks.length); index++) sum += marks[index]!;
    return sum / (to - from);
  });
  const lines = canvas.map((cells, y) => {
    const label = y % 4 === 0 || y === HEIGHT - 1 ? unit(high - ((high - low) * y) / (HEIGHT - 1)) : '';
    return `${label.padStart(10)} ${cells.join('').trimEnd()}`;
  });
  const day = (index: number): string => new Date(bars.time[index]!).toISOString().slice(0, 16).replace('T', ' ');
  const last = day(bars.time.length - 1);
  return [
    ...lines,
    `${'filtered'.padStart(10)} ${shares.map((share) => (share === 0 ? ' ' : share < 0.5 ? '.' : '#')).join('')}`.trimEnd(),
    `${' '.repeat(11)}${day(0)}${last.padStart(WIDTH - day(0).length)}`,
    '',
  ].join('\n');
}

/** The unit of a measure as a person reads it. */
export function unitOf(measure: string): (value: number) => string {
  return (value) => {
    if (!Number.isFinite(value)) return '-';
    return measure === 'jump' ? value.toFixed(2) : `${(100 * value).toFixed(1)} %`;
  };
}

export function percent(share: number): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : '-';
}

function hundredths(value: number): string {
  return Number.isFinite(value) ? value.toFixed(2) : '-';
}

function rounded(value: number): string {
  return Number.isFinite(value) ? value.toFixed(0) : '-';
}

/** The report for a person: the `top` events by excess, or all of them. */
export function formatFilter(run: FilterRun, top: number): string {
  const { report } = run;
  const { score, causes } = report;
  const unit = unitOf(report.measure);
  const row = (name: string, { mean, median, p95, p99, max }: Distribution, show: (value: number) => string) => [
    name,
    ...[mean, median, p95, p99, max].map(show),
  ];
  const shown = [...report.events].sort((a, b) => b.excess - a.excess).slice(0, top);
  const events = formatTable(
    ['event', 'bars', 'cause', 'excess', report.measure, 'threshold', 'move', 'jumps'],
    shown.map(({ from, bars, cause, excess, value, threshold, move, jumps }) => [
      from.slice(0, 19).replace('T', ' '),
      String(bars),
      cause,
      excess.toFixed(2),
      unit(value),
      unit(threshold),
      `${(100 * move).toFixed(2)} %`,
      String(jumps),
    ]),
  );
  const told = Object.entries(causes).filter(([, count]) => count > 0);
  return [
    `${report.bars} bars, ${report.barsPerDay} a day, ${report.from} to ${report.to}`,
    `${report.measure}: ${report.meaning}; ${report.ruleText}`,
    '',
    drawFilter(run, unit),
    formatTable(
      ['', 'mean', 'median', '95 %', '99 %', 'most'],
      [
        row(report.measure, report.statistics, unit),
        row('minutes of an event', report.minutes, rounded),
        row('excess of an event', report.excess, hundredths),
      ],
    ),
    `${report.events.length} events, ${report.filtered} of ${report.judged} judged bars filtered (${percent(score.filteredShare)})`,
    `causes     ${told.length === 0 ? 'none' : told.map(([name, count]) => `${count} ${name}`).join(', ')}`,
    `jumps      ${score.jumps} in these bars, ${score.caught} of them filtered`,
    `precision  ${percent(score.precision)}   recall ${percent(score.recall)}   F1 ${percent(score.f1)}   false alarms ${hundredths(score.falseAlarmsPerDay)} a day`,
    '',
    shown.length === 0 ? '' : events,
  ].join('\n');
}
