import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';

/**
 * Outcomes of finished runs, a file each under the run's key. A file appears whole or not at all, so that whoever is killed goes on with what was
 * finished, and a full disk takes nothing away.
 */
export class KeptRuns {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'runs');
    mkdirSync(this.#folder, { recursive: true });
  }

  /** What is kept under a key; undefined where nothing whole is. */
  find(key: string): BacktestOutcome | undefined {
    const path = this.#path(key);
    if (!existsSync(path)) return undefined;
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as BacktestOutcome;
    } catch {
      // Somebody's editor or disk: run again.
      return undefined;
    }
  }

  /** @param text of the outcome @throws Error that names the file where it cannot be written; nothing half-written stays */
  keep(key: string, text: string): void {
    const path = this.#path(key);
    const unfinished = `${path}.${process.pid}.unfinished`;
    try {
      writeFileSync(unfinished, text);
      renameSync(unfinished, path);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw new Error(`cannot keep the outcome of a run in ${path}: ${(error as Error).message}`);
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}
