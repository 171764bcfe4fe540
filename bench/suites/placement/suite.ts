import { libcFailure } from '../../../engine/runtime/native/libc.js';
import { usableCpus } from '../../../engine/runtime/topology/placement.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { type Distribution, median, medianRun } from '../../rig/distribution.js';
import { type Side, startProcess } from '../../rig/side.js';
import type { EngineRound } from './engine-process.js';
import type { VenueOutcome, VenueRound } from './venue-process.js';
import { iterationsFor } from './work.js';

const WORK_MICROSECONDS = 10;
const PER_SECOND = 2_000;
const MEASURED = 4_000;
const WARM_UP = 400;
/** Compilers and pools settle in the first rounds, which do not count. */
const WARM_UP_ROUNDS = 2;
const ROUNDS = 7;
const LEAST_RATE = 0.99;

interface Contender {
  name: string;
  placement: string;
  venue: Side<VenueRound, VenueOutcome>;
  engine: Side<EngineRound, string>;
  runs: Distribution[];
  missed: number[];
}

async function start(name: string, pinned: boolean, iterations: number): Promise<Contender> {
  // The venue shares the CPU of everything that has sockets.
  const cpu = pinned ? usableCpus()[0] : undefined;
  const venue = startProcess<VenueRound, VenueOutcome>(new URL('./venue-process.js', import.meta.url), { cpu });
  const listening = await venue.run({ kind: 'listen' });
  const settings = { port: (listening as { port: number }).port, iterations };
  const entry = new URL('./engine-process.js', import.meta.url);
  const engine = startProcess<EngineRound, string>(entry, { settings, pinned });
  const placement = await engine.run('start');
  return { name, placement, venue, engine, runs: [], missed: [] };
}

function result({ name, placement, runs, missed }: Contender): BenchResult {
  const notes = [placement];
  if (missed.length > 0) {
    notes.push(
      `${missed.length} of ${ROUNDS} rounds missed the offered ${PER_SECOND}/s (${Math.round(median(missed))}) and do not count`,
    );
  }
  return { name, unit: 'us', ...(runs.length === 0 ? {} : medianRun(runs)), note: notes.join('; ') };
}

/**
 * From the moment when a venue's message was due, over TCP to the I/O thread, through 10 us of core work, and back to the venue:
 * threads and venue placed as this machine's cores suggest, against the same threads unpinned. Rounds alternate.
 */
export const suite: BenchSuite = async (progress) => {
  const iterations = iterationsFor(WORK_MICROSECONDS);
  const contenders: Contender[] = [];
  try {
    contenders.push(await start('placement of this machine', true, iterations));
    contenders.push(await start('unpinned', false, iterations));
    for (let round = 1; round <= WARM_UP_ROUNDS + ROUNDS; round++) {
      const counts = round > WARM_UP_ROUNDS;
      for (const { venue, runs, missed } of contenders) {
        const outcome = await venue.run({ kind: 'measure', count: MEASURED, warmUp: WARM_UP, perSecond: PER_SECOND });
        if (!counts || !('microseconds' in outcome)) continue;
        if (outcome.perSecond < LEAST_RATE * PER_SECOND) missed.push(outcome.perSecond);
        else runs.push(outcome.microseconds);
      }
      progress(`placement: ${counts ? `round ${round - WARM_UP_ROUNDS} of ${ROUNDS}` : 'warming up'}`);
    }
  } finally {
    await Promise.all(contenders.flatMap(({ venue, engine }) => [venue.close(), engine.close()]));
  }
  const [placed, free] = contenders.map(result) as [BenchResult, BenchResult];
  if (libcFailure() !== undefined) placed.note = `nothing is pinned: ${libcFailure()}`;
  if (placed.p99 !== undefined && free.p99 !== undefined) {
    Object.assign(placed, { peer: 'unpinned, p99', peerValue: free.p99, ratio: free.p99 / placed.p99 });
  }
  return [placed, free];
};
