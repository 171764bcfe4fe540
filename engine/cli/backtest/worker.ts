import { workerData } from 'piscina';
import { type SharedTape, sharedTape } from './shared-tape.js';
import { runTrial, type Trial } from './trial.js';

/** What every worker of a sweep is given once. */
export interface WorkerSetup {
  tape?: SharedTape;
}

const setup = workerData as WorkerSetup | undefined;
const tape = setup?.tape === undefined ? undefined : sharedTape(setup.tape);

/** One run of a sweep, in a worker of the pool; its outcome as the text that is kept. */
export default function run(trial: Trial): string {
  return JSON.stringify(runTrial(trial, tape));
}
