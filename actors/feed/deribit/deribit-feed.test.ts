import { afterEach, describe, expect, test } from 'vitest';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { applyDeribit, type DeribitBookData, SlowBook } from '../../../engine/testing/slow-book.js';
import type { RecordedFrame, Recording } from '../../recording-server/recording.js';
import { readRecording } from '../../recording-server/recording.js';
import { RecordingServer, type RecordingServerOptions } from '../../recording-server/recording-server.js';
import { FeedEngine, type SeenTop } from '../../testing/feeds/feed-engine.js';
import { DefinitionMemory } from '../entry/definition-memory.js';
import { FeedCounters } from '../entry/feed-counters.js';

const path = sharedData('deribit/ws-2021-07-22');
const LIVE = 1;
const STALE = 2;
const EMPTY = 4;
const TOP_LEVELS = 5;

interface BookMessage {
  params: { channel: string; data: DeribitBookData };
}

const dataOf = ({ bytes }: RecordedFrame) => (JSON.parse(bytes.toString()) as BookMessage).params.data;
const isBook = ({ channel }: RecordedFrame) => channel.startsWith('book.');

/** The tops that an independent rebuild of the recording ends with, by instrument name. */
function rebuiltTops(recording: Recording): Map<string, Omit<SeenTop, 'state'>> {
  const books = new Map<string, { book: SlowBook; changeId: number }>();
  for (const frame of recording.frames.filter(isBook)) {
    const data = dataOf(frame);
    const { book } = books.get(data.instrument_name) ?? { book: new SlowBook() };
    applyDeribit(book, data);
    books.set(data.instrument_name, { book, changeId: data.change_id });
  }
  const sum = (levels: [number, number][]) =>
    Number(
      levels
        .slice(0, TOP_LEVELS)
        .reduce((total, [, amount]) => total + amount, 0)
        .toFixed(6),
    );
  return new Map(
    [...books].map(([name, { book, changeId }]) => {
      const bids = book.levels('bids');
      const asks = book.levels('asks');
      return [
        name,
        {
          bidPrice: bids[0]?.[0] ?? Number.NaN,
          bidAmount: bids[0]?.[1] ?? 0,
          askPrice: asks[0]?.[0] ?? Number.NaN,
          askAmount: asks[0]?.[1] ?? 0,
          bidDepth: sum(bids),
          askDepth: sum(asks),
          bidLevels: bids.length,
          askLevels: asks.length,
          changeId,
        },
      ];
    }),
  );
}

