import { setTimeout as delay } from 'node:timers/promises';
import { newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { Engine } from '../../../engine/runtime/host/engine.js';
import type { Placement } from '../../../engine/runtime/topology/placement.js';
import { LADDER, SPIN_THEN_SLEEP } from '../../../engine/runtime/wait/wait-ladder.js';
import { type Distribution, distributionOf } from '../../rig/distribution.js';
import {
  ACTORS,
  type Contender,
  cpuOfAll,
  cpuOfEach,
  EVENTS_PER_SECOND,
  isMissed,
  MEASURED_EVENTS,
  WARM_UP_EVENTS,
} from './load.js';
import { ChainControl, ChainResult, type ChainSettings, topology } from './topology.js';

const ROUND_TIMEOUT_MS = 15_000;
const SETTLE_TIMEOUT_MS = 2_000;

export function threadEach(): Placement {
  return {
    threads: cpuOfEach().map((cpu, index) => {
      const name = ACTORS[index]!;
      return { name, kind: 'compute', cpu, wait: LADDER, actors: [name] };
    }),
  };
}

export function oneThread(): Placement {
  const alone = { cpu: cpuOfAll(), wait: SPIN_THEN_SLEEP };
  return { threads: [{ name: 'chain', kind: 'compute', ...alone, actors: ACTORS }] };
}

/** The chain in the engine's own host, on one placement: stages, merge, wait ladder and telemetry as they run in production. */
export async function engineContender(name: string, placement: Placement, engineRun: number): Promise<Contender> {
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
  const results = new Float64Array(settings.results);
  const run = async (round: number): Promise<Distribution | number> => {
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
    if (isMissed(rate)) return rate;
    return distributionOf(results.slice(ChainResult.LATENCIES).map((nanoseconds) => nanoseconds / 1000));
  };
  return { name, run, close: () => engine.stop() };
}

/** Until every thread sleeps: what still climbs its wait ladder would take the CPU from the next contender. */
async function settle({ board, boardPlan }: Engine): Promise<void> {
  const end = performance.now() + SETTLE_TIMEOUT_MS;
  while (!boardPlan.threads.every((_, thread) => board.thread(thread).idle) && performance.now() < end) await delay(20);
}
