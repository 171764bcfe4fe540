import { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { type EventClockChoice, wallClockOf } from '../../../engine/runtime/clock/event-clock.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { MessageType } from '../../../schemas/message-type.js';
import { Backoff } from '../../session/backoff.js';
import { ClockOffset } from '../../session/clock-offset.js';
import { Connection } from '../../session/connection.js';
import type { SessionHost } from '../../session/host.js';
import { hostWith, type SocketKind } from '../../session/node-host.js';
import { DefinitionMemory } from '../entry/definition-memory.js';
import { countConnections, FeedCount, FeedCounters } from '../entry/feed-counters.js';
import { FrameIntake } from '../entry/frame-intake.js';
import { MarketEntry } from '../entry/market-entry.js';
import { qualityReport } from '../entry/quality-report.js';
import { SilenceWatch } from '../entry/silence-watch.js';
import { BookRenewals } from '../session/book-renewals.js';
import { ChannelKind } from '../session/channel-watch.js';
import { getJson } from '../session/http-get.js';
import { NameTable } from '../wire/name-table.js';
import { binanceDecoder, parseStream } from './decoder.js';
import { DepthSync } from './depth-sync.js';
import { writeSnapshot } from './snapshot.js';
import { readSymbols } from './symbols.js';

export interface BinanceFeedConfig {
  /** Such as wss://fstream.binance.com. */
  streamUrl: string;
  /** Such as https://fapi.binance.com/fapi/v1. */
  restUrl: string;
  symbols: readonly string[];
  /** Streams of each symbol, such as `depth@100ms`, `bookTicker`, `trade`. */
  streams: readonly string[];
  /** Connections that carry the same streams: the first copy of each message counts. */
  connections: number;
  /** Venue id in records. */
  venue: number;
  /** The clock that records are received by; that of the sequencer. */
  clock: Exclude<EventClockChoice, { kind: 'virtual' | 'replay' }>;
  /** Levels kept on each side of a book; as the core keeps them. */
  bookDepth: number;
  /** Milliseconds without best prices after which a symbol's feed counts as frozen. */
  silenceMs: number;
  /** Which WebSocket; our own where it is not said. */
  socket?: SocketKind;
  /** Memory of a DefinitionMemory and of FeedCounters, which outlive this thread. */
  definitions: SharedArrayBuffer;
  counters: SharedArrayBuffer;
}

const SNAPSHOT_LEVELS = 1000;
const LOOK_EVERY_MS = 250;
const READ_CLOCK_EVERY_MS = 60_000;
/** The venue pings every three minutes; a symbol worth following is never that quiet. */
const SILENCE_MS = 60_000;
const ROOM_AGAIN_MS = 2;

/** Binance's perpetuals: depth that continues a REST snapshot, best prices and trades. */
class BinanceFeed implements IoActor {
  readonly entry: MarketEntry;
  readonly #context: IoContext<BinanceFeedConfig>;
  readonly #host: SessionHost;
  readonly #registry = new InstrumentRegistry();
  readonly #cells: Float64Array;
  readonly #names = new NameTable();
  readonly #decoder = binanceDecoder(this.#names);
  readonly #clock;
  readonly #clockOffset = new ClockOffset();
  readonly #intake: FrameIntake;
  readonly #silence: SilenceWatch;
  readonly #renewals: BookRenewals;
  readonly #connections: Connection[];
  /** By instrument id. */
  readonly #syncs: DepthSync[] = [];
  readonly #retry: Backoff;
  #timer: NodeJS.Timeout | undefined;
  #readClockAtMs = 0;
  #isStopping = false;

  constructor(context: IoContext<BinanceFeedConfig>, host: SessionHost = hostWith(context.config.socket)) {
    const { config, out } = context;
    this.#context = context;
    this.#host = host;
    this.#clock = wallClockOf(config.clock);
    const counters = new FeedCounters(config.counters);
    this.#cells = counters.cells;
    const definitions = new DefinitionMemory(config.definitions);
    definitions.restore(this.#registry);
    this.#retry = new Backoff({ firstMs: 1000, longestMs: 30_000 }, () => host.random());
    this.#renewals = new BookRenewals((instrument) => this.#sync(instrument));
    this.entry = new MarketEntry({
      out: out!,
      registry: this.#registry,
      definitions,
      counters,
      venue: config.venue,
      connections: config.connections,
      clock: this.#clock,
      bookDepth: config.bookDepth,
      bookBroken: (instrument) => this.#renewals.broken(instrument, host.nowMs()),
    });
    this.#silence = new SilenceWatch(this.entry);
    const streams = config.symbols.flatMap((symbol) =>
      config.streams.map((stream) => `${symbol.toLowerCase()}@${stream}`),
    );
    const url = `${config.streamUrl}/stream?streams=${streams.join('/')}`;
    this.#connections = Array.from({ length: config.connections }, (_, index) => this.#connection(index, url));
    this.#intake = new FrameIntake({
      context,
      entry: this.entry,
      decoder: this.#decoder,
      clock: this.#clock,
      withhold: (connection, type, length) => this.#withhold(connection, type, length),
      taken: (type) => this.#taken(type),
      control: () => {},
      refused: () => {},
      connections: () => this.#connections,
    });
  }

  start(): void {
    for (const [id] of this.#registry) this.entry.repeat(id);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#begin();
  }

  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.stop();
    this.#report();
    const lines = qualityReport(this.entry.quality, (id) => this.#registry.get(id)?.name ?? `instrument ${id}`);
    for (const line of lines) this.#context.log('info', line);
  }

  /** Instruments first, then the streams: nothing can be decoded before. */
  async #begin(): Promise<void> {
    const { config } = this.#context;
    try {
      const answer = await getJson(`${config.restUrl}/exchangeInfo`);
      for (const instrument of readSymbols(answer, config.symbols, config.venue)) {
        const id = this.entry.define(instrument);
        this.#names.set(instrument.name, id);
        this.#syncs[id] = new DepthSync();
        for (const stream of config.streams) {
          const channel = `${instrument.name.toLowerCase()}@${stream}`;
          const parsed = parseStream(channel);
          if (parsed === undefined) throw new Error(`'${stream}' is no stream that this feed can read`);
          this.#decoder.subscribe(channel, parsed.kind, id);
        }
      }
      this.#context.publish(this.#context.clock.now[0]!);
      if (this.#isStopping) return;
      for (const connection of this.#connections) connection.start();
    } catch (error) {
      this.#context.log('warn', `cannot begin: ${(error as Error).message}`);
      this.#host.after(this.#retry.next(), () => this.#begin());
    }
  }

  #connection(index: number, url: string): Connection {
    const settings = { url, backoff: { firstMs: 500, longestMs: 30_000 }, silenceMs: SILENCE_MS };
    return new Connection(this.#host, settings, {
      up: () => this.#up(index),
      bytes: (memory, start, end) => this.#intake.frame(index, memory, start, end),
      down: (why) => this.#down(index, why),
    });
  }

  #up(index: number): void {
    this.#context.log('info', `connection ${index} is up`);
    this.entry.connectionBack();
    this.#context.publish(this.#context.clock.now[0]!);
    const nowMs = this.#monotonicMs();
    for (const symbol of this.#context.config.symbols) {
      const id = this.#names.get(symbol);
      if (this.entry.bookOf(id)?.live !== true) this.#renewals.broken(id, this.#host.nowMs());
    }
    const limitMs = this.#context.config.silenceMs;
    const held = new Set(this.#context.config.symbols);
    this.#silence.follow(held, nowMs, (symbol) => ({
      kind: ChannelKind.QUOTE,
      instrument: this.#names.get(symbol),
      limitMs,
    }));
  }

  #down(index: number, why: string): void {
    if (this.#isStopping) return;
    this.#context.log('warn', `connection ${index} is down: ${why}`);
    this.entry.connectionLost(
      index,
      this.#connections.every(({ isUp }) => !isUp),
    );
    this.#context.publish(this.#context.clock.now[0]!);
  }

  /** Gets a book's snapshot while its changes wait, and lets them follow it. */
  async #sync(instrument: number): Promise<void> {
    const sync = this.#syncs[instrument]!;
    const { restUrl } = this.#context.config;
    const { name } = this.#registry.get(instrument)!;
    this.#cells[FeedCount.resubscribed]!++;
    sync.begin();
    try {
      const answer = await getJson(`${restUrl}/depth?symbol=${name}&limit=${SNAPSHOT_LEVELS}`);
      await this.#room();
      const { entry } = this;
      const length = writeSnapshot(answer, instrument, entry.slot, 0, entry.limit);
      const slot = new Uint8Array(entry.slot.buffer);
      const waiting = sync.finish();
      this.#clock.tick();
      entry.take(waiting[0]?.connection ?? 0, length);
      for (const { connection, record } of waiting) {
        // A few records at most do not fit; they would be a gap, and the book is asked for again.
        if (!entry.hasRoom()) break;
        slot.set(record);
        entry.take(connection, record.length);
      }
      this.#context.publish(this.#context.clock.now[0]!);
    } catch (error) {
      // The changes go on waiting; the next attempt is a matter of the renewals.
      this.#context.log('warn', `no snapshot of ${name}: ${(error as Error).message}`);
    }
  }

  async #room(): Promise<void> {
    while (!this.entry.hasRoom()) await new Promise((resolve) => setTimeout(resolve, ROOM_AGAIN_MS));
  }

  /** Changes of a book whose snapshot is on its way are kept for later. */
  #withhold(connection: number, type: number, length: number): boolean {
    if (type !== MessageType.BOOK_UPDATE) return false;
    const { slot } = this.entry;
    const sync = this.#syncs[slot.getUint32(HEADER_BYTES, true)]!;
    if (!sync.isWaiting) return false;
    sync.keep(connection, new Uint8Array(slot.buffer.slice(0, length)));
    return true;
  }

  #taken(type: number): void {
    if (type !== MessageType.TOP_OF_BOOK) return;
    const instrument = this.entry.slot.getUint32(HEADER_BYTES, true);
    this.#silence.heard(ChannelKind.QUOTE, instrument, this.#context.clock.now[0]! / 1e6);
  }

  #monotonicMs(): number {
    this.#context.clock.tick();
    return this.#context.clock.now[0]! / 1e6;
  }

  #look(): void {
    const nowMs = this.#host.nowMs();
    this.#silence.look(this.#monotonicMs());
    this.#renewals.look(nowMs, (instrument) => this.entry.bookOf(instrument)?.live === true);
    if (nowMs >= this.#readClockAtMs) {
      this.#readClockAtMs = nowMs + READ_CLOCK_EVERY_MS;
      this.#readClock().catch((error: Error) =>
        this.#context.log('warn', `cannot read the venue's clock: ${error.message}`),
      );
    }
    this.#context.publish(this.#context.clock.now[0]!);
    this.#report();
  }

  async #readClock(): Promise<void> {
    this.#clock.tick();
    const asked = this.#clock.now[0]!;
    const answer = (await getJson(`${this.#context.config.restUrl}/time`)) as { serverTime?: unknown } | null;
    if (typeof answer?.serverTime !== 'number') throw new Error("the answer has no 'serverTime'");
    this.#clock.tick();
    // A time cut off to milliseconds is half a millisecond early in the mean.
    this.#clockOffset.add(asked, this.#clock.now[0]!, answer.serverTime * 1000 + 500);
  }

  #report(): void {
    const cells = this.#cells;
    this.#intake.report(cells);
    countConnections(
      cells,
      this.#connections.map(({ counters }) => counters),
    );
    cells[FeedCount.connectionsUp] = this.#connections.filter(({ isUp }) => isUp).length;
    cells[FeedCount.channels] =
      cells[FeedCount.connectionsUp]! *
      this.#syncs.filter((sync) => sync !== undefined).length *
      this.#context.config.streams.length;
    const { offsetMicros, roundTripMicros } = this.#clockOffset.best;
    cells[FeedCount.clockOffsetMicros] = offsetMicros;
    cells[FeedCount.roundTripMicros] = roundTripMicros;
  }
}

export function create(context: IoContext<BinanceFeedConfig>): IoActor {
  return new BinanceFeed(context);
}
