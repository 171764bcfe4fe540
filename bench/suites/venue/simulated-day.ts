import { defaultConfig } from '../../../actors/venue-sim/exchange/config.js';
import { Exchange } from '../../../actors/venue-sim/exchange/exchange.js';
import { type ExchangeSink, silentSink } from '../../../actors/venue-sim/exchange/sink.js';
import { WORLD, type WorldParameters } from '../../../actors/venue-sim/world/parameters.js';
import { World } from '../../../actors/venue-sim/world/world.js';
import type { BenchResult } from '../../report.js';

const DAY_SECONDS = 86_400;

/** About 400 options, of BTC and ETH on thirteen expiries, with futures and perpetuals. */
const FOUR_HUNDRED: WorldParameters = { ...WORLD, strikes: 8 };

interface Stretch {
  seconds: number;
  /** Of the process: beside other work the clock on the wall says little. */
  cpuSeconds: number;
  instruments: number;
  orderEvents: number;
  trades: number;
  steps: number;
}

/** Drives a world through a stretch of virtual time, the daily expiry in it, after a minute that warms it up. */
function drive(parameters: WorldParameters, virtualSeconds: number): Stretch {
  let orderEvents = 0;
  let trades = 0;
  const sink: ExchangeSink = { ...silentSink, orderChanged: () => orderEvents++, traded: () => trades++ };
  const exchange = new Exchange({ ...defaultConfig, startTime: parameters.startTime }, sink);
  const world = new World(exchange, { seed: 1, parameters });
  world.advance(parameters.startTime + 60_000);
  orderEvents = 0;
  trades = 0;
  const steps = world.steps;
  const from = exchange.now;
  const used = process.cpuUsage();
  const start = process.hrtime.bigint();
  world.advance(from + virtualSeconds * 1000);
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(used);
  const cpuSeconds = (user + system) / 1e6;
  return {
    seconds,
    cpuSeconds,
    instruments: exchange.instruments.size,
    orderEvents,
    trades,
    steps: world.steps - steps,
  };
}

function result(name: string, parameters: WorldParameters, virtualSeconds: number): BenchResult {
  const { seconds, cpuSeconds, instruments, orderEvents, trades, steps } = drive(parameters, virtualSeconds);
  const rate = (count: number): string => (count / virtualSeconds).toFixed(0);
  return {
    name,
    unit: 'x real time',
    value: virtualSeconds / seconds,
    note: `${(virtualSeconds / 3600).toFixed(0)} h in ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of CPU; ${instruments} instruments listed; a second: ${rate(orderEvents)} changes of orders, ${rate(trades)} trades, ${rate(steps)} steps`,
  };
}

/** How fast the simulated market runs on one core: a whole day of some 400 instruments, and an hour of the whole world. */
export function simulatedDay(progress: (line: string) => void): BenchResult[] {
  progress('venue: a simulated day of 400 instruments');
  const day = result('simulated day, 400 instruments', FOUR_HUNDRED, DAY_SECONDS);
  progress('venue: a simulated hour of the whole world');
  return [day, result('simulated hour, the whole world', WORLD, 3600)];
}
