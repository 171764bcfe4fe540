import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { FeedCounters } from '../../../actors/feed/entry/feed-counters.js';
import type { RecordingThreadData, RecordingThreadReady } from '../../../actors/recording-server/thread.js';
import { type EngineSettings, type FeedSettings, syntheticSettings } from '../../../actors/topology.js';
import { WallClock } from '../../runtime/clock/event-clock.js';

/** Where `volfilter run` takes its market data from. */
export type FeedChoice = { kind: 'synthetic' } | { kind: 'recording'; venue: 'deribit'; path: string };

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
const MOST_INSTRUMENTS = 4096;
const VENUE = { deribit: 1 } as const;
const BOOK_DEPTH = { deribit: 512 } as const;
const TICKER_SILENCE_MS = 60_000;

/** `synthetic` or `deribit-recording=<path>`; undefined where it is neither. */
export function parseFeedChoice(text: string): FeedChoice | undefined {
  if (text === 'synthetic') return { kind: 'synthetic' };
  const path = /^deribit-recording=(.+)$/.exec(text)?.[1];
  return path === undefined ? undefined : { kind: 'recording', venue: 'deribit', path };
}

/** Opens the source of market data: a recording is served by a thread of its own, and followed like the venue itself. */
export async function openFeed(options: FeedOptions): Promise<FeedSource> {
  const { feed } = options;
  if (feed.kind === 'synthetic') {
    const settings = syntheticSettings(options.instruments, options.rate, options.seed);
    return { settings, close: async () => {} };
  }
  const worker = startServer(feed.path);
  const { port, nowMicros } = await worker.ready;
  const market: FeedMemory = {
    definitions: DefinitionMemory.create(MOST_INSTRUMENTS),
    counters: FeedCounters.create(),
  };
  return {
    settings: settingsOf(feed, `ws://127.0.0.1:${port}`, nowMicros - new WallClock().now[0]!, market),
    market,
    close: async () => {
      await worker.thread.terminate();
    },
  };
}

function settingsOf(
  { venue }: Extract<FeedChoice, { kind: 'recording' }>,
  address: string,
  shiftMicros: number,
  { definitions, counters }: FeedMemory,
): EngineSettings {
  const feed: FeedSettings = {
    kind: 'deribit',
    config: {
      url: `${address}/ws/api/v2`,
      connections: 1,
      venue: VENUE[venue],
      clock: { kind: 'offset', shiftMicros },
      interval: 'raw',
      filter: { currencies: ['BTC', 'ETH'] },
      bookDepth: BOOK_DEPTH[venue],
      tickerSilenceMs: TICKER_SILENCE_MS,
      definitions: definitions.memory,
      counters: counters.memory,
    },
  };
  return { instruments: MOST_INSTRUMENTS, bookDepth: BOOK_DEPTH[venue], feed, peers: [] };
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
