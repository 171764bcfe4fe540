import { Command } from 'commander';
import { ApiClient, type ClientOptions, clientCommand } from '../client/api-client.js';
import type { Names } from '../client/names.js';
import type { Row } from '../client/row.js';
import { figure, formatTable } from '../table.js';

type Column = readonly [heading: string, of: (row: Row) => string];

const sides = ['', 'buy', 'sell'];
const orderStates = [
  '',
  'requested',
  'open',
  'partly filled',
  'filled',
  'cancelled',
  'rejected',
  'expired',
  'unknown',
  'not sent',
];

/** @param scale what one of the field's unit is in the unit that is shown */
function number(field: string, scale = 1): (row: Row) => string {
  return (row) => (typeof row[field] === 'number' ? figure(row[field] * scale) : '-');
}

/** A command that shows a topic as a table. */
function view(
  name: string,
  topic: string,
  description: string,
  columns: (names: Names) => Column[],
  shows: (row: Row) => boolean = () => true,
): () => Command {
  return () =>
    clientCommand(new Command(name).description(description)).action(async (options: ClientOptions) => {
      const client = new ApiClient(options);
      const rows = (await client.rows(topic)).filter(shows);
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
        return;
      }
      const shown = columns(await client.names());
      process.stdout.write(
        formatTable(
          shown.map(([heading]) => heading),
          rows.map((row) => shown.map(([, of]) => of(row))),
        ),
      );
    });
}

/** `volfilter positions`. */
export const positionsCommand = view(
  'positions',
  'positions',
  'what is held, with its marks and Greeks; profit in the settlement currency',
  (names) => [
    ['instrument', (row) => names.instrument(row.instrument)],
    ['size', number('size')],
    ['average', number('averagePrice')],
    ['mark', number('mark')],
    ['unrealised', number('unrealised')],
    ['realised', number('realised')],
    ['delta, coin', number('delta')],
    ['vega, USD/pt', number('vega', 0.01)],
  ],
  (row) => row.size !== 0,
);

/** `volfilter orders`. */
export const ordersCommand = view(
  'orders',
  'orders',
  'orders that may still trade',
  (names) => [
    ['instrument', (row) => names.instrument(row.instrument)],
    ['side', (row) => sides[row.side as number] ?? ''],
    ['state', (row) => orderStates[row.status as number] ?? ''],
    ['price', number('price')],
    ['amount', number('amount')],
    ['filled', number('filled')],
  ],
  (row) => (row.status as number) <= 3 || row.status === 8,
);

/** `volfilter quotes`. */
export const quotesCommand = view('quotes', 'quotes', 'the quotes that are wanted, and around what', (names) => [
  ['instrument', (row) => names.instrument(row.instrument)],
  ['bid', number('bidPrice')],
  ['amount', number('bidAmount')],
  ['theo', number('theo')],
  ['offer', number('askPrice')],
  ['amount', number('askAmount')],
  ['vol, %', number('volatility', 100)],
]);

/** `volfilter pnl`. */
export const pnlCommand = view('pnl', 'profits', 'profit and loss by underlying, settlement currency', (names) => [
  ['underlying', (row) => names.underlying(row.underlying)],
  ['total', number('total')],
  ['total, USD', number('totalUsd')],
  ['day', number('dayTotal')],
  ['realised', number('realised')],
  ['unrealised', number('unrealised')],
  ['fees', number('fees')],
  ['fills', number('fills')],
]);
