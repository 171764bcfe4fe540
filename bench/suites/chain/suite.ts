import { setTimeout as delay } from 'node:timers/promises';
import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { Engine } from '../../../engine/runtime/host/engine.js';
import { type Placement, usableCpus } from '../../../engine/runtime/topology/placement.js';
import { LADDER, SPIN_THEN_SLEEP } from '../../../engine/runtime/wait/wait-ladder.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { type Distribution, distributionOf, median, medianRun } from '../../rig/distribution.js';
import { ChainControl, ChainResult, type ChainSettings, topology } from './topology.js';

const ACTORS = ['source', 'first', 'second', 'sink'];
const EVENTS_PER_SECOND = 50_000;
/** Compiling threads compete with the actors for this machine's cores: seconds pass until they have nothing left to do. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 7;
const WARM_UP_EVENTS = 10_000;
const MEASURED_EVENTS = 75_000;
/** A round that achieves less than this share of its offered rate does not count. */
const LEAST_RATE = 0.99;
const ROUND_TIMEOUT_MS = 15_000;
const SETTLE_TIMEOUT_MS = 2_000;

/** The chain on one placement, running. */
interface Contender {
  name: string;
  engine: Engine;
  control: Int32Array;
  results: Float64Array;
  /** Errors of the engine. */
  failures: string[];
  runs: Distribution[];
  /** Events per second of rounds that missed the offered rate. */
  missed: number[];
}

/** A thread an actor; neighbours in the chain share a CPU as far as there are fewer CPUs than actors. */
function threadEach(cpus: readonly number[]): Placement {
  const perCpu = Math.ceil(ACTORS.length / cpus.length);
  return {
    threads: ACTORS.map((name, index) => ({
      name,
      kind: 'compute',
      cpu: cpus[Math.floor(index / perCpu)]!,
      wait: LADDER,
      actors: [name],
    })),
  };
}

function oneThread(cpus: readonly number[]): Placement {
  const alone = { cpu: cpus[cpus.length - 1]!, wait: SPIN_THEN_SLEEP };
  return { threads: [{ name: 'chain', kind: 'compute', ...alone, actors: ACTORS }] };
}

async function start(name: string, placement: Placement, engineRun: number): Promise<Contender> {
  const settings: ChainSettings = {
    eventsPerSecond: EVENTS_PER_SECOND,
    events: WARM_UP_EVENTS + MEASURED_EVENTS,
    warmUp: WARM_UP_EVENTS,
    epoch: newEpoch(),
    control: new SharedArrayBuffer(8),
    results: new SharedArrayBuffer((ChainResult.LATENCIES + MEASURED_EVENTS) * 8),
  };
  const failures: string[] = [];
  const engine = new Engine({
    topologyModule: new URL('./topology.js', import.meta.url).href,
    topology: topology(settings),
    settings,
    placement,
    engineRun,
    engineId: 1,
    onNote: (level, who, message) => {
      if (level === 'fatal') failures.push(`${who}: ${message}`);
    },
  });
  await engine.start();
  const control = new Int32Array(settings.control);
  return { name, engine, control, results: new Float64Array(settings.results), failures, runs: [], missed: [] };
}

/** Runs one round; its latencies in microseconds, or the rate when it missed the one that is offered. */
async function runRound(
  { engine, control, results, failures }: Contender,
  round: number,
): Promise<Distribution | number> {
  Atomics.store(control, ChainControl.ASKED, round);
  const end = performance.now() + ROUND_TIMEOUT_MS;
  while (Atomics.load(control, ChainControl.FINISHED) < round) {
    if (failures.length > 0) throw new Error(`chain: ${failures[0]}`);
    if (performance.now() > end) throw new Error(`chain: round ${round} did not end in ${ROUND_TIMEOUT_MS} ms`);
    await delay(50);
  }
  await settle(engine);
  const seconds = (results[ChainResult.LAST_ARRIVED]! - results[ChainResult.FIRST_DUE]!) / 1e9;
  const rate = (MEASURED_EVENTS - 1) / seconds;
  if (rate < LEAST_RATE * EVENTS_PER_SECOND) return rate;
  return distributionOf(results.slice(ChainResult.LATENCIES).map((nanoseconds) => nanoseconds / 1000));
}

/** Until every thread sleeps: what still climbs its wait ladder would take the CPU from the next contender. */
async function settle({ board, boardPlan }: Engine): Promise<void> {
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  while (!boardPlan.threads.every((_, thread) => board.thread(thread).idle) && performance.now() < end) await delay(20);
}

function result({ name, runs, missed }: Contender): BenchResult {
  const note =
    missed.length === 0
      ? {}
      : {
          note: `${missed.length} of ${ROUNDS} rounds missed the offered ${EVENTS_PER_SECOND} events/s (${Math.round(median(missed))}) and do not count`,
        };
  return { name, unit: 'us', ...(runs.length === 0 ? {} : medianRun(runs)), ...note };
}

/**
 * End to end from the moment when a message was due to its arrival, 50,000 a second in an open loop, through the engine's own
 * host: stages, merge, wait ladder and telemetry as they run in production. Rounds of the placements alternate.
 */
export const suite: BenchSuite = async (progress) => {
  const cpus = usableCpus();
  const contenders: Contender[] = [];
  try {
    contenders.push(await start(`chain 4 actors, 4 threads on ${cpus.length} cores`, threadEach(cpus), 1));
    contenders.push(await start('chain 4 actors, one thread', oneThread(cpus), 2));
    for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
      const counts = round > WARM_UP_ROUNDS;
      for (const contender of contenders) {
        const outcome = await runRound(contender, round);
        if (!counts) continue;
        if (typeof outcome === 'number') contender.missed.push(outcome);
        else contender.runs.push(outcome);
      }
      progress(`chain: ${counts ? `round ${round - WARM_UP_ROUNDS} of ${ROUNDS}` : 'warming up'}`);
    }
  } finally {
    await Promise.all(contenders.map(({ engine }) => engine.stop()));
  }
  return contenders.map(result);
};
