import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { VenueProcessReady, VenueProcessStart } from '../../../actors/venue-sim/api/server/main.js';
import { libc } from '../../../engine/runtime/native/libc.js';
import type { BenchResult } from '../../report.js';
import { type Distribution, distributionOf, median } from '../../rig/distribution.js';
import { cpuPair } from '../../rig/side.js';

const KEY = { clientId: 'bench', clientSecret: 'bench', account: 'bench' };
const ORDERS = 6000;
const WARM_UP = 6000;
const ROUNDS = 5;
const IN_FLIGHT = 16;
/** Orders that rest at a time; each new one takes the oldest away. */
const RESTING = 32;
const wide = { capacity: 1e12, refillPerSecond: 1e12 };

interface Answer {
  id?: number;
  result?: { order?: { order_id: string }; order_id?: string };
  error?: { code: number; message: string };
}

/** A client over one socket, with so many requests in flight. */
class OrderClient {
  readonly #socket: WebSocket;
  #answered: (answer: Answer) => void = () => {};

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#answered(JSON.parse(data.toString('latin1')) as Answer));
  }

  static async connect(port: number): Promise<OrderClient> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/api/v2`);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new OrderClient(socket);
  }

  ask(method: string, params: object): Promise<Answer> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.send(JSON.stringify({ jsonrpc: '2.0', id: 0, method, params }));
    });
  }

  /** Sends requests, so many in flight, as `next` gives them; resolves with milliseconds of each when all are answered. */
  run(count: number, inFlight: number, next: (last: Answer | undefined) => string): Promise<Float64Array> {
    const sentAt = new Float64Array(count);
    const took = new Float64Array(count);
    let sent = 0;
    let done = 0;
    return new Promise((resolve, reject) => {
      const send = (last?: Answer): void => {
        const id = sent++;
        sentAt[id] = performance.now();
        this.#socket.send(`{"jsonrpc":"2.0","id":${id},${next(last)}}`);
      };
      this.#answered = (answer) => {
        if (answer.error !== undefined) reject(new Error(`an order was refused: ${JSON.stringify(answer.error)}`));
        took[answer.id!] = performance.now() - sentAt[answer.id!]!;
        if (++done === count) resolve(took);
        else if (sent < count) send(answer);
      };
      while (sent < Math.min(inFlight, count)) send();
    });
  }

  close(): void {
    this.#socket.terminate();
  }
}

async function startVenue(cpu: number | undefined): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(new URL('../../../actors/venue-sim/api/server/main.js', import.meta.url)), {
    execArgv: [],
  });
  const limits = {
    requests: wide,
    subscriptions: wide,
    instruments: wide,
    matching: wide,
    massQuotes: wide,
    cancelAll: wide,
  };
  const start: VenueProcessStart = { kind: 'start', port: 0, seed: 1, strikes: 16, keys: [KEY], limits };
  child.send(start);
  const { port } = await new Promise<VenueProcessReady>((resolve, reject) => {
    child.once('message', (ready) => resolve(ready as VenueProcessReady));
    child.once('exit', (code) => reject(new Error(`the venue ended with code ${code}`)));
  });
  if (cpu !== undefined) child.send({ kind: 'pin', cpu });
  return { child, port };
}

/** Answers every message with one as long as an order's acknowledgement: what sockets and JSON's size alone allow. */
function echoPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('message', (port) => resolve(port as number)));
}

/** Each request places an order or takes one away, so that the book stays as it is. */
function placing(price: number): (last: Answer | undefined) => string {
  const resting: string[] = [];
  const order = `"method":"private/buy","params":{"instrument_name":"BTC-PERPETUAL","amount":10,"price":${price},"post_only":true}`;
  return (last) => {
    const made = last?.result?.order?.order_id;
    if (made !== undefined) resting.push(made);
    if (resting.length < RESTING) return order;
    return `"method":"private/cancel","params":{"order_id":"${resting.shift()}"}`;
  };
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
        note: `${working} of ${measured} that were measured by the time that the thread had a core; ${over} of all ${turns} by the clock on the wall, with whatever else the machine did meanwhile`,
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
