import { afterEach, describe, expect, test } from 'vitest';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { applyBinance, type BinanceBookData, SlowBook } from '../../../engine/testing/slow-book.js';
import { type RecordedFrame, readRecording } from '../../recording-server/recording.js';
import { RecordingServer, type RecordingServerOptions } from '../../recording-server/recording-server.js';
import { FeedEngine } from '../../testing/feeds/feed-engine.js';
import { DefinitionMemory } from '../entry/definition-memory.js';
import { FeedCounters } from '../entry/feed-counters.js';

const path = sharedData('binance/perp-2024-08-08/usdm_btcusdt_20240808.gz');
const LIVE = 1;
const STALE = 2;
/** The first part of the recording; the whole of it goes through decoder and book in recorded-books.test.ts. */
const FRAMES = 20_000;

type Depth = BinanceBookData & { u: number };
const depthOf = ({ bytes }: RecordedFrame) => (JSON.parse(bytes.toString()) as { data: Depth }).data;
const isDepth = ({ channel }: RecordedFrame) => channel.includes('@depth');

describe.skipIf(path === undefined)(
  'the Binance feed on its recorded streams (skipped where ../shared/data is absent)',
  () => {
    const whole = path === undefined ? undefined : readRecording(path);
    const recording = whole && { ...whole, frames: whole.frames.slice(0, FRAMES) };
    const cleanUps: (() => Promise<void>)[] = [];

    afterEach(async () => {
      for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    });

    /** The best prices and the last update that an independent rebuild of the recording ends with. */
    function rebuiltTop() {
      const book = new SlowBook();
      const snapshot = JSON.parse(recording!.answers[0]!.bytes.toString()) as {
        lastUpdateId: number;
        bids: [string, string][];
        asks: [string, string][];
      };
      applyBinance(book, { b: snapshot.bids, a: snapshot.asks });
      let changeId = snapshot.lastUpdateId;
      for (const frame of recording!.frames.filter(isDepth)) {
        const data = depthOf(frame);
        if (data.u <= snapshot.lastUpdateId) continue;
        applyBinance(book, data);
        changeId = data.u;
      }
      const [bid, ask] = [book.levels('bids')[0]!, book.levels('asks')[0]!];
      return { changeId, bidPrice: bid[0], bidAmount: bid[1], askPrice: ask[0], askAmount: ask[1] };
    }

    async function run(options: Partial<RecordingServerOptions>, connections = 1) {
      const server = new RecordingServer({ recording: recording!, speed: 'max', port: 0, ...options });
      const port = await server.listen();
      cleanUps.push(() => server.close());
      const definitions = DefinitionMemory.create(8);
      const counters = FeedCounters.create();
      const engine = new FeedEngine(
        {
          kind: 'binance',
          config: {
            streamUrl: `ws://127.0.0.1:${port}`,
            restUrl: `http://127.0.0.1:${port}/fapi/v1`,
            symbols: ['BTCUSDT'],
            streams: ['depth@0ms', 'bookTicker', 'trade'],
            connections,
            venue: 2,
            clock: { kind: 'offset', shiftMicros: recording!.startMicros - Date.now() * 1000 },
            bookDepth: 8192,
            silenceMs: 60_000,
            definitions: definitions.memory,
            counters: counters.memory,
          },
        },
        8,
        8192,
      );
      cleanUps.push(() => engine.stop());
      await engine.start();
      const expected = rebuiltTop();
      const isRight = () => engine.tops.get(0)?.changeId === expected.changeId && engine.tops.get(0)?.state === LIVE;
      return { server, engine, expected, isRight, count: () => counters.read() };
    }

    test('starts a book from the REST snapshot and ends with that of an independent rebuild', async () => {
      const { engine, server, expected, isRight, count } = await run({});
      await engine.until(() => server.ended && isRight());
      expect(engine.tops.get(0)).toMatchObject(expected);
      const { quarantined, repaired, outages, malformed, reasons } = count();
      expect({ quarantined, repaired, outages, malformed }).toEqual({
        quarantined: 0,
        repaired: 0,
        outages: 0,
        malformed: 0,
      });
      // What the snapshot contained already.
      expect(Object.keys(reasons)).toEqual(['duplicate']);
      expect(engine.killed).toBe(0);
    });

    test('a lost update makes the book stale, and another snapshot makes it right again', async () => {
      const lost = recording!.frames.filter(isDepth)[600]!;
      const { engine, server, expected, isRight, count } = await run({
        tamper: (frame) => (frame === lost ? [] : [frame.bytes]),
      });
      await engine.until(() => server.ended && isRight());
      expect(engine.tops.get(0)).toMatchObject(expected);
      expect(engine.states.get(0)).toContain(STALE);
      expect(count().reasons.gap).toBeGreaterThan(0);
      expect(count().outages).toBe(1);
    });

    test('of two connections the first copy of each message counts, and what one loses the other brings', async () => {
      const frames = recording!.frames.filter(isDepth);
      const lostOf = [frames[500]!, frames[900]!];
      // A connection that has lost one goes on when the other's copy of it is in the book: on a busy machine it would be seconds ahead, and what it lost a gap.
      const held: [Buffer[], Buffer[]] = [[], []];
      const waitsFor = [0, 0];
      let changeIdNow = (): number => 0;
      const { engine, server, expected, isRight, count } = await run(
        {
          tamper: (frame, client) => {
            const waiting = held[client as 0 | 1];
            if (frame === lostOf[client]) waitsFor[client] = depthOf(frame).u;
            else waiting.push(frame.bytes);
            return changeIdNow() < waitsFor[client]! ? [] : waiting.splice(0);
          },
        },
        2,
      );
      changeIdNow = () => engine.tops.get(0)?.changeId ?? 0;
      await engine.until(() => server.ended && isRight());
      expect(engine.tops.get(0)).toMatchObject(expected);
      expect(engine.states.get(0)).not.toContain(STALE);
      expect(count().outages).toBe(0);
      expect(count().secondCopies).toBeGreaterThan(frames.length / 2);
    });
  },
);
