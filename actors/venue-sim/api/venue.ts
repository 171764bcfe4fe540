import { Chaos } from '../chaos/chaos.js';
import { type ChaosConfig, noChaos } from '../chaos/config.js';
import { MarginModel } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';
import { AdvancedOrders } from './advanced.js';
import { Candles } from './candles.js';
import { Hub } from './channels/hub.js';
import { type ClientLink, type EndCause, VenueConnection } from './connection.js';
import { Departures } from './departures.js';
import { rounded } from './encode/number.js';
import { FundingHistory } from './funding.js';
import { History } from './history.js';
import { Labels } from './labels.js';
import { LinkedOrders } from './linked.js';
import { Listing } from './listing.js';
import type { Method } from './methods/method.js';
import { methods } from './methods/registry.js';
import { CancelOnDisconnect } from './session/cancel-on-disconnect.js';
import type { ApiKey, VenueSecrets } from './session/keys.js';
import { MARKET_MAKER_LIMITS, type RateLimits, RatePools } from './session/rate-limits.js';
import { Tokens } from './session/tokens.js';
import type { SinkRelay } from './sink-relay.js';
import { Statistics } from './statistics.js';
import { TradeVolumes } from './trade-volumes.js';
import { TransactionLog } from './transactions.js';
import { Triggers } from './triggers.js';
import { VenueIndices } from './venue-indices.js';

/** Whoever moves the market: it does its next step when that is due. */
export interface Market {
  /** When its next step is due, milliseconds since the Unix epoch. */
  readonly next: number;
  step(): void;
  /** What the last step was, in words. */
  didLast?(): string;
}

export interface VenueOptions {
  /** On the clock that the venue's calls are given: its time in milliseconds since the Unix epoch. */
  exchange: Exchange;
  /** Where the exchange tells what happens: the venue hears it there. */
  relay: SinkRelay;
  market?: Market;
  keys: readonly ApiKey[];
  limits?: RateLimits;
  chaos?: ChaosConfig;
  secrets: VenueSecrets;
  /** Microseconds since the Unix epoch by the clock that all calls are given. */
  now: () => number;
  note?: (message: string) => void;
  testnet?: boolean;
}

/**
 * The venue as its clients see it: the exchange behind its protocol. It does nothing by itself: `receive` on its connections,
 * `work` and `look` are all its turns, each of them short, so that it shares a thread, and runs the same on a virtual clock.
 */
export class Venue {
  readonly exchange: Exchange;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly limits: RateLimits;
  readonly chaos: Chaos;
  readonly secrets: VenueSecrets;
  readonly tokens: Tokens;
  readonly cancelOnDisconnect = new CancelOnDisconnect();
  readonly labels: Labels;
  readonly history = new History();
  readonly transactions: TransactionLog;
  readonly funding: FundingHistory;
  readonly statistics: Statistics;
  readonly candles = new Candles();
  readonly volumes: TradeVolumes;
  readonly hub: Hub;
  readonly triggers: Triggers;
  readonly advanced: AdvancedOrders;
  readonly linked: LinkedOrders;
  readonly methods: ReadonlyMap<string, Method> = methods;
  readonly testnet: boolean;
  readonly listing: Listing;
  readonly indices: VenueIndices;
  /** Microseconds since the Unix epoch, by the clock that all calls are given. */
  readonly machineNow: () => number;
  readonly note: (message: string) => void;
  readonly #market: Market | undefined;
  readonly #connections = new Set<VenueConnection>();
  readonly #busy: VenueConnection[] = [];
  readonly #departures = new Departures(this);
  readonly #ending: { connection: VenueConnection; cause: EndCause }[] = [];
  readonly #pools = new Map<number, RatePools>();
  /** Whose request is half served, and when that began: nothing else happens before it is served. */
  #midway: VenueConnection | undefined;
  #midwayNow = 0;
  #connected = 0;
  /** Connections are served in turns with the market and the channels. */
  #turn = 0;
  /** Requests served since the start. */
  served = 0;
  /** Whether the market stands still, at a control's word; clients may trade all the same. */
  isPaused = false;
  /** The method that was served last, or a piece of it. */
  lastMethod = '';
  #did: 'request' | 'market' | 'exchange' | 'channels' | 'linked orders' | 'goodbye' = 'request';
  driverCounters: () => Record<string, unknown> = () => ({});

