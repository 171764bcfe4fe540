import { Command, InvalidArgumentError, Option } from 'commander';
import { journalExists } from '../../journal/store.js';
import { type Answer, askStore } from '../../store/sql/ask.js';
import { RefusedStatement } from '../../store/sql/guard.js';
import { readManifest, storeFolder } from '../../store/sql/manifest.js';
import { DEFAULT_LIMITS } from '../../store/sql/read-session.js';
import { storeSchema } from '../../store/sql/schema.js';
import { storeViews } from '../../store/sql/views.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { type AnswerFormat, answerFormats, writeAnswer } from '../store/answer-format.js';
import { openStoreWriter } from '../store/open-store-writer.js';
import { UserError } from '../user-error.js';

interface SqlOptions {
  journal: string;
  format: AnswerFormat;
  out?: string;
  schema?: true;
  update: boolean;
  rows: number;
  seconds: number;
  memory: number;
}

/** Where `volfilter run` writes its journal. */
function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('expected a number above 0.');
  return value;
}

/** `volfilter sql`. */
export function sqlCommand(): Command {
  return new Command('sql')
    .description('ask what a journal holds, and what a replay of it says, in SQL (DuckDB); nothing can be changed')
    .argument('[statement]', 'one SELECT, FROM, WITH, DESCRIBE, SHOW or SUMMARIZE')
    .option('--journal <folder>', 'folder of the journal', DEFAULT_JOURNAL)
    .addOption(new Option('--format <format>', 'how to print the answer').choices(answerFormats).default('table'))
    .option('--out <file>', 'file to write; standard output where there is none')
    .option('--schema', 'print every table and view with units and meaning of the columns')
    .option('--no-update', 'ask the store as it is, without reading what the journal has got since')
    .option('--rows <n>', 'most rows of an answer', positive, DEFAULT_LIMITS.rows)
    .option('--seconds <n>', 'longest time for an answer', positive, DEFAULT_LIMITS.seconds)
    .option('--memory <megabytes>', 'most memory for an answer', positive, DEFAULT_LIMITS.memoryMegabytes)
    .action(async (statement: string | undefined, options: SqlOptions) => {
      if (options.schema) return printSchema(options.journal);
      if (statement === undefined) throw new UserError('expected a statement, such as "FROM fills", or --schema', 2);
      await ask(statement, options);
    });
}

async function ask(statement: string, options: SqlOptions): Promise<void> {
  const { journal, format, out, rows, seconds, memory, update } = options;
  if (format === 'parquet' && out === undefined)
    throw new UserError('Parquet is written to a file: say which with --out', 2);
  if (update) await bringUpToDate(journal);
  let answer: Answer;
  try {
    answer = await askStore(storeFolder(journal), statement, { rows, seconds, memoryMegabytes: memory });
  } catch (error) {
    if (error instanceof RefusedStatement) throw new UserError(error.message);
    throw error;
  }
  await writeAnswer(answer, format, out);
  if (answer.cut)
    process.stderr.write(`only the first ${answer.rows.length} rows are shown: there are more (--rows)\n`);
}

/** Reads what the journal has got since the last time; a store that another process keeps up to date needs none of it. */
async function bringUpToDate(journal: string): Promise<void> {
  if (!journalExists(journal))
    throw new UserError(`there is no journal in '${journal}': give its folder with --journal`);
  let writer: Awaited<ReturnType<typeof openStoreWriter>>;
  try {
    writer = await openStoreWriter(journal);
  } catch (error) {
    // Somebody keeps it up to date: a question is answered from what is there.
    if (/^process \d+ writes/.test((error as Error).message)) return;
    throw new UserError(
      `the store beside the journal in '${journal}' cannot be brought up to date: ${(error as Error).message}`,
    );
  }
  try {
    await writer.catchUp();
    for (const note of writer.manifest.notes) process.stderr.write(`note: ${note}\n`);
  } finally {
    await writer.close();
  }
}

function printSchema(journal: string): void {
  const lines: string[] = [];
  for (const { name, comment, columns } of storeSchema(readManifest(storeFolder(journal)))) {
    lines.push(`${name}: ${comment}`);
    const width = Math.max(...columns.map((column) => column.name.length));
    for (const { name: column, type, meaning } of columns)
      lines.push(`  ${column.padEnd(width)}  ${type.padEnd(9)}  ${meaning}`);
    lines.push('');
  }
  for (const { name, comment, columns } of storeViews) {
    lines.push(`${name} (view): ${comment}`);
    const width = Math.max(...Object.keys(columns).map(({ length }) => length));
    for (const [column, meaning] of Object.entries(columns)) lines.push(`  ${column.padEnd(width)}  ${meaning}`);
    lines.push('');
  }
  process.stdout.write(lines.join('\n'));
}
