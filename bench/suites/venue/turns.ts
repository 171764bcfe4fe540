import { libc } from '../../../engine/runtime/native/libc.js';
import type { BenchResult } from '../../report.js';
import { cpuPair } from '../../rig/side.js';
import { ChainFollower } from './chain-follower.js';
import { ChainQuoter } from './chain-quoter.js';
import { OrderClient } from './order-client.js';
import { placing } from './order-flow.js';
import { KEY, startVenue } from './venue-process.js';

const WARM_UP_SECONDS = 15;
const SECONDS = 30;
/** Requests with long answers, one of them every so often. */
const LONG_EVERY_MS = 200;
const LONG: readonly [method: string, params: object][] = [
  ['public/get_instruments', { currency: 'any' }],
  ['public/get_book_summary_by_currency', { currency: 'BTC' }],
  ['private/get_account_summaries', { extended: true }],
  ['private/get_open_orders', {}],
  ['public/get_last_trades_by_currency', { currency: 'BTC', count: 100 }],
];
/** Orders and cancels at a time, and their pause. */
const BURST = 20;
const PAUSE_MS = 20;

/** Counters of the venue about its turns. */
interface TurnCounters {
  turns: number;
  turns_measured: number;
  turns_measured_working_over_100_us: number;
  turns_working_over_100_us_by_work: Record<string, number>;
  turn_work_us: { p50: number; p99: number; p999: number; max: number };
  longest_work: string;
  lag_ms: number;
  instruments: number;
}

/**
 * How long the venue works at a time, every turn by its thread's own clock: one client follows all that is listed and quotes every
 * option, as an engine does, one trades in the perpetual, and now and then somebody asks for what has a long answer.
 */
export async function turnResults(progress: (line: string) => void): Promise<BenchResult[]> {
  const [own, other] = cpuPair();
  if (own !== undefined) libc()?.pinProcess(own);
  const { child, port } = await startVenue(other);
  try {
    const follower = await ChainFollower.connect(port);
    const channels = await follower.follow();
    const quoter = new ChainQuoter(follower);
    const quoted = await quoter.begin();
    const trader = await OrderClient.connect(port);
    await trader.ask('public/auth', {
      grant_type: 'client_credentials',
      client_id: KEY.clientId,
      client_secret: KEY.clientSecret,
    });
    const { mark_price: mark } = (await follower.ask('public/ticker', { instrument_name: 'BTC-PERPETUAL' })) as {
      mark_price: number;
    };
    const next = placing(Math.round(mark * 0.99));
    progress('venue: turns, every one measured, warming up');
    await load({ trader, follower, quoter, next }, WARM_UP_SECONDS);
    child.send({ kind: 'measure', oneOf: 1 });
    progress(`venue: turns, every one measured for ${SECONDS} s`);
    const messages = follower.messages;
    await load({ trader, follower, quoter, next }, SECONDS);
    const counters = (await follower.ask('sim/get_counters', {})) as TurnCounters;
    const rate = Math.round((follower.messages - messages) / SECONDS);
    trader.close();
    follower.close();
    const { turns_measured: measured, turns_measured_working_over_100_us: over, longest_work: longest } = counters;
    const reasons = Object.entries(counters.turns_working_over_100_us_by_work)
      .sort(([, one], [, another]) => another - one)
      .map(([did, count]) => `${did} ${count}`);
    return [
      {
        name: 'a turn of the venue, by the time that its thread had a core',
        unit: 'us',
        ...counters.turn_work_us,
        note: `${measured} turns, each of them measured; ${channels} channels of ${counters.instruments} instruments are followed, ${quoted} options quoted, ${rate} messages/s; the longest did: ${longest || 'nothing over 100 us'}`,
      },
      {
        name: 'turns over 100 us, every one measured',
        unit: 'part of all',
        value: over / measured,
        note: `${over} of ${measured}${reasons.length === 0 ? '' : `: ${reasons.join(', ')}`}`,
      },
    ];
  } finally {
    child.kill('SIGKILL');
  }
}

/** Who asks something of the venue. */
interface Clients {
  trader: OrderClient;
  follower: ChainFollower;
  quoter: ChainQuoter;
  /** The trader's next request. */
  next: ReturnType<typeof placing>;
}

/** Trades, quotes and asks for so many seconds. */
async function load({ trader, follower, quoter, next }: Clients, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let nextLong = performance.now();
  for (let turn = 0; performance.now() < end; ) {
    await trader.run(BURST, 1, next);
    await quoter.requote();
    if (performance.now() >= nextLong) {
      const [method, params] = LONG[turn++ % LONG.length]!;
      await follower.ask(method, params);
      nextLong += LONG_EVERY_MS;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
