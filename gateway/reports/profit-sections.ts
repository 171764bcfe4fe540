import { ATTRIBUTION_TERMS } from '../../schemas/attribution-terms.js';
import { rowsOf } from '../assistant/tools/rows.js';
import type { JsonRow } from '../http/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { number } from './fields.js';
import { since } from './opening.js';
import { type Column, fieldColumn as field, type Section, section } from './report.js';
import { type ReportNames, underlyingColumn } from './report-names.js';
import type { Opening } from './report-store.js';

/** What was gained and lost of each underlying. */
export function profits(topics: TopicSet, names: ReportNames): Section {
  return section('Profit and loss', rowsOf(topics, 'profits'), [
    underlyingColumn(names),
    ['currency', null, currencyOf],
    field('today, at theo', 6, 'dayTotal'),
    field('since the beginning, USD', 2, 'totalUsd'),
    field('realised', 6, 'realised'),
    field('unrealised', 6, 'unrealised'),
    field('unrealised at the mark', 6, 'unrealisedMark'),
    field('edge at fills', 6, 'edge'),
    field('funding', 6, 'funding'),
    field('fees', 6, 'fees', -1),
    field('fills', 0, 'fills'),
  ]);
}

/** What each cause has added to the profit of the day. */
export function attribution(topics: TopicSet, names: ReportNames, opening: Opening): Section {
  return section('Where the profit of the day comes from, USD', rowsOf(topics, 'attributions'), [
    underlyingColumn(names),
    ...[...ATTRIBUTION_TERMS, 'total' as const].map(
      (term): Column<JsonRow> => [
        term === 'hedgeCost' ? 'hedge cost' : term,
        2,
        // In USD by the rate of the whole; a profit of nothing has none, and its parts are told at the index.
        (row) => since(opening, `attribution ${row.underlying}`, row, term) * rateOf(row),
      ],
    ),
  ]);
}

function currencyOf(row: JsonRow): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(number(row, 'currency0'), 0);
  bytes.writeUInt32LE(number(row, 'currency1'), 4);
  return bytes.toString('latin1').replaceAll('\0', '');
}

/** USD of one unit of an attribution's money. */
function rateOf(row: JsonRow): number {
  const total = number(row, 'total');
  const rate = number(row, 'totalUsd') / total;
  return total !== 0 && Number.isFinite(rate) ? rate : number(row, 'index');
}
