import type { NoteLevel } from '../../runtime/supervision/notes.js';
import { Log } from '../../telemetry/log/log.js';
import { Redaction } from '../../telemetry/log/redaction.js';

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

  /** @param folder of the log; false for none */
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
    const safe = this.redaction.withoutKnown(message);
    for (const listener of this.listeners) listener(level, who, safe);
  }

  close(): void {
    process.off('uncaughtExceptionMonitor', this.onUncaught);
    this.log?.close();
  }

  /** The process ends of it, and its last words would be on a terminal that nobody keeps. */
  private readonly onUncaught = (error: Error): void => {
    this.log?.of('engine').fatal({ err: error }, error.message);
  };
}
