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
      const server = new RecordingServer({ recording: recording!, speed: 'max', port: 0, ...options });
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
            tickerSilenceMs: 60_000,
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
      expect(engine.states.get(idOf(name))).toContain(STALE);
      const { outages, resubscribed, quarantined, reasons } = count();
      expect({ outages, resubscribed }).toEqual({ outages: 1, resubscribed: 1 });
      expect(quarantined).toBe(reasons.gap);
      expect(engine.killed).toBe(0);
    });
  },
);
