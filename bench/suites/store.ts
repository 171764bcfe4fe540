/**
 * The SQL store: the fills of a day joined as of their time to a day of tops. `VOLFILTER_BENCH_TOPS` says how many tops, 10,000,000 without it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { copyStatement } from '../../engine/store/sql/part-writer.js';
import type { BenchResult, BenchSuite } from '../report.js';

const TOPS = Number(process.env.VOLFILTER_BENCH_TOPS ?? 10_000_000);
const FILLS = 5000;
const INSTRUMENTS = 400;
const DAY_MICROS = 86_400_000_000;
/** A quoted instrument has a top within so long before almost any fill; who has none is looked up by the plain join. */
const WINDOW_MICROS = 60_000_000;
/** The store puts parts together up to some millions of rows: as many as this a day. */
const PARTS = 24;
const ROUNDS = 3;
const MOST_MEMORY = '4GB';

/** DuckDB's own as-of join over everything. */
const PLAIN = `SELECT count(*) AS n, sum(f.amount * (t.bid + t.ask) / 2) AS value
  FROM fills f ASOF JOIN tops t ON f.instrument = t.instrument AND f.time >= t.time`;

/** An instrument's minute as one number. */
const minuteOf = (row: string): string =>
  `(${row}.instrument::BIGINT << 32) + epoch_us(${row}.time) // ${WINDOW_MICROS}`;

/** The same answer from what lies in the minutes of the fills: the rest of the tops is looked at by two columns only. */
const BY_MINUTE = `WITH wanted AS (
    SELECT DISTINCT ${minuteOf('f')} - part AS minute FROM fills f, (VALUES (0), (1)) parts(part)),
  near AS (SELECT t.* FROM tops t SEMI JOIN wanted w ON ${minuteOf('t')} = w.minute)
  SELECT count(*) AS n, sum(f.amount * (t.bid + t.ask) / 2) AS value
  FROM fills f ASOF JOIN near t ON f.instrument = t.instrument AND f.time >= t.time`;

async function timed(
  connection: DuckDBConnection,
  sql: string,
  rounds: number,
): Promise<{ seconds: number; count: bigint; sum: number }> {
  let seconds = Number.POSITIVE_INFINITY;
  let count = 0n;
  let sum = 0;
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    const reader = await connection.runAndReadAll(sql);
    seconds = Math.min(seconds, (performance.now() - started) / 1000);
    [count, sum] = reader.getRows()[0] as [bigint, number];
  }
  return { seconds, count, sum };
}

export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-store-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: MOST_MEMORY });
  const connection = await instance.connect();
  try {
    for (let part = 0; part < PARTS; part++) {
      const [from, to] = [part, part + 1].map((at) => Math.floor((TOPS * at) / PARTS));
      const select = `SELECT (hash(i) % ${INSTRUMENTS})::UINTEGER AS instrument,
        make_timestamp(1767312000000000 + (i * ${DAY_MICROS / TOPS})::BIGINT) AS time,
        0.05 + (hash(i + 1) % 1000) * 1e-6 AS bid, 0.052 + (hash(i + 2) % 1000) * 1e-6 AS ask
      FROM range(${from}, ${to}) r(i)`;
      await connection.run(copyStatement('tops', select, join(folder, `tops-${part}.parquet`)));
    }
    await connection.run(`CREATE VIEW tops AS FROM read_parquet('${join(folder, '*.parquet').replaceAll("'", "''")}')`);
    await connection.run(`CREATE TABLE fills AS SELECT (hash(i * 7) % ${INSTRUMENTS})::UINTEGER AS instrument,
        make_timestamp(1767312000000000 + 60000000 + (hash(i * 11) % ${DAY_MICROS - 60_000_000})::BIGINT) AS time, 0.1 + (hash(i) % 50) / 10 AS amount
      FROM range(${FILLS}) r(i)`);
    progress(`store: ${TOPS} tops are written`);
    const byMinute = await timed(connection, BY_MINUTE, ROUNDS);
    progress('store: by minutes is done');
    const plain = await timed(connection, PLAIN, 1);
    // Two threads add up in any order.
    const isSame = plain.count === byMinute.count && Math.abs(plain.sum / byMinute.sum - 1) < 1e-9;
    const result: BenchResult = {
      name: `${FILLS} fills as of ${TOPS.toLocaleString('en-US')} tops`,
      unit: 's',
      value: byMinute.seconds,
      peer: "DuckDB's as-of join over all of them",
      peerValue: plain.seconds,
      ratio: plain.seconds / byMinute.seconds,
      note: `${isSame ? 'the same answer' : `other answers: ${byMinute.sum} and ${plain.sum}`}; two threads; aim 2 s for 100,000,000`,
    };
    return [result];
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
};
