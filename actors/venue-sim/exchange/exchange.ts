import type { Instrument, LifeCycleState } from '../../../engine/market/instrument.js';
import { type AccountOptions, AccountTable } from './accounts.js';
import { Books, type LevelChanges } from './books.js';
import { Clearing } from './clearing.js';
import { ASKABLE_FLAGS, CancelReason, KEEP, MarginModel, Refusal } from './codes.js';
import type { ExchangeConfig } from './config.js';
import { Entry } from './entry.js';
import { AVERAGING_MS, IndexTable } from './indices.js';
import { InstrumentTable } from './instruments.js';
import { Liquidation } from './liquidation.js';
import { type MarginSummary, Margins } from './margins.js';
import { Matching } from './matching.js';
import { OrderPool } from './orders.js';
import { PositionTable } from './positions.js';
import { MOST_GROUPS, Protection, type ProtectionLimits } from './protection.js';
import { type QuoteBatch, Quotes } from './quotes.js';
import { Due, Schedule } from './schedule.js';
import { Settlement, SettlementLog } from './settlement.js';
import type { ExchangeSink } from './sink.js';
import { TradeLog } from './trades.js';
import { type CancelFilter, Withdrawals } from './withdrawals.js';

/**
 * The venue without its wire: instruments, books, accounts and rules, deterministic, on a clock that only `advance` moves. Calls
 * are synchronous; what they cause is told to the sink before they return. Prices are whole ticks and amounts whole lots of
 * their instrument (`instruments.ticksOf`, `lotsOf`); an answer below 0 is a `Refusal`, negated.
 */
export class Exchange {
  readonly config: ExchangeConfig;
  readonly instruments: InstrumentTable;
  readonly orders: OrderPool;
  readonly books: Books;
  readonly accounts: AccountTable;
  readonly positions: PositionTable;
  readonly trades: TradeLog;
  readonly protection: Protection;
  readonly settlements: SettlementLog;
  readonly indices: IndexTable;
  readonly #clock: Float64Array;
  readonly #sink: ExchangeSink;
  readonly #schedule = new Schedule();
  readonly #matching: Matching;
  readonly #clearing: Clearing;
  readonly #entry: Entry;
  readonly #quotes: Quotes;
  readonly #withdrawals: Withdrawals;
  readonly #margins: Margins;
  readonly #settlement: Settlement;
  readonly #liquidation: Liquidation;

