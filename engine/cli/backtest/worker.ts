import { workerData } from 'piscina';
import { type SharedTape, sharedTape } from './shared-tape.js';
import { runTrial, type Trial } from './trial.js';

/** What every worker of a sweep is given once. */
export interface WorkerSetup {
  tape?: SharedTape;
}

const setup = workerData as WorkerSetup | undefined;
const tape = setup?.tape === undefined ? undefined : sharedTape(setup.tape);

/** What a run gives back: its outcome as the text that is kept, and seconds that it took. */
export interface Ran {
  text: string;
  seconds: number;
}

/** One run of a sweep, in a worker of the pool. */
export default function run(trial: Trial): Ran {
  const started = performance.now();
  const text = JSON.stringify(runTrial(trial, tape));
  return { text, seconds: (performance.now() - started) / 1000 };
}
