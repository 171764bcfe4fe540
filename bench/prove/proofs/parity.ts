import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runRecorded } from '../../../actors/backtest/recorded/recorded-backtest.js';
import { verifyReplay } from '../../../actors/replay/verify-replay.js';
import { JournalReader } from '../../../engine/journal/reader.js';
import { QueueRule } from '../../../engine/market/fills/index.js';
import { HistoryReader } from '../../../engine/store/history/history-reader.js';
import { projectRoot } from '../../../engine/testing/project-root.js';
import type { Proof } from '../proof.js';

/** A gateway of its own, away from the usual port: another engine may run on this machine. */
const FIRST_PORT = 20_000;
const PORTS = 20_000;
/** Orders without which nothing is proved, a second. */
const LEAST_ORDERS = 1;
const LOOK_SECONDS = 5;

/** One code path: the engine live over sockets, its journal replayed, its market backtested. */
export const proof: Proof = {
  name: 'parity',
  claim:
    'what the engine did live over sockets its replay does again, byte for byte, and its market can be backtested twice with the same result',
  unit: 'seconds',
  amounts: { ci: 40, full: 3600 },
  async run(seconds, progress) {
    const folder = mkdtempSync(join(tmpdir(), 'volfilter-parity-'));
    try {
      const port = FIRST_PORT + (process.pid % PORTS);
      const command = [join(projectRoot(), 'dist/engine/cli/main.js'), 'run', '--seconds', String(seconds)];
      const places = ['--journal', folder, '--no-gateway', '--no-alerts', '--port', String(port)];
      await promisify(execFile)(process.execPath, [...command, ...places], { maxBuffer: 1 << 28 });
      progress(seconds / 2);
      const journal = new JournalReader(folder);
      const replay = verifyReplay(journal);
      await journal.close();
      const { first, orders, digests, events } = replay;
      if (first !== undefined) throw new Error(`the replay differs at log event ${first.seq}: ${first.what}`);
      if (orders < LEAST_ORDERS * seconds)
        throw new Error(`only ${orders} orders and refusals in ${seconds} s: nothing is proved`);
      progress((3 * seconds) / 4);
      const backtested = [await backtest(folder), await backtest(folder)];
      const [once, again] = backtested.map((outcome) => JSON.stringify(outcome));
      if (once !== again) throw new Error('two backtests of the same market are not the same');
      const { totals, measures } = backtested[0]!;
      progress(seconds);
      return [
        { name: 'log events replayed', unit: 'events', value: events },
        { name: 'orders and refusals equal byte for byte', unit: 'records', value: orders },
        {
          name: 'digests of what other stages said, equal',
          unit: 'digests',
          value: digests,
          note: 'profit and loss, positions and attribution among them',
        },
        {
          name: 'requests of the backtest on the same market',
          unit: 'requests',
          value: totals.requests,
          note: `${totals.fills} fills, ${totals.profitUsd.toFixed(2)} USD by a model of queues; ${measures.bookBreaks} breaks in books`,
        },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function backtest(folder: string) {
  const look = new HistoryReader(folder);
  let end = 0;
  for (const { eventTime } of look.records()) end = eventTime / 1000;
  await look.close();
  const reader = new HistoryReader(folder);
  try {
    const records = reader.records();
    return runRecorded(
      {
        seed: 1,
        currency: 'BTC',
        quoting: {},
        hedging: {},
        paths: {},
        feeScale: 1,
        speedBump: { option: 0, future: 0, perpetual: 0 },
        queue: QueueRule.POWER,
        exponent: 3,
        warmUpSeconds: 0,
        lookSeconds: LOOK_SECONDS,
        deposit: 1000,
        end,
      },
      {
        instrument: (id) => reader.registry.get(id),
        next: () => records.next().value ?? undefined,
      },
    );
  } finally {
    await reader.close();
  }
}
