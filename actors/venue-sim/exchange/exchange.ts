import type { Instrument } from '../../../engine/market/instrument.js';
import { type AccountOptions, AccountTable, House } from './accounts.js';
import { Books, type LevelChanges } from './books.js';
import { Clearing } from './clearing.js';
import { ASKABLE_FLAGS, CancelReason, Refusal } from './codes.js';
import type { ExchangeConfig } from './config.js';
import { Entry } from './entry.js';
import { InstrumentTable } from './instruments.js';
import { Matching } from './matching.js';
import { OrderPool } from './orders.js';
import { PositionTable } from './positions.js';
import { Protection } from './protection.js';
import { Due, Schedule } from './schedule.js';
import type { ExchangeSink } from './sink.js';
import { TradeLog } from './trades.js';

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
  /** Index prices by their places in the configuration. */
  readonly indexPrices: Float64Array;
  readonly #clock: Float64Array;
  readonly #sink: ExchangeSink;
  readonly #schedule = new Schedule();
  readonly #matching: Matching;
  readonly #clearing: Clearing;
  readonly #entry: Entry;

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
    this.protection = new Protection(config.maxAccounts, config.indices.length);
    this.indexPrices = Float64Array.from(config.indices, ({ price }) => price);
    const parts = {
      config,
      sink,
      clock: this.#clock,
      indexPrices: this.indexPrices,
      instruments: this.instruments,
      orders: this.orders,
      books: this.books,
      accounts: this.accounts,
      positions: this.positions,
      trades: this.trades,
      protection: this.protection,
      schedule: this.#schedule,
      reassess: () => {},
      canAfford: () => true,
    };
    this.#clearing = new Clearing(parts);
    this.#matching = new Matching({ ...parts, clearing: this.#clearing });
    this.#entry = new Entry({ ...parts, matching: this.#matching });
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
    const schedule = this.#schedule;
    while (schedule.next <= time) {
      if (schedule.next > this.#clock[0]!) this.#clock[0] = schedule.next;
      schedule.take();
      this.#happen(schedule.kind, schedule.subject);
    }
    if (time > this.#clock[0]!) this.#clock[0] = time;
  }

  /** Opens an account and returns its id. */
  openAccount(options: AccountOptions): number {
    return this.accounts.open(options);
  }

  /** Pays an amount of a currency in, or out where it is negative. */
  deposit(account: number, currency: number, amount: number): void {
    const { accounts } = this;
    const units = Math.round(amount * accounts.unitsPer[currency]!);
    accounts.balance[accounts.at(account, currency)]! += units;
    accounts.deposited[currency]! += units;
    this.#sink.accountChanged(account, currency);
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
    this.indexPrices[index] = price;
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
  ): number {
    if (this.now >= validUntil) return -Refusal.TIMED_OUT;
    if (!(flags >= 0 && flags <= ASKABLE_FLAGS)) return -Refusal.INVALID_ARGUMENTS;
    const answer = this.#entry.place(account, instrument, side, type, ticks, lots, timeInForce, flags, 0, tag, 0);
    this.#finish(instrument);
    return answer;
  }

  /**
   * Changes an open order; its id, or a refusal. The same price and no more lots keep the order's place in the queue.
   *
   * @param ticks new price, or KEEP
   * @param lots new amount with what was filled already, or KEEP
   * @param flags new flags, or KEEP
   */
  edit(
    account: number,
    order: number,
    ticks: number,
    lots: number,
    flags: number,
    validUntil = Number.POSITIVE_INFINITY,
  ): number {
    if (this.now >= validUntil) return -Refusal.TIMED_OUT;
    const answer = this.#entry.edit(account, order, ticks, lots, flags);
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

  /** Tells what a step changed in a book. */
  #finish(instrument: number): void {
    const count = this.books.flush(instrument);
    if (count > 0) this.#sink.bookChanged(instrument, count);
  }

  #happen(kind: number, subject: number): void {
    switch (kind) {
      case Due.BUMP: {
        this.#entry.endBump(subject);
        const slot = this.orders.slotOf(subject);
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
    }
  }
}

export { House };
