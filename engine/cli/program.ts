import { Command, CommanderError } from 'commander';
import { alertsCommand } from './commands/alerts.js';
import { backfillCommand } from './commands/backfill.js';
import { backtestCommand } from './commands/backtest.js';
import { benchCommand } from './commands/bench.js';
import { killCommand, limitsCommand, pauseCommand, resumeCommand, statusCommand } from './commands/control.js';
import { doctorCommand } from './commands/doctor.js';
import { filterCommand } from './commands/filter.js';
import { importCommand } from './commands/import.js';
import { ivCommand } from './commands/iv.js';
import { journalCommand } from './commands/journal.js';
import { priceCommand } from './commands/price.js';
import { recordCommand } from './commands/record.js';
import { replayCommand } from './commands/replay.js';
import { runCommand } from './commands/run.js';
import { serveRecordingCommand } from './commands/serve-recording.js';
import { sqlCommand } from './commands/sql.js';
import { storeCommand } from './commands/store.js';
import { surfaceCommand } from './commands/surface.js';
import { tuneCommand } from './commands/tune.js';
import { venueCommand } from './commands/venue.js';
import { ordersCommand, pnlCommand, positionsCommand, quotesCommand } from './commands/views.js';
import { volCommand } from './commands/vol.js';
import { packageVersion } from './package-version.js';
import { UserError } from './user-error.js';

/** Exit code of a command that was called with wrong options or arguments. */
export const EXIT_USAGE = 2;

/** Every command of the program, in the order in which `--help` lists them. */
const commands: (() => Command)[] = [
  runCommand,
  doctorCommand,
  benchCommand,
  journalCommand,
  sqlCommand,
  storeCommand,
  replayCommand,
  backtestCommand,
  recordCommand,
  importCommand,
  backfillCommand,
  serveRecordingCommand,
  venueCommand,
  priceCommand,
  ivCommand,
  surfaceCommand,
  volCommand,
  filterCommand,
  tuneCommand,
  alertsCommand,
  statusCommand,
  positionsCommand,
  ordersCommand,
  quotesCommand,
  pnlCommand,
  limitsCommand,
  pauseCommand,
  resumeCommand,
  killCommand,
];

export function commandNames(): string[] {
  return commands.map((command) => command().name());
}

function buildProgram(): Command {
  const program = new Command('volfilter')
    .description('Actor engine for crypto-options market makers')
    .version(packageVersion())
    .showSuggestionAfterError();
  for (const command of commands) program.addCommand(command());
  // Settings do not reach commands that were built on their own.
  const onEvery = (command: Command): void => {
    command.exitOverride();
    command.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'volfilter: ')) });
    for (const child of command.commands) onEvery(child);
  };
  onEvery(program);
  return program;
}

/** Runs one command line; resolves with the process's exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    await buildProgram().parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof UserError) {
      process.stderr.write(`volfilter: ${error.message}\n`);
      return error.exitCode;
    }
    throw error;
  }
}
