import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { Attribution } from '../../../schemas/generated/attribution.js';
import { DesiredQuote } from '../../../schemas/generated/desired-quote.js';
import { Performance } from '../../../schemas/generated/performance.js';
import { MessageType } from '../../../schemas/message-type.js';
import { attachArena } from '../../runtime/arena/arena.js';
import { EdgeKind } from '../../runtime/arena/layout.js';
import { LatestReader } from '../../runtime/edge/latest-reader.js';
import { HEADER_BYTES, type RecordHandler } from '../../runtime/edge/record.js';
import { openShared, type SharedHandle } from '../../runtime/host/shared-memory.js';
import { formatTable } from '../table.js';

/** Terms of the profit in their order, settlement currency. */
const TERMS = [
  'delta',
  'hedge',
  'gamma',
  'vega',
  'theta',
  'vanna',
  'volga',
  'edge',
  'hedgeCost',
  'fees',
  'funding',
  'settled',
  'residual',
] as const;

export interface UnderlyingProfit {
  /** Name of its index. */
  underlying: string;
  totalUsd: number;
  /** By term, USD at the index now. */
  termsUsd: Record<(typeof TERMS)[number], number>;
  fills: number;
  updates: number;
  uptime: number;
  drawdownUsd: number;
  sharpe: number;
}

export interface ProfitReport {
  quoted: number;
  underlyings: readonly UnderlyingProfit[];
  text(): string;
  /** Writes it beside a journal, in `reports/run-<n>.json`. */
  keep(journal: string, run: number, mode: string): void;
}

/** What a run has earned, and from what: the last words of the analytics. */
export function profitReport(
  shown: Record<string, SharedHandle>,
  engineRun: number,
  definitions?: DefinitionMemory,
): ProfitReport {
  // Underlyings have their numbers in the order in which their first instrument is defined.
  const indices: string[] = [];
  definitions?.read(0, (_, { priceIndex }) => {
    if (!indices.includes(priceIndex)) indices.push(priceIndex);
  });
  const rows = new Map<number, UnderlyingProfit>();
  const rowOf = (number: number): UnderlyingProfit => {
    const termsUsd = Object.fromEntries(TERMS.map((term) => [term, 0])) as UnderlyingProfit['termsUsd'];
    const underlying = indices[number] ?? `#${number}`;
    const row = rows.get(number) ?? {
      underlying,
      totalUsd: 0,
      termsUsd,
      fills: 0,
      updates: 0,
      uptime: 0,
      drawdownUsd: 0,
      sharpe: 0,
    };
    rows.set(number, row);
    return row;
  };
  const read = (name: string, handler: RecordHandler): void => {
    const handle = shown[name];
    if (handle === undefined) return;
    new LatestReader(attachArena(openShared(handle, 'read'), name, EdgeKind.LATEST, engineRun)).poll(
      handler,
      Number.POSITIVE_INFINITY,
    );
  };
  read('attributions-shown', (type, buffer, offset) => {
    if (type !== MessageType.ATTRIBUTION) return;
    const told = new Attribution().__init(offset + HEADER_BYTES, buffer);
    const row = rowOf(told.underlying());
    row.totalUsd = told.totalUsd();
    const money = told.total() === 0 ? 0 : told.totalUsd() / told.total();
    for (const term of TERMS) row.termsUsd[term] = told[term]() * money;
  });
  read('performances-shown', (type, buffer, offset) => {
    if (type !== MessageType.PERFORMANCE) return;
    const told = new Performance().__init(offset + HEADER_BYTES, buffer);
    Object.assign(rowOf(told.underlying()), {
      fills: told.fills(),
      updates: told.updates(),
      uptime: told.uptime(),
      drawdownUsd: told.drawdownUsd(),
      sharpe: told.sharpe(),
    });
  });
  let quoted = 0;
  read('quotes-shown', (type, buffer, offset) => {
    if (type !== MessageType.DESIRED_QUOTE) return;
    const told = new DesiredQuote().__init(offset + HEADER_BYTES, buffer);
    if (told.bidAmount() > 0 || told.askAmount() > 0) quoted++;
  });
  const underlyings = [...rows].sort(([left], [right]) => left - right).map(([, row]) => row);
  return {
    quoted,
    underlyings,
    text: () => textOf(quoted, underlyings),
    keep: (journal, run, mode) => {
      const folder = join(journal, 'reports');
      mkdirSync(folder, { recursive: true });
      const report = { run, mode, quoted, underlyings };
      writeFileSync(join(folder, `run-${run}.json`), `${JSON.stringify(report, null, 2)}\n`);
    },
  };
}

function textOf(quoted: number, underlyings: readonly UnderlyingProfit[]): string {
  const usd = (value: number): string => value.toFixed(2);
  const line = (name: string, of: (row: UnderlyingProfit) => string): string[] => [name, ...underlyings.map(of)];
  const table = formatTable(
    ['profit, USD', ...underlyings.map(({ underlying }) => underlying)],
    [
      ...TERMS.map((term) => line(term, (row) => usd(row.termsUsd[term]))),
      line('total', (row) => usd(row.totalUsd)),
      line('fills', (row) => String(row.fills)),
      line('quote updates', (row) => String(row.updates)),
      line('duty, % of time', (row) => (100 * row.uptime).toFixed(2)),
    ],
  );
  return `options quoted at the end: ${quoted}\n${table}`;
}
