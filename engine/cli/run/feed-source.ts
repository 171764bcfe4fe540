import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DERIBIT_BOOK_DEPTH, OPTION_TRADING, ROOM } from '../../../actors/core-settings.js';
import type { DeribitExecutionConfig } from '../../../actors/execution/deribit/config.js';
import type { DefinitionMemory } from '../../../actors/feed/entry/definition-memory.js';
import { FeedCounters } from '../../../actors/feed/entry/feed-counters.js';
import type { RecordingThreadData, RecordingThreadReady } from '../../../actors/recording-server/thread.js';
import { type EngineSettings, type FeedSettings, syntheticSettings } from '../../../actors/topology.js';
import type { Holding } from '../../../actors/venue-sim/api/server/holdings.js';
import { TUNED_QUOTING } from '../../market/quoting/settings.js';
import { WallClock } from '../../runtime/clock/event-clock.js';
import { UserError } from '../user-error.js';
import { EmbeddedVenue, type OpenVenue } from './embedded-venue.js';
import type { FeedChoice, LiveChoice } from './feed-choice.js';
import { journalDefinitions } from './journal-definitions.js';
import { littleRoom } from './room-left.js';
import { DEFAULT_KEYS, keysOf } from './venue-keys.js';

export interface FeedOptions {
  feed: FeedChoice;
  /** Folder of the journal, whose instruments keep their ids; false for none. */
  journal: string | false;
  /** Of the synthetic feed. */
  rate: number;
  instruments: number;
  /** Of the synthetic feed and of the simulated venue's world. */
  seed: number;
  /** Strikes of each expiry of the simulated venue. */
  strikes: number;
  /** File with the keys of a simulated venue that is there already, as `volfilter venue` makes it. */
  venueKeys?: string;
  /** The simulated venue, where it was started already. */
  embedded?: EmbeddedVenue;
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
  /** The venue that orders go to, and the key of the process that stops them. */
  venue?: { url: string; killer: { clientId: string; clientSecret: string } };
  /** Keeps on one CPU what runs as a process of its own. */
  pin?(cpu: number): void;
  /** Where the venue begins anew with each start: gives it what the account held before. @returns names of what is not listed */
  hold?(holdings: readonly Holding[]): Promise<string[]>;
  close(): Promise<void>;
}

/** Instruments that there is room for when a venue's list decides how many there are. */
const MOST_INSTRUMENTS = { deribit: 2048, binance: 64 } as const;
const VENUE = { deribit: 1, binance: 2 } as const;
/** Every level is part of each snapshot of the core. */
const BOOK_DEPTH = { deribit: DERIBIT_BOOK_DEPTH, binance: 2048 } as const;
const SILENCE_MS = 60_000;

/**
 * Opens the source of market data: a recording is served by a thread of its own and the simulated venue is a process of its own;
 * both are followed like the venue itself.
 */
export async function openFeed(options: FeedOptions, note: (message: string) => void = () => {}): Promise<FeedSource> {
  const { feed, journal } = options;
  if (feed.kind === 'synthetic') {
    const settings = syntheticSettings(options.instruments, options.rate, options.seed);
    return { settings, close: async () => {} };
  }
  if (feed.kind === 'chains')
    throw new UserError('chains are snapshots, hours apart: they can be quoted on paper alone; say --mode paper');
  const instruments = MOST_INSTRUMENTS[feed.kind === 'venue' ? 'deribit' : feed.venue];
  const market: FeedMemory = {
    definitions: await journalDefinitions(journal, instruments),
    counters: FeedCounters.create(),
  };
  const warning = littleRoom(market.definitions, { instruments, expiries: ROOM.expiries });
  if (warning !== undefined) note(warning);
  if (feed.kind === 'venue') return openVenue(options, market, note, feed.url);
  if (feed.kind === 'live') return { settings: settingsOf(feed, 0, market), market, close: async () => {} };
  const { thread, ready } = startServer(feed.path);
  const { venue, port, nowMicros, channels } = await ready;
  const close = async (): Promise<void> => {
    await thread.terminate();
  };
  if (venue !== feed.venue) {
    await close();
    throw new UserError(`${feed.path} is a recording of ${venue}, not of ${feed.venue}`);
  }
  const address = `ws://127.0.0.1:${port}`;
  const served: LiveChoice =
    venue === 'deribit'
      ? { kind: 'live', venue, url: `${address}/ws/api/v2`, interval: 'raw', filter: { currencies: ['BTC', 'ETH'] } }
      : { kind: 'live', venue, url: address, symbols: partsOf(channels, 0), streams: partsOf(channels, 1) };
  return { settings: settingsOf(served, nowMicros - new WallClock().now[0]!, market), market, close };
}

