/**
 * The risk stage with a chain at work, 800 quotes, and the killer.
 *
 *   800 intents ──> Risk (all checks, worst cases kept as orders come and go)   beside   the same sums taken anew for each intent
 *   latch in shared memory ──> killer's process ──> socket ──> venue
 */

import { QUOTES, RiskLoad } from '../../../actors/testing/risk/risk-load.js';
import { prepareV8 } from '../../../engine/runtime/host/heap-and-compiler.js';
import { bytesPerCall } from '../../../engine/testing/allocation.js';
import { interleaved } from '../../interleaved.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { distributionOf } from '../../rig/distribution.js';
import { killerReaction } from './killer.js';

const ROUNDS = 31;
const CHAINS = 20;
/** A recomputation for each intent takes so long that fewer of them are enough. */
const RECOMPUTED = 200;
const ALONE = 20_000;
/** Read between two checks, so that each finds the first cache as an event of its own would: twice its size. */
const OTHER_WORK = new Float64Array(2 ** 13);

/** Nanoseconds of one clock reading, which every sample has in it. */
function clockCost(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < 10_000; index++) {
    const start = process.hrtime.bigint();
    least = Math.min(least, Number(process.hrtime.bigint() - start));
  }
  return least;
}

/** Every quote of a chain, one after another: what each costs, and what it would cost to add up all that rests for each. */
function amortised(load: RiskLoad): BenchResult {
  const { resting } = load.memory;
  let refused = 0;
  const checked = (): void => {
    for (let chain = 0; chain < CHAINS; chain++) {
      for (let quote = 0; quote < QUOTES; quote++) refused += load.judge(quote);
    }
  };
  const recomputed = (): void => {
    for (let quote = 0; quote < RECOMPUTED; quote++) {
      resting.recompute();
      refused += load.judge(quote);
    }
  };
  const [ours, theirs] = interleaved(ROUNDS, [checked, recomputed]);
  if (refused !== 0) throw new Error('a quote of the load was refused: no limit was to bind');
  return {
    name: `a check, amortised over ${QUOTES} quotes`,
    unit: 'ns',
    value: ours! / (CHAINS * QUOTES),
    peer: 'the same with a full recomputation of the worst cases',
    peerValue: theirs! / RECOMPUTED,
    ratio: theirs! / RECOMPUTED / (ours! / (CHAINS * QUOTES)),
    note: 'all checks to their end; bar 250 ns',
  };
}

/** The whole stage: checked, counted as resting, and written as an approved order. */
function approved(load: RiskLoad): BenchResult {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS * CHAINS; round++) {
    const start = process.hrtime.bigint();
    load.chain();
    samples.push(Number(process.hrtime.bigint() - start) / QUOTES);
    load.settleChain();
  }
  samples.sort((left, right) => left - right);
  return {
    name: 'a check, and the approved order written',
    unit: 'ns',
    value: samples[samples.length >> 1]!,
    note: `amortised over ${QUOTES} quotes; with what was approved counted as resting`,
  };
}

/** One intent an event, with other work between, by the clock of each. */
function alone(load: RiskLoad): BenchResult {
  const samples = new Float64Array(ALONE);
  const empty = clockCost();
  let sink = 0;
  for (let index = 0; index < ALONE; index++) {
    for (let cell = index % 8; cell < OTHER_WORK.length; cell += 8) sink += OTHER_WORK[cell]!;
    const quote = (index * 7919) % QUOTES;
    const start = process.hrtime.bigint();
    sink += load.judge(quote);
    samples[index] = Number(process.hrtime.bigint() - start) - empty;
  }
  if (sink !== 0) throw new Error('a quote of the load was refused: no limit was to bind');
  return {
    name: 'a check, alone after other work',
    unit: 'ns',
    ...distributionOf(samples),
    note: '64 KiB are read between two of them; bar 1 us',
  };
}

function allocation(): BenchResult {
  const value = bytesPerCall(
    {
      module: 'actors/testing/risk/risk-load.js',
      setup: 'const load = new RiskLoad();',
      call: 'const quote = i % 64; load.ask(quote); load.settle(quote); if (quote === 63) load.publish();',
    },
    50_000,
  );
  return { name: 'allocation of a check', unit: 'bytes', value };
}

export const suite: BenchSuite = async (progress) => {
  // As on a thread of the engine.
  prepareV8();
  const load = new RiskLoad();
  progress('risk: checks');
  const results = [amortised(load), alone(load), approved(load)];
  progress('risk: allocation');
  results.push(allocation());
  progress('risk: the killer');
  results.push(await killerReaction(progress));
  return results;
};
