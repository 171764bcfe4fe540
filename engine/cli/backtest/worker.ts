import { workerData } from 'piscina';
import {
  type Bars,
  type BarsPath,
  type BarsTapeOptions,
  barsTape,
} from '../../../actors/backtest/perpetual/bars-tape.js';
import type { DepthTape } from '../../../actors/backtest/perpetual/depth-tape.js';
import { type SharedTape, sharedTape } from './shared-tape.js';
import { runTrial, type Trial } from './trial.js';

/** What every worker of a sweep is given once. */
export interface WorkerSetup {
  tape?: SharedTape;
  bars?: { bars: Bars; options: BarsTapeOptions };
}

const setup = workerData as WorkerSetup | undefined;
const tape = setup?.tape === undefined ? undefined : sharedTape(setup.tape);

/** The tape of bars that was made last: most runs of a sweep are on the same. */
let made: { path: string; tape: DepthTape } | undefined;

function tapeOfBars(path: BarsPath): DepthTape {
  const { bars, options } = setup!.bars!;
  const wanted = JSON.stringify(path);
  if (made?.path !== wanted) made = { path: wanted, tape: barsTape(bars, options, path) };
  return made.tape;
}

/** What a run gives back: its outcome as the text that is kept, and seconds that it took. */
export interface Ran {
  text: string;
  seconds: number;
}

/** One run of a sweep, in a worker of the pool. */
export default function run(trial: Trial): Ran {
  const started = performance.now();
  const text = JSON.stringify(runTrial(trial, tape, setup?.bars === undefined ? undefined : tapeOfBars));
  return { text, seconds: (performance.now() - started) / 1000 };
}
