/** An engine in a process of its own on its simulated venue, asked through its gateway. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = join(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))), 'engine', 'cli', 'main.js');
const START_MS = 90_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Where a gateway is, and by which token it may be asked. */
export interface Connection {
  url: string;
  token: string;
}

/** Counters of the core: times that a writer found no room, and that a stage waited for room. */
export interface Waits {
  full: number;
  gated: number;
}

/** The rows of a topic. */
export async function rows({ url, token }: Connection, topic: string): Promise<Record<string, number>[]> {
  const response = await fetch(`${url}/api/v1/${topic}`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { rows: Record<string, number>[] }).rows;
}

export async function waits(connection: Connection): Promise<Waits> {
  const sum = (list: Record<string, number>[], field: string) =>
    list.reduce((total, row) => total + (row[field] ?? 0), 0);
  return { full: sum(await rows(connection, 'edges'), 'full'), gated: sum(await rows(connection, 'latency'), 'gated') };
}

/** Starts the engine as `volfilter run` does, and waits until it trades. */
export async function startEngine(
  folder: string,
  port: number,
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ engine: ChildProcess; connection: Connection }> {
  const output = openSync(join(folder, 'engine.txt'), 'w');
  const engine = spawn(process.execPath, [MAIN, 'run', '--port', String(port), ...options], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', output, output],
  });
  const file = join(folder, 'data', 'gateway', 'connection.json');
  const end = performance.now() + START_MS;
  while (performance.now() < end) {
    await pause(500);
    if (!existsSync(file)) continue;
    const connection = JSON.parse(readFileSync(file, 'utf8')) as Connection;
    try {
      const [trading] = await rows(connection, 'trading');
      if (trading?.state === 3 && (trading.openOrders ?? 0) > 0) return { engine, connection };
    } catch {
      // Not yet.
    }
  }
  engine.kill();
  const said = readFileSync(join(folder, 'engine.txt'), 'utf8').slice(-500);
  rmSync(folder, { recursive: true, force: true });
  throw new Error(
    `expected an engine with orders at work within ${START_MS / 1000} s, found none: one that gets no CPU kills itself; it said: ${said}`,
  );
}
