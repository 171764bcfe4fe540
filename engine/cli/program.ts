import { Command, CommanderError } from 'commander';
import { packageVersion } from './package-version.js';
import { UserError } from './user-error.js';

/** Exit code of a command that was called with wrong options or arguments. */
export const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;

/** Every command of the program, in the order in which `--help` lists them. Each is loaded when it is called: most bring half of the engine. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import('./commands/run.js')).runCommand(),
  config: async () => (await import('./commands/config.js')).configCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
  log: async () => (await import('./commands/log.js')).logCommand(),
  profile: async () => (await import('./commands/profile.js')).profileCommand(),
  trace: async () => (await import('./commands/trace.js')).traceCommand(),
  bench: async () => (await import('./commands/bench.js')).benchCommand(),
  journal: async () => (await import('./commands/journal.js')).journalCommand(),
  backup: async () => (await import('./commands/backup.js')).backupCommand(),
  restore: async () => (await import('./commands/restore.js')).restoreCommand(),
  sql: async () => (await import('./commands/sql.js')).sqlCommand(),
  store: async () => (await import('./commands/store.js')).storeCommand(),
  replay: async () => (await import('./commands/replay.js')).replayCommand(),
  backtest: async () => (await import('./commands/backtest.js')).backtestCommand(),
  record: async () => (await import('./commands/record.js')).recordCommand(),
  import: async () => (await import('./commands/import.js')).importCommand(),
  backfill: async () => (await import('./commands/backfill.js')).backfillCommand(),
  'serve-recording': async () => (await import('./commands/serve-recording.js')).serveRecordingCommand(),
  venue: async () => (await import('./commands/venue.js')).venueCommand(),
  price: async () => (await import('./commands/price.js')).priceCommand(),
  iv: async () => (await import('./commands/iv.js')).ivCommand(),
  surface: async () => (await import('./commands/surface.js')).surfaceCommand(),
  vol: async () => (await import('./commands/vol.js')).volCommand(),
  filter: async () => (await import('./commands/filter.js')).filterCommand(),
  tune: async () => (await import('./commands/tune.js')).tuneCommand(),
  alerts: async () => (await import('./commands/alerts.js')).alertsCommand(),
  status: async () => (await import('./commands/status.js')).statusCommand(),
  top: async () => (await import('./commands/top.js')).topCommand(),
  positions: async () => (await import('./commands/views.js')).positionsCommand(),
  orders: async () => (await import('./commands/views.js')).ordersCommand(),
  quotes: async () => (await import('./commands/views.js')).quotesCommand(),
  pnl: async () => (await import('./commands/views.js')).pnlCommand(),
  limits: async () => (await import('./commands/limits.js')).limitsCommand(),
  token: async () => (await import('./commands/token.js')).tokenCommand(),
  pause: async () => (await import('./commands/quoting.js')).pauseCommand(),
  resume: async () => (await import('./commands/quoting.js')).resumeCommand(),
  flatten: async () => (await import('./commands/risk.js')).flattenCommand(),
  risk: async () => (await import('./commands/risk.js')).riskCommand(),
  kill: async () => (await import('./commands/latch.js')).killCommand(),
  rearm: async () => (await import('./commands/latch.js')).rearmCommand(),
};

export function commandNames(): string[] {
  return Object.keys(commands);
}

/** All of them, for the reference. */
export function loadCommands(): Promise<Command[]> {
  return Promise.all(Object.values(commands).map((load) => load()));
}

/** The commands that a command line needs: the one that it names, or all of them, for help and for suggestions. */
async function commandsFor(name: string | undefined): Promise<Command[]> {
  if (name === '--version' || name === '-V') return [];
  const load = name === undefined ? undefined : commands[name];
  return Promise.all(load === undefined ? Object.values(commands).map((each) => each()) : [load()]);
}

async function buildProgram(name: string | undefined): Promise<Command> {
  const program = new Command('volfilter')
    .description('Actor engine for crypto-options market makers')
    .version(packageVersion())
    .showSuggestionAfterError();
  for (const command of await commandsFor(name)) program.addCommand(command);
  // Settings do not reach commands that were built on their own.
  const onEvery = (command: Command): void => {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) =>
        write(
          text
            .replace(/^error: /, 'volfilter: ')
            .replace(/^(.*missing required argument '[^']*')/, `$1; see ${fullName(command)} --help`),
        ),
    });
    for (const child of command.commands) onEvery(child);
  };
  onEvery(program);
  return program;
}

/** With the names of the commands that it belongs to: `volfilter journal verify`. */
function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** Runs one command line; resolves with the process's exit code. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(argv[2]);
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof UserError) {
      process.stderr.write(`volfilter: ${error.message}\n`);
      return error.exitCode;
    }
    if (isOfSystem(error)) {
      process.stderr.write(`volfilter: ${error.message}\n`);
      return EXIT_FAILURE;
    }
    throw error;
  }
}

/** What the system refuses (a folder where a file is to be, no room, no right) names the path, and is no fault of the program. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}
