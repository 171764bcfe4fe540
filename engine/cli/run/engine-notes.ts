import type { NoteLevel } from '../../runtime/supervision/notes.js';
import type { ErrorReport, ErrorReports } from '../../telemetry/errors/error-reports.js';
import { Log } from '../../telemetry/log/log.js';
import { Redaction } from '../../telemetry/log/redaction.js';
import { packageVersion } from '../package-version.js';

/** Address of the server of error reports, with its key. */
export const DSN_VARIABLE = 'VOLFILTER_SENTRY_DSN';
/** The last report of a process that ends of an error gets so long. */
const LAST_REPORT_MS = 1000;

/** Somebody who is told of each line of an engine. */
export type NoteListener = (level: NoteLevel, who: string, message: string) => void;

/**
 * What the engine and the parts of it have to say: to the log, and to whoever listens, as the terminal does. No secret that is known gets
 * any further than this.
 */
export class EngineNotes {
  readonly redaction = new Redaction();
  private readonly open: (() => Log) | undefined;
  private log: Log | undefined;
  private readonly listeners: NoteListener[] = [];
  private reports: Promise<ErrorReports | undefined> | undefined;

  /** @param folder of the log; false for none @param bindings what stands on each line and in each report */
  constructor(folder: string | false | undefined, bindings: Readonly<Record<string, string | number>>) {
    this.redaction.hideEnvironment(process.env);
    const { redaction } = this;
    // Opened with the first line: a start that is refused leaves nothing behind.
    if (folder !== undefined && folder !== false)
      this.open = () => new Log({ folder, name: 'engine', bindings, redaction });
    process.on('uncaughtExceptionMonitor', this.onUncaught);
  }

  listen(listener: NoteListener): void {
    this.listeners.push(listener);
  }

  note(level: NoteLevel, who: string, message: string): void {
    this.log ??= this.open?.();
    this.log?.of(who)[level](message);
    if (level === 'error' || level === 'fatal') this.report({ level, who, message });
    const safe = this.redaction.withoutKnown(message);
    for (const listener of this.listeners) listener(level, who, safe);
  }

  /** From now on errors are reported to where the environment says. The library is loaded for that alone. */
  reportErrors(environment: string, tags: Readonly<Record<string, string | number>>): void {
    const dsn = process.env[DSN_VARIABLE];
    if (dsn === undefined || dsn === '') return;
    const { redaction } = this;
    const note = (message: string): void => this.note('warn', 'errors', message);
    this.reports = import('../../telemetry/errors/error-reports.js').then(
      (module) => new module.ErrorReports({ dsn, release: packageVersion(), environment, redaction, note }, tags),
      (error: Error) => {
        note(`errors cannot be reported: ${error.message}`);
        return undefined;
      },
    );
    process.once('uncaughtException', this.onLastError);
  }

  private report(report: ErrorReport): void {
    void this.reports?.then((reports) => reports?.report(report));
  }

  close(): void {
    process.off('uncaughtException', this.onLastError);
    process.off('uncaughtExceptionMonitor', this.onUncaught);
    this.log?.close();
  }

  /** The process ends of it, and its last words would be on a terminal that nobody keeps. */
  private readonly onUncaught = (error: Error): void => {
    this.log?.of('engine').fatal({ err: error }, error.message);
  };

  /** Ends the process as it would have ended by itself, a report later. */
  private readonly onLastError = (error: Error): void => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    this.report({ level: 'fatal', who: 'engine', message: error.message, error });
    setTimeout(() => process.exit(1), LAST_REPORT_MS);
    void this.reports?.then(async (reports) => {
      await reports?.flush(LAST_REPORT_MS);
      process.exit(1);
    });
  };
}
