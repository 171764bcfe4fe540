import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { Chaos } from '../chaos/chaos.js';
import { type ChaosConfig, noChaos } from '../chaos/config.js';
import { CancelReason, MarginModel } from '../exchange/codes.js';
import type { Exchange } from '../exchange/exchange.js';
import { type ExchangeSink, silentSink } from '../exchange/sink.js';
import { AdvancedOrders } from './advanced.js';
import { Candles } from './candles.js';
import { Hub } from './channels/hub.js';
import { isKind } from './channels/own.js';
import { type ClientLink, type EndCause, VenueConnection } from './connection.js';
import { instrumentJson } from './encode/instrument.js';
import { rounded } from './encode/number.js';
import { FundingHistory } from './funding.js';
import { History } from './history.js';
import { IndexHistory } from './index-history.js';
import { Labels } from './labels.js';
import { LinkedOrders } from './linked.js';
import { MarkHistory } from './mark-history.js';
import type { Method } from './methods/method.js';
import { methods } from './methods/registry.js';
import { invalidParam } from './rpc/errors.js';
import { CancelOnDisconnect } from './session/cancel-on-disconnect.js';
import type { ApiKey, VenueSecrets } from './session/keys.js';
import { MARKET_MAKER_LIMITS, type RateLimits, RatePools } from './session/rate-limits.js';
import { Tokens } from './session/tokens.js';
import { Statistics } from './statistics.js';
import { TradeVolumes } from './trade-volumes.js';
import { TransactionLog } from './transactions.js';
import { Triggers } from './triggers.js';
import { VolatilityIndex } from './volatility-index.js';

