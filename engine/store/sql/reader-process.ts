import { constants, setPriority } from 'node:os';
import type { Manifest } from './manifest.js';
import { type Limits, ReadSession, type ResultColumn } from './read-session.js';

/** What the process is asked, once in its life. */
export interface Question {
  store: string;
  manifest: Manifest;
  sql: string;
  limits: Limits;
}

/** What it says, in this order: columns, rows as often as it takes, and how it ended. */
export type ReaderMessage =
  | { columns: ResultColumn[] }
  | { rows: unknown[][] }
  | { end: { rows: number; cut: boolean } }
  | { error: string };

/** Cells that go in one message. */
const ROWS_PER_MESSAGE = 2048;

/**
 * The process that runs strangers' SQL, one statement and no more: at the lowest priority, without the environment of its parent, with
 * nothing open but the store's parts. Its parent kills it when it takes too long or too much.
 */
async function answer({ store, manifest, sql, limits }: Question): Promise<void> {
  const session = await ReadSession.open(store, manifest, limits);
  const end = await session.ask(sql, {
    columns: (columns) => say({ columns }),
    rows: (rows) => {
      for (let from = 0; from < rows.length; from += ROWS_PER_MESSAGE)
        say({ rows: rows.slice(from, from + ROWS_PER_MESSAGE) });
    },
  });
  session.close();
  say({ end });
}

function say(message: ReaderMessage): void {
  process.send!(message);
}

setPriority(constants.priority.PRIORITY_LOW);
process.once('message', (question: Question) => {
  answer(question)
    .catch((error: Error) => say({ error: error.message }))
    .finally(() => process.disconnect());
});
