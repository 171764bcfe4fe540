import { type ChildProcess, spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { RetentionSettings } from '../../journal/retention.js';

/** What of the journal stays in place while the engine runs, and where the rest goes. */
export interface ArchiveSettings extends RetentionSettings {
  /** Folder of the archive. */
  to: string;
}

/** A start is busy with other things. */
const FIRST_MS = 60_000;
const EVERY_MS = 3_600_000;
const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

/**
 * Archives the journal of a running engine once an hour, in a process of its own that gives way to everything: it ends when it is done, and may
 * be killed at any moment.
 */
export class ArchiveRuns {
  readonly #arguments: string[];
  readonly #note: (text: string) => void;
  #timer: NodeJS.Timeout;
  #child: ChildProcess | undefined;

  constructor(
    journal: string,
    { to, olderThanDays, keepBytes }: ArchiveSettings,
    note: (text: string) => void,
    firstMs = FIRST_MS,
  ) {
    this.#arguments = [
      PROGRAM,
      ...['journal', 'archive', journal, '--to', to, '--running'],
      ...(olderThanDays === undefined ? [] : ['--older-than', String(olderThanDays)]),
      ...(keepBytes === undefined ? [] : ['--keep', String(keepBytes)]),
    ];
    this.#note = note;
    this.#timer = setTimeout(() => this.#run(), firstMs);
  }

  /** Ends what is under way; the next run finishes it. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  }

  #run(): void {
    this.#timer = setTimeout(() => this.#run(), EVERY_MS);
    if (this.#child !== undefined) return;
    const child = spawn(process.execPath, this.#arguments, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    let complaint = '';
    let failed = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const line of text.split('\n')) if (line !== '') this.#note(`info archive: ${line}`);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-400);
    });
    child.once('error', (error) => {
      failed = true;
      this.#note(`warn archive: it cannot be started: ${error.message}`);
    });
    child.once('close', (code) => {
      this.#child = undefined;
      if (!failed && code !== 0 && code !== null)
        this.#note(`warn archive: ${complaint.trim()}; tried again in an hour`);
    });
    try {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // It has ended already.
    }
  }
}
