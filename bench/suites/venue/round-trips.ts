import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { libc } from '../../../engine/runtime/native/libc.js';
import type { BenchResult } from '../../report.js';
import { type Distribution, distributionOf, median } from '../../rig/distribution.js';
import { cpuPair } from '../../rig/side.js';
import { OrderClient } from './order-client.js';
import { placing } from './order-flow.js';
import { startVenue } from './venue-process.js';

const ORDERS = 6000;
const WARM_UP = 6000;
const ROUNDS = 5;
const IN_FLIGHT = 16;

/** Answers every message with one as long as an order's acknowledgement: what sockets and JSON's size alone allow. */
function echoPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('message', (port) => resolve(port as number)));
}

/** Order round trips over one socket of the loopback interface, the whole simulated market running beside. */
export async function roundTripResults(progress: (line: string) => void): Promise<BenchResult[]> {
  const [own, other] = cpuPair();
  if (own !== undefined) libc()?.pinProcess(own);
  const { child, port } = await startVenue(other);
  const echo = fork(fileURLToPath(new URL('./echo.js', import.meta.url)), { execArgv: [] });
  try {
    const client = await OrderClient.connect(port);
    await client.ask('public/auth', { grant_type: 'client_credentials', client_id: 'bench', client_secret: 'bench' });
    const { result } = await client.ask('public/ticker', { instrument_name: 'BTC-PERPETUAL' });
    const price = Math.round((result as unknown as { mark_price: number }).mark_price * 0.99);
    const bare = await OrderClient.connect(await echoPort(echo));
    const next = placing(price);
    await client.run(WARM_UP, IN_FLIGHT, next);
    await bare.run(WARM_UP, IN_FLIGHT, placing(price));
    const rates: number[] = [];
    const bareRates: number[] = [];
    let alone: Distribution | undefined;
    let bareAlone: Distribution | undefined;
    const before = await counters(client);
    for (let round = 0; round < ROUNDS; round++) {
      progress(`venue: order round trips, round ${round + 1} of ${ROUNDS}`);
      rates.push(await rate(() => client.run(ORDERS, IN_FLIGHT, next)));
      bareRates.push(await rate(() => bare.run(ORDERS, IN_FLIGHT, placing(price))));
      alone = better(alone, distributionOf(micros(await client.run(ORDERS / 4, 1, next))));
      bareAlone = better(bareAlone, distributionOf(micros(await bare.run(ORDERS / 4, 1, placing(price)))));
    }
    const after = await counters(client);
    const turns = after.turns - before.turns;
    const over = after.turns_over_100_us - before.turns_over_100_us;
    const measured = after.turns_measured - before.turns_measured;
    const working = after.turns_measured_working_over_100_us - before.turns_measured_working_over_100_us;
    client.close();
    bare.close();
    return [
      {
        name: `order round trips, ${IN_FLIGHT} in flight on one socket`,
        unit: 'round trips/s',
        value: Math.max(...rates),
        peer: 'a WebSocket server that only answers',
        peerValue: Math.max(...bareRates),
        ratio: Math.max(...rates) / Math.max(...bareRates),
        note: `median of ${ROUNDS} rounds: ${median(rates).toFixed(0)}; the market of ${after.instruments} instruments runs beside`,
      },
      {
        name: 'order round trip, one in flight',
        unit: 'us',
        ...alone!,
        peer: 'a WebSocket server that only answers, median',
        peerValue: bareAlone!.p50,
        ratio: bareAlone!.p50 / alone!.p50,
      },
      {
        name: 'turns of the venue that worked over 100 us',
        unit: 'part of all',
        value: working / measured,
        note: `${working} of ${measured}, one turn in 53, that were measured by the time that the thread had a core; ${over} of all ${turns} by the clock on the wall, with whatever else the machine did meanwhile`,
      },
    ];
  } finally {
    child.kill('SIGKILL');
    echo.kill('SIGKILL');
  }
}

async function rate(run: () => Promise<Float64Array>): Promise<number> {
  const start = performance.now();
  await run();
  return (ORDERS / (performance.now() - start)) * 1000;
}

function micros(milliseconds: Float64Array): Float64Array {
  return milliseconds.map((value) => value * 1000);
}

function better(best: Distribution | undefined, other: Distribution): Distribution {
  return best === undefined || other.p50 < best.p50 ? other : best;
}

interface Counters {
  turns: number;
  turns_over_100_us: number;
  turns_measured: number;
  turns_measured_working_over_100_us: number;
  instruments: number;
}

async function counters(client: OrderClient): Promise<Counters> {
  return (await client.ask('sim/get_counters', {})).result as unknown as Counters;
}
