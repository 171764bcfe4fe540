import { type EngineSettings, syntheticSettings, topology } from '../../../actors/topology.js';
import { Engine } from '../../../engine/runtime/host/engine.js';
import { readTelemetry, type Telemetry } from '../../../engine/runtime/supervision/telemetry-report.js';
import { ThreadCounter } from '../../../engine/runtime/supervision/thread-line.js';
import { autoPlacement } from '../../../engine/runtime/topology/placement.js';
import type { BenchResult } from '../../report.js';
import type { Proof } from '../proof.js';

const RATE = 100_000;
/** A run that falls behind its rate proves nothing. */
const LEAST_RATE = 0.99 * RATE;
/** Compilation and the first collections are not the steady state, which begins with empty nurseries. */
const WARM_UP_SECONDS = 25;
const LOOK_SECONDS = 0.05;
const LONGEST_LOOK_SECONDS = 10;

function settings(): EngineSettings {
  return syntheticSettings(200, RATE, 1);
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** Everything on the board, the compute threads' collections up to now included. */
async function look(engine: Engine, compute: readonly string[]): Promise<Telemetry> {
  const { board } = engine;
  board.askForCollections();
  const asked = board.collectionsAsked();
  const answered = (name: string) =>
    board.thread(board.plan.threads.indexOf(name)).counters[ThreadCounter.LOOKED] === asked;
  for (let waited = 0; !compute.every(answered); waited += LOOK_SECONDS) {
    if (waited > LONGEST_LOOK_SECONDS) throw new Error(`no answer about collections within ${LONGEST_LOOK_SECONDS} s`);
    await pause(LOOK_SECONDS);
  }
  return readTelemetry(board);
}

export const proof: Proof = {
  name: 'steady-state',
  claim: 'at 100,000 quotes a second the compute threads collect no garbage',
  unit: 'seconds',
  amounts: { ci: 60, full: 600 },
  async run(seconds, progress) {
    const given = settings();
    const built = topology(given);
    const placement = autoPlacement(built);
    const compute = placement.threads.filter(({ kind }) => kind === 'compute').map(({ name }) => name);
    const failures: string[] = [];
    const engine = new Engine({
      topologyModule: new URL('../../../actors/topology.js', import.meta.url).href,
      topology: built,
      settings: given,
      placement,
      engineRun: 1,
      engineId: 1,
      // A machine that is busy with something else is no garbage.
      supervised: false,
      onNote: (level, who, message) => {
        if (level === 'error' || level === 'fatal') failures.push(`${who}: ${message}`);
      },
    });
    await engine.start();
    try {
      await pause(WARM_UP_SECONDS);
      engine.board.askForClearing();
      await pause(1);
      const before = await look(engine, compute);
      for (let second = 0; second < seconds; second++) {
        await pause(1);
        progress(second + 1);
      }
      const after = await look(engine, compute);
      if (failures.length > 0) throw new Error(failures.join('\n'));
      return judge(before, after, seconds, compute);
    } finally {
      await engine.stop();
    }
  },
};

function judge(before: Telemetry, after: Telemetry, seconds: number, compute: readonly string[]): BenchResult[] {
  const sequencer = (telemetry: Telemetry) => telemetry.hops.find(({ name }) => name === 'sequencer')!;
  const stamped = (sequencer(after).records - sequencer(before).records) / seconds;
  // Taken and counted too, but superseded before they were stamped: another process had the CPU for some milliseconds.
  const conflated = (sequencer(after).conflated - sequencer(before).conflated) / seconds;
  const rate = stamped + conflated;
  const results: BenchResult[] = [
    { name: 'log events', unit: 'events/s', value: stamped },
    { name: 'quotes conflated', unit: 'events/s', value: conflated },
  ];
  for (const [index, thread] of after.threads.entries()) {
    const collections = thread.collections - before.threads[index]!.collections;
    results.push({ name: `collections of ${thread.name}`, unit: `in ${seconds} s`, value: collections });
    if (compute.includes(thread.name) && collections > 0) {
      throw new Error(`thread '${thread.name}' collected garbage ${collections} times in ${seconds} s`);
    }
  }
  if (rate < LEAST_RATE)
    throw new Error(`the engine took ${rate.toFixed(0)} events/s of the ${RATE} offered: nothing is proved`);
  return results;
}
