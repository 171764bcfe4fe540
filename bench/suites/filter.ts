import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FilterWorld, type WorldOptions, writeTicker } from '../../actors/testing/filter/filter-world.js';
import {
  type ChainOption,
  marketQuote,
  type SyntheticChain,
  syntheticChain,
} from '../../actors/testing/filter/synthetic-chain.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { bytesPerCall } from '../../engine/testing/allocation.js';
import { projectRoot } from '../../engine/testing/project-root.js';
import { Ticker } from '../../schemas/generated/ticker.js';
import { MessageType } from '../../schemas/message-type.js';
import type { BenchResult, BenchSuite } from '../report.js';
import { yearAsCsv } from '../year-of-minutes.js';

const START = Date.UTC(2026, 0, 5, 12) * 1000;
const FORWARD = 60_000;
/** Ten expiries of twenty strikes: 400 options. */
const DAYS = [1, 2, 3, 9, 16, 30, 58, 93, 184, 275];
const STRIKES = 20;
const TICKS = 20_000;
const QUOTES = 200_000;

interface Times {
  p50: number;
  p99: number;
  p999: number;
  max: number;
}

function percentiles(times: Float64Array): Times {
  times.sort();
  const at = (part: number): number => times[Math.min(Math.floor(part * times.length), times.length - 1)]!;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** No refit comes in between. */
const QUIET = { instruments: 512, refitSeconds: 1e9, refitMove: 1e9, refitResidual: 1e9 };
/** However little a value moves, it is told. */
const EVERYTHING = { publishTicks: 0, publishVol: 0 };
/** Each quote is answered with its own value; the expiry's others, where its smile has moved by what is worth telling. */
const OWN = { publishTicks: 0 };

/** A filter with a surface over 400 options. */
function begin(chain: SyntheticChain, changes: Partial<WorldOptions>): FilterWorld {
  const world = new FilterWorld(START, { ...QUIET, ...changes });
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  world.ticker(chain.perpetual.id, { bid: FORWARD - 0.5, ask: FORWARD + 0.5, index: FORWARD });
  for (const option of chain.options) {
    world.ticker(option.id, { ...marketQuote(option, FORWARD, world.now), underlying: FORWARD, index: FORWARD });
  }
  world.advance(START + 3e6);
  return world;
}

/** Microseconds of the filter's step over one record each, the record already published. */
function timed(world: FilterWorld, count: number, write: (index: number, at: number) => void): Float64Array {
  const times = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    world.now += 50;
    const at = world.log.claim(MessageType.TICKER, Ticker.sizeOf());
    write(index, at + HEADER_BYTES);
    world.publish(at);
    const from = process.hrtime.bigint();
    world.stage.step(1);
    times[index] = Number(process.hrtime.bigint() - from) / 1000;
    if (index % 8 === 7) world.drain();
  }
  world.drain();
  return times;
}

/** A walk of the forward in steps of about a basis point, from a seed. */
function walk(seed: number): () => number {
  let state = seed;
  let forward = FORWARD;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    forward *= 1 + 2e-4 * (state / 2 ** 32 - 0.5);
    return Math.round(forward * 2) / 2;
  };
}

function ticks(chain: SyntheticChain): { times: Times; told: number } {
  const world = begin(chain, EVERYTHING);
  const next = walk(7);
  const write = (_: number, body: number): void => {
    const mid = next();
    writeTicker(world.log.buffer, body, chain.perpetual.id, { bid: mid - 0.5, ask: mid + 0.5, index: mid });
  };
  timed(world, 4000, write);
  const told = world.told;
  const times = timed(world, TICKS, write);
  return { times: percentiles(times), told: (world.told - told) / TICKS };
}

function quotes(chain: SyntheticChain): { times: Times; told: number } {
  const world = begin(chain, OWN);
  let state = 11;
  const write = (_: number, body: number): void => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const option = chain.options[state % chain.options.length]!;
    const quote = quoteNear(option, world.now, state);
    writeTicker(world.log.buffer, body, option.id, { ...quote, underlying: FORWARD, index: FORWARD });
  };
  timed(world, 40_000, write);
  const told = world.told;
  const times = timed(world, QUOTES, write);
  return { times: percentiles(times), told: (world.told - told) / QUOTES };
}

