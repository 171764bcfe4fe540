import type { BenchResult } from '../report.js';

/** How much of a proof is run: `ci` takes a minute or two at most, `full` as long as it needs. */
export type Scale = 'ci' | 'full';

/** Something that is claimed of the engine and takes too long to be a test. */
export interface Proof {
  /** What `--only` calls it. */
  name: string;
  /** What holds when it succeeds, as one sentence. */
  claim: string;
  /** What its amounts count, such as `messages` or `seeds`. */
  unit: string;
  /** How many of them at each scale; 0 where it is no part of that scale. */
  amounts: Record<Scale, number>;
  /** Tries the claim on that amount, telling how much is done; the figures it measured, or an error that says what failed. */
  run(amount: number, progress: (done: number) => void): Promise<BenchResult[]>;
}

/** How one proof ended. */
export interface Outcome {
  name: string;
  claim: string;
  unit: string;
  amount: number;
  /** The day it ended, as an ISO date and time. */
  date: string;
  seconds: number;
  figures: BenchResult[];
  /** What failed; absent when the claim held. */
  failure?: string;
}
