/**
 * What screens cost the quotes: the engine on its simulated venue, as `volfilter run` starts it, with its gateway left alone and loaded by turns: 200 screens
 * of ten topics ten times a second, and one that reads nothing. From a market's frame to the order that answers it is read from the journal afterwards.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { eachRecord } from '../../../engine/journal/block.js';
import { JournalReader } from '../../../engine/journal/reader.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import { SOCKET_PATH, SUBPROTOCOL } from '../../../gateway/transport/transport.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { BenchResult, BenchSuite } from '../../report.js';
import { distributionOf, median } from '../../rig/distribution.js';
import type { Load } from './clients.js';
import { LOADED_TOPICS } from './load.js';
import { type Connection, startEngine, type Waits, waits } from './running-engine.js';

const PORT = 18_790;
const ROUNDS = Number(process.env.VOLFILTER_BENCH_ROUNDS ?? 6);
const SECONDS = Number(process.env.VOLFILTER_BENCH_SECONDS ?? 10);
const SETTLE_MS = 3000;
const CLIENTS = 200;
const HZ = 10;
const BOOTSTRAPS = 2000;
/** Longer than this is no answer to the frame any more: a timer or a repeated try lies between. */
const LONGEST_MICROS = 1e6;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A stretch of time under one condition, microseconds since the Unix epoch, and what was counted in it. */
interface Phase {
  loaded: boolean;
  from: number;
  to: number;
  waits: Waits;
  frames: number;
}

