import { LIMIT_NAMES, LIMITS, type LimitName } from '../../engine/market/risk/limits.js';
import { checkOfCode } from '../../engine/market/risk/risk-code.js';
import { rowsOf } from '../assistant/tools/rows.js';
import type { JsonRow } from '../http/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { number } from './fields.js';
import type { LimitUses } from './limit-uses.js';
import { fieldColumn as field, type Section, section } from './report.js';
import { type ReportNames, underlyingColumn } from './report-names.js';

/** How near each limit was. */
export function limits(topics: TopicSet, uses: LimitUses): Section {
  return section('Limits, and the most of them that was used', rowsOf(topics, 'limits'), [
    ['limit', null, (row) => limitName(row)],
    field('value', 4, 'value'),
    ['unit', null, (row) => LIMITS[limitName(row)]?.unit],
    ['most used', 4, (row) => uses.get(limitName(row))],
    ['used, %', 1, (row) => (100 * (uses.get(limitName(row)) ?? Number.NaN)) / number(row, 'value')],
  ]);
}

/** What risk refused, by its reason. @param fromMicros beginning of the day, microseconds since the Unix epoch */
export function refused(topics: TopicSet, fromMicros: number): Section {
  return section('Refused by risk', refusals(topics, fromMicros), [
    ['because', null, ([code]) => checkOfCode(code)?.meaning ?? `code ${code}`],
    ['times', 0, ([, times]) => times],
  ]);
}

/** What each underlying's book is exposed to. */
export function exposures(topics: TopicSet, names: ReportNames): Section {
  return section('Exposure', rowsOf(topics, 'exposures'), [
    underlyingColumn(names),
    field('delta', 4, 'delta'),
    field('gamma, USD for 1 %', 2, 'dollarGamma'),
    field('vega, USD a point', 2, 'vega', 1 / 100),
    field('theta, USD a day', 2, 'theta', 1 / 365),
  ]);
}

/** What is held. */
export function positions(topics: TopicSet, names: ReportNames): Section {
  return section(
    'Positions',
    rowsOf(topics, 'positions').filter((row) => number(row, 'size') !== 0),
    [
      ['instrument', null, names.instrument],
      field('size', 2, 'size'),
      field('average', 5, 'averagePrice'),
      field('mark', 5, 'mark'),
      field('unrealised', 6, 'unrealised'),
      field('realised', 6, 'realised'),
      field('delta', 4, 'delta'),
      field('vega, USD a point', 2, 'vega', 1 / 100),
    ],
  );
}

function limitName(row: JsonRow): LimitName {
  return LIMIT_NAMES[number(row, 'limit')] ?? (`#${row.limit}` as LimitName);
}

/** Refusals of the day by their code, the most frequent first. */
function refusals(topics: TopicSet, fromMicros: number): [code: number, times: number][] {
  const times = new Map<number, number>();
  for (const row of rowsOf(topics, 'refusals')) {
    if (number(row, 'time') < fromMicros) continue;
    const code = number(row, 'code');
    times.set(code, (times.get(code) ?? 0) + 1);
  }
  return [...times].sort(([, a], [, b]) => b - a);
}
