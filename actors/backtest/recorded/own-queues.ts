import {
  joinQueue,
  QUEUE_CELLS,
  type QueueRuleCode,
  queueChanged,
  queueTraded,
  takeReached,
} from '../../../engine/market/fills/index.js';
import { OrderState } from '../../venue-sim/exchange/codes.js';
import type { Exchange } from '../../venue-sim/exchange/exchange.js';

export interface OwnQueuesOptions {
  exchange: Exchange;
  account: number;
  rule: QueueRuleCode;
  exponent: number;
  /** Lots of others at a price, by the recording. */
  levelOf(id: number, side: number, ticks: number): number;
}

/** Where each of our orders stands in the queue at its price, by a model: the recording knows nothing of it. */
export class OwnQueues {
  readonly #options: OwnQueuesOptions;
  /** By slot: whose it is, at which price, and its queue. */
  readonly #order: Float64Array;
  readonly #ticks: Float64Array;
  readonly #lots: Float64Array;
  readonly #level: Float64Array;
  readonly #queue: Float64Array;
  /** When each order came to where it stands, milliseconds since the Unix epoch, by slot. */
  readonly #since: Float64Array;

  constructor(options: OwnQueuesOptions) {
    const { capacity } = options.exchange.orders;
    this.#options = options;
    this.#order = new Float64Array(capacity);
    this.#ticks = new Float64Array(capacity);
    this.#lots = new Float64Array(capacity);
    this.#level = new Float64Array(capacity);
    this.#queue = new Float64Array(capacity * QUEUE_CELLS);
    this.#since = new Float64Array(capacity);
  }

  /** The first of our orders in an instrument; -1 for none. */
  first(id: number): number {
    const { exchange, account } = this.#options;
    const { positions } = exchange;
    const record = positions.recordOf(account, id);
    return record < 0 ? -1 : positions.firstOrder[record]!;
  }

  /** When the order in a slot came to where it stands, milliseconds since the Unix epoch. */
  since(slot: number): number {
    return this.#since[slot]!;
  }

  /** Whole lots of the order in a slot that a trade of so many lots at its price reaches. */
  reached(slot: number, lots: number): number {
    const { exchange, rule } = this.#options;
    const at = slot * QUEUE_CELLS;
    queueTraded(this.#queue, at, lots);
    return Math.floor(Math.min(takeReached(rule, this.#queue, at), lots, exchange.orders.lots[slot]!) + 1e-9);
  }

  /** An order of ours appeared or changed: a new price, or more of it, begins at the end of the queue. */
  follow(order: number): void {
    const { exchange, account, rule } = this.#options;
    const { orders } = exchange;
    const slot = orders.slotOf(order);
    if (slot < 0 || orders.account[slot] !== account || orders.state[slot] !== OrderState.OPEN) return;
    const ticks = orders.ticks[slot]!;
    const lots = orders.lots[slot]!;
    const isSame = this.#order[slot] === order && this.#ticks[slot] === ticks && lots <= this.#lots[slot]!;
    this.#lots[slot] = lots;
    if (isSame) return;
    this.#order[slot] = order;
    this.#ticks[slot] = ticks;
    this.#since[slot] = exchange.now;
    const level = this.#options.levelOf(orders.instrument[slot]!, orders.side[slot]!, ticks);
    this.#level[slot] = level;
    joinQueue(rule, this.#queue, slot * QUEUE_CELLS, level);
  }

  /** The recorded book changed: queues of our orders in it move. */
  bookChanged(id: number): void {
    const { exchange, rule, exponent } = this.#options;
    const { orders } = exchange;
    for (let slot = this.first(id); slot >= 0; slot = orders.after[slot]!) {
      if (orders.state[slot] !== OrderState.OPEN) continue;
      const after = this.#options.levelOf(id, orders.side[slot]!, orders.ticks[slot]!);
      queueChanged(rule, exponent, this.#queue, slot * QUEUE_CELLS, this.#level[slot]!, after);
      this.#level[slot] = after;
    }
  }
}
