import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { writeLevel } from '../../engine/telemetry/log/levels.js';
import { projectRoot } from '../../engine/testing/project-root.js';
import type { BenchResult, BenchSuite } from '../report.js';

/** The issue asks for twenty rounds of thirty seconds each way; these fit into a benchmark. `VOLFILTER_OBSERVED_ROUNDS` and `_SECONDS` make them more. */
const ROUNDS = Number(process.env.VOLFILTER_OBSERVED_ROUNDS ?? 6);
const SECONDS = Number(process.env.VOLFILTER_OBSERVED_SECONDS ?? 8);
const RATE = 20_000;
/** The way of a tick through the core. */
const STAGES = ['book', 'filter', 'orders', 'portfolio', 'quoter', 'dispatch', 'risk'];
const telemetry = z.object({
  hops: z.array(
    z.object({ name: z.string(), service: z.object({ p50: z.number().nullable(), p99: z.number().nullable() }) }),
  ),
});

interface Times {
  p50: number;
  p99: number;
}

/** Takes whatever it is sent: collector and server of error reports. */
async function sink(): Promise<{ server: Server; address: string; count: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, address: `127.0.0.1:${(server.address() as { port: number }).port}`, count: () => asked };
}

/** One run of the engine on random walks; nanoseconds that an event takes in the core, all stages together. */
async function round(folder: string, isObserved: boolean, address: string): Promise<Times> {
  const file = join(folder, 'telemetry.json');
  const log = join(folder, 'log');
  if (isObserved) writeLevel(log, '*', 'trace');
  const words = [
    ...['run', '--feed', 'synthetic', '--rate', String(RATE), '--seconds', String(SECONDS), '--telemetry-json', file],
    ...['--no-journal', '--no-gateway', '--no-alerts', '--port', '0'],
    ...(isObserved ? ['--log', log, '--traces', `http://${address}`, '--trace-every', '1'] : ['--no-log']),
  ];
  const { VOLFILTER_SENTRY_DSN: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, ...environment } = process.env;
  const child = spawn(process.execPath, [join(projectRoot(), 'dist/engine/cli/main.js'), ...words], {
    stdio: 'ignore',
    env: isObserved ? { ...environment, VOLFILTER_SENTRY_DSN: `http://key@${address}/1` } : environment,
  });
  const code = await new Promise((ended) => child.once('exit', ended));
  if (code !== 0) throw new Error(`the engine ended with ${String(code)}`);
  const { hops } = telemetry.parse(JSON.parse(readFileSync(file, 'utf8')));
  const stages = hops.filter(({ name }) => STAGES.includes(name));
  const sum = (of: 'p50' | 'p99'): number => stages.reduce((all, { service }) => all + (service[of] ?? 0), 0);
  return { p50: sum('p50'), p99: sum('p99') };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The core with log (all levels), traces each second and error reports on, beside the core with none of them: in turn, so that what disturbs the machine meets both. */
export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-observed-'));
  const { server, address, count } = await sink();
  const plain: Times[] = [];
  const observed: Times[] = [];
  try {
    for (let number = 0; number < ROUNDS; number++) {
      // First now the one, now the other.
      for (const isObserved of number % 2 === 0 ? [false, true] : [true, false]) {
        (isObserved ? observed : plain).push(await round(folder, isObserved, address));
      }
      progress(`round ${number + 1} of ${ROUNDS}`);
    }
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  if (count() === 0)
    throw new Error('collector and error server were asked for nothing: nothing was observed that could be compared');
  const note = `${ROUNDS} rounds of ${SECONDS} s each way, ${count()} requests to collector and error server`;
  return (['p50', 'p99'] as const).map((at): BenchResult => {
    const ratios = plain.map((each, place) => each[at] / observed[place]![at]);
    return {
      name: `core with log, traces and error reports, ${at}`,
      unit: 'ns',
      value: median(observed.map((each) => each[at])),
      peer: 'with none of them',
      peerValue: median(plain.map((each) => each[at])),
      ratio: median(ratios),
      note: at === 'p50' ? `${note}; bar ratio 0.95` : "the stages' own percentiles, summed; bar ratio 0.8",
    };
  });
};
