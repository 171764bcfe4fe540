import { rowsOf } from '../assistant/tools/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { clock, number } from './fields.js';
import { since } from './opening.js';
import { fieldColumn as field, type Section, section } from './report.js';
import { type ReportNames, underlyingColumn } from './report-names.js';
import type { Opening } from './report-store.js';

/** Fills that are listed one by one. */
const MOST_FILLS = 2000;

const sides = ['', 'buy', 'sell'];

/** How much of the market was quoted, and what that earned. */
export function quoting(topics: TopicSet, names: ReportNames, opening: Opening): Section {
  return section('Quoting', rowsOf(topics, 'performances'), [
    underlyingColumn(names),
    field('uptime, %', 2, 'uptime', 100),
    field('all quoted, %', 2, 'covered', 100),
    field('quoted now', 0, 'quotes'),
    field('wanted', 0, 'wanted'),
    ['updates of the day', 0, (row) => since(opening, `performance ${row.underlying}`, row, 'updates')],
    ['fills of the day', 0, (row) => since(opening, `performance ${row.underlying}`, row, 'fills')],
    field('spread earned, USD', 2, 'spreadUsd'),
    field('greatest fall, USD', 2, 'drawdownUsd'),
  ]);
}

/** How the market moved after our fills. */
export function markouts(topics: TopicSet, names: ReportNames): Section {
  return section('Markouts: what fills were worth later', rowsOf(topics, 'markouts'), [
    ['newest of its kind', null, names.instrument],
    ['side', null, (row) => sides[number(row, 'side')]],
    ['we', null, (row) => (number(row, 'bucket') % 2 === 1 ? 'took' : 'made')],
    field('after, s', 0, 'seconds'),
    ['its gain, currency', 6, (row) => number(row, 'price') * number(row, 'amount')],
    // Where an option has next to no vega a cent is hundreds of points, which says nothing.
    [
      'mean of its kind, points',
      2,
      (row) => (Math.abs(number(row, 'bucketMean')) < 1 ? 100 * number(row, 'bucketMean') : null),
    ],
    field('fills of its kind', 0, 'bucketFills'),
  ]);
}

/** Each fill of the day. @param fromMicros beginning of the day, microseconds since the Unix epoch */
export function fillsOfDay(topics: TopicSet, names: ReportNames, fromMicros: number): Section {
  const fills = rowsOf(topics, 'fills', MOST_FILLS).filter((row) => number(row, 'tradeTime') >= fromMicros);
  return section(
    `Fills of the day, the newest first${fills.length === MOST_FILLS ? `, ${MOST_FILLS} at most` : ''}`,
    fills,
    [
      ['time, UTC', null, (row) => clock(number(row, 'tradeTime'))],
      ['instrument', null, names.instrument],
      ['side', null, (row) => sides[number(row, 'side')]],
      ['we', null, (row) => ['', 'made', 'took'][number(row, 'liquidity')]],
      field('price', 5, 'price'),
      field('amount', 2, 'amount'),
      field('volatility, %', 2, 'iv', 100),
      field('fee', 8, 'fee'),
    ],
  );
}
