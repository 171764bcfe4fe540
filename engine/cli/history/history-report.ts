import { venueName } from '../../market/venue.js';
import type { SectionReport } from '../../store/history/history-writer.js';
import type { SeriesReport } from '../../store/history/ledger.js';
import { formatTable } from '../table.js';

/** Holes that are named for each series. */
const MOST_HOLES = 5;

/** A time as a person reads it: `2026-01-31 08:00`, with seconds where there are some. */
function timeText(micros: number): string {
  if (!Number.isFinite(micros)) return '-';
  return new Date(micros / 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/(:00)?\.\d+Z$/, '');
}

const count = (value: number): string => (Number.isFinite(value) ? value.toLocaleString('en-US') : '?');

/** What became of each source. */
export function sectionLines(reports: readonly (SectionReport & { refusedNamed?: readonly string[] })[]): string {
  const rows = reports.map((report) => [
    report.source,
    report.format,
    ...[report.rows, report.added, report.duplicates, report.conflicts, report.refused].map(count),
    timeText(report.firstTime),
    timeText(report.lastTime),
  ]);
  const headings = ['source', 'format', 'rows', 'added', 'there already', 'conflicts', 'refused', 'from', 'to'];
  const complaints = reports.flatMap(({ conflictsNamed, refusedNamed = [] }) => [
    ...conflictsNamed.map((text) => `conflict  ${text}`),
    ...refusedNamed.map((text) => `refused   ${text}`),
  ]);
  return formatTable(headings, rows) + complaints.map((line) => `${line}\n`).join('');
}

/** Every series with its holes, of which the largest are named. */
export function seriesLines(series: readonly SeriesReport[]): string {
  const rows = series.map(({ venue, name, kind, count: held, from, to, holes, complete }) => [
    name,
    venueName(venue),
    kindText(kind),
    count(held),
    timeText(from),
    timeText(to),
    complete === 'known' ? count(holes.length) : 'unknown',
    complete === 'known' ? count(missingOf(holes)) : 'unknown',
  ]);
  const named = series.flatMap(({ name, kind, holes }) => {
    const largest = [...holes].sort((a, b) => b.missing - a.missing).slice(0, MOST_HOLES);
    const more = holes.length - largest.length;
    const lines = largest
      .sort((a, b) => a.from - b.from)
      .map(
        ({ from, to, missing }) =>
          `hole  ${name} ${kindText(kind)}: ${count(missing)} missing from ${timeText(from)} to ${timeText(to)}`,
      );
    return more > 0 ? [...lines, `hole  ${name} ${kindText(kind)}: and ${more} smaller ones`] : lines;
  });
  const headings = ['series', 'venue', 'what', 'held', 'from', 'to', 'holes', 'missing'];
  return formatTable(headings, rows) + named.map((line) => `${line}\n`).join('');
}

/** Holes and what is missing in all of them. */
function missingOf(holes: SeriesReport['holes']): number {
  return holes.reduce((sum, { missing }) => sum + missing, 0);
}

/** `bars 900` is `bars of 15m`. */
function kindText(kind: SeriesReport['kind']): string {
  const seconds = Number(/^bars (\d+)$/.exec(kind)?.[1] ?? 0);
  if (seconds === 0) return kind;
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    if (seconds % length === 0) return `bars of ${seconds / length}${unit}`;
  }
  return `bars of ${seconds}s`;
}
