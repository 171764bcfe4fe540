import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { FeedCounters } from '../../../actors/feed/entry/feed-counters.js';
import type { RecordingThreadData, RecordingThreadReady } from '../../../actors/recording-server/thread.js';
import { type EngineSettings, type FeedSettings, syntheticSettings } from '../../../actors/topology.js';
import { WallClock } from '../../runtime/clock/event-clock.js';

/** Where `volfilter run` takes its market data from. */
export type FeedChoice = { kind: 'synthetic' } | RecordingChoice;

export interface RecordingChoice {
  kind: 'recording';
  venue: 'deribit' | 'binance';
  path: string;
}

export interface FeedOptions {
  feed: FeedChoice;
  rate: number;
  instruments: number;
  seed: number;
}

/** Memory by which a feed is seen from outside. */
export interface FeedMemory {
  definitions: DefinitionMemory;
  counters: FeedCounters;
}

export interface FeedSource {
  settings: EngineSettings;
  /** Absent where there is no venue's data to show. */
  market?: FeedMemory;
  close(): Promise<void>;
}

/** A source that cannot be opened, with the reason. */
export class FeedSourceError extends Error {}

/** Instruments that there is room for when a venue's list decides how many there are. */
const MOST_INSTRUMENTS = { deribit: 4096, binance: 64 } as const;
const VENUE = { deribit: 1, binance: 2 } as const;
const BOOK_DEPTH = { deribit: 512, binance: 4096 } as const;
const SILENCE_MS = 60_000;

/** `synthetic`, `deribit-recording=<path>` or `binance-recording=<path>`; undefined where it is none of them. */
export function parseFeedChoice(text: string): FeedChoice | undefined {
  if (text === 'synthetic') return { kind: 'synthetic' };
  const [, venue, path] = /^(deribit|binance)-recording=(.+)$/.exec(text) ?? [];
  return path === undefined ? undefined : { kind: 'recording', venue: venue as RecordingChoice['venue'], path };
}

/** Opens the source of market data: a recording is served by a thread of its own, and followed like the venue itself. */
export async function openFeed(options: FeedOptions): Promise<FeedSource> {
  const { feed } = options;
  if (feed.kind === 'synthetic') {
    const settings = syntheticSettings(options.instruments, options.rate, options.seed);
    return { settings, close: async () => {} };
  }
  const { thread, ready } = startServer(feed.path);
  const served = await ready;
  if (served.venue !== feed.venue) {
    await thread.terminate();
    throw new FeedSourceError(`${feed.path} is a recording of ${served.venue}, not of ${feed.venue}`);
  }
  const market: FeedMemory = {
    definitions: DefinitionMemory.create(MOST_INSTRUMENTS[feed.venue]),
    counters: FeedCounters.create(),
  };
  return {
    settings: settingsOf(feed, served, market),
    market,
    close: async () => {
      await thread.terminate();
    },
  };
}

function settingsOf(
  { venue }: RecordingChoice,
  { port, nowMicros, channels }: RecordingThreadReady,
  { definitions, counters }: FeedMemory,
): EngineSettings {
  const bookDepth = BOOK_DEPTH[venue];
  const common = {
    connections: 1,
    venue: VENUE[venue],
    clock: { kind: 'offset' as const, shiftMicros: nowMicros - new WallClock().now[0]! },
    bookDepth,
    definitions: definitions.memory,
    counters: counters.memory,
  };
  const feed: FeedSettings =
    venue === 'deribit'
      ? {
          kind: 'deribit',
          config: {
            ...common,
            url: `ws://127.0.0.1:${port}/ws/api/v2`,
            interval: 'raw',
            filter: { currencies: ['BTC', 'ETH'] },
            tickerSilenceMs: SILENCE_MS,
          },
        }
      : {
          kind: 'binance',
          config: {
            ...common,
            streamUrl: `ws://127.0.0.1:${port}`,
            restUrl: `http://127.0.0.1:${port}/fapi/v1`,
            symbols: partsOf(channels, 0).map((symbol) => symbol.toUpperCase()),
            streams: partsOf(channels, 1),
            silenceMs: SILENCE_MS,
          },
        };
  return { instruments: MOST_INSTRUMENTS[venue], bookDepth, feed, peers: [] };
}

/** Symbols, or kinds of stream, of streams such as `btcusdt@depth@0ms`. */
function partsOf(channels: readonly string[], part: 0 | 1): string[] {
  return [...new Set(channels.map((channel) => /^([^@]+)@(.+)$/.exec(channel)?.[part + 1] ?? ''))];
}

function startServer(path: string): { thread: Worker; ready: Promise<RecordingThreadReady> } {
  const workerData: RecordingThreadData = { path: resolve(path) };
  const thread = new Worker(new URL('../../../actors/recording-server/thread.js', import.meta.url), { workerData });
  const ready = new Promise<RecordingThreadReady>((done, failed) => {
    thread.once('message', done);
    thread.once('error', (error) => failed(new FeedSourceError(`cannot serve ${path}: ${error.message}`)));
  });
  return { thread, ready };
}
