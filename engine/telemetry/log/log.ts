import pino from 'pino';
import { EVERYBODY, type Levels, type LogLevel, watchLevels } from './levels.js';
import type { Redaction } from './redaction.js';
import { RotatedFile } from './rotated-file.js';

export interface LogOptions {
  folder: string;
  /** Name of the file without its end. */
  name: string;
  /** What stands on every line: the run, so that the lines of all processes of one run can be put together. */
  bindings: Readonly<Record<string, string | number>>;
  redaction: Redaction;
  maxBytes?: number;
  kept?: number;
  /** How often the levels are looked at. */
  lookEveryMs?: number;
}

/** A log that is never looked at stays below this, times the files that are kept. */
const MAX_BYTES = 16 << 20;
const KEPT = 7;
const LEVEL: LogLevel = 'info';

/**
 * The log of one process: a line of JSON each, in a file that is put aside when it is large. Each part of the process has a logger of
 * its own, whose least level can be changed while it runs. The last thing that happens to a line is that secrets are taken out.
 */
export class Log {
  private readonly file: RotatedFile;
  private readonly root: pino.Logger;
  private readonly parts = new Map<string, pino.Logger>();
  private readonly unwatch: () => void;
  private levels: Levels = {};

  constructor({ folder, name, bindings, redaction, maxBytes = MAX_BYTES, kept = KEPT, lookEveryMs }: LogOptions) {
    this.file = new RotatedFile({ folder, name, maxBytes, kept });
    this.root = pino(
      { base: { ...bindings }, level: 'trace', timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: named } },
      { write: (line: string) => this.file.write(redaction.of(line)) },
    );
    this.unwatch = watchLevels(
      folder,
      (levels) => {
        this.levels = levels;
        for (const [who, part] of this.parts) part.level = this.levelOf(who);
      },
      lookEveryMs,
    );
  }

  get path(): string {
    return this.file.path;
  }

  /** Lines that could not be written. */
  get lost(): number {
    return this.file.lost;
  }

  /** The logger of a part: of an actor, a peer, the supervisor. */
  of(who: string): pino.Logger {
    let part = this.parts.get(who);
    if (part === undefined) {
      part = this.root.child({ who });
      part.level = this.levelOf(who);
      this.parts.set(who, part);
    }
    return part;
  }

  close(): void {
    this.unwatch();
    this.file.close();
  }

  private levelOf(who: string): LogLevel {
    return this.levels[who] ?? this.levels[EVERYBODY] ?? LEVEL;
  }
}

function named(level: string): { level: string } {
  return { level };
}
