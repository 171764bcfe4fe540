import { join } from 'node:path';
import type { Answer } from '../../engine/store/sql/ask.js';
import type { Limits } from '../../engine/store/sql/read-session.js';
import type { TableSchema } from '../../engine/store/sql/schema.js';
import type { StoreView } from '../../engine/store/sql/views.js';

/** What the assistant and the SQL page may cost: less than a question on the command line. */
const LIMITS: Partial<Limits> = { seconds: 5, rows: 1000, memoryMegabytes: 512, threads: 1 };

export interface SqlStore {
  ask(sql: string): Promise<Answer>;
  schema(): Promise<{ tables: readonly TableSchema[]; views: readonly StoreView[] }>;
}

/** The SQL store of a journal, by the engine's own locked reader: a process of the lowest priority that ends with its answer. Loaded when first asked. */
export function sqlStoreOf(journal: string): SqlStore {
  // As storeFolder() says; its module would load the database's binding at the start.
  const folder = join(journal, 'store');
  let schema: Promise<{ tables: readonly TableSchema[]; views: readonly StoreView[] }> | undefined;
  return {
    ask: async (sql) => {
      const { askStore } = await import('../../engine/store/sql/ask.js');
      return askStore(folder, sql, LIMITS);
    },
    schema: () => {
      schema ??= Promise.all([
        import('../../engine/store/sql/schema.js'),
        import('../../engine/store/sql/views.js'),
      ]).then(([{ storeSchema }, { storeViews }]) => ({ tables: storeSchema(), views: storeViews }));
      return schema;
    },
  };
}
