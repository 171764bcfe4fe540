/**
 * The SQL store: how far it is behind the core that it follows, and the fills of a day joined as of their time to a day of tops and surfaces.
 * `VOLFILTER_BENCH_TOPS` says how many tops, 10,000,000 without it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { coreSettings } from '../../actors/backtest/simulated-backtest.js';
import { journalVirtualRun } from '../../actors/testing/backtest/journalled-virtual-run.js';
import { MARKET_MAKER_LIMITS } from '../../actors/venue-sim/api/session/rate-limits.js';
import { WORLD } from '../../actors/venue-sim/world/parameters.js';
import { topsInForce } from '../../engine/store/sql/as-of.js';
import { readManifest, storeFolder } from '../../engine/store/sql/manifest.js';
import { copyStatement } from '../../engine/store/sql/part-writer.js';
import { projectRoot } from '../../engine/testing/project-root.js';
import type { BenchResult, BenchSuite } from '../report.js';

const TOPS = Number(process.env.VOLFILTER_BENCH_TOPS ?? 10_000_000);
const FILLS = 5000;
const INSTRUMENTS = 400;
const DAY_MICROS = 86_400_000_000;
/** The store puts parts together up to some millions of rows: as many as this a day. */
const PARTS = 24;
/** Between two fits of the surface. */
const FIT_MICROS = 30_000_000;
/** Of the chain that the follower's store is measured on: its strikes, and seconds of real time, those that the follower needs to begin first. */
const LAG_STRIKES = 16;
const LAG_WARM_UP_SECONDS = 30;
const LAG_SECONDS = 60;
const SEALED_SECONDS = 0.25;
const LOOK_MS = 20;
const LAST_LOOKS = 250;
const ROUNDS = 3;
const MOST_MEMORY = '4GB';

/** What is asked of each fill: its value at the middle, and the error of the surface that was in force. */
const ASKED = `SELECT count(*) AS n, sum(f.amount * (t.bid_price + t.ask_price) / 2) + sum(s.fit_error) AS value`;
const SURFACE = 'ASOF JOIN surfaces s ON s.underlying = f.underlying AND s.time < f.time';

/** DuckDB's own as-of join over everything. */
const PLAIN = `${ASKED} FROM fills f ASOF JOIN tops t ON t.instrument = f.instrument AND t.time < f.time ${SURFACE}`;

/** The same by the store's own expressions, which its views are made of. */
const IN_FORCE = `WITH ${topsInForce('fills', ['bid_price', 'ask_price'])}
  ${ASKED} FROM fills f JOIN in_force t ON t.n = f.n ${SURFACE}`;

async function timed(
  connection: DuckDBConnection,
  sql: string,
  rounds: number,
): Promise<{ seconds: number; cpuSeconds: number; count: bigint; sum: number }> {
  let seconds = Number.POSITIVE_INFINITY;
  let cpuSeconds = Number.POSITIVE_INFINITY;
  let count = 0n;
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const used = process.cpuUsage();
    const started = performance.now();
    const reader = await connection.runAndReadAll(sql);
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(used);
    cpuSeconds = Math.min(cpuSeconds, (user + system) / 1e6);
    [count, sum] = reader.getRows()[0] as [bigint, number];
  }
  return { seconds, cpuSeconds, count, sum };
}

