import { MarginModel, OrderType, SelfMatch, Side, TimeInForce } from '../codes.js';
import { defaultConfig, type ExchangeConfig } from '../config.js';
import { instrumentOf } from '../contracts.js';
import { Exchange } from '../exchange.js';
import type { ExchangeSink } from '../sink.js';

/** What a test asks for; what it does not say is the plainest there is. */
interface Request {
  type?: number;
  timeInForce?: number;
  flags?: number;
  tag?: number;
  validUntil?: number;
}

const room = { maxOrders: 4096, maxInstruments: 64, maxPositions: 512, maxTrades: 512, maxAccounts: 16 };

/** A small venue that speaks in prices and amounts, and remembers what its sink was told. */
export class Venue implements ExchangeSink {
  readonly exchange: Exchange;
  /** Names of what was told, in order, such as `trade` or `order 3`. */
  readonly told: string[] = [];

  constructor(config: Partial<ExchangeConfig> = {}) {
    this.exchange = new Exchange({ ...defaultConfig, ...room, ...config }, this);
  }

  /** An account with plenty of everything, unless it is said otherwise. */
  account(margin: number = MarginModel.NONE, selfMatch: number = SelfMatch.REJECT_TAKER, amount = 1000): number {
    const account = this.exchange.openAccount({ name: 'account', margin, selfMatch });
    for (let currency = 0; currency < 3; currency++) this.exchange.deposit(account, currency, amount);
    return account;
  }

  /** Lists a future, perpetual or option with a mark; of an option with a forward and a volatility. */
  list(name: string, mark: number, volatility = 0): number {
    const id = this.exchange.list(instrumentOf(name));
    if (volatility > 0) this.exchange.setOptionMark(id, mark, volatility);
    else if (mark > 0) this.exchange.setFutureMark(id, mark);
    return id;
  }

  buy(account: number, instrument: number, price: number, amount: number, request: Request = {}): number {
    return this.#place(Side.BUY, account, instrument, price, amount, request);
  }

  sell(account: number, instrument: number, price: number, amount: number, request: Request = {}): number {
    return this.#place(Side.SELL, account, instrument, price, amount, request);
  }

  #place(side: number, account: number, instrument: number, price: number, amount: number, request: Request): number {
    const { instruments } = this.exchange;
    return this.exchange.place(
      account,
      instrument,
      side,
      request.type ?? OrderType.LIMIT,
      instruments.ticksOf(instrument, price),
      instruments.lotsOf(instrument, amount),
      request.timeInForce ?? TimeInForce.GOOD_TIL_CANCELLED,
      request.flags ?? 0,
      request.tag ?? 0,
      request.validUntil,
    );
  }

  /** What stands of an order, in prices and amounts. */
  order(id: number): { state: number; price: number; left: number; filled: number; reason: number; flags: number } {
    const { orders, instruments } = this.exchange;
    const slot = orders.slotOf(id);
    if (slot < 0) throw new Error(`there is no order ${id}`);
    const instrument = orders.instrument[slot]!;
    return {
      state: orders.state[slot]!,
      price: instruments.priceOf(instrument, orders.ticks[slot]!),
      left: instruments.amountOf(instrument, orders.lots[slot]!),
      filled: instruments.amountOf(instrument, orders.filledLots[slot]!),
      reason: orders.cancelReason[slot]!,
      flags: orders.flags[slot]!,
    };
  }

  /** Levels of a side as price and amount, best first. */
  levels(instrument: number, side: number): [price: number, amount: number][] {
    const { books, instruments } = this.exchange;
    return Array.from({ length: books.depth(instrument, side) }, (_, rank) => {
      const level = books.level(instrument, side, rank);
      return [
        instruments.priceOf(instrument, books.levelTicks[level]!),
        instruments.amountOf(instrument, books.levelLots[level]!),
      ];
    });
  }

  /** Signed amount that an account holds. */
  position(account: number, instrument: number): number {
    const { positions, instruments } = this.exchange;
    const record = positions.recordOf(account, instrument);
    return record < 0 ? 0 : positions.lots[record]! * instruments.lotSize[instrument]!;
  }

  balance(account: number, currency = 0): number {
    const { accounts } = this.exchange;
    return accounts.balance[accounts.at(account, currency)]! / accounts.unitsPer[currency]!;
  }

  orderChanged(order: number): void {
    this.told.push(`order ${order}`);
  }
  traded(trade: number): void {
    this.told.push(`trade ${trade}`);
  }
  bookChanged(instrument: number, count: number): void {
    const { side, ticks, before, after } = this.exchange.changes;
    for (let index = 0; index < count; index++) {
      const action = before[index] === 0 ? 'new' : after[index] === 0 ? 'delete' : 'change';
      this.told.push(`${side[index] === Side.BUY ? 'bid' : 'ask'} ${action} ${ticks[index]} ${after[index]}`);
    }
    this.told.push(`book ${instrument}`);
  }
  positionChanged(): void {}
  accountChanged(): void {}
  mmpTriggered(account: number, index: number, group: number): void {
    this.told.push(`mmp ${account} ${index} ${group}`);
  }
  instrumentChanged(instrument: number): void {
    this.told.push(`instrument ${instrument}`);
  }
  settled(): void {
    this.told.push('settled');
  }
}
