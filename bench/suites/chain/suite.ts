import { usableCpus } from '../../../engine/runtime/topology/placement.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { type CppProgram, compileCpp } from '../../rig/cpp-program.js';
import { type Distribution, median, medianRun } from '../../rig/distribution.js';
import { engineContender, oneThread, threadEach } from './engine-contender.js';
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

/** Compiling threads compete with the actors for this machine's cores: seconds pass until they have nothing left to do. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 7;
const IN_CPP = ', in C++';

/** Rounds of one contender that count, and the rates of those that missed what was offered. */
interface Measured {
  name: string;
  runs: Distribution[];
  missed: number[];
}

/** The same chain in C++. @param cpus of the actors; the same for all where they are on one thread */
function cppContender(name: string, cpp: CppProgram, cpus: readonly number[]): Contender {
  const run = async (): Promise<Distribution | number> => {
    const [p50, p99, p999, max, rate] = await cpp.run(
      WARM_UP_EVENTS + MEASURED_EVENTS,
      WARM_UP_EVENTS,
      EVENTS_PER_SECOND,
      ...cpus,
    );
    if (isMissed(rate!)) return rate!;
    return { p50: p50! / 1000, p99: p99! / 1000, p999: p999! / 1000, max: max! / 1000 };
  };
  return { name: `${name}${IN_CPP}`, run, close: async () => {} };
}

function result({ name, runs, missed }: Measured, rival: Measured | undefined): BenchResult {
  const said =
    missed.length === 0
      ? {}
      : {
          note: `${missed.length} of ${ROUNDS} rounds missed the offered ${EVENTS_PER_SECOND} events/s (${Math.round(median(missed))}) and do not count`,
        };
  if (runs.length === 0) return { name, unit: 'us', ...said };
  const own = medianRun(runs);
  if (rival === undefined || rival.runs.length === 0) return { name, unit: 'us', ...own, ...said };
  const theirs = medianRun(rival.runs).p99;
  return { name, unit: 'us', ...own, peer: 'C++, p99', peerValue: theirs, ratio: theirs / own.p99, ...said };
}

/**
 * End to end from the moment when a message was due to its arrival, 50,000 a second in an open loop, through the engine's own
 * host; and through the same rings and the same ladder in C++, where there is a compiler: what this machine does at best. Rounds of all alternate.
 */
export const suite: BenchSuite = async (progress) => {
  const threads = `chain ${ACTORS.length} actors, ${ACTORS.length} threads on ${usableCpus().length} cores`;
  const alone = `chain ${ACTORS.length} actors, one thread`;
  progress('chain: compiling the C++ program');
  const cpp = await compileCpp('bench/suites/chain/chain-peer.cpp');
  const contenders: Contender[] = [];
  const measured = new Map<string, Measured>();
  try {
    contenders.push(await engineContender(threads, threadEach(), 1));
    contenders.push(await engineContender(alone, oneThread(), 2));
    if (!('missing' in cpp)) {
      contenders.push(cppContender(threads, cpp, cpuOfEach()));
      contenders.push(cppContender(alone, cpp, ACTORS.map(cpuOfAll)));
    }
    for (const { name } of contenders) measured.set(name, { name, runs: [], missed: [] });
    for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
      const counts = round > WARM_UP_ROUNDS;
      for (const { name, run } of contenders) {
        const outcome = await run(round);
        if (!counts) continue;
        if (typeof outcome === 'number') measured.get(name)!.missed.push(outcome);
        else measured.get(name)!.runs.push(outcome);
      }
      progress(`chain: ${counts ? `round ${round - WARM_UP_ROUNDS} of ${ROUNDS}` : 'warming up'}`);
    }
  } finally {
    await Promise.all(contenders.map(({ close }) => close()));
    if (!('missing' in cpp)) await cpp.remove();
  }
  const rows = contenders.map(({ name }) => result(measured.get(name)!, measured.get(`${name}${IN_CPP}`)));
  if ('missing' in cpp) rows[0]!.note = [rows[0]!.note, `no C++ program: ${cpp.missing}`].filter(Boolean).join('; ');
  return rows;
};
