import { Command } from 'commander';
import type { Difference, ReplayReport } from '../../../actors/replay/replay-report.js';
import { verifyReplay } from '../../../actors/replay/verify-replay.js';
import { showProgress } from '../../../bench/prove/progress.js';
import { JournalReader } from '../../journal/reader.js';
import { RecordRows } from '../../journal/rows.js';
import { journalArgument } from '../journal-folder.js';
import { UserError } from '../user-error.js';

/** Exit code when the replay is not what was recorded. */
const EXIT_DIFFERENT = 1;

/** `volfilter replay`. */
export function replayCommand(): Command {
  return new Command('replay')
    .description('run the core on a journal again, and compare what it says with what was recorded')
    .addArgument(journalArgument())
    .option('--json', 'print the report as JSON')
    .action(async (folder: string, options: { json?: true }) => {
      const reader = openReader(folder);
      try {
        const started = performance.now();
        const last = reader.lastPosition();
        const progress = showProgress('replay', last, 'log events');
        const report = verifyReplay(reader, progress.update);
        progress.stop();
        const seconds = (performance.now() - started) / 1000;
        if (options.json)
          console.log(JSON.stringify({ ...report, seconds, first: describe(reader, report.first) }, null, 2));
        else for (const text of inWords(reader, report, seconds)) console.log(text);
        if (report.first !== undefined) process.exitCode = EXIT_DIFFERENT;
      } finally {
        await reader.close();
      }
    });
}

function openReader(folder: string): JournalReader {
  try {
    return new JournalReader(folder);
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

function inWords(reader: JournalReader, report: ReplayReport, seconds: number): string[] {
  const { events, orders, digests, unrecorded, otherLayouts, first } = report;
  const rate = Math.round(events / seconds).toLocaleString('en');
  const lines = [
    `${events} log events replayed in ${seconds.toFixed(1)} s (${rate} a second)`,
    `equal: ${orders} orders and refusals byte for byte, ${digests} digests of the other stages' outputs`,
  ];
  if (unrecorded > 0)
    lines.push(`${unrecorded} orders were approved so late before an end that the journal never had them`);
  if (first === undefined) return [...lines, 'the replay is what was recorded'];
  if (otherLayouts.length > 0)
    lines.push(
      `runs ${otherLayouts.join(', ')} were written with other message layouts than this program's: what differs in them may be the program, which has changed since`,
    );
  const both = describe(reader, first)!;
  lines.push(`DIFFERENT at log event ${first.seq}: ${first.what}`);
  if (both.recorded !== undefined) lines.push(`  recorded: ${JSON.stringify(both.recorded)}`);
  if (both.replayed !== undefined) lines.push(`  replayed: ${JSON.stringify(both.replayed)}`);
  return lines;
}

/** A difference with both sides decoded. */
function describe(reader: JournalReader, difference: Difference | undefined) {
  if (difference === undefined) return undefined;
  const rows = new RecordRows(reader.layouts(Number.MAX_SAFE_INTEGER));
  const decode = (bytes: Uint8Array | undefined) =>
    bytes === undefined ? undefined : rows.nested(Buffer.from(bytes), 0, bytes.byteLength);
  return {
    seq: difference.seq,
    what: difference.what,
    recorded: decode(difference.recorded),
    replayed: decode(difference.replayed),
  };
}
