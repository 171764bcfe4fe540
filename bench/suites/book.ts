/**
 * Recorded depth from bytes to an up-to-date book, beside the books of two JavaScript libraries, which parse and update
 * the same messages. All end with the same best prices, which is checked.
 */
import { Exchange as CcxtExchange } from 'ccxt';
import { OrderBook as TardisBook } from 'tardis-dev';
import { binanceDecoder } from '../../actors/feed/binance/decoder.js';
import { writeSnapshot } from '../../actors/feed/binance/snapshot.js';
import { deribitDecoder } from '../../actors/feed/deribit/decoder.js';
import type { FrameDecoder } from '../../actors/feed/wire/frame-decoder.js';
import { NameTable } from '../../actors/feed/wire/name-table.js';
import { Grid } from '../../engine/market/grid.js';
import { OrderBook } from '../../engine/market/order-book.js';
import { Reason } from '../../engine/market/quality/reason.js';
import { recordedFrames, recordedStream } from '../../engine/testing/recordings.js';
import { interleaved } from '../interleaved.js';
import { type FrameSet, layOut, needed } from '../recorded-frames.js';
import type { BenchResult, BenchSuite } from '../report.js';

const SLOT = 1 << 18;
const ROUNDS = 7;

type TextLevel = [price: string, amount: string];
type DeribitLevel = [action: string, price: number, amount: number];

interface BinanceMessage {
  data: { b: TextLevel[]; a: TextLevel[] };
}

interface DeribitMessage {
  params: { data: { type: string; bids: DeribitLevel[]; asks: DeribitLevel[] } };
}

/** ccxt hands out its order book through an exchange. */
const ccxt = new CcxtExchange();

/** One library's book under test: replays everything and tells the best bid that it ends with. */
interface Contender {
  name: string;
  replay: () => number;
}

interface Case {
  name: string;
  levels: number;
  repeats: number;
  contenders: Contender[];
}

function ours(frames: FrameSet, decoder: FrameDecoder, start: () => OrderBook): Contender {
  const slot = new DataView(new SharedArrayBuffer(SLOT));
  const { memory, starts, ends } = frames;
  return {
    name: 'volfilter',
    replay: () => {
      const book = start();
      for (let index = 0; index < starts.length; index++) {
        if (decoder.decode(memory, starts[index]!, ends[index]!, slot, 0, SLOT) > 0) book.apply(slot, 0);
      }
      return book.tick.value(book.bestBid);
    },
  };
}

function binanceCase(): Case {
  const all = needed(recordedStream('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz'), 'binance/perp-2024-08-08');
  const snapshot = JSON.parse(all.find((text) => text.includes('lastUpdateId'))!) as {
    lastUpdateId: number;
    bids: TextLevel[];
    asks: TextLevel[];
  };
  const messages = all.filter(
    (text) => text.includes('@depth') && (JSON.parse(text) as { data: { u: number } }).data.u > snapshot.lastUpdateId,
  );
  const numbers = (levels: TextLevel[]): [number, number][] =>
    levels.map(([price, amount]) => [Number(price), Number(amount)]);
  const objects = (levels: TextLevel[]) =>
    levels.map(([price, amount]) => ({ price: Number(price), amount: Number(amount) }));

  const names = new NameTable();
  names.set('BTCUSDT', 0);
  const decoder = binanceDecoder(names);
  decoder.subscribe('btcusdt@depth@0ms', 'depth', 0);
  const book = new OrderBook({ tick: new Grid(0.1), lot: new Grid(0.001), depth: 16_384 });
  const start = new DataView(new ArrayBuffer(SLOT));
  writeSnapshot(snapshot, 0, start, 0, SLOT);
  const frames = layOut(messages);
  return {
    name: 'Binance perpetual depth',
    levels: messages.reduce((sum, text) => {
      const { b, a } = (JSON.parse(text) as BinanceMessage).data;
      return sum + b.length + a.length;
    }, 0),
    repeats: 1,
    contenders: [
      ours(frames, decoder, () => {
        if (book.apply(start, 0) !== Reason.NONE) throw new Error('the recorded snapshot was refused');
        return book;
      }),
      {
        name: 'ccxt 4.5.84',
        replay: () => {
          const peer = ccxt.orderBook({ bids: numbers(snapshot.bids), asks: numbers(snapshot.asks) });
          for (const text of messages) {
            const { b, a } = (JSON.parse(text) as BinanceMessage).data;
            for (const [price, amount] of b) peer.bids.storeArray([Number(price), Number(amount)]);
            for (const [price, amount] of a) peer.asks.storeArray([Number(price), Number(amount)]);
          }
          return peer.bids[0]![0]!;
        },
      },
      {
        name: 'tardis-dev 13.35.3',
        replay: () => {
          const peer = new TardisBook();
          const update = (isSnapshot: boolean, bids: TextLevel[], asks: TextLevel[]) =>
            peer.update({ isSnapshot, bids: objects(bids), asks: objects(asks) } as Parameters<
              TardisBook['update']
            >[0]);
          update(true, snapshot.bids, snapshot.asks);
          for (const text of messages) {
            const { b, a } = (JSON.parse(text) as BinanceMessage).data;
            update(false, b, a);
          }
          return peer.bestBid()!.price;
        },
      },
    ],
  };
}

