import { z } from 'zod';
import { type Tool, ToolRefusal, tool } from './tool.js';

const querySqlTool = tool({
  name: 'query_sql',
  description:
    "One SELECT (DuckDB's dialect) over the store of everything that happened. Nothing can be changed. At most 1000 rows, 5 seconds. Ask describe_schema first.",
  input: z.strictObject({
    sql: z.string().min(1).max(20_000),
    reason: z.string().max(300).describe('why, in words for the user'),
  }),
  isPrivate: true,
  run: async ({ sql, reason }, { sql: store, now }) => {
    try {
      const { columns, rows, cut } = await store.ask(sql);
      return {
        asOf: new Date(now()).toISOString(),
        pane: 'SQL',
        sql,
        reason,
        columns: columns.map(({ name, type }) => `${name} ${type}`),
        rows: withoutPrivate(columns, rows),
        truncated: cut,
      };
    } catch (error) {
      throw new ToolRefusal(`${(error as Error).message}`);
    }
  },
});

const PRIVATE_COLUMN = /account|secret|token|password|client_id|api_key/i;

function withoutPrivate(columns: readonly { name: string }[], rows: readonly unknown[][]): unknown[][] {
  const hidden = columns.map(({ name }) => PRIVATE_COLUMN.test(name));
  if (!hidden.includes(true)) return rows as unknown[][];
  return rows.map((row) => row.map((cell, at) => (hidden[at] ? '[redacted]' : cell)));
}

const describeSchemaTool = tool({
  name: 'describe_schema',
  description: 'Tables and views of the SQL store; of one, its columns with units and meanings.',
  input: z.strictObject({ table: z.string().max(64).optional() }),
  run: async ({ table }, { sql: store }) => {
    const { tables, views } = await store.schema();
    if (table === undefined)
      return { pane: 'SQL', rows: [...views, ...tables].map(({ name, comment }) => ({ name, comment })) };
    const found = tables.find(({ name }) => name === table);
    if (found !== undefined) return { pane: 'SQL', name: table, comment: found.comment, rows: found.columns };
    const view = views.find(({ name }) => name === table);
    if (view === undefined) throw new ToolRefusal(`there is no table '${table}': ask without one for all`);
    const rows = Object.entries(view.columns).map(([name, meaning]) => ({ name, meaning }));
    return { pane: 'SQL', name: table, comment: view.comment, select: view.select, rows };
  },
});

export const sqlTools: readonly Tool[] = [describeSchemaTool, querySqlTool];
