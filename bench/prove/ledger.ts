import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Outcome } from './proof.js';

interface Page {
  commit: string;
  outcomes: Outcome[];
}

/**
 * What was proved already, in a file, so that a run that was cut short goes on where it stopped. What was proved of
 * another commit does not count.
 */
export class Ledger {
  readonly #path: string;
  readonly #page: Page;

  constructor(path: string, commit: string) {
    this.#path = path;
    const kept = readPage(path);
    this.#page = kept?.commit === commit ? kept : { commit, outcomes: [] };
  }

  /** The outcomes so far, in the order in which they came. */
  get outcomes(): readonly Outcome[] {
    return this.#page.outcomes;
  }

  /** Whether the claim held already on this commit; what failed is tried again. */
  isProved(name: string): boolean {
    return this.#page.outcomes.some((outcome) => outcome.name === name && outcome.failure === undefined);
  }

  /** Adds an outcome in place of an earlier one; written whole before the old file goes. */
  record(outcome: Outcome): void {
    this.#page.outcomes = [...this.#page.outcomes.filter(({ name }) => name !== outcome.name), outcome];
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#page, null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function readPage(path: string): Page | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Page;
  } catch {
    // Absent or cut short: everything is proved again.
    return undefined;
  }
}
