import { OrderFlag, OrderState, OrderType, SelfMatch, Side, TimeInForce } from '../codes.js';

/** An order as the reference keeps it. */
export interface ReferenceOrder {
  id: number;
  account: number;
  side: number;
  ticks: number;
  lots: number;
  /** Of `lots`, those that are shown; and how many an iceberg shows at a time, 0 for an order that shows all. */
  shown: number;
  refresh: number;
  filled: number;
  state: number;
  /** Rank among all orders by when it came to its price. */
  arrived: number;
}

export interface ReferenceTrade {
  maker: number;
  taker: number;
  ticks: number;
  lots: number;
}

/** What is asked of either matcher. */
export interface ReferenceRequest {
  account: number;
  side: number;
  type: number;
  ticks: number;
  lots: number;
  timeInForce: number;
  flags: number;
  refresh?: number;
}

/**
 * Price-time priority as one would explain it: all orders in a list, sorted anew whenever somebody wants to trade. Obviously right,
 * and slow. Ticks are all alike, prices have no band, and money has no end.
 */
export class ReferenceMatcher {
  readonly orders: ReferenceOrder[] = [];
  readonly trades: ReferenceTrade[] = [];
  readonly #policies: number[];
  #arrivals = 0;

  /** @param policies the `SelfMatch` of each account */
  constructor(policies: number[]) {
    this.#policies = policies;
  }

  /** Open orders of a side in the order in which they trade. */
  queue(side: number): ReferenceOrder[] {
    const direction = side === Side.BUY ? -1 : 1;
    return this.orders
      .filter((order) => order.side === side && order.state === OrderState.OPEN)
      .sort((a, b) => direction * (a.ticks - b.ticks) || a.arrived - b.arrived);
  }

  /** Levels of a side as ticks and lots, best first. */
  levels(side: number): [ticks: number, lots: number][] {
    const levels = new Map<number, number>();
    for (const { ticks, shown } of this.queue(side)) levels.set(ticks, (levels.get(ticks) ?? 0) + shown);
    return [...levels];
  }

  /** The new order under the given id; undefined where it is refused. */
  place(id: number, request: ReferenceRequest): ReferenceOrder | undefined {
    const { side, type } = request;
    let { ticks } = request;
    const best = this.queue(1 - side)[0];
    if (type !== OrderType.LIMIT) ticks = side === Side.BUY ? Number.POSITIVE_INFINITY : 1;
    if (type === OrderType.MARKET_LIMIT && best !== undefined) ticks = best.ticks;
    if ((request.flags & OrderFlag.POST_ONLY) !== 0 && best !== undefined && reaches(side, ticks, best.ticks)) {
      if ((request.flags & OrderFlag.REJECT_POST_ONLY) !== 0) return undefined;
      ticks = side === Side.BUY ? best.ticks - 1 : best.ticks + 1;
      if (ticks < 1) return undefined;
    }
    const order: ReferenceOrder = {
      id,
      account: request.account,
      side,
      ticks,
      lots: request.lots,
      shown: request.lots,
      refresh: request.refresh ?? 0,
      filled: 0,
      state: OrderState.OPEN,
      arrived: this.#arrivals++,
    };
    const rests =
      request.timeInForce < TimeInForce.IMMEDIATE_OR_CANCEL &&
      (type === OrderType.LIMIT || (type === OrderType.MARKET_LIMIT && best !== undefined));
    if (request.timeInForce === TimeInForce.FILL_OR_KILL && this.#available(order) < order.lots) {
      order.state = OrderState.CANCELLED;
    } else if (!this.#trade(order)) {
      if (order.filled === 0) return undefined;
      order.state = OrderState.CANCELLED;
    } else if (order.lots === 0) order.state = OrderState.FILLED;
    else if (!rests) order.state = OrderState.CANCELLED;
    show(order);
    this.orders.push(order);
    return order;
  }

  /** Changes an open order to a price and an amount with what was filled. */
  edit(order: ReferenceOrder, ticks: number, lots: number): void {
    const left = lots - order.filled;
    if (order.state !== OrderState.OPEN || left <= 0) return;
    if (ticks === order.ticks && left <= order.lots) {
      order.lots = left;
      order.shown = Math.min(order.shown, left);
      return;
    }
    order.ticks = ticks;
    order.lots = left;
    order.arrived = this.#arrivals++;
    if (!this.#trade(order)) order.state = OrderState.CANCELLED;
    else if (order.lots === 0) order.state = OrderState.FILLED;
    show(order);
  }

  cancel(order: ReferenceOrder): void {
    if (order.state === OrderState.OPEN) order.state = OrderState.CANCELLED;
  }

  /** Lots that an order could trade before anything stops it. */
  #available(order: ReferenceOrder): number {
    let lots = 0;
    for (const maker of this.queue(1 - order.side)) {
      if (!reaches(order.side, order.ticks, maker.ticks)) break;
      if (maker.account === order.account && this.#policies[order.account] !== SelfMatch.ALLOW) {
        if (this.#policies[order.account] === SelfMatch.REJECT_TAKER) break;
      } else lots += maker.lots;
    }
    return lots;
  }

  /** Trades an order as far as it goes; false where it met its own account and is to be refused. */
  #trade(order: ReferenceOrder): boolean {
    while (order.lots > 0) {
      const maker = this.queue(1 - order.side)[0];
      if (maker === undefined || !reaches(order.side, order.ticks, maker.ticks)) break;
      if (maker.account === order.account && this.#policies[order.account] !== SelfMatch.ALLOW) {
        if (this.#policies[order.account] === SelfMatch.REJECT_TAKER) return false;
        maker.state = OrderState.CANCELLED;
        continue;
      }
      const lots = Math.min(order.lots, maker.shown);
      this.trades.push({ maker: maker.id, taker: order.id, ticks: maker.ticks, lots });
      for (const side of [order, maker]) {
        side.lots -= lots;
        side.filled += lots;
      }
      maker.shown -= lots;
      if (maker.lots === 0) maker.state = OrderState.FILLED;
      else if (maker.shown === 0) {
        // What it showed has traded: it shows more, and waits behind all others at its price.
        show(maker);
        maker.arrived = this.#arrivals++;
      }
    }
    return true;
  }
}

/** An order comes to the book with what it shows. */
function show(order: ReferenceOrder): void {
  order.shown = order.refresh === 0 ? order.lots : Math.min(order.lots, order.refresh);
}

/** Whether an order that is limited at one price trades at another. */
function reaches(side: number, limit: number, ticks: number): boolean {
  return side === Side.BUY ? limit >= ticks : limit <= ticks;
}