/** A screen that follows everything fast and reads nothing. */
async function pausedScreen(token: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${PORT}${SOCKET_PATH}`, SUBPROTOCOL);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'hello', token }));
  LOADED_TOPICS.forEach((topic, id) => {
    socket.send(JSON.stringify({ type: 'subscribe', id, topic, hz: 30 }));
  });
  socket.pause();
  return socket;
}

/** One stretch. The clients are a process of their own, which ends with it. */
async function measure(connection: Connection, loaded: boolean): Promise<Phase> {
  let frames = 0;
  let stop = (): void => {};
  if (loaded) {
    const paused = await pausedScreen(connection.token);
    const child = fork(fileURLToPath(new URL('./clients.js', import.meta.url)));
    const load: Load = {
      kind: 'screens',
      port: PORT,
      token: connection.token,
      clients: CLIENTS,
      topics: LOADED_TOPICS,
      hz: HZ,
      seconds: SECONDS + SETTLE_MS / 1000 + 1,
    };
    await new Promise<void>((resolve) => {
      child.on('message', (message: unknown) => {
        if (message === 'ready') child.send(load);
        else if (message === 'begins') resolve();
        else if (typeof message === 'object') frames = (message as { count: number }).count;
      });
    });
    stop = () => {
      paused.terminate();
      child.kill();
    };
  }
  await pause(SETTLE_MS);
  const before = await waits(connection);
  const from = Date.now() * 1000;
  await pause(SECONDS * 1000);
  const to = Date.now() * 1000;
  const after = await waits(connection);
  if (loaded) await pause(1500);
  stop();
  return {
    loaded,
    from,
    to,
    waits: { full: after.full - before.full, gated: after.gated - before.gated },
    frames,
  };
}

/** From the last byte of a market's frame to the handing of an order to the socket, microseconds, of each order within each phase. */
function tickToOrder(journal: string, phases: readonly Phase[]): Float64Array[] {
  const reader = new JournalReader(journal);
  const received = new Map<number, number>();
  const found: number[][] = phases.map(() => []);
  const sentAt = HEADER_BYTES + fieldOffset(SendReport, 'sentTime');
  const requestAt = HEADER_BYTES + fieldOffset(SendReport, 'requestSeq');
  const market = new Set<number>([
    MessageType.TICKER,
    MessageType.BOOK_UPDATE,
    MessageType.TRADE_RUN,
    MessageType.QUOTE,
  ]);
  for (const block of reader.blocks()) {
    eachRecord(block, (offset) => {
      const type = block.readUInt16LE(offset + HeaderOffset.TYPE);
      if (market.has(type)) {
        const at = block.readDoubleLE(offset + HeaderOffset.RECEIVE_TIME);
        if (at > 0) received.set(block.readDoubleLE(offset + HeaderOffset.SEQ), at);
      } else if (type === MessageType.SEND_REPORT) {
        const sent = block.readDoubleLE(offset + sentAt);
        const began = received.get(block.readDoubleLE(offset + requestAt));
        const phase = phases.findIndex(({ from, to }) => sent >= from && sent < to);
        if (phase < 0 || began === undefined) return;
        const took = sent - began;
        if (took >= 0 && took < LONGEST_MICROS) found[phase]!.push(took);
      }
    });
  }
  void reader.close();
  return found.map((list) => Float64Array.from(list));
}

/** The ratio of loaded to quiet of a percentile, with the bounds of 95 of 100 drawings of the rounds. Numbers are drawn by a fixed sequence. */
function ratio(quiet: readonly number[], loaded: readonly number[]): { value: number; low: number; high: number } {
  let state = 12_345;
  const draw = (list: readonly number[]) =>
    median(
      list.map(() => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
        return list[Math.floor((state / 2 ** 32) * list.length)]!;
      }),
    );
  const drawn = Array.from({ length: BOOTSTRAPS }, () => draw(loaded) / draw(quiet)).sort((a, b) => a - b);
  return {
    value: median(loaded) / median(quiet),
    low: drawn[Math.floor(0.025 * BOOTSTRAPS)]!,
    high: drawn[Math.floor(0.975 * BOOTSTRAPS)]!,
  };
}

export const suite: BenchSuite = async (progress) => {
  const folder = mkdtempSync(join(tmpdir(), 'isolation-'));
  progress('starting the engine');
  const { engine, connection } = await startEngine(folder, PORT, ['--no-store']);
  const phases: Phase[] = [];
  try {
    await pause(SETTLE_MS);
    for (let round = 0; round < ROUNDS; round++) {
      // First the one, then the other: what drifts falls on both.
      for (const loaded of round % 2 === 0 ? [false, true] : [true, false]) {
        progress(`round ${round + 1} of ${ROUNDS}, ${loaded ? 'loaded' : 'left alone'}`);
        phases.push(await measure(connection, loaded));
      }
    }
  } finally {
    const ended = new Promise((resolve) => engine.once('exit', resolve));
    engine.kill('SIGTERM');
    await ended;
  }
  try {
    const times = tickToOrder(join(folder, 'data', 'journal'), phases);
    const of = (loaded: boolean, share: 'p50' | 'p99') =>
      phases.flatMap((phase, at) =>
        phase.loaded === loaded && times[at]!.length > 0 ? [distributionOf(times[at]!)[share]] : [],
      );
    const orders = (loaded: boolean) =>
      phases.reduce((sum, phase, at) => sum + (phase.loaded === loaded ? times[at]!.length : 0), 0);
    const counted = (loaded: boolean, field: keyof Waits) =>
      phases.reduce((sum, phase) => sum + (phase.loaded === loaded ? phase.waits[field] : 0), 0);
    const frames = phases.reduce((sum, phase) => sum + phase.frames, 0);
    const results: BenchResult[] = [
      {
        name: 'waits of the core, loaded',
        unit: 'times',
        value: counted(true, 'full') + counted(true, 'gated'),
        peer: 'left alone',
        peerValue: counted(false, 'full') + counted(false, 'gated'),
        note: `aim: unchanged; full ${counted(true, 'full')} and ${counted(false, 'full')}, gated ${counted(true, 'gated')} and ${counted(false, 'gated')}; ${frames} frames to ${CLIENTS} clients, one more reads nothing`,
      },
    ];
    for (const [share, aim] of [
      ['p50', 1.05],
      ['p99', 1.25],
    ] as const) {
      const [quiet, loaded] = [of(false, share), of(true, share)];
      if (quiet.length === 0 || loaded.length === 0) continue;
      const { value, low, high } = ratio(quiet, loaded);
      results.push({
        name: `tick to order, ${share}, loaded`,
        unit: 'us',
        value: median(loaded),
        peer: 'left alone',
        peerValue: median(quiet),
        ratio: 1 / value,
        note: `aim: ${aim} times at most; ${value.toFixed(3)} times, 95 % within ${low.toFixed(3)} to ${high.toFixed(3)}; ${ROUNDS} rounds of ${SECONDS} s each, ${orders(true)} and ${orders(false)} orders`,
      });
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
