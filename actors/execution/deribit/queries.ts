import { z } from 'zod';
import {
  ReconcileFailure,
  ReconcilePhase,
  ReconcileSubject,
  ReportSource,
  RequestOutcome,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { orderLabel } from '../../../engine/market/orders/order-label.js';
import type { DeribitSession } from '../../session/deribit/deribit-session.js';
import { RpcLost, RpcRefusal } from '../../session/deribit/json-rpc.js';
import type { DeliveryPrices } from './delivery-prices.js';
import { meaningOf } from './errors.js';
import type { InstrumentNames } from './instrument-names.js';
import {
  deliveryPricesAnswer,
  orderMessage,
  positionMessage,
  summariesMessage,
  type TradeMessage,
  tradesAnswer,
} from './messages.js';
import type { ReportWriter } from './report-writer.js';
import type { Answered, RequestIdentity } from './request-identity.js';

/** What a query needs of the execution that asks it. */
export interface QueryDesk {
  session: DeribitSession;
  account: number;
  connection: number;
  names: InstrumentNames;
  deliveries: DeliveryPrices;
  reports: ReportWriter;
  currencies: readonly string[];
  nowMicros(): number;
  /** Resolves when there is room for many reports. */
  room(): Promise<void>;
  reported(): void;
  /** Names of instruments that the account holds and nobody follows: no figure of ours counts them. */
  uncounted(names: readonly string[]): void;
  note(level: 'info' | 'warn' | 'error', message: string): void;
}

/** Trades of one page. */
const PAGE = 1000;
const MOST_PAGES = 200;
/** A venue's clock may be behind ours: trades are asked for up to well after now. */
const AHEAD_MS = 60_000;

/** Asks for everything that the account has. A query that fails says nothing of what it did not bring. */
export async function reconcileAccount(
  desk: QueryDesk,
  request: RequestIdentity & { number: number; subject: number; since: number },
): Promise<void> {
  const { reports } = desk;
  const askedMicros = desk.nowMicros();
  const found = { askedMicros, orders: 0, fills: 0, positions: 0, reason: 0, venueCode: 0 };
  await desk.room();
  reports.receive(desk.account, askedMicros);
  reports.reconcile(ReconcilePhase.BEGINS, request, found);
  desk.reported();
  try {
    if ((request.subject & ReconcileSubject.ORDERS) !== 0) found.orders = await openOrders(desk, request.number);
    if ((request.subject & ReconcileSubject.FILLS) !== 0) found.fills = await fillsSince(desk, request);
    if ((request.subject & ReconcileSubject.POSITIONS) !== 0) found.positions = await positions(desk, request.number);
    // Before the money, which is set against what was delivered.
    if ((request.subject & ReconcileSubject.POSITIONS) !== 0) await deliveries(desk, request);
    if ((request.subject & ReconcileSubject.ACCOUNT) !== 0) await funds(desk, request.number);
  } catch (error) {
    const failure = failureOf(error);
    desk.note('warn', `the account cannot be reconciled: ${(error as Error).message}`);
    reports.receive(desk.account, desk.nowMicros());
    reports.reconcile(ReconcilePhase.FAILED, request, { ...found, ...failure });
    answer(desk, request, { outcome: RequestOutcome.UNKNOWN, venueCode: failure.venueCode }, askedMicros);
    return;
  }
  reports.receive(desk.account, desk.nowMicros());
  reports.reconcile(ReconcilePhase.ENDS, request, found);
  answer(desk, request, {}, askedMicros);
}

/** Asks for one order and its trades. */
export async function queryOrder(desk: QueryDesk, request: RequestIdentity, venueOrderId: string): Promise<void> {
  const { session, reports, names } = desk;
  const askedMicros = desk.nowMicros();
  try {
    let id = venueOrderId;
    const label = orderLabel(request.run, request.orderSeq, request.orderIndex);
    const order =
      id === ''
        ? byLabel(
            z.array(orderMessage).parse(
              await session.call('private/get_order_state_by_label', {
                currency: names.currency(request.instrument),
                label,
              }),
            ),
            label,
          )
        : orderMessage.parse(await session.call('private/get_order_state', { order_id: id }));
    await desk.room();
    reports.receive(desk.account, desk.nowMicros());
    if (order === undefined) reports.notFound(request, '');
    else {
      id = order.order_id;
      const answered = tradesAnswer.parse(await session.call('private/get_user_trades_by_order', { order_id: id }));
      await desk.room();
      reports.receive(desk.account, desk.nowMicros());
      // Its picture first, so that its trades find it.
      reports.order(order, ReportSource.QUERY, 0, request);
      for (const trade of answered.trades) reports.fill(trade, ReportSource.QUERY, 0);
    }
    answer(desk, request, {}, askedMicros);
  } catch (error) {
    if (error instanceof RpcRefusal && meaningOf(error.code).reason === VenueReason.ORDER_NOT_FOUND) {
      reports.receive(desk.account, desk.nowMicros());
      reports.notFound(request, venueOrderId);
      answer(desk, request, {}, askedMicros);
      return;
    }
    desk.note('warn', `an order cannot be asked for: ${(error as Error).message}`);
    reports.receive(desk.account, desk.nowMicros());
    answer(desk, request, { outcome: RequestOutcome.UNKNOWN, venueCode: failureOf(error).venueCode }, askedMicros);
  }
}

/** Of several orders with one label the newest is ours: a label is used once, so there is but one. */
function byLabel(
  orders: readonly z.infer<typeof orderMessage>[],
  label: string,
): z.infer<typeof orderMessage> | undefined {
  return orders.filter((order) => order.label === label).at(-1);
}

async function openOrders(
  { session, reports, account, nowMicros, room, reported }: QueryDesk,
  number: number,
): Promise<number> {
  const orders = z.array(orderMessage).parse(await session.call('private/get_open_orders', {}));
  await room();
  reports.receive(account, nowMicros());
  for (const order of orders) reports.order(order, ReportSource.QUERY, number);
  reported();
  return orders.length;
}

async function fillsSince(desk: QueryDesk, request: { number: number; since: number }): Promise<number> {
  let count = 0;
  for (const currency of desk.currencies) {
    let fromMs = Math.floor(request.since / 1000);
    const toMs = Math.ceil(desk.nowMicros() / 1000) + AHEAD_MS;
    const seen = new Set<string>();
    for (let page = 0; ; page++) {
      if (page === MOST_PAGES) throw new Error(`more than ${MOST_PAGES * PAGE} trades in ${currency} since ${fromMs}`);
      const answered = tradesAnswer.parse(
        await desk.session.call('private/get_user_trades_by_currency_and_time', {
          currency,
          start_timestamp: fromMs,
          end_timestamp: toMs,
          count: PAGE,
          sorting: 'asc',
        }),
      );
      const fresh = answered.trades.filter(({ trade_id: id }) => !seen.has(id));
      await desk.room();
      desk.reports.receive(desk.account, desk.nowMicros());
      for (const trade of fresh) desk.reports.fill(trade, ReportSource.QUERY, request.number);
      desk.reported();
      count += fresh.length;
      for (const { trade_id: id } of fresh) seen.add(id);
      if (answered.has_more !== true) break;
      // Trades of one millisecond may be cut by the page: the next begins in the same one.
      const last = lastTime(answered.trades);
      if (fresh.length === 0 && last <= fromMs) {
        throw new Error(`more than ${PAGE} trades in ${currency} within the millisecond ${fromMs}`);
      }
      fromMs = last;
    }
  }
  return count;
}

function lastTime(trades: readonly TradeMessage[]): number {
  return Math.max(...trades.map(({ timestamp }) => timestamp));
}

async function positions(desk: QueryDesk, number: number): Promise<number> {
  let count = 0;
  const uncounted: string[] = [];
  for (const currency of desk.currencies) {
    const found = z.array(positionMessage).parse(await desk.session.call('private/get_positions', { currency }));
    await desk.room();
    desk.reports.receive(desk.account, desk.nowMicros());
    for (const position of found) {
      if (position.size !== 0 && desk.names.id(position.instrument_name) < 0) uncounted.push(position.instrument_name);
      desk.reports.position(position, ReportSource.QUERY, number);
    }
    desk.reported();
    count += found.length;
  }
  desk.uncounted(uncounted);
  return count;
}

/** What has expired was delivered at prices that nobody tells unasked. Of what the venue does not say it is asked again with the next reconciliation, which this one is no failure for. */
async function deliveries(desk: QueryDesk, request: { number: number; since: number }): Promise<void> {
  for (const question of desk.deliveries.questions(request.since, desk.nowMicros())) {
    const { index, count } = question;
    try {
      const given = { index_name: index, offset: 0, count };
      const { data } = deliveryPricesAnswer.parse(await desk.session.call('public/get_delivery_prices', given));
      await desk.room();
      desk.reports.receive(desk.account, desk.nowMicros());
      for (const told of desk.deliveries.read(question, data)) desk.reports.delivery(told, request.number);
      desk.reported();
    } catch (error) {
      desk.note('warn', `the delivery prices of ${index} cannot be asked for: ${(error as Error).message}`);
    }
  }
}

async function funds(desk: QueryDesk, number: number): Promise<void> {
  const { summaries } = summariesMessage.parse(await desk.session.call('private/get_account_summaries', {}));
  await desk.room();
  desk.reports.receive(desk.account, desk.nowMicros());
  for (const summary of summaries) desk.reports.funds(summary, ReportSource.QUERY, number);
  desk.reported();
}

function failureOf(error: unknown): { reason: number; venueCode: number } {
  if (error instanceof RpcRefusal) return { reason: ReconcileFailure.REFUSED, venueCode: error.code };
  if (error instanceof RpcLost) return { reason: ReconcileFailure.CONNECTION_LOST, venueCode: 0 };
  return { reason: ReconcileFailure.UNREADABLE, venueCode: 0 };
}

function answer(desk: QueryDesk, request: RequestIdentity, of: Partial<Answered>, askedMicros: number): void {
  desk.reports.answered(request, {
    outcome: RequestOutcome.ACCEPTED,
    reason: VenueReason.NONE,
    venueCode: 0,
    limit: Number.NaN,
    connection: desk.connection,
    cancelled: 0,
    venueRequest: 0,
    askedMicros,
    answeredMicros: desk.nowMicros(),
    venueMicros: Number.NaN,
    ...of,
  });
  desk.reported();
}
