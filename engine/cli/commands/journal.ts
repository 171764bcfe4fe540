import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { explainEvent } from '../../../actors/replay/explain-event.js';
import { archiveJournal, compactJournal, type Retention } from '../../journal/archive.js';
import { eachRecord, readHeader } from '../../journal/block.js';
import { type ExportFormat, exportFormats, exportJournal } from '../../journal/export.js';
import { JournalReader } from '../../journal/reader.js';
import { keepWithin } from '../../journal/retention.js';
import { RecordRows } from '../../journal/rows.js';
import { snapshotsFolder } from '../../journal/snapshot-file.js';
import { journalExists } from '../../journal/store.js';
import { historyFolder } from '../../store/history/history-folder.js';
import { readLedger } from '../../store/history/scan.js';
import { atLeastZero, byteSize } from '../archive-options.js';
import { seriesLines } from '../history/history-report.js';
import { journalArgument } from '../journal-folder.js';
import { UserError } from '../user-error.js';

/** Exit code of `verify` where the journal does not hold. */
const EXIT_FAULTS = 1;

const DAY_MICROSECONDS = 86_400_000_000;

/** Runs something with a journal's reader; what goes wrong is told in one line. */
async function withReader<T>(folder: string, use: (reader: JournalReader) => T | Promise<T>): Promise<T> {
  let reader: JournalReader;
  try {
    reader = new JournalReader(folder);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
  try {
    return await use(reader);
  } catch (error) {
    throw error instanceof UserError ? error : new UserError((error as Error).message);
  } finally {
    await reader.close();
  }
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function statCommand(): Command {
  return new Command('stat')
    .description('what a journal holds')
    .addArgument(journalArgument())
    .option('--json', 'print it as JSON')
    .action((folder: string, options: { json?: boolean }) =>
      withReader(folder, (reader) => {
        const summary = reader.summary();
        if (options.json) return print(JSON.stringify(summary, null, 2));
        print(`blocks     ${summary.blocks.toLocaleString('en-US')}`);
        print(`records    ${summary.records.toLocaleString('en-US')}`);
        print(`bytes      ${summary.bytes.toLocaleString('en-US')}`);
        print(`positions  ${summary.firstPosition} to ${summary.lastPosition}`);
        print(`heads      ${summary.heads}`);
        return print(`archived   ${reader.meta.base.ordinal} blocks before these`);
      }),
    );
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('check every hash, link, frame and signature of a journal; exit code 1 where one does not hold')
    .addArgument(journalArgument())
    .option(
      '--key <file>',
      'public or signing key (PEM) that the heads must be signed with; else the one that the journal names',
    )
    .option('--json', 'print the report as JSON')
    .action((folder: string, options: { key?: string; json?: boolean }) =>
      withReader(folder, (reader) => {
        const start = performance.now();
        const report = reader.verify(
          options.key === undefined ? undefined : createPublicKey(readFileSync(options.key)),
        );
        const seconds = (performance.now() - start) / 1000;
        process.exitCode = report.faults.length === 0 ? 0 : EXIT_FAULTS;
        if (options.json) return print(JSON.stringify({ ...report, seconds }, null, 2));
        for (const fault of report.faults) print(`FAULT  ${fault}`);
        const signed = report.signed
          ? 'its end is signed'
          : 'its end is not signed, so a cut behind the last head cannot be seen';
        const verdict = report.faults.length === 0 ? 'holds' : 'DOES NOT HOLD';
        print(
          `the journal ${verdict}: ${report.blocks} blocks, ${report.records} records, ${report.heads} signed heads; ${signed}`,
        );
        print(`chain ends at ${report.hash}`);
        if (journalExists(historyFolder(folder)))
          print(`its history is a chain of its own: volfilter journal verify ${historyFolder(folder)}`);
        return print(
          `${Math.round(report.bytes / 1e6)} MB in ${seconds.toFixed(2)} s, ${Math.round(report.bytes / 1e6 / seconds)} MB/s`,
        );
      }),
    );
}

function whyCommand(): Command {
  return new Command('why')
    .description('one log event, what every stage answered, and what became of the orders that it led to')
    .argument('<seq>', 'number of the log event', atLeastZero)
    .addArgument(journalArgument())
    .option('--json', 'print it as JSON')
    .action((seq: number, folder: string, options: { json?: boolean }) =>
      withReader(folder, (reader) => {
        const { event, answers, later } = explainEvent(reader, seq);
        const rows = new RecordRows(reader.layouts(Number.MAX_SAFE_INTEGER), reader.instrumentNames());
        const decoded = (bytes: Uint8Array): unknown => rows.nested(Buffer.from(bytes), 0, bytes.byteLength);
        const told = {
          event: decoded(event),
          answers: answers.map(({ stage, record }) => ({ stage, record: decoded(record) })),
          later: later.map(({ seq: at, record }) => ({ seq: at, record: decoded(record) })),
        };
        if (options.json) return print(JSON.stringify(told, null, 2));
        print(`event ${seq}  ${JSON.stringify(told.event)}`);
        for (const { stage, record } of told.answers) print(`  ${stage.padEnd(10)} ${JSON.stringify(record)}`);
        if (told.answers.length === 0) print('  no stage answered');
        for (const { seq: at, record } of told.later) print(`  later, ${at}  ${JSON.stringify(record)}`);
      }),
    );
}

function tailCommand(): Command {
  return new Command('tail')
    .description('the last records of a journal, one JSON line each')
    .addArgument(journalArgument())
    .option('-n, --records <n>', 'how many', atLeastZero, 10)
    .action((folder: string, options: { records: number }) =>
      withReader(folder, (reader) => {
        const lines: string[] = [];
        const names = reader.instrumentNames();
        const blocks = reader.lastBlocks(Math.max(1, Math.ceil(options.records / 64)));
        for (const block of blocks) {
          const rows = new RecordRows(reader.layouts(readHeader(block)!.ordinal), names);
          eachRecord(block, (offset, length) => lines.push(JSON.stringify(rows.nested(block, offset, length))));
        }
        for (const line of options.records === 0 ? [] : lines.slice(-options.records)) print(line);
      }),
    );
}

interface ExportCliOptions {
  format: ExportFormat;
  out?: string;
  record?: string;
  from: number;
  to: number;
}

function exportCommand(): Command {
  return new Command('export')
    .description('write records as JSON lines, CSV or Parquet')
    .addArgument(journalArgument())
    .addOption(new Option('--format <format>', 'what to write').choices(exportFormats).default('jsonl'))
    .option('--out <file>', 'file to write; standard output where there is none')
    .option('--record <type>', 'only records of this type, such as BOOK_UPDATE')
    .option('--from <position>', 'first log position', atLeastZero, 0)
    .option('--to <position>', 'last log position', atLeastZero, Number.MAX_SAFE_INTEGER)
    .action((folder: string, options: ExportCliOptions) =>
      withReader(folder, async (reader) => {
        const count = await exportJournal(reader, options);
        if (options.out !== undefined) process.stderr.write(`${count} rows to ${options.out}\n`);
      }),
    );
}

function compactCommand(): Command {
  return new Command('compact')
    .description('copy a journal without the room that archived blocks left behind')
    .addArgument(journalArgument())
    .requiredOption('--to <folder>', 'folder of the copy, in which there is no journal yet')
    .action(async (folder: string, options: { to: string }) => {
      await compactJournal(folder, options.to).catch((error: Error) => {
        throw new UserError(error.message);
      });
      await withReader(options.to, (reader) => print(`copied ${reader.summary().blocks} blocks to ${options.to}`));
    });
}

async function archiveRunning(
  folder: string,
  { to, olderThan, keep }: { to: string; olderThan?: number; keep?: number },
): Promise<void> {
  if (olderThan === undefined && keep === undefined) throw new UserError('say what leaves: --older-than or --keep', 2);
  const settings = {
    ...(olderThan === undefined ? {} : { olderThanDays: olderThan }),
    ...(keep === undefined ? {} : { keepBytes: keep }),
  };
  const at = { snapshots: snapshotsFolder(folder), nowMicros: Date.now() * 1000 };
  await keepWithin(folder, to, settings, at, ({ blocks, firstPosition, lastPosition, file }) =>
    print(`${blocks} blocks, positions ${firstPosition} to ${lastPosition}, to ${to}/${file}`),
  ).catch((error: Error) => {
    throw new UserError(error.message);
  });
}

function archiveCommand(): Command {
  return new Command('archive')
    .description(
      'move the oldest blocks to a Parquet file with a manifest; without --running nothing may write the journal meanwhile',
    )
    .addArgument(journalArgument())
    .requiredOption('--to <folder>', 'folder of the archive')
    .option('--older-than <days>', 'blocks whose last event is older', atLeastZero)
    .option('--keep <size>', 'the oldest blocks, until the rest is no larger, such as 2GB', byteSize)
    .option('--running', 'also while an engine writes it; what its next start needs stays')
    .action(async (folder: string, options: { to: string; olderThan?: number; keep?: number; running?: boolean }) => {
      if (options.running === true) {
        await archiveRunning(folder, options);
        return;
      }
      const retention: Retention = {};
      if (options.olderThan !== undefined) retention.before = Date.now() * 1000 - options.olderThan * DAY_MICROSECONDS;
      if (options.keep !== undefined) retention.keepBytes = options.keep;
      if (Object.keys(retention).length === 0) throw new UserError('say what leaves: --older-than or --keep', 2);
      const manifest = await archiveJournal(folder, options.to, retention).catch((error: Error) => {
        throw new UserError(error.message);
      });
      if (manifest === undefined) print('nothing is old or large enough to leave');
      else
        print(
          `${manifest.blocks} blocks, positions ${manifest.firstPosition} to ${manifest.lastPosition}, to ${options.to}/${manifest.file}`,
        );
    });
}

function historyCommand(): Command {
  return new Command('history')
    .description(
      'the series that were imported or asked for afterwards, with the trades of the log, and what is missing',
    )
    .addArgument(journalArgument())
    .option('--json', 'print it as JSON, with every hole')
    .action(async (folder: string, options: { json?: boolean }) => {
      if (!journalExists(folder) && !journalExists(historyFolder(folder)))
        throw new UserError(`there is no journal in '${folder}'`);
      const series = (await readLedger(folder)).report();
      if (options.json) print(JSON.stringify(series, null, 2));
      else process.stdout.write(seriesLines(series));
    });
}

/** `volfilter journal stat|verify|tail|why|history|export|compact|archive`. */
export function journalCommand(): Command {
  const command = new Command('journal').description('look into, check, export and archive a journal');
  for (const child of [
    statCommand,
    verifyCommand,
    tailCommand,
    whyCommand,
    historyCommand,
    exportCommand,
    compactCommand,
    archiveCommand,
  ]) {
    command.addCommand(child());
  }
  return command;
}
