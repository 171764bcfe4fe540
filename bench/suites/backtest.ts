/**
 * Making a market in a perpetual on its recorded depth, with a model of queues and latency; a simulated hour of a quoted chain; and how busy a sweep keeps
 * the cores.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binanceTape } from '../../actors/backtest/perpetual/binance-tape.js';
import type { DepthTape } from '../../actors/backtest/perpetual/depth-tape.js';
import { MAKER_DEFAULTS } from '../../actors/backtest/perpetual/glft-maker.js';
import { PerpetualRun } from '../../actors/backtest/perpetual/perpetual-run.js';
import type { PerpetualSettings } from '../../actors/backtest/perpetual/perpetual-settings.js';
import { runSimulated } from '../../actors/backtest/simulated-backtest.js';
import { readRecording } from '../../actors/recording-server/recording.js';
import { QUEUE_RULES } from '../../engine/market/fills/index.js';
import { OrderBook } from '../../engine/market/order-book.js';
import { projectRoot } from '../../engine/testing/project-root.js';
import { sharedData } from '../../engine/testing/shared-data.js';
import { interleaved } from '../interleaved.js';
import { needed } from '../recorded-frames.js';
import type { BenchResult, BenchSuite } from '../report.js';

const RECORDING = 'binance/perp-2024-08-08/usdm_btcusdt_20240808.gz';
const ROUNDS = 7;
const RUNS = 64;
/** Virtual seconds of the simulated chain in which code is compiled and the chain begins to be quoted, which a day has once, and those after them. */
const START_SECONDS = 300;
const CHAIN_SECONDS = 600;
const DAY_SECONDS = 86_400;
const CHAIN_LOOK_SECONDS = 60;

const SETTINGS: Omit<PerpetualSettings, 'queue'> = {
  seed: 1,
  maker: { ...MAKER_DEFAULTS, toleranceTicks: 1 },
  exponent: 3,
  data: { kind: 'recording', floorMs: 1 },
  order: { kind: 'drawn', floorMs: 1, medianMs: 1, deviation: 0.5 },
  answer: { kind: 'constant', ms: 1 },
  makerFee: 0.0002,
  takerFee: 0.0005,
  feeScale: 1,
  fundingRate: 0.0001,
  speedBumpMs: 0,
  credits: { capacity: 300, refillPerSecond: 30 },
  lookSeconds: 1,
  part: [0, 1],
};

interface BacktestRuns {
  runs: { made: number; seconds: number; busy: number; cpuSeconds: number; idleSeconds: number };
}

/** Levels a second, beside the book that it cannot do without, alone. */
function levels(tape: DepthTape, queue: string): BenchResult {
  const book = new OrderBook({ tick: tape.tick, lot: tape.lot, depth: tape.depth });
  let fills = 0;
  const [run, alone] = interleaved(ROUNDS, [
    () => {
      fills = new PerpetualRun(tape, { ...SETTINGS, queue: QUEUE_RULES[queue]! }).run().totals.fills;
    },
    () => {
      book.apply(tape.records, tape.snapshot);
      for (let row = 0; row < tape.rows; row++) if (tape.kind[row] === 1) book.apply(tape.records, tape.at[row]!);
    },
  ]) as [number, number];
  return {
    name: `perpetual on recorded depth, queue ${queue}`,
    unit: 'levels/s',
    value: (1e9 * tape.levels) / run,
    peer: 'the book alone',
    peerValue: (1e9 * tape.levels) / alone,
    ratio: alone / run,
    note: `${tape.levels} levels, ${tape.rows} rows, ${fills} fills; aim 2,000,000; hftbacktest 1.4.1 did 0.11 to 0.15 M rows/s on a like machine`,
  };
}

function decoding(path: string): BenchResult {
  const started = performance.now();
  const tape = binanceTape(readRecording(path), { source: RECORDING, hash: '', tick: 0.1, lot: 0.001 });
  const seconds = (performance.now() - started) / 1000;
  return {
    name: 'a recording into a tape, once',
    unit: 'levels/s',
    value: tape.levels / seconds,
    note: 'unpacking and decoding',
  };
}