/** The market's quote, a tick up or down now and then. */
function quoteNear(option: ChainOption, now: number, state: number): { bid: number; ask: number } {
  const { bid, ask } = marketQuote(option, FORWARD, now);
  const shift = ((state >>> 8) % 3) * 0.0001;
  return { bid: bid > 0 ? bid + shift : 0, ask: ask + shift };
}

/** A filter with a surface over a small chain, for `bytesPerCall`: what it allocates does not go by the size of the chain. */
const SETUP = `
  const START = ${START};
  const chain = syntheticChain(START, [2, 9, 30], 9);
  const world = new FilterWorld(START, { instruments: 64, refitSeconds: 1e9, refitMove: 1e9, refitResidual: 1e9 });
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  const quotes = chain.options.map((option) => marketQuote(option, ${FORWARD}, START));
  world.ticker(chain.perpetual.id, { bid: ${FORWARD} - 0.5, ask: ${FORWARD} + 0.5, index: ${FORWARD} });
  chain.options.forEach(({ id }, index) => world.ticker(id, { ...quotes[index], underlying: ${FORWARD}, index: ${FORWARD} }));
  world.advance(START + 3e6);
  const load = new FilterLoad(world, chain.perpetual.id, quotes);
`;

function allocated(): BenchResult[] {
  const module = 'actors/testing/filter/filter-load.js';
  return [
    {
      name: 'bytes of a quote',
      unit: 'bytes',
      value: bytesPerCall({ module, setup: SETUP, call: 'load.quote(i);' }, 10_000),
    },
    {
      name: 'bytes of a tick',
      unit: 'bytes',
      value: bytesPerCall({ module, setup: SETUP, call: 'load.tick(i);' }, 10_000),
    },
  ];
}

const ROUNDS = 5;
/** Tells on standard error, when the process ends, the seconds of a core that it took: beside other work the wall says little. */
const TELLS_CPU = `data:text/javascript,process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  process.stderr.write(String((user + system) / 1e6));
})`;

/** The command over a year of minutes as a person gives it: start of the process, file, filter and report. */
function yearByCommand(): BenchResult {
  const folder = mkdtempSync(join(tmpdir(), 'volfilter-year-'));
  const file = join(folder, 'year.csv');
  const command = join(projectRoot(), 'dist', 'engine', 'cli', 'main.js');
  let wall = Number.POSITIVE_INFINITY;
  let cpu = Number.POSITIVE_INFINITY;
  try {
    writeFileSync(file, yearAsCsv());
    for (let round = 0; round < ROUNDS; round++) {
      const from = performance.now();
      const { status, stderr } = spawnSync(process.execPath, ['--import', TELLS_CPU, command, 'filter', file], {
        encoding: 'utf8',
      });
      wall = Math.min(wall, (performance.now() - from) / 1000);
      cpu = Math.min(cpu, Number(stderr));
      if (status !== 0 || Number.isNaN(cpu)) throw new Error(`volfilter filter failed: ${stderr}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const note = `bar 2; best of ${ROUNDS} by the wall, ${cpu.toFixed(2)} s of a core`;
  return { name: 'volfilter filter over a year of minutes', unit: 's', value: wall, note };
}

/**
 * The filter stage on one thread, over real rings: a quote of an option, a tick of the underlying that moves 400 values, and what both allocate.
 * Then the volatility filter over a year of bars, by its command.
 */
export const suite: BenchSuite = (progress): BenchResult[] => {
  const chain = syntheticChain(START, DAYS, STRIKES);
  progress('filter: quotes of options');
  const quoted = quotes(chain);
  progress('filter: ticks of the underlying');
  const ticked = ticks(chain);
  progress('filter: memory');
  const memory = allocated();
  progress('filter: a year of minutes');
  const year = yearByCommand();
  return [
    {
      name: 'option quote through the filter',
      unit: 'us',
      ...quoted.times,
      note: `bars p50 2, p99 10; ${quoted.told.toFixed(1)} values told a quote`,
    },
    {
      name: 'tick of the underlying, 400 values told',
      unit: 'us',
      ...ticked.times,
      note: `bars p50 60, p99 150; ${ticked.told.toFixed(0)} values told a tick`,
    },
    ...memory,
    year,
  ];
};