describe.skipIf(path === undefined)(
  'the Deribit feed on its recorded session (skipped where ../shared/data is absent)',
  () => {
    const recording = path === undefined ? undefined : readRecording(path);
    const cleanUps: (() => Promise<void>)[] = [];

    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    });

    /** The engine follows the recording, which a server plays as told. */
    async function run(options: Partial<RecordingServerOptions>, connections = 1) {
      const server = new RecordingServer({
        recording: recording!,
        speed: 'max',
        port: 0,
        completeClients: connections,
        ...options,
      });
      const port = await server.listen();
      cleanUps.push(() => server.close());
      const definitions = DefinitionMemory.create(1000);
      const counters = FeedCounters.create();
      const engine = new FeedEngine(
        {
          kind: 'deribit',
          config: {
            url: `ws://127.0.0.1:${port}/ws/api/v2`,
            connections,
            venue: 1,
            clock: { kind: 'offset', shiftMicros: recording!.startMicros - Date.now() * 1000 },
            interval: 'raw',
            filter: { currencies: ['BTC', 'ETH'] },
            bookDepth: 256,
            tickerSilenceMs: 600_000,
            // A machine under load may take longer than a venue may.
            firstBookMs: 600_000,
            definitions: definitions.memory,
            counters: counters.memory,
          },
        },
        1000,
        256,
      );
      cleanUps.push(() => engine.stop());
      await engine.start();
      const ids = new Map<string, number>();
      const idOf = (name: string): number => {
        definitions.read(0, (id, instrument) => ids.set(instrument.name, id));
        return ids.get(name) ?? -1;
      };
      const expected = rebuiltTops(recording!);
      const topOf = (name: string) => engine.tops.get(idOf(name));
      const isRight = () =>
        [...expected].every(([name, { changeId }]) => {
          const top = topOf(name);
          return top?.changeId === changeId && top.state !== STALE;
        });
      /** Every book as an independent rebuild has it. */
      const expectBooksRight = () => {
        for (const [name, top] of expected) {
          const { state, bidDepth, askDepth, ...seen } = topOf(name)!;
          expect(state).toBe(top.bidLevels + top.askLevels === 0 ? EMPTY : LIVE);
          expect({
            name,
            ...seen,
            bidDepth: Number(bidDepth.toFixed(6)),
            askDepth: Number(askDepth.toFixed(6)),
          }).toEqual({
            name,
            ...top,
          });
        }
      };
      return { server, engine, idOf, isRight, expectBooksRight, expected, count: () => counters.read() };
    }

    test('ends with the books of an independent rebuild, every message good', async () => {
      const { engine, server, isRight, expectBooksRight, expected, count } = await run({});
      await engine.until(() => server.ended && isRight());
      await engine.until(() => count().tickers === 89);
      expect(expected.size).toBe(10);
      expectBooksRight();
      const { good, repaired, quarantined, dropped, books, instruments, malformed } = count();
      expect({ good, repaired, quarantined, dropped, books, instruments, malformed }).toEqual({
        good: 135,
        repaired: 0,
        quarantined: 0,
        dropped: 0,
        books: 46,
        instruments: 824,
        malformed: 0,
      });
      expect(engine.killed).toBe(0);
    });

    test('a lost change makes its book stale, and a new subscription makes it right again', async () => {
      const changes = recording!.frames.filter((frame) => isBook(frame) && dataOf(frame).type === 'change');
      const lost = changes[3]!;
      const name = dataOf(lost).instrument_name;
      const { engine, server, idOf, isRight, expectBooksRight, count } = await run({
        tamper: (frame) => (frame === lost ? [] : [frame.bytes]),
      });
      await engine.until(() => server.ended && isRight() && count().outagesOpen === 0);
      expectBooksRight();
      // That it is stale meanwhile is the book's own test: what is shown here may be conflated away.
      expect(engine.states.has(idOf(name))).toBe(true);
      const { outages, resubscribed, quarantined, reasons } = count();
      expect({ outages, resubscribed }).toEqual({ outages: 1, resubscribed: 1 });
      expect(quarantined).toBe(reasons.gap);
      expect(engine.killed).toBe(0);
    });

    test('of two connections what one loses the other brings, and no book is ever stale', async () => {
      const changes = recording!.frames.filter((frame) => isBook(frame) && dataOf(frame).type === 'change');
      const lostOf = [changes[2]!, changes[7]!];
      const { engine, server, isRight, expectBooksRight, count } = await run(
        // Books alone: on a busy machine a connection's ticker may be seconds of the recording ahead of the other's book, which is an alarm.
        { speed: 20, tamper: (frame, client) => (isBook(frame) && frame !== lostOf[client] ? [frame.bytes] : []) },
        2,
      );
      await engine.until(() => server.ended && isRight());
      await engine.until(() => count().messages >= 2 * recording!.frames.filter(isBook).length - lostOf.length);
      expectBooksRight();
      expect([...engine.states.values()].some((states) => states.has(STALE))).toBe(false);
      expect(count().secondCopies).toBeGreaterThan(30);
      expect(count().outages).toBe(0);
    });

    test('when its connection is cut every book is stale at once, and right again after it has come back', async () => {
      const { engine, server, isRight, expectBooksRight, count, expected } = await run({});
      await engine.until(() => server.ended && isRight());
      server.cut();
      await engine.until(
        () => [...engine.tops.values()].filter(({ state }) => state === STALE).length === expected.size,
      );
      await engine.until(() => isRight() && count().outagesOpen === 0);
      expectBooksRight();
      await engine.until(() => count().connects === 2);
      expect(server.connected).toBe(2);
    });

    test('bad frames are counted and explained, and change nothing', async () => {
      const book = recording!.frames.find(isBook)!;
      const ticker = recording!.frames.find(({ channel }) => channel.startsWith('ticker.'))!;
      const text = book.bytes.toString();
      const bad: (string | Buffer)[] = [
        text.slice(0, text.length / 2),
        'not JSON at all',
        Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
        '[]',
        'null',
        '{"jsonrpc":"2.0","id":4242,"result":true}',
        '{"jsonrpc":"2.0","id":4243,"error":{"code":10028,"message":"too_many_requests"}}',
        '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}',
        text.replace('"channel":"book.', '"channel":"book.NOBODY-'),
        text.replace(/"instrument_name":"[^"]+"/, '"instrument_name":"BTC-1JAN70-1-C"'),
        text.replace('"change_id"', '"changed_id"'),
        ticker.bytes.toString().replace('"mark_price":', '"mark_price":1e999,"mark_price_was":'),
      ];
      const { engine, server, isRight, expectBooksRight, count } = await run({
        tamper: (frame) => (frame === book ? [...bad, frame.bytes] : [frame.bytes]),
      });
      await engine.until(() => server.ended && isRight() && count().scanned > 100);
      expectBooksRight();
      const { malformed, missing, unknownChannel, unknownSubject, outOfRange, connects, quarantined } = count();
      expect({ malformed, missing, unknownChannel, unknownSubject, outOfRange }).toEqual({
        malformed: 3,
        missing: 1,
        unknownChannel: 1,
        unknownSubject: 1,
        outOfRange: 1,
      });
      expect({ connects, quarantined }).toEqual({ connects: 1, quarantined: 0 });
      await engine.until(() => engine.notes.filter((note) => note.includes('a frame was refused')).length === 5);
      expect(engine.killed).toBe(0);
    });

    test('a frame of 10 MB ends the connection, not the engine; another connection makes the books right', async () => {
      const huge = Buffer.alloc(10 << 20, 0x20);
      const at = recording!.frames[60]!;
      const { engine, server, isRight, expectBooksRight, count } = await run({
        tamper: (frame, client) => (frame === at && client === 0 ? [huge, frame.bytes] : [frame.bytes]),
      });
      await engine.until(() => server.ended && isRight() && count().outagesOpen === 0);
      expectBooksRight();
      expect(count().disconnects).toBe(1);
      await engine.until(() => /connection 0 is down: Max payload size exceeded/.test(engine.notes.join()));
    });

    test('values that cannot be are kept out with their reason, and the book is asked for again', async () => {
      const change = recording!.frames.find(
        (frame) => isBook(frame) && dataOf(frame).asks.length > 0 && dataOf(frame).type === 'change',
      )!;
      const spoilt = change.bytes.toString().replace(/\["new",([\d.]+),([\d.]+)\]/, '["new",$1,-$2]');
      expect(spoilt).not.toBe(change.bytes.toString());
      const { engine, server, isRight, expectBooksRight, count } = await run({
        tamper: (frame) => [frame === change ? spoilt : frame.bytes],
      });
      await engine.until(() => server.ended && isRight() && count().outagesOpen === 0);
      expectBooksRight();
      expect(count().reasons['negative amount']).toBeGreaterThan(0);
      expect(count().outages).toBe(1);
    });
  },
);
