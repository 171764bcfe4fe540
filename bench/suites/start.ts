import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { OrderStatus } from '../../engine/market/orders/codes.js';
import { Output, pause, VenueRig } from '../prove/processes/venue-rig.js';
import type { BenchResult, BenchSuite } from '../report.js';

/** Orders at work that show that the engine quotes, and not that one got through. */
const QUOTED = 100;
const STARTS = 3;
const GIVEN_UP_MS = 60_000;
const LOOK_MS = 25;
const connection = z.object({ url: z.string(), token: z.string() });
const page = z.object({ rows: z.array(z.object({ status: z.number() })) });

/** Orders that rest at the venue, as the engine shows them: those that the venue has confirmed. */
async function resting(folder: string): Promise<number> {
  try {
    const { url, token } = connection.parse(JSON.parse(readFileSync(join(folder, 'gateway/connection.json'), 'utf8')));
    const response = await fetch(`${url}/api/v1/orders?limit=5000`, { headers: { authorization: `Bearer ${token}` } });
    const { rows } = page.parse(await response.json());
    return rows.filter(({ status }) => status === OrderStatus.OPEN || status === OrderStatus.PARTLY_FILLED).length;
  } catch {
    return 0;
  }
}

/** One start: milliseconds from `from` until the first order rests, and until many do. */
async function quotes(folder: string, from: number, engine: Output): Promise<{ first: number; many: number }> {
  let first = Number.NaN;
  for (;;) {
    const count = await resting(folder);
    const now = performance.now() - from;
    if (count > 0 && Number.isNaN(first)) first = now;
    if (count >= QUOTED) return { first, many: now };
    if (engine.hasEnded) throw new Error(`the engine has ended: ${engine.text.slice(-400)}`);
    if (now > GIVEN_UP_MS) {
      // A machine that is full of other work halts an engine before it quotes: then nothing can be measured on it.
      const why = engine.text.split('\n').filter((line) => /^(warn|error)/.test(line));
      throw new Error(
        `${count} orders rest after ${GIVEN_UP_MS / 1000} s, of ${QUOTED}; the engine says: ${why.slice(-3).join('; ')}`,
      );
    }
    await pause(LOOK_MS);
  }
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return String(port);
}

function run(port: string, folder: string, more: readonly string[]): Output {
  return new Output([
    ...['run', '--port', port, '--gateway', join(folder, 'gateway'), '--journal', join(folder, 'journal')],
    ...['--log', join(folder, 'log'), '--alerts', join(folder, 'alerts'), '--no-store'],
    ...more,
  ]);
}

async function stop(engine: Output, folder: string): Promise<void> {
  engine.child.kill('SIGTERM');
  await engine.ended;
  // What tells of a gateway that is gone would be asked by the next start.
  rmSync(join(folder, 'gateway/connection.json'), { force: true });
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

function result(name: string, starts: readonly { first: number; many: number }[], note: string): BenchResult[] {
  const firsts = starts.map(({ first }) => first / 1000);
  const many = starts.map((each) => each.many / 1000);
  return [
    { name: `${name}, first quote rests`, unit: 's', value: median(firsts), max: Math.max(...firsts), note },
    { name: `${name}, ${QUOTED} quotes rest`, unit: 's', value: median(many), max: Math.max(...many), note },
  ];
}

/** From the command to quotes at the venue: with a venue of its own and nothing kept, and again after an orderly end on one that goes on. */
export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-start-'));
  const cold: { first: number; many: number }[] = [];
  const again: { first: number; many: number }[] = [];
  const port = await freePort();
  try {
    for (let start = 1; start <= STARTS; start++) {
      const own = join(folder, `cold-${start}`);
      const from = performance.now();
      const engine = run(port, own, []);
      try {
        cold.push(await quotes(own, from, engine));
      } finally {
        await stop(engine, own);
      }
      progress(`cold start ${start}: ${(cold.at(-1)!.many / 1000).toFixed(2)} s`);
    }
    const venue = new VenueRig(folder, 1);
    try {
      await venue.start();
      const words = ['--feed', `venue=${venue.url}`, '--venue-keys', venue.keysFile];
      let engine = run(port, folder, words);
      try {
        await quotes(folder, performance.now(), engine);
        for (let restart = 1; restart <= STARTS; restart++) {
          await pause(3000);
          const from = performance.now();
          await stop(engine, folder);
          const ended = (performance.now() - from) / 1000;
          engine = run(port, folder, words);
          again.push(await quotes(folder, from, engine));
          progress(
            `restart ${restart}: ended in ${ended.toFixed(2)} s, quotes again after ${(again.at(-1)!.many / 1000).toFixed(2)} s`,
          );
        }
      } finally {
        await stop(engine, folder);
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
    ...result('restart with the journal', again, `median of ${STARTS}, from SIGTERM; bar 5 s`),
  ];
};
