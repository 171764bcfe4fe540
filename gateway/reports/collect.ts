import { LIMIT_NAMES, LIMITS, type LimitName } from '../../engine/market/risk/limits.js';
import { checkOfCode } from '../../engine/market/risk/risk-code.js';
import { ATTRIBUTION_TERMS } from '../../schemas/attribution-terms.js';
import { instrumentsOf, rowsOf } from '../assistant/tools/rows.js';
import type { JsonRow } from '../http/rows.js';
import type { TopicSet } from '../topics/topic-set.js';
import { clock, number } from './fields.js';
import { incidents } from './incidents.js';
import type { LimitUses } from './limit-uses.js';
import { since } from './opening.js';
import { type Column, type Section, section } from './report.js';
import type { Opening } from './report-store.js';

/** Told one by one. */
const MOST_FILLS = 2000;

const sides = ['', 'buy', 'sell'];

function currencyOf(row: JsonRow): string {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(number(row, 'currency0'), 0);
  bytes.writeUInt32LE(number(row, 'currency1'), 4);
  return bytes.toString('latin1').replaceAll('\0', '');
}

/** Everything that a report tells, from what the gateway knows now. @param fromMicros beginning of the day, microseconds since the Unix epoch */
export function collect(topics: TopicSet, fromMicros: number, opening: Opening, uses: LimitUses): Section[] {
  const listed = instrumentsOf(topics);
  const names = new Map(listed.map(({ id, name }) => [id, name]));
  const bases = new Map(
    listed.filter(({ kind }) => kind !== 'other').map(({ underlying, base }) => [underlying, base]),
  );
  const nameOf = (row: JsonRow): string => names.get(number(row, 'instrument')) ?? `#${row.instrument}`;
  const underlyingOf = (row: JsonRow): string => bases.get(number(row, 'underlying')) ?? `#${row.underlying}`;
  const underlying: Column<JsonRow> = ['underlying', null, underlyingOf];
  const field = (title: string, digits: number, name: string, scale = 1): Column<JsonRow> => [
    title,
    digits,
    (row) => scale * number(row, name),
  ];
  const fills = rowsOf(topics, 'fills', MOST_FILLS).filter((row) => number(row, 'tradeTime') >= fromMicros);
  return [
    section('Profit and loss', rowsOf(topics, 'profits'), [
      underlying,
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
    ]),
    section('Where the profit of the day comes from, USD', rowsOf(topics, 'attributions'), [
      underlying,
      ...[...ATTRIBUTION_TERMS, 'total' as const].map(
        (term): Column<JsonRow> => [
          term === 'hedgeCost' ? 'hedge cost' : term,
          2,
          // In USD by the rate of the whole; a profit of nothing has none, and its parts are told at the index.
          (row) => since(opening, `attribution ${row.underlying}`, row, term) * rateOf(row),
        ],
      ),
    ]),
    section('Quoting', rowsOf(topics, 'performances'), [
      underlying,
      field('uptime, %', 2, 'uptime', 100),
      field('all quoted, %', 2, 'covered', 100),
      field('quoted now', 0, 'quotes'),
      field('wanted', 0, 'wanted'),
      ['updates of the day', 0, (row) => since(opening, `performance ${row.underlying}`, row, 'updates')],
      ['fills of the day', 0, (row) => since(opening, `performance ${row.underlying}`, row, 'fills')],
      field('spread earned, USD', 2, 'spreadUsd'),
      field('greatest fall, USD', 2, 'drawdownUsd'),
    ]),
    section('Markouts: what fills were worth later', rowsOf(topics, 'markouts'), [
      ['newest of its kind', null, nameOf],
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
    ]),
    section('Limits, and the most of them that was used', rowsOf(topics, 'limits'), [
      ['limit', null, (row) => limitName(row)],
      field('value', 4, 'value'),
      ['unit', null, (row) => LIMITS[limitName(row)]?.unit],
      ['most used', 4, (row) => uses.get(limitName(row))],
      ['used, %', 1, (row) => (100 * (uses.get(limitName(row)) ?? Number.NaN)) / number(row, 'value')],
    ]),
    incidents(topics, fromMicros, names, underlyingOf),
    section('Refused by risk', refusals(topics, fromMicros), [
      ['because', null, ([code]) => checkOfCode(code)?.meaning ?? `code ${code}`],
      ['times', 0, ([, times]) => times],
    ]),
    section('Exposure', rowsOf(topics, 'exposures'), [
      underlying,
      field('delta', 4, 'delta'),
      field('gamma, USD for 1 %', 2, 'dollarGamma'),
      field('vega, USD a point', 2, 'vega', 1 / 100),
      field('theta, USD a day', 2, 'theta', 1 / 365),
    ]),
    section(
      'Positions',
      rowsOf(topics, 'positions').filter((row) => number(row, 'size') !== 0),
      [
        ['instrument', null, nameOf],
        field('size', 2, 'size'),
        field('average', 5, 'averagePrice'),
        field('mark', 5, 'mark'),
        field('unrealised', 6, 'unrealised'),
        field('realised', 6, 'realised'),
        field('delta', 4, 'delta'),
        field('vega, USD a point', 2, 'vega', 1 / 100),
      ],
    ),
    section(
      `Fills of the day, the newest first${fills.length === MOST_FILLS ? `, ${MOST_FILLS} at most` : ''}`,
      fills,
      [
        ['time, UTC', null, (row) => clock(number(row, 'tradeTime'))],
        ['instrument', null, nameOf],
        ['side', null, (row) => sides[number(row, 'side')]],
        ['we', null, (row) => ['', 'made', 'took'][number(row, 'liquidity')]],
        field('price', 5, 'price'),
        field('amount', 2, 'amount'),
        field('volatility, %', 2, 'iv', 100),
        field('fee', 8, 'fee'),
      ],
    ),
    section('Latency since the beginning of the engine, us', rowsOf(topics, 'latency'), [
      ['actor', null, (row) => String(row.text ?? '')],
      field('waiting p50', 1, 'waitingP50', 1e-3),
      field('waiting p99', 1, 'waitingP99', 1e-3),
      field('work p50', 1, 'serviceP50', 1e-3),
      field('work p99', 1, 'serviceP99', 1e-3),
      field('work, greatest', 1, 'serviceMax', 1e-3),
    ]),
  ];
}

/** USD of one unit of an attribution's money. */
function rateOf(row: JsonRow): number {
  const total = number(row, 'total');
  const rate = number(row, 'totalUsd') / total;
  return total !== 0 && Number.isFinite(rate) ? rate : number(row, 'index');
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
