/** The simulated venue: its exchange alone, its market and how far that is from the recorded one, and all of it behind a socket. */
import type { BenchSuite } from '../../report.js';
import { calibrationResults } from './calibration.js';
import { matchingResults } from './matching.js';
import { roundTripResults } from './round-trips.js';
import { simulatedDay } from './simulated-day.js';
import { turnResults } from './turns.js';

export const suite: BenchSuite = async (progress) => [
  ...(await matchingResults(progress)),
  ...simulatedDay(progress),
  ...calibrationResults(progress),
  ...(await roundTripResults(progress)),
  ...(await turnResults(progress)),
];
