/** Why a statement is not answered, in words for whoever asked. */
export class RefusedStatement extends Error {}

/** Functions that make rows out of nothing but their arguments. Every other one may reach outside, or run text as SQL. */
const ROW_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['range', 'generate_series', 'unnest', 'repeat', 'repeat_row', 'json_each', 'json_tree', 'glob_match'],
  ...['duckdb_tables', 'duckdb_views', 'duckdb_columns', 'duckdb_functions', 'duckdb_types', 'pragma_table_info'],
]);

/** Functions of values that leave something behind. */
const FORBIDDEN_FUNCTIONS: ReadonlySet<string> = new Set([
  ...['write_log', 'nextval', 'currval', 'getenv', 'getvariable', 'sleep_ms', 'pg_sleep', 'set_config', 'txid_current'],
  ...['json_execute_serialized_sql', 'query', 'query_table'],
]);

/** A table's name. What has dots or slashes would be taken for a file. */
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const SCHEMAS: ReadonlySet<string> = new Set(['', 'main', 'information_schema', 'pg_catalog']);
const CATALOGUES: ReadonlySet<string> = new Set(['', 'memory', 'system']);

interface Node {
  type?: unknown;
  class?: unknown;
  table_name?: unknown;
  schema_name?: unknown;
  catalog_name?: unknown;
  function_name?: unknown;
  function?: { function_name?: unknown };
}

/**
 * Refuses whatever is not a question of the store's own tables, judged by the parsed statement, as `json_serialize_sql` gives it. The
 * database refuses files and settings by itself; this says why in better words, and holds should the database ever not.
 * @throws RefusedStatement
 */
export function checkStatement(serialized: string): void {
  const parsed = JSON.parse(serialized) as {
    error: boolean;
    error_type?: string;
    error_message?: string;
    statements?: unknown[];
  };
  if (parsed.error) {
    if (parsed.error_type === 'not implemented')
      throw new RefusedStatement(
        'only questions are answered: one SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW or SUMMARIZE',
      );
    throw new RefusedStatement(`the statement cannot be read: ${parsed.error_message ?? parsed.error_type ?? ''}`);
  }
  const count = parsed.statements?.length ?? 0;
  if (count !== 1) throw new RefusedStatement(`expected one statement, found ${count}`);
  checkNode(parsed.statements);
}

/** Depth by depth with a list of its own: statements nest as deep as their author likes. */
function checkNode(root: unknown): void {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const node = open.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node)) judge(node as Node);
    open.push(...Object.values(node));
  }
}

function judge(node: Node): void {
  if (node.type === 'BASE_TABLE') checkTable(node);
  else if (node.type === 'TABLE_FUNCTION') {
    const name = String(node.function?.function_name ?? '').toLowerCase();
    if (!ROW_FUNCTIONS.has(name))
      throw new RefusedStatement(`the function ${name}() may not stand where a table does: ask the store's tables`);
  } else if (node.class === 'FUNCTION') {
    const name = String(node.function_name ?? '').toLowerCase();
    if (FORBIDDEN_FUNCTIONS.has(name)) throw new RefusedStatement(`the function ${name}() is not allowed here`);
  }
}

function checkTable({ table_name, schema_name, catalog_name }: Node): void {
  const [table, schema, catalogue] = [table_name, schema_name, catalog_name].map((part) => String(part ?? ''));
  if (!PLAIN_NAME.test(table!) || !SCHEMAS.has(schema!.toLowerCase()) || !CATALOGUES.has(catalogue!.toLowerCase()))
    throw new RefusedStatement(
      `'${[catalogue, schema, table].filter((part) => part !== '').join('.')}' is no table of the store: no files, no other databases (see volfilter sql --schema)`,
    );
}
