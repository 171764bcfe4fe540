import { LifeCycle } from '../../../engine/market/instrument.js';
import { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import type { IoActor, IoContext } from '../../../engine/runtime/actor/definition.js';
import { type EventClockChoice, wallClockOf } from '../../../engine/runtime/clock/event-clock.js';
import { HEADER_BYTES } from '../../../engine/runtime/edge/record.js';
import { fieldOffset } from '../../../schemas/field-offset.js';
import { IndexLevel } from '../../../schemas/generated/index-level.js';
import { Ticker } from '../../../schemas/generated/ticker.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { DeribitCredentials } from '../../session/deribit/credentials.js';
import { DeribitSession } from '../../session/deribit/deribit-session.js';
import { type PlatformState, readVenueStatus } from '../../session/deribit/platform-state.js';
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
import { NameTable } from '../wire/name-table.js';
import { Refusal } from '../wire/reference.js';
import { type ListedChain, listChain } from './chain.js';
import { type ChainFilter, chooseChain } from './chain-filter.js';
import { type ChannelInterval, channelsOf, PLATFORM_CHANNEL } from './channels.js';
import { deribitDecoder, parseChannel } from './decoder.js';
import { expiredUnseen } from './expired-unseen.js';
import { indexInstrument, indexOf } from './indices.js';
import { LastDeltas } from './last-deltas.js';
import { PlatformLock } from './platform-lock.js';

export interface DeribitFeedConfig {
  /** Such as wss://www.deribit.com/ws/api/v2. */
  url: string;
  /** Connections that carry the same channels: the first copy of each message counts. */
  connections: number;
  /** Venue id in records. */
  venue: number;
  /** The clock that records are received by; that of the sequencer. */
  clock: Exclude<EventClockChoice, { kind: 'virtual' | 'replay' }>;
  interval: ChannelInterval;
  filter: ChainFilter;
  /** Levels kept on each side of a book; as the core keeps them. */
  bookDepth: number;
  /** Milliseconds without a ticker after which an instrument's feed counts as frozen. */
  tickerSilenceMs: number;
  /** Milliseconds after its subscription in which a book must have come, else it is asked for again; 10 s where it is not said. */
  firstBookMs?: number;
  credentials?: DeribitCredentials;
  /** Which WebSocket; our own where it is not said. */
  socket?: SocketKind;
  /** Memory of a DefinitionMemory and of FeedCounters, which outlive this thread. */
  definitions: SharedArrayBuffer;
  counters: SharedArrayBuffer;
}

const HEARTBEAT_SECONDS = 30;
const LOOK_EVERY_MS = 250;
const FIRST_BOOK_MS = 10_000;
const CHOOSE_EVERY_MS = 60_000;
const LIST_EVERY_MS = 3_600_000;
/** Instruments appear in bursts: the list is asked for once they are all there. */
const LIST_SOON_MS = 5000;
const ROOM_AGAIN_MS = 2;
const NO_CHANNEL = { kind: undefined, subject: undefined };
const DELTA = HEADER_BYTES + fieldOffset(Ticker, 'delta');

const kindOfRecord: Partial<Record<number, ChannelKind>> = {
  [MessageType.BOOK_UPDATE]: ChannelKind.BOOK,
  [MessageType.TICKER]: ChannelKind.TICKER,
  [MessageType.INDEX_LEVEL]: ChannelKind.INDEX,
};

const INDEX_KIND = HEADER_BYTES + fieldOffset(IndexLevel, 'kind');
/** Kind of an index level that is a price. */
const PRICE_LEVEL = 1;

/** Deribit's market data: follows the option chains that the filter chooses, over one connection or several. */
export class DeribitFeed implements IoActor {
  readonly entry: MarketEntry;
  readonly sessions: DeribitSession[];
  readonly #context: IoContext<DeribitFeedConfig>;
  readonly #host: SessionHost;
  readonly #registry = new InstrumentRegistry();
  readonly #cells: Float64Array;
  readonly #names = new NameTable();
  readonly #decoder = deribitDecoder(this.#names);
  readonly #clock;
  readonly #intake: FrameIntake;
  readonly #silence: SilenceWatch;
  readonly #renewals: BookRenewals;
  readonly #lock: PlatformLock;
  readonly #known = new Set<string>();
  #wanted: ReadonlySet<string> = new Set();
  /** Instruments whose books are there, or were when somebody last looked. */
  readonly #withBooks = new Set<number>();
  readonly #deltas = new LastDeltas();
  #chain: ListedChain | undefined;
  #isListing = false;
  #listAtMs = 0;
  #chooseAtMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(context: IoContext<DeribitFeedConfig>, host: SessionHost = hostWith(context.config.socket)) {
    const { config, out } = context;
    this.#context = context;
    this.#host = host;
    this.#clock = wallClockOf(config.clock);
    const counters = new FeedCounters(config.counters);
    this.#cells = counters.cells;
    const definitions = new DefinitionMemory(config.definitions);
    definitions.restore(this.#registry);
    this.#renewals = new BookRenewals((instrument) => this.#renew('book', instrument));
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
    this.#lock = new PlatformLock(this.entry, this.#registry, config.venue);
    this.sessions = Array.from({ length: config.connections }, (_, index) => this.#session(index));
    this.#intake = new FrameIntake({
      context,
      entry: this.entry,
      decoder: this.#decoder,
      clock: this.#clock,
      taken: (type) => this.#taken(type),
      control: (connection, message) => this.sessions[connection]!.onControl(message),
      refused: (reason) => {
        // An instrument that we do not know may be a new one.
        if (reason === Refusal.UNKNOWN_SUBJECT) this.#listSoon();
      },
      connections: () => this.sessions.map(({ connection }) => connection),
    });
  }

  start(): void {
    for (const [id, { name, venue }] of this.#registry) {
      if (venue === this.#context.config.venue) this.#name(id, name);
      this.entry.repeat(id);
    }
    this.#context.publish(this.#context.clock.now[0]!);
    for (const session of this.sessions) session.start();
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): void {
    this.#isStopping = true;
    clearInterval(this.#timer);
    for (const session of this.sessions) session.stop();
    this.#report();
    const lines = qualityReport(this.entry.quality, (id) => this.#registry.get(id)?.name ?? `instrument ${id}`);
    for (const line of lines) this.#context.log('info', line);
  }

  #session(index: number): DeribitSession {
    const { config } = this.#context;
    const settings = {
      url: config.url,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      ...(config.credentials === undefined ? {} : { credentials: config.credentials }),
    };
    return new DeribitSession(this.#host, settings, {
      ready: () => this.#ready(index),
      down: (why) => this.#down(index, why),
      bytes: (memory, start, end) => this.#intake.frame(index, memory, start, end),
      subscribed: () => this.#watch(),
      platform: (state) => this.#platform(state),
      note: (level, message) => this.#context.log(level, `connection ${index}: ${message}`),
      nowMicros: () => {
        this.#clock.tick();
        return this.#clock.now[0]!;
      },
    });
  }

  #ready(index: number): void {
    this.#context.log('info', `connection ${index} is up`);
    this.entry.connectionBack();
    this.#context.publish(this.#context.clock.now[0]!);
    this.#askStatus(this.sessions[index]!);
    if (this.#chain === undefined) this.#list();
  }

  async #askStatus(session: DeribitSession): Promise<void> {
    try {
      const status = readVenueStatus(await session.call('public/status', {}));
      for (const change of await this.#lock.takeStatus(status, () => this.#room())) this.#context.log('warn', change);
      this.#context.publish(this.#context.clock.now[0]!);
    } catch (error) {
      // A connection that is lost meanwhile asks again when it is back.
      if (session.isReady)
        this.#context.log('warn', `cannot ask whether the venue is locked: ${(error as Error).message}`);
    }
  }

  #down(index: number, why: string): void {
    if (this.#isStopping) return;
    this.#context.log('warn', `connection ${index} is down: ${why}`);
    const isLast = this.sessions.every((session) => !session.connection.isUp);
    this.entry.connectionLost(index, isLast);
    this.#context.publish(this.#context.clock.now[0]!);
  }

  async #platform(state: PlatformState): Promise<void> {
    const change = await this.#lock.take(state, () => this.#room());
    if (change === undefined) return;
    this.#context.log('warn', change);
    this.#context.publish(this.#context.clock.now[0]!);
  }

  /** Resolves when the records of a definition, or of a state, fit. */
  async #room(): Promise<void> {
    while (!this.entry.hasRoom()) await new Promise((resolve) => setTimeout(resolve, ROOM_AGAIN_MS));
  }

  /** Asks the venue what there is, and follows what the filter chooses of it. */
  async #list(): Promise<void> {
    const session = this.sessions.find(({ isReady }) => isReady);
    if (session === undefined || this.#isListing) return;
    this.#isListing = true;
    const { filter, venue } = this.#context.config;
    try {
      this.#chain = await listChain(session, filter.currencies, venue, filter.logMoneyness !== undefined);
      const { instruments, refused } = this.#chain;
      if (refused.count > 0) this.#context.log('warn', `${refused.count} instruments are left out: ${refused.why}`);
      this.#context.log('info', `the venue lists ${instruments.length} instruments`);
      this.#listAtMs = this.#host.nowMs() + LIST_EVERY_MS;
      await this.#endExpired(new Set(instruments.map(({ name }) => name)));
      await this.#choose();
    } catch (error) {
      this.#context.log('warn', `cannot list the instruments: ${(error as Error).message}`);
      this.#listSoon();
    }
    this.#isListing = false;
  }

  /** Tells the end of what expired while nobody listened. */
  async #endExpired(listed: ReadonlySet<string>): Promise<void> {
    const ids = expiredUnseen(this.#registry, this.#context.config.venue, listed, this.#venueNow());
    for (const id of ids) {
      if (!this.entry.hasRoom()) await this.#room();
      this.entry.become(id, LifeCycle.EXPIRED);
    }
    if (ids.length > 0) this.#context.log('info', `${ids.length} instruments that were known have expired`);
  }

  #listSoon(): void {
    this.#listAtMs = Math.min(this.#listAtMs, this.#host.nowMs() + LIST_SOON_MS);
  }

  /** Follows what the filter chooses now: what was listed is added, what has expired goes. */
  async #choose(): Promise<void> {
    const { config } = this.#context;
    const { instruments, indexPrices } = this.#chain!;
    this.#chooseAtMs = this.#host.nowMs() + CHOOSE_EVERY_MS;
    const { followed, withBooks } = chooseChain(instruments, config.filter, {
      now: this.#venueNow(),
      index: (name) => indexPrices.get(name),
      delta: (name) => this.#deltas.of(this.#registry.idOf(config.venue, name)),
      hasBook: (name) => this.#wanted.has(this.#channelOf('book', name)),
    });
    for (const instrument of followed) {
      if (!this.entry.hasRoom()) await this.#room();
      this.#name(this.entry.define(instrument), instrument.name);
    }
    this.#context.publish(this.#context.clock.now[0]!);
    const channels = channelsOf(followed, withBooks, config.interval);
    for (const channel of channels) {
      const index = indexOf(channel);
      if (index !== undefined && this.#names.get(index) < 0) {
        if (!this.entry.hasRoom()) await this.#room();
        this.#name(this.entry.define(indexInstrument(index, config.venue)), index);
      }
      this.#expect(channel);
    }
    this.#wanted = new Set(channels);
    for (const session of this.sessions) session.want(channels);
  }

  /** Microseconds since the Unix epoch by the venue's clock. */
  #venueNow(): number {
    this.#clock.tick();
    const offset = this.sessions.find(({ isReady }) => isReady)?.clockOffset.best.offsetMicros ?? 0;
    return this.#clock.now[0]! + offset;
  }

  #name(id: number, name: string): void {
    if (this.#names.get(name) < 0) this.#names.set(name, id);
    this.#deltas.reserve(id);
  }

  /** Tells the decoder what a channel brings. */
  #expect(channel: string): void {
    if (this.#known.has(channel)) return;
    this.#known.add(channel);
    if (channel === PLATFORM_CHANNEL) {
      this.#decoder.passOn(channel);
      return;
    }
    const { kind, subject } = parseChannel(channel)!;
    this.#decoder.subscribe(channel, kind, subject === undefined ? -1 : this.#names.get(subject));
  }

  /** A record was taken; it still stands in the entry's slot. */
  #taken(type: number): void {
    const { slot } = this.entry;
    const kind = kindOfRecord[type];
    if (type === MessageType.INSTRUMENT_STATE) this.#chooseAtMs = Math.min(this.#chooseAtMs, this.#host.nowMs());
    // Price and volatility of an index have one name: the price is what is watched.
    if (kind === undefined || (kind === ChannelKind.INDEX && slot.getUint32(INDEX_KIND, true) !== PRICE_LEVEL)) return;
    const instrument = slot.getUint32(HEADER_BYTES, true);
    if (kind === ChannelKind.TICKER) this.#deltas.take(instrument, slot, DELTA);
    this.#silence.heard(kind, instrument, this.#context.clock.now[0]! / 1e6);
  }

  /** Watches what has been subscribed, and no longer what has not. */
  #watch(): void {
    const held = new Set(this.sessions.flatMap(({ subscriptions }) => [...subscriptions.held]));
    const nowMs = this.#monotonicMs();
    this.#silence.follow(held, nowMs, (channel) => {
      if (channel === PLATFORM_CHANNEL) return undefined;
      const { kind, subject } = parseChannel(channel)!;
      const { tickerSilenceMs, firstBookMs = FIRST_BOOK_MS } = this.#context.config;
      if (kind === 'book')
        return { kind: ChannelKind.BOOK, instrument: this.#names.get(subject!), limitMs: firstBookMs };
      if (kind !== 'ticker' && kind !== 'price-index') return undefined;
      const watched = kind === 'ticker' ? ChannelKind.TICKER : ChannelKind.INDEX;
      return { kind: watched, instrument: this.#names.get(subject!), limitMs: tickerSilenceMs };
    });
    this.#leaveBooks(held);
  }

  /** What a book holds that is followed no more grows old: it must not pass for the market. */
  #leaveBooks(held: ReadonlySet<string>): void {
    for (const channel of held) {
      const { kind, subject } = channel === PLATFORM_CHANNEL ? NO_CHANNEL : parseChannel(channel)!;
      if (kind === 'book') this.#withBooks.add(this.#names.get(subject!));
    }
    for (const id of this.#withBooks) {
      const channel = this.#channelOf('book', this.#registry.get(id)!.name);
      // One that is asked for anew is away for a moment, and is wanted all the same.
      if (held.has(channel) || this.#wanted.has(channel)) continue;
      this.#withBooks.delete(id);
      this.#renewals.forget(id);
      this.entry.unfollowed(id);
    }
  }

  #channelOf(family: 'book' | 'ticker', name: string): string {
    return `${family}.${name}.${this.#context.config.interval}`;
  }

  #monotonicMs(): number {
    this.#context.clock.tick();
    return this.#context.clock.now[0]! / 1e6;
  }

  /** Four times a second: silent channels, books to be asked for again, the chain as it rolls, the counters. */
  #look(): void {
    const nowMs = this.#host.nowMs();
    for (const { kind, instrument } of this.#silence.look(this.#monotonicMs())) {
      if (kind === ChannelKind.BOOK) this.#renewals.broken(instrument, nowMs);
      else if (kind === ChannelKind.INDEX)
        this.#renewChannel(`deribit_price_index.${this.#registry.get(instrument)!.name}`);
      else this.#renew('ticker', instrument);
    }
    this.#renewals.look(nowMs, (instrument) => this.entry.bookOf(instrument)?.live === true);
    if (nowMs >= this.#listAtMs && this.#chain !== undefined) this.#list();
    else if (nowMs >= this.#chooseAtMs && !this.#isListing) this.#choose();
    this.#context.publish(this.#context.clock.now[0]!);
    this.#report();
  }

  #renew(family: 'book' | 'ticker', instrument: number): void {
    this.#renewChannel(this.#channelOf(family, this.#registry.get(instrument)!.name));
  }

  #renewChannel(channel: string): void {
    this.#cells[FeedCount.resubscribed]!++;
    for (const session of this.sessions) session.renew(channel);
  }

  #report(): void {
    const cells = this.#cells;
    this.#intake.report(cells);
    const sum = (pick: (session: DeribitSession) => number): number =>
      this.sessions.reduce((total, session) => total + pick(session), 0);
    cells[FeedCount.connectionsUp] = sum(({ isReady }) => (isReady ? 1 : 0));
    countConnections(
      cells,
      this.sessions.map(({ connection }) => connection.counters),
    );
    cells[FeedCount.channels] = sum(({ subscriptions }) => subscriptions.held.size);
    cells[FeedCount.deniedChannels] = sum(({ subscriptions }) => subscriptions.deniedCount);
    const { offsetMicros, roundTripMicros } = this.sessions[0]!.clockOffset.best;
    cells[FeedCount.clockOffsetMicros] = offsetMicros;
    cells[FeedCount.roundTripMicros] = roundTripMicros;
  }
}

export function create(context: IoContext<DeribitFeedConfig>): IoActor {
  return new DeribitFeed(context);
}
