/** The simulated venue: its exchange alone, in this process, and all of it behind a socket. */
import type { BenchSuite } from '../../report.js';
import { matchingResults } from './matching.js';
import { roundTripResults } from './round-trips.js';

export const suite: BenchSuite = async (progress) => [
  ...(await matchingResults(progress)),
  ...(await roundTripResults(progress)),
];
