import { MmpState, ReportSource } from '../../../engine/market/orders/codes.js';
import { MessageKind } from '../../venue-sim/chaos/chaos.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';
import type { ReportPost } from './report-post.js';
import type { OwnTrade, VenueMessages } from './venue-messages.js';

/** What changed of one instrument since the last message. */
interface Changes {
  orders: Set<number>;
  trades: OwnTrade[];
  hasPosition: boolean;
}

/** How often the account's money is told of at most, milliseconds. */
const FUNDS_EVERY_MS = 500;

export interface NewsParts {
  exchange: Exchange;
  account: number;
  messages: VenueMessages;
  post: ReportPost;
  /** Group and number of the underlying that an index of the exchange protects. */
  groupOf(index: number): { group: number; underlying: number };
  /** What was written to the post is one message of this kind. */
  send(kind: MessageKind): void;
}

/** What the venue tells one account by itself: its orders, trades and positions as they change, its money, its protection. */
export class AccountNews {
  /** Every trade of the account, for those who ask later. */
  readonly trades: OwnTrade[] = [];
  readonly #parts: NewsParts;
  readonly #changes = new Map<number, Changes>();
  readonly #currencies = new Set<number>();
  #triggered: { index: number; until: number }[] = [];
  #fundsFrom = 0;

  constructor(parts: NewsParts) {
    this.#parts = parts;
  }

  /** When money is told of next, milliseconds; Infinity where nothing is new. */
  get next(): number {
    return this.#currencies.size === 0 ? Number.POSITIVE_INFINITY : this.#fundsFrom;
  }

  orderChanged(id: number): void {
    const { exchange, account } = this.#parts;
    const { orders } = exchange;
    const slot = orders.slotOf(id);
    if (slot < 0 || orders.account[slot] !== account) return;
    this.#of(orders.instrument[slot]!).orders.add(id);
  }

  traded(id: number): void {
    const { exchange, account } = this.#parts;
    const { trades } = exchange;
    const slot = trades.slotOf(id);
    const isMaker = trades.makerAccount[slot] === account;
    if (!isMaker && trades.takerAccount[slot] !== account) return;
    this.#tell(id, trades.instrument[slot]!, !isMaker);
  }

  positionChanged(account: number, instrument: number): void {
    if (account === this.#parts.account) this.#of(instrument).hasPosition = true;
  }

  accountChanged(account: number, currency: number): void {
    if (account === this.#parts.account) this.#currencies.add(currency);
  }

  mmpTriggered(account: number, index: number, group: number): void {
    if (account !== this.#parts.account) return;
    const { protection } = this.#parts.exchange;
    const until = protection.frozenUntil(protection.cellOf(account, index, group));
    this.#triggered.push({ index, until });
  }

  /** Nobody listens any more: what was not told is lost, and has to be asked for. */
  forget(): void {
    this.#changes.clear();
    this.#currencies.clear();
    this.#triggered = [];
  }

  /** Tells what has changed: a message an instrument, as the venue does after each turn. */
  flush(): void {
    if (this.#changes.size > 0) this.#tellChanges();
    if (this.#triggered.length > 0) this.#tellTriggers();
    if (this.#currencies.size > 0) this.#tellFunds();
  }

  #tellChanges(): void {
    const { messages, post, send } = this.#parts;
    const { writer } = post;
    for (const [instrument, { orders, trades, hasPosition }] of this.#changes) {
      for (const id of orders) {
        const order = messages.order(id);
        if (order !== undefined) writer.order(order, ReportSource.STREAM, 0);
      }
      for (const { message } of trades) writer.fill(message, ReportSource.STREAM, 0);
      if (hasPosition) writer.position(messages.position(instrument), ReportSource.STREAM, 0);
      send(trades.length > 0 ? MessageKind.OWN_FILL : MessageKind.OWN);
    }
    this.#changes.clear();
  }

  #tellTriggers(): void {
    const { post, messages, groupOf, send } = this.#parts;
    for (const { index, until } of this.#triggered) {
      const { group, underlying } = groupOf(index);
      const frozenUntil = Number.isFinite(until) ? messages.stamp(until) * 1000 : 0;
      post.writer.protection(MmpState.TRIGGERED, group, underlying, 0, frozenUntil);
      send(MessageKind.OWN);
    }
    this.#triggered = [];
  }

  #tellFunds(): void {
    const { exchange, messages, post, send } = this.#parts;
    if (exchange.now < this.#fundsFrom) return;
    this.#fundsFrom = exchange.now + FUNDS_EVERY_MS;
    for (const currency of this.#currencies) {
      post.writer.funds(messages.funds(currency), ReportSource.STREAM, 0);
      send(MessageKind.OWN);
    }
    this.#currencies.clear();
  }

  /** Written down at once: the venue's own ring of trades forgets. */
  #tell(id: number, instrument: number, isTaker: boolean): void {
    const trade = this.#parts.messages.trade(id, isTaker);
    this.trades.push(trade);
    this.#of(instrument).trades.push(trade);
  }

  #of(instrument: number): Changes {
    let changes = this.#changes.get(instrument);
    if (changes === undefined) {
      changes = { orders: new Set(), trades: [], hasPosition: false };
      this.#changes.set(instrument, changes);
    }
    return changes;
  }
}