function deribitCase(): Case {
  const instrument = 'BTC-24SEP21-8000-P';
  const channel = `book.${instrument}.raw`;
  const messages = needed(recordedFrames('deribit/ws-2021-07-22/DERIBIT.ws.1.0.jsonl'), 'deribit/ws-2021-07-22').filter(
    (text) => text.includes(`"channel":"${channel}"`),
  );
  const names = new NameTable();
  names.set(instrument, 0);
  const decoder = deribitDecoder(names);
  decoder.subscribe(channel, 'book', 0);
  const book = new OrderBook({ tick: new Grid(0.0005), lot: new Grid(0.1), depth: 256 });
  const frames = layOut(messages);
  const plain = (levels: DeribitLevel[]) =>
    levels.map(([action, price, amount]) => ({ price, amount: action === 'delete' ? 0 : amount }));
  return {
    name: `Deribit ${instrument}`,
    levels: messages.reduce((sum, text) => {
      const { bids, asks } = (JSON.parse(text) as DeribitMessage).params.data;
      return sum + bids.length + asks.length;
    }, 0),
    repeats: 1000,
    contenders: [
      ours(frames, decoder, () => book),
      {
        name: 'ccxt 4.5.84',
        replay: () => {
          const peer = ccxt.orderBook({ bids: [], asks: [] });
          for (const text of messages) {
            const { type, bids, asks } = (JSON.parse(text) as DeribitMessage).params.data;
            if (type === 'snapshot') peer.reset({});
            for (const [action, price, amount] of bids) peer.bids.storeArray([price, action === 'delete' ? 0 : amount]);
            for (const [action, price, amount] of asks) peer.asks.storeArray([price, action === 'delete' ? 0 : amount]);
          }
          return peer.bids[0]![0]!;
        },
      },
      {
        name: 'tardis-dev 13.35.3',
        replay: () => {
          const peer = new TardisBook();
          for (const text of messages) {
            const { type, bids, asks } = (JSON.parse(text) as DeribitMessage).params.data;
            const change = { isSnapshot: type === 'snapshot', bids: plain(bids), asks: plain(asks) };
            peer.update(change as Parameters<TardisBook['update']>[0]);
          }
          return peer.bestBid()!.price;
        },
      },
    ],
  };
}

/** Nanoseconds per level of every contender, ours first. */
function measure({ name, levels, repeats, contenders }: Case): number[] {
  const ends = contenders.map(({ replay }) => replay());
  if (new Set(ends).size !== 1)
    throw new Error(`the books of ${name} end with different best bids: ${ends.join(', ')}`);
  const times = interleaved(
    ROUNDS,
    contenders.map(({ replay }) => () => {
      for (let repeat = 0; repeat < repeats; repeat++) replay();
    }),
  );
  return times.map((time) => time / (levels * repeats));
}

function compared(
  name: string,
  note: string,
  contenders: readonly Contender[],
  perLevel: readonly number[],
): BenchResult[] {
  return contenders.slice(1).map((peer, index) => ({
    name: `${name}, decode and update a level`,
    unit: 'ns',
    value: perLevel[0]!,
    peer: peer.name,
    peerValue: perLevel[index + 1]!,
    ratio: perLevel[index + 1]! / perLevel[0]!,
    note,
  }));
}

/** The memory of the process while the recorded stream goes round and round. */
function flatMemory({ contenders, levels }: Case): BenchResult {
  const { replay } = contenders[0]!;
  for (let warm = 0; warm < 5; warm++) replay();
  const before = process.memoryUsage();
  const rounds = 20;
  for (let round = 0; round < rounds; round++) replay();
  const after = process.memoryUsage();
  return {
    name: 'memory grown over the looped stream',
    unit: 'bytes/level',
    value: Math.max(0, after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / (rounds * levels),
    note: `${rounds * levels} levels after warm-up`,
  };
}

export const suite: BenchSuite = (progress) => {
  const cases = [binanceCase(), deribitCase()];
  const perLevel = cases.map((one) => {
    progress(`book: ${one.name}`);
    return measure(one);
  });
  const levels = cases.reduce((sum, one) => sum + one.levels, 0);
  const together = cases[0]!.contenders.map(
    (_, peer) => cases.reduce((sum, one, index) => sum + perLevel[index]![peer]! * one.levels, 0) / levels,
  );
  progress('book: memory over the looped stream');
  return [
    ...compared('all recorded depth', `${levels} levels, parsing included for all`, cases[0]!.contenders, together),
    ...cases.flatMap((one, index) => compared(one.name, `${one.levels} levels`, one.contenders, perLevel[index]!)),
    flatMemory(cases[0]!),
  ];
};