/** Seconds for a simulated day, as far as some minutes of it tell: its start, and the rest at the pace of those after it. */
function chain(progress: (line: string) => void): BenchResult {
  const used = process.cpuUsage();
  const began = performance.now();
  /** [seconds by the wall, of CPU] so far. */
  const soFar = (): [number, number] => {
    const { user, system } = process.cpuUsage(used);
    return [(performance.now() - began) / 1000, (user + system) / 1e6];
  };
  let start: [number, number] = [0, 0];
  const { events, totals } = runSimulated(
    {
      seed: 1,
      currencies: ['BTC'],
      strikes: 16,
      seconds: START_SECONDS + CHAIN_SECONDS,
      warmUpSeconds: 0,
      lookSeconds: CHAIN_LOOK_SECONDS,
      deposit: 1000,
      quoting: {},
      hedging: {},
      paths: {},
      feeScale: 1,
      speedBump: { option: 0, future: 0, perpetual: 0 },
    },
    (done) => {
      if (done === START_SECONDS) start = soFar();
    },
  );
  const end = soFar();
  const [day, cpuDay] = start.map(
    (first, at) => first + ((end[at]! - first) * (DAY_SECONDS - START_SECONDS)) / CHAIN_SECONDS,
  ) as [number, number];
  progress(`backtest: ${START_SECONDS + CHAIN_SECONDS} virtual seconds of a chain in ${end[0].toFixed(1)} s`);
  return {
    name: 'a simulated day of 400 options, quoted and hedged',
    unit: 's',
    value: day,
    note: `${cpuDay.toFixed(0)} s of CPU; from ${START_SECONDS} virtual seconds of start in ${start[0].toFixed(1)} s and ${CHAIN_SECONDS} after them, ${events} events, ${totals.fills} fills; aim 240`,
  };
}

/**
 * A sweep of the command, in a process of its own: which part it uses of the CPU time that others leave to it. On a machine with nothing else to do that
 * is how busy it keeps the cores.
 */
async function sweep(path: string): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-sweep-'));
  try {
    const config = join(folder, 'sweep.json');
    const part = Math.sqrt(RUNS);
    const list = (from: number, to: number) =>
      Array.from({ length: part }, (_, at) => from + ((to - from) * at) / (part - 1));
    const parameters = { 'maker.aversion': list(0.005, 0.5), 'maker.fillDecay': list(0.05, 1) };
    const data = { kind: 'binance-depth', file: path };
    writeFileSync(
      config,
      JSON.stringify({
        data,
        lookSeconds: 1,
        seeds: [1, 2, 3, 4, 5, 6, 7, 8],
        sweep: { method: 'grid', parameters },
        sensitivity: false,
      }),
    );
    const main = join(projectRoot(), 'dist/engine/cli/main.js');
    const command = [main, 'backtest', config, '--out', join(folder, 'out'), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 28 });
    const { runs } = JSON.parse(stdout) as BacktestRuns;
    const share = runs.cpuSeconds / (runs.cpuSeconds + runs.idleSeconds);
    return {
      name: `sweep of ${RUNS} sets of settings on 8 seeds`,
      unit: 'share of the free CPU time',
      value: share,
      note: `${runs.made} runs in ${runs.seconds.toFixed(1)} s on ${availableParallelism()} cores: ${runs.cpuSeconds.toFixed(1)} s of CPU used, ${runs.idleSeconds.toFixed(1)} s idle; a run in ${(100 * runs.busy).toFixed(0)} % of the threads' time; aim 0.9`,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const suite: BenchSuite = async (progress) => {
  const path = needed(sharedData(RECORDING), RECORDING);
  const tape = binanceTape(readRecording(path), { source: RECORDING, hash: '', tick: 0.1, lot: 0.001 });
  progress('backtest: the recording is read');
  const rules = ['risk-averse', 'power', 'log', 'trade-through'].map((queue) => levels(tape, queue));
  progress('backtest: recorded depth is done');
  const busy = await sweep(path);
  progress('backtest: the sweep is done');
  return [...rules, decoding(path), busy, chain(progress)];
};
