/** The simulated venue: its exchange alone, in this process. */
import type { BenchSuite } from '../../report.js';
import { matchingResults } from './matching.js';

export const suite: BenchSuite = (progress) => matchingResults(progress);
