/** The simulated venue in this process: its exchange alone, its market, and how far that is from the recorded one. */
import type { BenchSuite } from '../../report.js';
import { calibrationResults } from './calibration.js';
import { matchingResults } from './matching.js';
import { simulatedDay } from './simulated-day.js';

export const suite: BenchSuite = (progress) => [
  ...matchingResults(progress),
  ...simulatedDay(progress),
  ...calibrationResults(progress),
];
