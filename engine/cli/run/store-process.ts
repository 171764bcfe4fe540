import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The engine's first seconds belong to the engine. */
const START_AFTER_MS = 15_000;
/** Between an end that nobody asked for and the next start, and the longest that this grows to. */
const RESTART_MS = 5000;
const LONGEST_RESTART_MS = 300_000;
const STOP_MS = 5000;
const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));

/**
 * `volfilter store --follow` as a process beside the engine, at a low priority: what happened is in SQL a second or two later, and nothing that trades waits
 * for it. It begins late, so that a start is not slower for it.
 */
export class StoreProcess {
  readonly #journal: string;
  readonly #note: (message: string) => void;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pause = RESTART_MS;
  #isStopping = false;
  #readAt = Number.NaN;

  /** @param journal its folder */
  constructor(journal: string, note: (message: string) => void) {
    this.#journal = journal;
    this.#note = note;
  }

  /** Milliseconds since it last began to read all that the journal held then; NaN before the first time. */
  get lagMs(): number {
    return Date.now() - this.#readAt;
  }

  /** Starts it, some time from now. */
  start(): void {
    this.#later(START_AFTER_MS);
  }

  /** Ends it: what it has written counts, the rest comes with the next start. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const slow = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(slow);
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => this.#begin(), ms);
    this.#timer.unref();
  }

  #begin(): void {
    // The channel tells it when the engine is gone, however that ends.
    const child = spawn(process.execPath, [PROGRAM, 'store', this.#journal, '--follow'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.on('message', (message) => {
      const { readAt } = message as { readAt?: unknown };
      if (typeof readAt === 'number') this.#readAt = readAt;
    });
    let lastWords = '';
    child.stderr!.on('data', (text: Buffer) => {
      lastWords = text.toString().trim().split('\n').at(-1) ?? '';
    });
    const ended = (why: string): void => {
      if (this.#isStopping || this.#child !== child) return;
      this.#child = undefined;
      this.#note(`the SQL store is not kept (${why}); it is tried again in ${Math.round(this.#pause / 1000)} s`);
      this.#later(this.#pause);
      this.#pause = Math.min(LONGEST_RESTART_MS, 2 * this.#pause);
    };
    child.once('error', (error) => ended(error.message));
    child.once('exit', (code, signal) => ended(lastWords === '' ? (signal ?? `code ${code}`) : lastWords));
  }
}
