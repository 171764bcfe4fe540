import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../engine/testing/free-port.js';
import { Output, pause, VenueRig } from '../prove/processes/venue-rig.js';
import type { BenchResult, BenchSuite } from '../report.js';

const STARTS = 3;
const GIVEN_UP_MS = 60_000;
/** Before it is ended again: a killed engine leaves so long a tail. */
const RUNS_MS = 3000;
/** What the engine says of its start, on its output; and the two lines that are measured. */
const STEP = /start: (.+) after [\d.]+ s/g;
const FIRST = 'the first quote rests';
const MANY = '100 quotes rest';

/** Milliseconds from the beginning until each step of a start was said. */
type Steps = ReadonlyMap<string, number>;

/**
 * Follows one start by what the engine says, and asks it nothing: a gateway that is asked for its orders again and again takes the CPU from the start that it
 * measures, and is itself the last to be there. The engine looks every 50 ms at orders that the venue has confirmed.
 */
async function quotes(from: number, engine: Output): Promise<Steps> {
  const steps = new Map<string, number>();
  const seen = (): void => {
    const now = performance.now() - from;
    for (const [, step] of engine.text.matchAll(STEP)) if (!steps.has(step!)) steps.set(step!, now);
  };
  const late = setTimeout(() => engine.child.kill('SIGTERM'), GIVEN_UP_MS);
  for (const stream of [engine.child.stdout!, engine.child.stderr!]) stream.on('data', seen);
  seen();
  while (!steps.has(MANY) && !engine.hasEnded) await Promise.race([engine.ended, pause(20)]);
  clearTimeout(late);
  if (steps.has(MANY)) return steps;
  // A machine that is full of other work halts an engine before it quotes: then nothing can be measured on it.
  const why = engine.text.split('\n').filter((line) => /^(warn|error)/.test(line));
  const last = [...steps.keys()].at(-1) ?? 'nothing';
  throw new Error(
    `no ${MANY} within ${GIVEN_UP_MS / 1000} s; the last step was '${last}'; the engine says: ${why.slice(-3).join('; ')}`,
  );
}

/** The steps on one line, in seconds. */
function told(steps: Steps): string {
  return [...steps].map(([step, ms]) => `${step} ${(ms / 1000).toFixed(2)}`).join(', ');
}

function run(port: string, folder: string, more: readonly string[]): Output {
  return new Output([
    ...['run', '--port', port, '--gateway', join(folder, 'gateway'), '--journal', join(folder, 'journal')],
    ...['--log', join(folder, 'log'), '--alerts', join(folder, 'alerts'), '--no-store'],
    ...more,
  ]);
}

async function stop(engine: Output, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  engine.child.kill(signal);
  await engine.ended;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function result(name: string, starts: readonly Steps[], note: string): BenchResult[] {
  const seconds = (step: string): number[] => starts.map((steps) => steps.get(step)! / 1000);
  const line = (what: string, step: string): BenchResult => {
    const values = seconds(step);
    return { name: `${name}, ${what}`, unit: 's', value: median(values), max: Math.max(...values), note };
  };
  return [line(FIRST.replace('the ', ''), FIRST), line(MANY, MANY)];
}

/** How the engine before ends: in order, where it leaves a snapshot, or killed at once, where the next start replays what came after the last one. */
const ENDS = { 'an orderly end': 'SIGTERM', 'kill -9': 'SIGKILL' } as const;
type End = keyof typeof ENDS;

/** From the command to quotes at the venue: with a venue of its own and nothing kept, and again after each kind of end on one that goes on. */
export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-start-'));
  const cold: Steps[] = [];
  const again: Record<End, Steps[]> = { 'an orderly end': [], 'kill -9': [] };
  const port = String(await freePort());
  try {
    for (let start = 1; start <= STARTS; start++) {
      const own = join(folder, `cold-${start}`);
      const from = performance.now();
      const engine = run(port, own, []);
      try {
        cold.push(await quotes(from, engine));
      } finally {
        await stop(engine);
      }
      progress(`cold start ${start}: ${told(cold.at(-1)!)}`);
    }
    const venue = new VenueRig(folder, 1);
    try {
      await venue.start();
      const words = ['--feed', `venue=${venue.url}`, '--venue-keys', venue.keysFile];
      let engine = run(port, folder, words);
      try {
        await quotes(performance.now(), engine);
        for (const end of Object.keys(ENDS) as End[])
          for (let restart = 1; restart <= STARTS; restart++) {
            await pause(RUNS_MS);
            const from = performance.now();
            await stop(engine, ENDS[end]);
            const ended = (performance.now() - from) / 1000;
            engine = run(port, folder, words);
            again[end].push(await quotes(from, engine));
            progress(`restart ${restart} after ${end}: ended in ${ended.toFixed(2)} s; ${told(again[end].at(-1)!)}`);
          }
      } finally {
        await stop(engine);
      }
    } finally {
      await venue.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [
    ...result(
      'cold start with the embedded venue',
      cold,
      `median of ${STARTS}; bar 5 s; the files of the program were read before`,
    ),
    ...(Object.keys(ENDS) as End[]).flatMap((end) =>
      result(`restart with the journal after ${end}`, again[end], `median of ${STARTS}, from ${ENDS[end]}; bar 5 s`),
    ),
  ];
};
