import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { ATTRIBUTION_TERMS, type AttributionTerm } from '../../../schemas/attribution-terms.js';
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

export interface UnderlyingProfit {
  /** Name of its index. */
  underlying: string;
  totalUsd: number;
  /** By term, USD at the index now. */
  termsUsd: Record<AttributionTerm, number>;
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

/** The last words of the analytics, as they come. */
export class ProfitTotals {
  private readonly rows = new Map<number, UnderlyingProfit>();

  attribution(told: Attribution): void {
    const row = this.rowOf(told.underlying());
    row.totalUsd = told.totalUsd();
    const money = told.total() === 0 ? 0 : told.totalUsd() / told.total();
    for (const term of ATTRIBUTION_TERMS) row.termsUsd[term] = told[term]() * money;
  }

  performance(told: Performance): void {
    Object.assign(this.rowOf(told.underlying()), {
      fills: told.fills(),
      updates: told.updates(),
      uptime: told.uptime(),
      drawdownUsd: told.drawdownUsd(),
      sharpe: told.sharpe(),
    });
  }

  /** @param quoted options with a quote @param nameOf name of an underlying by its number */
  report(quoted: number, nameOf: (underlying: number) => string): ProfitReport {
    const underlyings = [...this.rows]
      .sort(([left], [right]) => left - right)
      .map(([number, row]) => ({ ...row, underlying: nameOf(number) }));
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

  private rowOf(number: number): UnderlyingProfit {
    const termsUsd = Object.fromEntries(ATTRIBUTION_TERMS.map((term) => [term, 0])) as UnderlyingProfit['termsUsd'];
    const empty = { underlying: '', totalUsd: 0, termsUsd, fills: 0, updates: 0, uptime: 0, drawdownUsd: 0, sharpe: 0 };
    const row = this.rows.get(number) ?? empty;
    this.rows.set(number, row);
    return row;
  }
}

/** What a run has earned, and from what: what its engine shows at the end. */
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
  const totals = new ProfitTotals();
  const read = (name: string, handler: RecordHandler): void => {
    const handle = shown[name];
    if (handle === undefined) return;
    const reader = new LatestReader(attachArena(openShared(handle, 'read'), name, EdgeKind.LATEST, engineRun));
    reader.poll(handler, Number.POSITIVE_INFINITY);
  };
  read('attributions-shown', (type, buffer, offset) => {
    if (type === MessageType.ATTRIBUTION) totals.attribution(new Attribution().__init(offset + HEADER_BYTES, buffer));
  });
  read('performances-shown', (type, buffer, offset) => {
    if (type === MessageType.PERFORMANCE) totals.performance(new Performance().__init(offset + HEADER_BYTES, buffer));
  });
  let quoted = 0;
  read('quotes-shown', (type, buffer, offset) => {
    if (type !== MessageType.DESIRED_QUOTE) return;
    const told = new DesiredQuote().__init(offset + HEADER_BYTES, buffer);
    if (told.bidAmount() > 0 || told.askAmount() > 0) quoted++;
  });
  return totals.report(quoted, (number) => indices[number] ?? `#${number}`);
}

function textOf(quoted: number, underlyings: readonly UnderlyingProfit[]): string {
  const usd = (value: number): string => value.toFixed(2);
  const line = (name: string, of: (row: UnderlyingProfit) => string): string[] => [name, ...underlyings.map(of)];
  const table = formatTable(
    ['profit, USD', ...underlyings.map(({ underlying }) => underlying)],
    [
      ...ATTRIBUTION_TERMS.map((term) => line(term, (row) => usd(row.termsUsd[term]))),
      line('total', (row) => usd(row.totalUsd)),
      line('fills', (row) => String(row.fills)),
      line('quote updates', (row) => String(row.updates)),
      line('duty, % of time', (row) => (100 * row.uptime).toFixed(2)),
    ],
  );
  return `options quoted: ${quoted}\n${table}`;
}
