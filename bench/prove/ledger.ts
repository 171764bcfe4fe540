import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Outcome } from './proof.js';

/** An outcome, and of which commit it is. */
export interface ProvedOutcome extends Outcome {
  commit: string;
}

/**
 * What was proved, in a file: of each claim the newest outcome. What was proved of another commit stays to be read, as that commit's, and does not count for this one; so a run that was cut
 * short goes on where it stopped.
 */
export class Ledger {
  readonly #path: string;
  readonly #commit: string;
  #outcomes: ProvedOutcome[];

  constructor(path: string, commit: string) {
    this.#path = path;
    this.#commit = commit;
    this.#outcomes = readOutcomes(path);
  }

  /** The newest outcome of each claim, in the order in which they came. */
  get outcomes(): readonly ProvedOutcome[] {
    return this.#outcomes;
  }

  /** Whether the claim held already on this commit; what failed is tried again. */
  isProved(name: string): boolean {
    return this.#outcomes.some(
      (outcome) => outcome.name === name && outcome.commit === this.#commit && outcome.failure === undefined,
    );
  }

  /** Adds an outcome in place of an earlier one; written whole before the old file goes. */
  record(outcome: Outcome): void {
    const others = this.#outcomes.filter(({ name }) => name !== outcome.name);
    this.#outcomes = [...others, { ...outcome, commit: this.#commit }];
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#outcomes, null, 2)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function readOutcomes(path: string): ProvedOutcome[] {
  try {
    const kept: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (Array.isArray(kept)) return kept as ProvedOutcome[];
  } catch {
    // Absent or cut short.
  }
  // Everything is proved again; so it is where the file is of a form that it no longer has.
  return [];
}