  constructor(config: ExchangeConfig, sink: ExchangeSink) {
    this.config = config;
    this.#sink = sink;
    this.#clock = Float64Array.of(config.startTime);
    this.instruments = new InstrumentTable(config);
    this.orders = new OrderPool(config.maxOrders);
    this.books = new Books(this.orders, config.maxInstruments);
    this.accounts = new AccountTable(config);
    this.positions = new PositionTable(config.maxAccounts, config.maxInstruments, config.maxPositions);
    this.trades = new TradeLog(config.maxTrades);
    this.settlements = new SettlementLog(config.maxTrades);
    this.protection = new Protection(config.maxAccounts, config.indices.length);
    this.indices = new IndexTable(config.indices, this.#clock);
    const tables = {
      config,
      sink,
      clock: this.#clock,
      indices: this.indices,
      instruments: this.instruments,
      orders: this.orders,
      books: this.books,
      accounts: this.accounts,
      positions: this.positions,
      trades: this.trades,
      settlements: this.settlements,
      protection: this.protection,
      schedule: this.#schedule,
      flush: (instrument: number) => this.#flush(instrument),
      finish: (instrument: number) => this.#finish(instrument),
    };
    const margins = new Margins(tables);
    const withMargins = {
      ...tables,
      margins,
      reassess: (record: number) => margins.reassess(record),
      canAfford: (record: number) => margins.canAfford(record),
    };
    this.#margins = margins;
    this.#clearing = new Clearing(withMargins);
    const withClearing = { ...withMargins, clearing: this.#clearing };
    this.#matching = new Matching(withClearing);
    const withMatching = { ...withClearing, matching: this.#matching };
    this.#entry = new Entry(withMatching);
    this.#withdrawals = new Withdrawals(withMatching);
    this.#settlement = new Settlement(withMatching);
    this.#quotes = new Quotes({ ...withMatching, entry: this.#entry });
    this.#liquidation = new Liquidation({ ...withMatching, entry: this.#entry, withdrawals: this.#withdrawals });
    this.#scheduleFirst();
  }

  /** Milliseconds since the Unix epoch. */
  get now(): number {
    return this.#clock[0]!;
  }

  /** The level changes that the sink is being told of. */
  get changes(): LevelChanges {
    return this.books.changes;
  }

  /** Moves the clock, letting everything happen on the way that is due. A time that has passed already moves nothing. */
  advance(time: number): void {
    while (this.advanceOnce(time)) {}
  }

  /** When the next thing of its own is due, milliseconds since the Unix epoch: a settlement, a look at margins, the end of an order. */
  get nextDue(): number {
    return this.#liquidation.isLooking ? this.now : this.#schedule.next;
  }

  /**
   * Lets the first thing happen that is due until a time, and moves the clock there when nothing is left; true where more may be
   * due. For hosts that must not work long at a time: the settlement is one thing an instrument, and refuses orders until all are
   * settled; a look at an account's margins is one thing some instruments, between which nothing else may happen.
   */
  advanceOnce(time: number): boolean {
    const schedule = this.#schedule;
    if (this.#liquidation.isLooking) {
      this.#liquidation.goOn();
      return true;
    }
    if (schedule.next > time) {
      if (time > this.#clock[0]!) this.#clock[0] = time;
      return false;
    }
    if (schedule.next > this.#clock[0]!) this.#clock[0] = schedule.next;
    schedule.take();
    this.#happen(schedule.kind, schedule.subject);
    return true;
  }

  /** Opens an account and returns its id. */
  openAccount(options: AccountOptions): number {
    const account = this.accounts.open(options);
    if (options.margin !== MarginModel.NONE) this.#schedule.add(this.now + this.config.riskInterval, Due.RISK, account);
    return account;
  }

  /** Pays an amount of a currency in, or out where it is negative. */
  deposit(account: number, currency: number, amount: number): void {
    const { accounts } = this;
    const units = Math.round(amount * accounts.unitsPer[currency]!);
    accounts.balance[accounts.at(account, currency)]! += units;
    accounts.deposited[currency]! += units;
    this.#sink.accountChanged(account, currency);
  }

  /**
   * Moves a position from one account to another at the mark, outside of the market: nobody is told of a trade.
   * @param lots that `to` gets, negative where it is to be short
   */
  handOver(to: number, from: number, instrument: number, lots: number): void {
    const currency = this.instruments.currency[instrument]!;
    this.#clearing.move(to, from, instrument, lots, this.instruments.mark(instrument, this.now));
    for (const account of [to, from]) {
      this.#sink.positionChanged(account, instrument);
      this.#sink.accountChanged(account, currency);
    }
  }

  /** Lists an instrument, open for trading, and returns its id. Its expiry must be at 08:00 UTC of a day to come. */
  list(definition: Instrument): number {
    const id = this.instruments.add(definition);
    this.instruments.fundedAt[id] = this.now;
    this.books.open();
    this.#sink.instrumentChanged(id);
    return id;
  }

  setIndex(index: number, price: number): void {
    this.indices.set(index, price);
  }

  /** What an option's mark price comes from: the forward of its expiry, and its volatility as a fraction. */
  setOptionMark(instrument: number, forward: number, volatility: number): void {
    this.instruments.setMark(instrument, forward, volatility);
  }

  /** The mark price of a future or perpetual. */
  setFutureMark(instrument: number, price: number): void {
    this.instruments.setMark(instrument, price, 0);
  }

  /** The perpetual's funding rate: part of the value that longs pay to shorts over eight hours. */
  setFundingRate(instrument: number, rate: number): void {
    this.#clearing.accrueFunding(instrument);
    this.instruments.fundingRate[instrument] = rate;
  }

  /**
   * A new order; its id, or a refusal. An order that traded, or that the speed bump holds back, was accepted too: see its state.
   *
   * @param ticks ignored for market and market-limit orders
   * @param flags of `OrderFlag` the first four
   * @param tag the caller's own number, kept with the order
   * @param validUntil milliseconds since the Unix epoch from which the request is not taken any more
   * @param shown lots that an iceberg shows at a time; 0 for an order that shows all
   */
  place(
    account: number,
    instrument: number,
    side: number,
    type: number,
    ticks: number,
    lots: number,
    timeInForce: number,
    flags: number,
    tag: number,
    validUntil = Number.POSITIVE_INFINITY,
    shown = 0,
  ): number {
    if (this.now >= validUntil) return -Refusal.TIMED_OUT;
    if (!(flags >= 0 && flags <= ASKABLE_FLAGS)) return -Refusal.INVALID_ARGUMENTS;
    const answer = this.#entry.place(
      account,
      instrument,
      side,
      type,
      ticks,
      lots,
      timeInForce,
      flags,
      0,
      tag,
      0,
      shown,
    );
    this.#finish(instrument);
    return answer;
  }

  /**
   * Changes an open order; its id, or a refusal. The same price and no more lots keep the order's place in the queue.
   *
   * @param ticks new price, or KEEP
   * @param lots new amount with what was filled already, or KEEP
   * @param flags new flags, or KEEP
   * @param shown new lots that it shows at a time, 0 for all, or KEEP; others than it had take its place in the queue
   */
  edit(
    account: number,
    order: number,
    ticks: number,
    lots: number,
    flags: number,
    validUntil = Number.POSITIVE_INFINITY,
    shown: number = KEEP,
  ): number {
    if (this.now >= validUntil) return -Refusal.TIMED_OUT;
    const answer = this.#entry.edit(account, order, ticks, lots, flags, shown);
    const slot = this.orders.slotOf(order);
    if (slot >= 0) this.#finish(this.orders.instrument[slot]!);
    return answer;
  }

  /** Cancels an order; its id, or a refusal. */
  cancel(account: number, order: number, reason: number = CancelReason.USER_REQUEST): number {
    const answer = this.#entry.cancel(account, order, reason);
    const slot = this.orders.slotOf(order);
    if (slot >= 0) this.#finish(this.orders.instrument[slot]!);
    return answer;
  }

  /**
   * Places, changes and removes quotes of a group (1 to `MOST_GROUPS`); the batch then holds an answer for each side. Each side
   * is judged by itself, and one that cannot be changed as asked is cancelled.
   */
  massQuote(account: number, group: number, batch: QuoteBatch, validUntil = Number.POSITIVE_INFINITY): number {
    if (this.now >= validUntil) return -Refusal.TIMED_OUT;
    if (!(group >= 1 && group <= MOST_GROUPS && account < this.accounts.size)) return -Refusal.INVALID_ARGUMENTS;
    this.#quotes.apply(account, group, batch);
    return 0;
  }

  /** Cancels an account's open orders that match; how many. */
  cancelMany(account: number, filter: CancelFilter): number {
    return this.#withdrawals.many(account, filter);
  }

  /** Refuses an account's quotes for the configured time. */
  freezeQuotes(account: number): void {
    this.accounts.frozenUntil[account] = this.now + this.config.quoteFreeze;
  }

  /**
   * Sets market maker protection of a group, or with group 0 of the orders outside groups, on an index; its sums and freeze begin
   * anew. Orders beyond the limits are cancelled; an interval of 0 removes the protection, and with it the orders.
   */
  setProtection(account: number, index: number, group: number, limits: ProtectionLimits): void {
    this.protection.configure(this.protection.cellOf(account, index, group), index, limits);
    this.#withdrawals.curtail(account, index, group);
  }

  /** Lets a group quote again at once. */
  resetProtection(account: number, index: number, group: number): void {
    this.protection.reset(this.protection.cellOf(account, index, group));
  }

  /** Opens, halts or reopens an instrument; of a halted one the orders stay. */
  setInstrumentState(instrument: number, state: LifeCycleState): void {
    this.instruments.setState(instrument, state);
    this.#sink.instrumentChanged(instrument);
  }

  /** Balance, equity and margins of an account in a currency, as of now. */
  margin(account: number, currency: number): MarginSummary {
    return this.#margins.summary(account, currency);
  }

  /** The same as it was worked out last, within the risk interval. */
  knownMargin(account: number, currency: number): MarginSummary {
    return this.#margins.known(account, currency);
  }

  /** By how much an order that is not there would raise its account's initial margin, in smallest units; NaN where there is no room for it. */
  marginOfOrder(account: number, instrument: number, side: number, lots: number, ticks: number): number {
    const { positions } = this;
    const isKnown = positions.recordOf(account, instrument) >= 0;
    const record = positions.recordFor(account, instrument);
    if (record < 0) return Number.NaN;
    const part = this.#margins.partOf(record, side, lots, ticks);
    if (!isKnown) positions.forget(record);
    return part;
  }

  /** By how much an open order raises its account's initial margin, in smallest units. @param slot of the order */
  marginOfOpenOrder(slot: number): number {
    const { orders } = this;
    return this.#margins.partOf(orders.position[slot]!, orders.side[slot]!, -orders.lots[slot]!, orders.ticks[slot]!);
  }

  /** Brings the funding of a perpetual's position up to date, as each trade and settlement does. */
  chargeFunding(account: number, instrument: number): void {
    const record = this.positions.recordOf(account, instrument);
    if (record < 0) return;
    this.#clearing.accrueFunding(instrument);
    this.#clearing.chargeFunding(record);
  }

  /** Tells what a step changed in a book. */
  #flush(instrument: number): void {
    const count = this.books.flush(instrument);
    if (count > 0) this.#sink.bookChanged(instrument, count);
  }

  /** Ends a step: tells what it changed, and lets protection that it set off act. */
  #finish(instrument: number): void {
    this.#flush(instrument);
    this.#withdrawals.pullFired();
  }

  #scheduleFirst(): void {
    const { startTime } = this.config;
    const settlement = nextSettlement(startTime);
    this.#schedule.add(Math.max(startTime, settlement - AVERAGING_MS), Due.AVERAGING, 0);
    this.#schedule.add(settlement, Due.SETTLEMENT, 0);
  }

  #happen(kind: number, subject: number): void {
    switch (kind) {
      case Due.BUMP: {
        const slot = this.orders.slotOf(subject);
        this.#entry.endBump(subject);
        if (slot >= 0) this.#finish(this.orders.instrument[slot]!);
        return;
      }
      case Due.ORDER_EXPIRY: {
        const slot = this.orders.slotOf(subject);
        if (slot < 0 || !this.orders.isOpen(slot)) return;
        this.#matching.withdraw(slot, CancelReason.TIME_IN_FORCE);
        this.#finish(this.orders.instrument[slot]!);
        return;
      }
      case Due.AVERAGING:
        this.indices.beginAveraging();
        return;
      case Due.SETTLEMENT:
        this.#entry.checks.isSettling = true;
        for (const id of this.#settlement.due()) this.#schedule.add(this.now, Due.INSTRUMENT_SETTLEMENT, id);
        this.#schedule.add(this.now, Due.SETTLEMENT_END, 0);
        return;
      case Due.INSTRUMENT_SETTLEMENT:
        this.#settlement.settle(subject);
        return;
      case Due.SETTLEMENT_END: {
        this.indices.endAveraging();
        this.#entry.checks.isSettling = false;
        this.#entry.checks.pausedUntil = this.now + this.config.settlementPause;
        const next = nextSettlement(this.now);
        this.#schedule.add(next - AVERAGING_MS, Due.AVERAGING, 0);
        this.#schedule.add(next, Due.SETTLEMENT, 0);
        return;
      }
      case Due.RISK:
        this.#liquidation.look(subject);
        return;
    }
  }
}

const DAY_MS = 86_400_000;
const SETTLEMENT_HOUR_MS = 8 * 3_600_000;

/** The first 08:00 UTC after a time; milliseconds since the Unix epoch. */
function nextSettlement(time: number): number {
  return Math.floor((time - SETTLEMENT_HOUR_MS) / DAY_MS) * DAY_MS + DAY_MS + SETTLEMENT_HOUR_MS;
}