/** How far the store of a quoted chain is behind its core, while both run in real time. */
async function lagOfFollower(progress: (line: string) => void): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-lag-'));
  const main = join(projectRoot(), 'dist/engine/cli/main.js');
  const store = storeFolder(folder);
  /** Events that the core has answered, and when. */
  const said: { seq: number; at: number }[] = [];
  const lags: number[] = [];
  let follower: ChildProcess | undefined;
  let log = { seq: 0 };
  let begun = 0;
  /** Notes how long what the store has now was not in it. */
  const look = (): void => {
    const known = readManifest(store)?.regenerated ?? 0;
    const now = performance.now();
    while (said.length > 0 && said[0]!.seq <= known) {
      const { at } = said.shift()!;
      if (begun > 0 && at > begun) lags.push(now - at);
    }
  };
  const looking = setInterval(look, LOOK_MS);
  const [currency] = WORLD.currencies;
  const started = performance.now();
  try {
    await journalVirtualRun(
      folder,
      {
        seed: 1,
        core: coreSettings({ quoting: {}, hedging: {} }),
        world: { ...WORLD, strikes: LAG_STRIKES, currencies: [currency!] },
        limits: MARKET_MAKER_LIMITS,
        deposit: { [currency!.name]: 1000 },
      },
      LAG_WARM_UP_SECONDS + LAG_SECONDS,
      {
        heard: (run) => {
          log = run.log;
        },
        // A recorder seals what it has four times a second.
        sliceSeconds: SEALED_SECONDS,
        progress: async (done) => {
          const now = performance.now();
          said.push({ seq: log.seq, at: now });
          follower ??= spawn(process.execPath, [main, 'store', folder, '--follow'], { stdio: 'ignore' });
          if (begun === 0 && done >= LAG_WARM_UP_SECONDS) begun = now;
          const ahead = started + (done + SEALED_SECONDS) * 1000 - now;
          if (ahead > 0) await wait(ahead);
        },
      },
    );
    for (let tries = 0; said.length > 0 && tries < LAST_LOOKS; tries++) await wait(LOOK_MS);
  } finally {
    clearInterval(looking);
    follower?.kill('SIGTERM');
    await new Promise((resolve) =>
      follower === undefined || follower.exitCode !== null ? resolve(undefined) : follower.once('close', resolve),
    );
    rmSync(folder, { recursive: true, force: true });
  }
  if (lags.length === 0) throw new Error(`the store has shown nothing of what the core said within ${LAG_SECONDS} s`);
  const sorted = Float64Array.from(lags).sort();
  const [median, worst] = [sorted[sorted.length >> 1]!, sorted.at(-1)!];
  progress(`store: it is ${(worst / 1000).toFixed(2)} s behind at most`);
  return {
    name: 'store behind the core, at most',
    unit: 's',
    value: worst / 1000,
    note: `${log.seq} events of a quoted chain in ${LAG_SECONDS} s of real time; half of the time within ${(median / 1000).toFixed(2)} s; ${said.length} of the last parts never came; aim 2 s`,
  };
}

async function asOf(progress: (line: string) => void): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-store-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: MOST_MEMORY });
  const connection = await instance.connect();
  try {
    for (let part = 0; part < PARTS; part++) {
      const [from, to] = [part, part + 1].map((at) => Math.floor((TOPS * at) / PARTS));
      const select = `SELECT (hash(i) % ${INSTRUMENTS})::UINTEGER AS instrument,
        make_timestamp(1767312000000000 + (i * ${DAY_MICROS / TOPS})::BIGINT) AS time,
        0.05 + (hash(i + 1) % 1000) * 1e-6 AS bid_price, 0.052 + (hash(i + 2) % 1000) * 1e-6 AS ask_price
      FROM range(${from}, ${to}) r(i)`;
      await connection.run(copyStatement('tops', select, join(folder, `tops-${part}.parquet`)));
    }
    await connection.run(`CREATE VIEW tops AS FROM read_parquet('${join(folder, '*.parquet').replaceAll("'", "''")}')`);
    await connection.run(`CREATE TABLE fills AS SELECT i AS n, 0 AS underlying, (hash(i * 7) % ${INSTRUMENTS})::UINTEGER AS instrument,
        make_timestamp(1767312000000000 + 60000000 + (hash(i * 11) % ${DAY_MICROS - 60_000_000})::BIGINT) AS time, 0.1 + (hash(i) % 50) / 10 AS amount
      FROM range(${FILLS}) r(i)`);
    await connection.run(`CREATE TABLE surfaces AS SELECT 0 AS underlying, make_timestamp(1767312000000000 + i * ${FIT_MICROS}) AS time, (hash(i) % 100) * 1e-5 AS fit_error
      FROM range(${DAY_MICROS / FIT_MICROS}) r(i)`);
    progress(`store: ${TOPS} tops are written`);
    const inForce = await timed(connection, IN_FORCE, ROUNDS);
    progress(
      `store: what was in force took ${inForce.seconds.toFixed(2)} s, ${inForce.cpuSeconds.toFixed(2)} s of CPU`,
    );
    const plain = await timed(connection, PLAIN, 1);
    // Two threads add up in any order.
    const isSame = plain.count === inForce.count && Math.abs(plain.sum / inForce.sum - 1) < 1e-9;
    const result: BenchResult = {
      name: `${FILLS} fills as of ${TOPS.toLocaleString('en-US')} tops and surfaces`,
      unit: 's',
      value: inForce.seconds,
      peer: "DuckDB's as-of join over all of them",
      peerValue: plain.seconds,
      ratio: plain.seconds / inForce.seconds,
      note: `${isSame ? 'the same answer' : `other answers: ${inForce.sum} and ${plain.sum}`}; two threads, ${inForce.cpuSeconds.toFixed(2)} s of CPU; aim 2 s for 100,000,000`,
    };
    return result;
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

export const suite: BenchSuite = async (progress) => [await lagOfFollower(progress), await asOf(progress)];