  constructor(options: VenueOptions) {
    const { exchange, relay, market, keys, chaos = noChaos } = options;
    this.exchange = exchange;
    this.#market = market;
    this.keys = new Map(keys.map((key) => [key.clientId, key]));
    this.limits = options.limits ?? MARKET_MAKER_LIMITS;
    this.chaos = new Chaos(chaos);
    this.secrets = options.secrets;
    this.tokens = new Tokens(options.secrets);
    this.testnet = options.testnet ?? false;
    this.machineNow = options.now;
    this.note = options.note ?? (() => {});
    this.labels = new Labels(exchange.orders);
    this.statistics = new Statistics(exchange.config.maxInstruments);
    this.listing = new Listing(this);
    this.indices = new VenueIndices(this);
    this.volumes = new TradeVolumes(exchange.instruments, exchange.config.currencies.length);
    this.transactions = new TransactionLog(this);
    this.funding = new FundingHistory(exchange);
    this.funding.look();
    for (const { account } of keys) {
      this.history.keep(account);
      this.transactions.keep(account);
    }
    this.hub = new Hub(this);
    this.triggers = new Triggers(this);
    this.advanced = new AdvancedOrders(this);
    this.linked = new LinkedOrders(this);
    relay.to = this.hub;
  }

  /** A client has connected. @param now microseconds since the Unix epoch, as in all calls */
  connect(link: ClientLink, now: number): VenueConnection {
    const connection = new VenueConnection(this, ++this.#connected, link, now);
    this.#connections.add(connection);
    return connection;
  }

  connections(): VenueConnection[] {
    return [...this.#connections];
  }

  /** Tells the venue that a connection has something to be served. */
  hasRequests(connection: VenueConnection): void {
    if (!this.#busy.includes(connection)) this.#busy.push(connection);
  }

  /** Whether anything is left to do at a moment. */
  hasWork(now: number): boolean {
    return (
      this.isMidway ||
      this.#busy.some((connection) => connection.hasWork(now)) ||
      this.#departures.hasWork ||
      this.#ending.length > 0 ||
      this.hub.hasWork ||
      this.linked.hasWork ||
      this.hasEarlier(now)
    );
  }

  /** Whether a request is half served: nothing but `work` may go on then. */
  get isMidway(): boolean {
    return this.#midway !== undefined;
  }

  /** When the market's next step is due, milliseconds since the Unix epoch; Infinity without a market. */
  get nextStep(): number {
    return this.#market === undefined || this.isPaused ? Number.POSITIVE_INFINITY : this.#market.next;
  }

  /** Does one piece of what there is to do. */
  work(now: number): void {
    if (this.#midway !== undefined) {
      this.goOn();
      return;
    }
    this.#turn++;
    if (this.hub.isFull) {
      this.#tellChannels();
      return;
    }
    if (this.linked.hasWork) {
      this.#did = 'linked orders';
      this.endStep();
      return;
    }
    // What happened before a request goes before it, as far as it can be done in turns: a settlement takes one for each instrument.
    if (this.hasDue(now)) {
      this.#did = 'exchange';
      this.exchange.advanceOnce(this.#caughtUp(now));
      this.endStep();
      return;
    }
    if (this.#hasStepDue(now) && this.#turn % 2 === 0) {
      this.#stepMarket();
      return;
    }
    const connection = this.#nextBusy(now);
    if (connection !== undefined) {
      this.serve(connection, now);
      return;
    }
    if (this.#hasStepDue(now)) this.#stepMarket();
    else if (this.#ending.length > 0) {
      this.#did = 'goodbye';
      const { connection: ending, cause } = this.#ending.shift()!;
      ending.end(cause, 'a control of the simulated venue');
    } else if (this.#departures.hasWork) {
      this.#did = 'goodbye';
      this.#departures.work();
    } else if (this.hub.hasWork) this.#tellChannels();
  }

  /** What the last piece of work was, in words. */
  didLast(): string {
    if (this.#did === 'request') return this.lastMethod;
    return this.#did === 'market' ? `market: ${this.#market?.didLast?.() ?? 'step'}` : this.#did;
  }

  #tellChannels(): void {
    this.#did = 'channels';
    this.hub.work();
  }

  #stepMarket(): void {
    this.#did = 'market';
    this.#market!.step();
    this.endStep();
  }

  /** Ends a step: what it did to orders acts on those linked to them, and what has gathered in it is told. */
  endStep(): void {
    if (this.linked.hasWork) this.linked.act();
    this.hub.endStep();
  }

  /** Begins to serve a request of a connection, or a piece of its answer: where it has more parts than one, `work` does the others. */
  serve(connection: VenueConnection, now: number): void {
    this.catchUp(now);
    this.served++;
    this.#midwayNow = now;
    this.#serveOn(connection);
  }

  /** Does the next part of the request that is half served: it asks for no time, since to the exchange all of them happen at one moment. */
  goOn(): void {
    if (this.#midway !== undefined) this.#serveOn(this.#midway);
  }

  #serveOn(connection: VenueConnection): void {
    this.#did = 'request';
    connection.work(this.#midwayNow);
    this.#midway = connection.isMidway ? connection : undefined;
    if (this.#midway === undefined) this.endStep();
  }

  /** Brings the exchange's clock up. */
  catchUp(now: number): void {
    this.exchange.advance(this.#caughtUp(now));
  }

  /** How far the exchange's clock may go: not beyond what the market has still to do. */
  #caughtUp(now: number): number {
    return Math.min(now / 1000, this.nextStep);
  }

  /** Heartbeats, intervals, messages that are due: to be called every few milliseconds. In the midst of a request it does nothing. */
  look(now: number): void {
    if (this.isMidway) return;
    if (!this.hasEarlier(now)) {
      this.catchUp(now);
      this.endStep();
    }
    this.triggers.look();
    this.funding.look();
    this.advanced.look();
    this.endStep();
    for (const connection of this.#connections) connection.look(now);
    this.indices.look();
    this.hub.look(now / 1000);
  }

  /** The venue's clock: that of the calls, and as far as chaos has let it jump. Microseconds since the Unix epoch. */
  clock(now: number): number {
    return Math.floor(now) + this.chaos.clockShiftMicros;
  }

  /** How far the venue's clock is off, milliseconds. */
  get shiftMs(): number {
    return this.chaos.clockShiftMicros / 1000;
  }

  /** A time of the exchange as the venue tells it, milliseconds since the Unix epoch. */
  stamp(milliseconds: number): number {
    return Math.floor(milliseconds + this.shiftMs);
  }

  get isUnderMaintenance(): boolean {
    return this.chaos.isUnderMaintenance(this.machineNow() / 1000);
  }

  poolsOf(account: number, now: number): RatePools {
    let pools = this.#pools.get(account);
    if (pools === undefined) {
      pools = new RatePools(this.limits, now / 1000);
      this.#pools.set(account, pools);
    }
    return pools;
  }

  /** Ends a connection once what is being answered has been answered. */
  endSoon(connection: VenueConnection, cause: EndCause): void {
    this.#ending.push({ connection, cause });
  }

  /** A connection has ended. */
  left(connection: VenueConnection, cause: EndCause): void {
    this.#connections.delete(connection);
    this.tokens.endConnection(connection.number);
    this.#departures.add(connection, cause);
  }

  /** Another account has signed on: what was followed before was the other one's. */
  forgetChannels(connection: VenueConnection): void {
    for (const name of [...connection.channels.keys()]) {
      if (name.startsWith('user.')) this.hub.leave(connection, name);
    }
  }

  /** Slots of an account's open orders. */
  *openOrders(account: number): Generator<number> {
    const { positions, orders } = this.exchange;
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      for (let slot = positions.firstOrder[record]!; slot >= 0; slot = orders.after[slot]!) yield slot;
    }
  }

  freezeQuotes(account: number): void {
    this.exchange.freezeQuotes(account);
  }

  hasPortfolioMargin(account: number): boolean {
    return this.exchange.accounts.margin[account] === MarginModel.PORTFOLIO;
  }

  estimatedDelivery(index: number): number {
    return this.exchange.indices.estimatedDelivery(index);
  }

  /** Data of `user.mmp_trigger`, and of the status: an end of 0 waits for a reset. */
  protectionJson(account: number, index: number, group: number): string {
    const { protection } = this.exchange;
    const until = protection.frozenUntil(protection.cellOf(account, index, group));
    const frozenUntil = Number.isFinite(until) ? this.stamp(until) : 0;
    const name = group === 0 ? '' : `,"mmp_group":${JSON.stringify(this.labels.groupName(account, group))}`;
    return `{"index_name":"${this.listing.indexNames[index]}"${name},"frozen_until":${frozenUntil}}`;
  }

  /** What is counted, with what whoever drives the venue counts. */
  counters(): Record<string, unknown> {
    return {
      ...this.driverCounters(),
      // How far the market is behind the clock.
      lag_ms: Math.max(0, rounded(this.machineNow() / 1000 - this.nextStep, 1)),
      connections: this.#connections.size,
      requests: this.served,
      trades: this.exchange.trades.last,
      orders_open: this.exchange.orders.openCount,
      instruments: this.exchange.instruments.size,
    };
  }

  /** Whether the exchange or the market has something to do first. */
  hasEarlier(now: number): boolean {
    return this.hasDue(now) || this.#hasStepDue(now);
  }

  /** Whether something of the exchange's own is due: it goes before all else. */
  hasDue(now: number): boolean {
    return this.exchange.nextDue <= this.#caughtUp(now);
  }

  #hasStepDue(now: number): boolean {
    return this.nextStep <= now / 1000;
  }

  #nextBusy(now: number): VenueConnection | undefined {
    for (let tries = this.#busy.length; tries > 0; tries--) {
      const connection = this.#busy.shift()!;
      const isBusy = connection.waiting > 0 || connection.isAnswering;
      if (connection.hasEnded || !isBusy) continue;
      this.#busy.push(connection);
      if (connection.hasWork(now)) return connection;
    }
    return undefined;
  }
}
