import { cpus } from 'node:os';
import { Piscina } from 'piscina';
import type { BacktestOutcome } from '../../../actors/backtest/outcome.js';
import { heapLimits, prepareV8 } from '../../runtime/host/heap-and-compiler.js';
import type { KeptRuns } from './kept-runs.js';
import { keyOf, type Trial } from './trial.js';
import type { Ran, WorkerSetup } from './worker.js';

export interface RunPoolOptions {
  /** Runs at a time. */
  atOnce: number;
  kept: KeptRuns;
  dataHash: string;
  /** What the workers play. */
  setup: WorkerSetup;
  /** Told runs that are done, those that were kept before included. */
  progress: (done: number) => void;
}

/** Runs trials in threads of their own, several at a time; what was finished before is not run again. */
export class RunPool {
  /** Runs that were made, and that were kept from before. */
  made = 0;
  reused = 0;
  /** Seconds in which there were runs to be made, and seconds that all of them together took. */
  seconds = 0;
  /** Of the machine's CPUs while there were runs to be made, seconds: what this process used, and what nobody did. */
  cpuSeconds = 0;
  idleSeconds = 0;
  #worked = 0;
  readonly #pool: Piscina;
  readonly #options: RunPoolOptions;

  constructor(options: RunPoolOptions) {
    this.#options = options;
    prepareV8();
    this.#pool = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: options.atOnce,
      maxThreads: options.atOnce,
      workerData: options.setup,
      resourceLimits: heapLimits('io'),
    });
    // A worker that cannot begin fails each run that it was given: that is where it is told.
    this.#pool.on('error', () => {});
  }

  /**
   * Outcomes in the order of the trials.
   * @throws the first run's error, after what was under way has been kept
   */
  async run(trials: readonly Trial[]): Promise<BacktestOutcome[]> {
    const outcomes: BacktestOutcome[] = [];
    const started = performance.now();
    const used = process.cpuUsage();
    const idle = idleMillis();
    let next = 0;
    let failure: unknown;
    // As many at a time as there are threads: after a failure nothing new begins, and what is under way is kept.
    const one = async (): Promise<void> => {
      while (next < trials.length && failure === undefined) {
        const place = next++;
        try {
          outcomes[place] = await this.#outcome(trials[place]!);
        } catch (error) {
          failure ??= error;
        }
      }
    };
    await Promise.all(Array.from({ length: this.#options.atOnce + 1 }, one));
    this.seconds += (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(used);
    this.cpuSeconds += (user + system) / 1e6;
    this.idleSeconds += (idleMillis() - idle) / 1000;
    if (failure !== undefined) throw failure;
    return outcomes;
  }

  /** Share of the threads' time in which a run was under way in them. */
  get busy(): number {
    return this.seconds === 0 ? 0 : this.#worked / (this.seconds * this.#options.atOnce);
  }

  async #outcome(trial: Trial): Promise<BacktestOutcome> {
    const { kept, dataHash, progress } = this.#options;
    const key = keyOf(trial, dataHash);
    const found = kept.find(key);
    if (found !== undefined) {
      progress(this.made + ++this.reused);
      return found;
    }
    const { text, seconds } = (await this.#pool.run(trial)) as Ran;
    this.#worked += seconds;
    kept.keep(key, text);
    progress(++this.made + this.reused);
    return JSON.parse(text) as BacktestOutcome;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** Idle time of all CPUs since the machine started. */
function idleMillis(): number {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0);
}
