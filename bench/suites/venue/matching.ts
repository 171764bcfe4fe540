import { MarginModel, OrderType, SelfMatch, Side, TimeInForce } from '../../../actors/venue-sim/exchange/codes.js';
import { defaultConfig } from '../../../actors/venue-sim/exchange/config.js';
import { instrumentOf } from '../../../actors/venue-sim/exchange/contracts.js';
import { Exchange } from '../../../actors/venue-sim/exchange/exchange.js';
import { type ExchangeSink, silentSink } from '../../../actors/venue-sim/exchange/sink.js';
import { Seeded } from '../../../engine/testing/seeded.js';
import type { BenchResult } from '../../report.js';

const ORDERS = 1 << 19;
const ROUNDS = 6;
const INSTRUMENTS = 64;
/** Resting orders of the flow that are alive at a time; the oldest is cancelled for each new one. */
const RESTING = 8192;
/** Finest ticks in a tick of the options' prices. */
const TICK_STEP = 5;

/** One flow of orders, drawn before the clock runs. */
interface Flow {
  instrument: Uint8Array;
  side: Uint8Array;
  /** From the instrument's middle. */
  ticks: Int32Array;
  lots: Uint8Array;
}

/** Orders around one price: a third of them crosses it, the others wait. The venue's own mixture has far fewer trades. */
function drawFlow(seed: number): Flow {
  const random = new Seeded(seed);
  const flow = {
    instrument: new Uint8Array(ORDERS),
    side: new Uint8Array(ORDERS),
    ticks: new Int32Array(ORDERS),
    lots: new Uint8Array(ORDERS),
  };
  for (let index = 0; index < ORDERS; index++) {
    const side = random.below(2);
    const away = random.below(15) - 5;
    flow.instrument[index] = random.below(INSTRUMENTS);
    flow.side[index] = side;
    flow.ticks[index] = TICK_STEP * (side === Side.BUY ? -away : away);
    flow.lots[index] = 1 + random.below(10);
  }
  return flow;
}

interface Venue {
  exchange: Exchange;
  instruments: number[];
  /** Price in ticks around which each instrument trades. */
  middles: number[];
  accounts: number[];
}

function venue(margin: number, sink: ExchangeSink): Venue {
  const exchange = new Exchange(defaultConfig, sink);
  const instruments = Array.from({ length: INSTRUMENTS }, (_, index) => {
    const strike = 80_000 + 250 * index;
    const id = exchange.list(instrumentOf(`BTC-27MAR26-${strike}-C`));
    exchange.setOptionMark(id, 90_000, 0.5 + index / 400);
    return id;
  });
  const accounts = ['one', 'two', 'three', 'four'].map((name) =>
    exchange.openAccount({ name, margin, selfMatch: SelfMatch.ALLOW }),
  );
  for (const account of accounts) exchange.deposit(account, 0, 1e6);
  const middles = instruments.map(
    (id) => Math.round(exchange.instruments.mark(id, exchange.now) / 0.0001 / TICK_STEP) * TICK_STEP,
  );
  return { exchange, instruments, middles, accounts };
}

interface Round {
  ordersPerSecond: number;
  trades: number;
  cancels: number;
}

/** Sends the whole flow and cancels what has rested for long. Time stands still meanwhile, as between two events of a market. */
function round(flow: Flow, margin: number): Round {
  const { exchange, instruments, middles, accounts } = venue(margin, silentSink);
  const resting = new Float64Array(RESTING);
  let cancels = 0;
  let refused = 0;
  const start = process.hrtime.bigint();
  for (let index = 0; index < ORDERS; index++) {
    const at = index % RESTING;
    const account = accounts[index & 3]!;
    const oldest = resting[at]!;
    if (oldest > 0 && exchange.cancel(account, oldest) > 0) cancels++;
    if (index % 64 === 0) exchange.advance(exchange.now + 1);
    const which = flow.instrument[index]!;
    const order = exchange.place(
      account,
      instruments[which]!,
      flow.side[index]!,
      OrderType.LIMIT,
      middles[which]! + flow.ticks[index]!,
      flow.lots[index]!,
      TimeInForce.GOOD_TIL_CANCELLED,
      0,
      0,
    );
    resting[at] = order;
    if (order < 0) refused++;
  }
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (refused > 0) throw new Error(`${refused} orders of a flow that everybody can afford were refused`);
  return { ordersPerSecond: ORDERS / seconds, trades: exchange.trades.last, cancels };
}

function measure(name: string, margin: number): BenchResult {
  const flow = drawFlow(20_261_127);
  let best: Round = { ordersPerSecond: 0, trades: 0, cancels: 0 };
  for (let count = 0; count < ROUNDS; count++) {
    const one = round(flow, margin);
    if (one.ordersPerSecond > best.ordersPerSecond) best = one;
  }
  return {
    name,
    unit: 'orders/s',
    value: best.ordersPerSecond,
    note: `${ORDERS} orders with ${best.trades} trades and ${best.cancels} cancels on ${INSTRUMENTS} options; best of ${ROUNDS} rounds`,
  };
}

/** Orders that trade or rest in the exchange itself, without a wire. */
export function matchingResults(progress: (line: string) => void): BenchResult[] {
  progress('venue: orders matched or rested in-process');
  return [
    measure('orders in-process', MarginModel.NONE),
    measure('orders in-process, standard margin', MarginModel.STANDARD),
    measure('orders in-process, portfolio margin', MarginModel.PORTFOLIO),
  ];
}