/** Whoever moves the market: it does its next step when that is due. */
export interface Market {
  /** When its next step is due, milliseconds since the Unix epoch. */
  readonly next: number;
  step(): void;
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

/** Hears for whoever comes later: the exchange needs its sink before the venue is there. */
export class SinkRelay implements ExchangeSink {
  to: ExchangeSink = silentSink;
  orderChanged(order: number): void {
    this.to.orderChanged(order);
  }
  traded(trade: number): void {
    this.to.traded(trade);
  }
  bookChanged(instrument: number, count: number): void {
    this.to.bookChanged(instrument, count);
  }
  positionChanged(account: number, instrument: number): void {
    this.to.positionChanged(account, instrument);
  }
  accountChanged(account: number, currency: number): void {
    this.to.accountChanged(account, currency);
  }
  mmpTriggered(account: number, index: number, group: number): void {
    this.to.mmpTriggered(account, index, group);
  }
  instrumentChanged(instrument: number): void {
    this.to.instrumentChanged(instrument);
  }
  settled(settlement: number): void {
    this.to.settled(settlement);
  }
}

const kindNames: Record<number, string> = {
  [InstrumentKind.OPTION]: 'option',
  [InstrumentKind.FUTURE]: 'future',
  [InstrumentKind.PERPETUAL]: 'future',
  [InstrumentKind.SPOT]: 'spot',
  [InstrumentKind.OPTION_COMBO]: 'option_combo',
  [InstrumentKind.FUTURE_COMBO]: 'future_combo',
};

/** Currencies of the venue that may have nothing here. */
const FOREIGN_CURRENCIES = [
  'USDC',
  'USDT',
  'EURR',
  'SOL',
  'XRP',
  'MATIC',
  'PAXG',
  'BNB',
  'STETH',
  'ETHW',
  'USDE',
  'USYC',
];

/** What a connection that ended leaves behind is cleared away some at a time. */
interface Leaving {
  connection: VenueConnection;
  channels: string[];
  orders: number[];
}

const PER_PIECE = 8;

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
  /** By place of the index. */
  readonly indexHistories: readonly IndexHistory[];
  readonly marks: MarkHistory;
  readonly hub: Hub;
  readonly triggers: Triggers;
  readonly advanced: AdvancedOrders;
  readonly linked: LinkedOrders;
  readonly methods: ReadonlyMap<string, Method> = methods;
  readonly testnet: boolean;
  readonly indexNames: readonly string[];
  /** Microseconds since the Unix epoch, by the clock that all calls are given. */
  readonly machineNow: () => number;
  readonly note: (message: string) => void;
  readonly #market: Market | undefined;
  readonly #volatility: VolatilityIndex[];
  readonly #connections = new Set<VenueConnection>();
  readonly #busy: VenueConnection[] = [];
  readonly #leaving: Leaving[] = [];
  readonly #ending: { connection: VenueConnection; cause: EndCause }[] = [];
  readonly #pools = new Map<number, RatePools>();
  readonly #texts = new Map<number, { state: number; text: string }>();
  readonly #underlyings = new Map<number, string>();
  readonly #lists = new Map<string, number[]>();
  #connected = 0;
  /** Connections are served in turns with the market and the channels. */
  #turn = 0;
  /** Requests served since the start. */
  served = 0;
  /** Whether the market stands still, at a control's word; clients may trade all the same. */
  isPaused = false;
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
    this.indexNames = exchange.config.indices.map(({ name }) => name);
    this.#volatility = this.indexNames.map((_, index) => new VolatilityIndex(exchange, index));
    this.indexHistories = this.indexNames.map((_, index) => new IndexHistory(exchange, index));
    this.marks = new MarkHistory(exchange, this.#volatility);
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
      this.#busy.some((connection) => connection.hasWork(now)) ||
      this.#leaving.length > 0 ||
      this.#ending.length > 0 ||
      this.hub.hasWork ||
      this.linked.hasWork ||
      this.hasStepDue(now)
    );
  }

  /** When the market's next step is due, milliseconds since the Unix epoch; Infinity without a market. */
  get nextStep(): number {
    return this.#market === undefined || this.isPaused ? Number.POSITIVE_INFINITY : this.#market.next;
  }

  /** Does one piece of what there is to do. */
  work(now: number): void {
    this.#turn++;
    if (this.hub.isFull) {
      this.hub.work();
      return;
    }
    if (this.linked.hasWork) {
      this.endStep();
      return;
    }
    // What happened before a request goes before it, as far as it can be done in turns.
    if (this.hasStepDue(now) && this.#turn % 2 === 0) {
      this.#market!.step();
      this.endStep();
      return;
    }
    const connection = this.#nextBusy(now);
    if (connection !== undefined) {
      this.serve(connection, now);
      return;
    }
    if (this.hasStepDue(now)) {
      this.#market!.step();
      this.endStep();
    } else if (this.#ending.length > 0) {
      const { connection: ending, cause } = this.#ending.shift()!;
      ending.end(cause, 'a control of the simulated venue');
    } else if (this.#leaving.length > 0) this.#clearAway();
    else if (this.hub.hasWork) this.hub.work();
  }

  /** Ends a step: what it did to orders acts on those linked to them, and what has gathered in it is told. */
  endStep(): void {
    if (this.linked.hasWork) this.linked.act();
    this.hub.endStep();
  }

  /** Serves one request of a connection, or a piece of its answer. */
  serve(connection: VenueConnection, now: number): void {
    this.catchUp(now);
    this.served++;
    connection.work(now);
    this.endStep();
  }

  /** Brings the exchange's clock up, but not beyond what the market has still to do. */
  catchUp(now: number): void {
    this.exchange.advance(Math.min(now / 1000, this.nextStep));
  }

  /** Heartbeats, intervals, messages that are due: to be called every few milliseconds. */
  look(now: number): void {
    if (!this.hasStepDue(now)) {
      this.catchUp(now);
      this.endStep();
    }
    this.triggers.look();
    this.funding.look();
    this.advanced.look();
    this.endStep();
    for (const connection of this.#connections) connection.look(now);
    for (const volatility of this.#volatility) volatility.look();
    for (const history of this.indexHistories) history.look();
    this.marks.look();
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

  /** A connection has ended. What that means for its orders depends on the cause. */
  left(connection: VenueConnection, cause: EndCause): void {
    this.#connections.delete(connection);
    this.tokens.endConnection(connection.number);
    const { session } = connection;
    const isDisconnect = cause !== 'logout' && cause !== 'restart';
    const { labels, exchange } = this;
    const orders =
      isDisconnect && connection.cancelsOnDisconnect && session !== undefined
        ? [...this.openOrders(session.key.account)]
            .filter((slot) => labels.connection(slot) === connection.number)
            .map((slot) => exchange.orders.id[slot]!)
        : [];
    if (isDisconnect && connection.cancelsOnDisconnect && session !== undefined) {
      for (const order of this.triggers.open(session.key.account)) {
        if (order.connection === connection.number) this.triggers.cancel(order, 'cancel_on_disconnect');
      }
    }
    this.#leaving.push({ connection, orders, channels: [...connection.channels.keys()] });
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

  /** Id of a listed instrument. Throws `Invalid params` where there is none of that name. */
  instrument(name: string): number {
    const id = this.exchange.instruments.idOf(name);
    if (id < 0) throw invalidParam('instrument_name', 'wrong format');
    return id;
  }

  /** A currency's name as a filter; undefined for any. Throws where the venue has none of that name. */
  currencyOf(name: string): string | undefined {
    if (name === 'any') return undefined;
    if (!this.isCurrency(name)) throw invalidParam('currency', 'invalid currency');
    return name;
  }

  isCurrency(name: string): boolean {
    return FOREIGN_CURRENCIES.includes(name) || this.exchange.config.currencies.some((one) => one.name === name);
  }

  /** Place of a currency that accounts hold. */
  currencyNumber(name: string): number {
    const currency = this.exchange.config.currencies.findIndex((one) => one.name === name);
    if (currency < 0) throw invalidParam('currency', 'invalid currency');
    return currency;
  }

  /** Place of an index. */
  indexOf(name: string): number {
    const index = this.indexNames.indexOf(name);
    if (index < 0) throw invalidParam('index_name', 'invalid index name');
    return index;
  }

  /** Kind of an instrument in the venue's words. */
  kindName(instrument: number): string {
    return kindNames[this.exchange.instruments.kind[instrument]!] ?? 'option';
  }

  /** Whether an instrument is settled in a currency and of a kind; undefined means any. */
  isOf(instrument: number, currency: string | undefined, kind: string | undefined): boolean {
    const definition = this.exchange.instruments.definitions[instrument]!;
    if (currency !== undefined && definition.settlementCurrency !== currency) return false;
    return kind === undefined || isKind(kind, this.kindName(instrument));
  }

  /** Ids of the instruments of a currency and a kind that are listed, or of those that have expired. */
  list(currency: string | undefined, kind: string | undefined, expired: boolean): readonly number[] {
    const key = `${currency} ${kind} ${expired}`;
    let list = this.#lists.get(key);
    if (list === undefined) {
      const { instruments } = this.exchange;
      list = [];
      for (let id = 0; id < instruments.size; id++) {
        const isGone = instruments.state[id] === LifeCycle.EXPIRED;
        if (isGone === expired && this.isOf(id, currency, kind)) list.push(id);
      }
      this.#lists.set(key, list);
    }
    return list;
  }

  /** What is listed has changed. */
  listChanged(): void {
    this.#lists.clear();
    this.#underlyings.clear();
  }

  /** An instrument's definition as JSON, made once for each state. */
  instrumentText(id: number, state: number): string {
    let known = this.#texts.get(id);
    if (known === undefined || known.state !== state) {
      known = { state, text: instrumentJson(this, id) };
      this.#texts.set(id, known);
    }
    return known.text;
  }

  /** What an option's forward is taken from: the future of its expiry, or a synthetic one where none is listed. */
  underlyingName(instrument: number, name: string): string {
    let underlying = this.#underlyings.get(instrument);
    if (underlying === undefined) {
      const future = name.split('-').slice(0, 2).join('-');
      const id = this.exchange.instruments.idOf(future);
      const isListed = id >= 0 && this.exchange.instruments.state[id] !== LifeCycle.EXPIRED;
      underlying = isListed ? future : `SYN.${future}`;
      this.#underlyings.set(instrument, underlying);
    }
    return underlying;
  }

  estimatedDelivery(index: number): number {
    return this.exchange.indices.estimatedDelivery(index);
  }

  volatilityCandles(index: number, from: number, to: number, seconds: number): number[][] {
    return this.#volatility[index]!.candles(from, to, seconds);
  }

  /** What a channel about an index tells. */
  indexJson(
    family: 'price-index' | 'volatility-index' | 'option-marks' | 'expiration-price',
    index: number,
  ): () => string {
    const { exchange, indexNames } = this;
    const name = indexNames[index]!;
    switch (family) {
      case 'price-index':
        return () => {
          const price = rounded(exchange.indices.prices[index]!, 2);
          return `{"timestamp":${this.stamp(exchange.now)},"price":${price},"index_name":"${name}"}`;
        };
      case 'volatility-index':
        return () =>
          `{"timestamp":${this.stamp(exchange.now)},"volatility":${this.#volatility[index]!.value},"index_name":"${name}","estimated_delivery":${this.#volatility[index]!.value}}`;
      case 'expiration-price':
        return () => {
          const price = rounded(this.estimatedDelivery(index), 2);
          return `{"seconds":${secondsToSettlement(exchange.now)},"price":${price},"is_estimated":true}`;
        };
      case 'option-marks':
        return () => this.#optionMarks(index);
    }
  }

  /** Data of `user.mmp_trigger`, and of the status: an end of 0 waits for a reset. */
  protectionJson(account: number, index: number, group: number): string {
    const { protection } = this.exchange;
    const until = protection.frozenUntil(protection.cellOf(account, index, group));
    const frozenUntil = Number.isFinite(until) ? this.stamp(until) : 0;
    const name = group === 0 ? '' : `,"mmp_group":${JSON.stringify(this.labels.groupName(account, group))}`;
    return `{"index_name":"${this.indexNames[index]}"${name},"frozen_until":${frozenUntil}}`;
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

  /** Whether the market has something to do first. */
  hasStepDue(now: number): boolean {
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

  #clearAway(): void {
    const { connection, channels, orders } = this.#leaving[0]!;
    for (const name of channels.splice(0, PER_PIECE)) this.hub.leave(connection, name);
    const { account } = connection.session?.key ?? { account: -1 };
    for (const order of orders.splice(0, PER_PIECE)) {
      this.exchange.cancel(account, order, CancelReason.CANCEL_ON_DISCONNECT);
    }
    this.endStep();
    if (channels.length === 0 && orders.length === 0) this.#leaving.shift();
  }

  #optionMarks(index: number): string {
    const { instruments, now } = this.exchange;
    const marks = this.list(undefined, 'option', false)
      .filter((id) => instruments.index[id] === index)
      .map((id) => ({
        instrument_name: instruments.definitions[id]!.name,
        mark_price: rounded(instruments.mark(id, now), 6),
        iv: rounded(instruments.volatility[id]!, 4),
        timestamp: this.stamp(now),
      }));
    return JSON.stringify(marks);
  }
}

const DAY_MS = 86_400_000;
const SETTLEMENT_MS = 8 * 3_600_000;

function secondsToSettlement(now: number): number {
  return Math.floor((DAY_MS - ((now - SETTLEMENT_MS) % DAY_MS)) / 1000);
}