/** Follows all that a simulated venue lists, and trades there. */
async function openVenue(
  options: FeedOptions,
  market: FeedMemory,
  note: (message: string) => void,
  there: string | undefined,
): Promise<FeedSource> {
  const venue: OpenVenue =
    there === undefined
      ? await (options.embedded ?? new EmbeddedVenue(options)).open(note)
      : { url: there, keys: keysOf(options.venueKeys ?? DEFAULT_KEYS), close: async () => {} };
  const { url, keys } = venue;
  const { clientId, clientSecret } = keys.feed;
  const followed: LiveChoice = {
    kind: 'live',
    venue: 'deribit',
    url,
    interval: 'raw',
    filter: { currencies: ['BTC', 'ETH'] },
    credentials: { grant: 'client_signature', clientId, clientSecret },
  };
  const settings = settingsOf(followed, 0, market);
  const { core } = settings;
  return {
    settings: {
      ...settings,
      core: { ...core, trading: { ...core.trading, needsMmp: true }, quoting: TUNED_QUOTING, hedging: {} },
      execution: venueExecution(url, keys.execution, market, core.instruments),
    },
    market,
    venue: { url, killer: keys.killer },
    ...(venue.pin === undefined ? {} : { pin: venue.pin }),
    ...(venue.hold === undefined ? {} : { hold: venue.hold }),
    close: venue.close,
  };
}

/** Orders go to a venue of Deribit's protocol, under protection that trips well before a position would hurt. */
export function venueExecution(
  url: string,
  { clientId, clientSecret }: { clientId: string; clientSecret: string },
  { definitions }: FeedMemory,
  instruments: number,
): DeribitExecutionConfig {
  const protect = (index: string, quantityLimit: number): DeribitExecutionConfig['protection'][number] => ({
    index,
    intervalSeconds: 5,
    frozenSeconds: 10,
    quantityLimit,
    maxQuoteQuantity: quantityLimit,
  });
  return {
    url,
    venue: VENUE.deribit,
    accounts: [{ account: 0, credentials: { grant: 'client_signature', clientId, clientSecret }, connections: 1 }],
    currencies: ['BTC', 'ETH'],
    protection: [protect('btc_usd', 5), protect('eth_usd', 50)],
    massQuotes: true,
    definitions: definitions.memory,
    instruments,
  };
}

function settingsOf(choice: LiveChoice, shiftMicros: number, { definitions, counters }: FeedMemory): EngineSettings {
  const { venue, url } = choice;
  const bookDepth = BOOK_DEPTH[venue];
  const common = {
    connections: 1,
    venue: VENUE[venue],
    clock: shiftMicros === 0 ? { kind: 'wall' as const } : { kind: 'offset' as const, shiftMicros },
    bookDepth,
    definitions: definitions.memory,
    counters: counters.memory,
  };
  const feed: FeedSettings =
    choice.venue === 'deribit'
      ? {
          kind: 'deribit',
          config: {
            ...common,
            url,
            connections: choice.connections ?? 1,
            interval: choice.interval,
            filter: choice.filter,
            tickerSilenceMs: SILENCE_MS,
            ...(choice.credentials === undefined ? {} : { credentials: choice.credentials }),
          },
        }
      : {
          kind: 'binance',
          config: {
            ...common,
            connections: choice.connections ?? 1,
            streamUrl: url,
            restUrl: choice.restUrl ?? `${url.replace(/^ws/, 'http')}/fapi/v1`,
            symbols: choice.symbols.map((symbol) => symbol.toUpperCase()),
            streams: choice.streams,
            silenceMs: SILENCE_MS,
          },
        };
  return { core: { instruments: MOST_INSTRUMENTS[venue], bookDepth, trading: OPTION_TRADING }, feed, peers: [] };
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
    thread.once('error', (error) => failed(new UserError(`cannot serve ${path}: ${error.message}`)));
  });
  return { thread, ready };
}
