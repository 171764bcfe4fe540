import {
  CancelReason,
  type CreditPool,
  Liquidity,
  NO_INSTRUMENT,
  NO_QUOTE_SET,
  NO_UNDERLYING,
  OrderFlag,
  ReportSource,
  Side,
  TimeInForce,
  VenueOrderState,
} from '../../../engine/market/orders/codes.js';
import { parseOrderLabel } from '../../../engine/market/orders/order-label.js';
import { writeCurrency, writeVenueId } from '../../../engine/market/orders/venue-id.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { AccountReport } from '../../../schemas/generated/account-report.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { ConnectionReport } from '../../../schemas/generated/connection-report.js';
import { DeliveryReport } from '../../../schemas/generated/delivery-report.js';
import { FillReport } from '../../../schemas/generated/fill-report.js';
import { MmpReport } from '../../../schemas/generated/mmp-report.js';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import { PositionReport } from '../../../schemas/generated/position-report.js';
import { RateLimitReport } from '../../../schemas/generated/rate-limit-report.js';
import { ReconcileReport } from '../../../schemas/generated/reconcile-report.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import { parseQuoteSet } from './encoder.js';
import type { InstrumentNames } from './instrument-names.js';
import type { OrderMessage, PortfolioMessage, PositionMessage, TradeMessage } from './messages.js';
import { cancelReasons, orderStates, timesInForce } from './order-words.js';
import type { Answered, RequestIdentity } from './request-identity.js';

const at = {
  sendOrder: structOffset(SendReport, 'order'),
  refusedOrder: structOffset(Refusal, 'order'),
  orderVenueId: structOffset(OrderReport, 'venueOrderId'),
  labelHead: structOffset(OrderReport, 'labelHead'),
  tradeId: structOffset(FillReport, 'tradeId'),
  fillVenueId: structOffset(FillReport, 'venueOrderId'),
  feeCurrency: structOffset(FillReport, 'feeCurrency'),
  currency: structOffset(AccountReport, 'currency'),
};
const LABEL_HEAD = 40;

/** Writes what the venue says as records for the log. */
export class ReportWriter {
  private readonly out: StreamWriter;
  private readonly names: InstrumentNames;
  private readonly venue: number;
  private account = 0;
  private receivedMicros = 0;
  private venueMicros = 0;
  /** The number of a market maker protection group by its name; 0 for a group that is not ours. */
  private readonly groupOf: (name: string | undefined) => number;

  constructor(out: StreamWriter, names: InstrumentNames, venue: number, groupOf: (name: string | undefined) => number) {
    this.out = out;
    this.names = names;
    this.venue = venue;
    this.groupOf = groupOf;
  }

  /** Names the account and the times of what is written next. @param receivedMicros when it arrived @param venueMicros the venue's time; both microseconds since the Unix epoch */
  receive(account: number, receivedMicros: number, venueMicros = 0): void {
    this.account = account;
    this.receivedMicros = receivedMicros;
    this.venueMicros = venueMicros;
  }

  sent(
    buffer: ViewBuffer,
    order: number,
    seq: number,
    report: {
      outcome: number;
      reason: number;
      code: number;
      connection: number;
      venueRequest: number;
      sentMicros: number;
    },
  ): void {
    const body = this.open(MessageType.SEND_REPORT, SendReport.sizeOf(), seq);
    copyBody(buffer, order, this.out.buffer, body + at.sendOrder, ApprovedOrder.sizeOf());
    const written = new SendReport().__init(body, this.out.buffer);
    written.mutate_outcome(report.outcome);
    written.mutate_reason(report.reason);
    written.mutate_code(report.code);
    written.mutate_connection(report.connection);
    written.mutate_requestSeq(seq);
    written.mutate_venueRequest(report.venueRequest);
    written.mutate_sentTime(report.sentMicros);
  }

  answered(request: RequestIdentity, answer: Answered): void {
    const body = this.open(MessageType.REQUEST_REPORT, RequestReport.sizeOf(), request.seq);
    const report = new RequestReport().__init(body, this.out.buffer);
    report.mutate_outcome(answer.outcome);
    report.mutate_reason(answer.reason);
    report.mutate_venueCode(answer.venueCode);
    report.mutate_limit(answer.limit);
    report.mutate_requestSeq(request.seq);
    report.mutate_requestIndex(request.index);
    report.mutate_action(request.action);
    report.mutate_run(request.run);
    report.mutate_index(request.orderIndex);
    report.mutate_orderSeq(request.orderSeq);
    report.mutate_instrument(request.instrument);
    report.mutate_side(request.side);
    report.mutate_connection(answer.connection);
    report.mutate_cancelled(answer.cancelled);
    report.mutate_venueRequest(answer.venueRequest);
    report.mutate_roundTrip(answer.answeredMicros - answer.askedMicros);
    report.mutate_venueTime(answer.venueMicros);
    report.mutate_asked(answer.askedMicros);
  }

  order(message: OrderMessage, source: number, reconcile: number, request?: RequestIdentity): void {
    const instrument = this.names.id(message.instrument_name);
    const body = this.open(MessageType.ORDER_REPORT, OrderReport.sizeOf(), request?.seq ?? 0);
    const { buffer } = this.out;
    const report = new OrderReport().__init(body, buffer);
    const identity = parseOrderLabel(message.label ?? '');
    const filled = message.filled_amount ?? 0;
    const state = orderStates[message.order_state] ?? VenueOrderState.OPEN;
    report.mutate_source(source);
    report.mutate_state(state);
    report.mutate_instrument(instrument < 0 ? NO_INSTRUMENT : instrument);
    report.mutate_side(message.direction === 'buy' ? Side.BUY : Side.SELL);
    report.mutate_flags(
      flag(message.post_only, OrderFlag.POST_ONLY) |
        flag(message.reduce_only, OrderFlag.REDUCE_ONLY) |
        flag(message.mmp, OrderFlag.MMP) |
        flag(message.quote, OrderFlag.QUOTE) |
        flag(identity !== undefined, OrderFlag.OURS) |
        flag(message.replaced, OrderFlag.REPLACED) |
        flag(message.mmp_cancelled, OrderFlag.MMP_CANCELLED) |
        flag(message.advanced !== undefined, OrderFlag.ADVANCED) |
        flag(message.is_liquidation, OrderFlag.LIQUIDATION),
    );
    if (state === VenueOrderState.CANCELLED) {
      report.mutate_cancelReason(
        message.mmp_cancelled === true
          ? CancelReason.MMP
          : (cancelReasons[message.cancel_reason ?? ''] ?? CancelReason.OTHER),
      );
    }
    report.mutate_timeInForce(timesInForce[message.time_in_force ?? ''] ?? TimeInForce.NONE);
    report.mutate_group(this.groupOf(message.mmp_group));
    report.mutate_run(identity?.run ?? 0);
    report.mutate_index(identity?.index ?? 0);
    report.mutate_orderSeq(identity?.orderSeq ?? 0);
    report.mutate_quoteSet(parseQuoteSet(message.quote_set_id ?? '') ?? NO_QUOTE_SET);
    report.mutate_requestSeq(request?.seq ?? 0);
    report.mutate_requestIndex(request?.index ?? 0);
    report.mutate_reconcile(reconcile);
    report.mutate_price(typeof message.price === 'number' ? message.price : Number.NaN);
    report.mutate_amount(message.amount);
    report.mutate_filled(filled);
    report.mutate_averagePrice(filled > 0 ? (message.average_price ?? Number.NaN) : Number.NaN);
    report.mutate_created((message.creation_timestamp ?? 0) * 1000);
    report.mutate_updated((message.last_update_timestamp ?? message.creation_timestamp ?? 0) * 1000);
    report.mutate_quoteId(Number(message.quote_id ?? Number.NaN));
    writeVenueId(buffer.view, body + at.orderVenueId, message.order_id);
    if (identity === undefined && message.label !== undefined) {
      writeVenueId(buffer.view, body + at.labelHead, message.label.slice(0, LABEL_HEAD));
    }
  }

  /** The venue was asked for an order and does not know it. */
  notFound(request: RequestIdentity, venueOrderId: string): void {
    const body = this.open(MessageType.ORDER_REPORT, OrderReport.sizeOf(), request.seq);
    const report = new OrderReport().__init(body, this.out.buffer);
    report.mutate_source(ReportSource.QUERY);
    report.mutate_state(VenueOrderState.NOT_FOUND);
    report.mutate_instrument(request.instrument);
    report.mutate_side(request.side);
    report.mutate_flags(OrderFlag.OURS);
    report.mutate_run(request.run);
    report.mutate_index(request.orderIndex);
    report.mutate_orderSeq(request.orderSeq);
    report.mutate_quoteSet(NO_QUOTE_SET);
    report.mutate_requestSeq(request.seq);
    report.mutate_requestIndex(request.index);
    report.mutate_price(Number.NaN);
    report.mutate_averagePrice(Number.NaN);
    report.mutate_quoteId(Number.NaN);
    writeVenueId(this.out.buffer.view, body + at.orderVenueId, venueOrderId);
  }

  fill(message: TradeMessage, source: number, reconcile: number): void {
    const instrument = this.names.id(message.instrument_name);
    const body = this.open(MessageType.FILL_REPORT, FillReport.sizeOf(), 0);
    const { buffer } = this.out;
    const report = new FillReport().__init(body, buffer);
    const identity = parseOrderLabel(message.label ?? '');
    report.mutate_source(source);
    report.mutate_instrument(instrument < 0 ? NO_INSTRUMENT : instrument);
    report.mutate_side(message.direction === 'buy' ? Side.BUY : Side.SELL);
    report.mutate_liquidity(
      message.liquidity === 'M' ? Liquidity.MAKER : message.liquidity === 'T' ? Liquidity.TAKER : Liquidity.UNKNOWN,
    );
    report.mutate_flags(
      flag(message.mmp, OrderFlag.MMP) |
        flag(message.quote_set_id !== undefined, OrderFlag.QUOTE) |
        flag(identity !== undefined, OrderFlag.OURS) |
        flag(message.liquidation !== undefined, OrderFlag.LIQUIDATION) |
        flag(typeof message.block_trade_id === 'string', OrderFlag.BLOCK_TRADE) |
        flag(typeof message.combo_id === 'string', OrderFlag.COMBO_LEG),
    );
    report.mutate_run(identity?.run ?? 0);
    report.mutate_index(identity?.index ?? 0);
    report.mutate_orderSeq(identity?.orderSeq ?? 0);
    report.mutate_reconcile(reconcile);
    report.mutate_price(message.price);
    report.mutate_amount(message.amount);
    report.mutate_fee(message.fee ?? 0);
    report.mutate_profitLoss(message.profit_loss ?? Number.NaN);
    report.mutate_markPrice(message.mark_price ?? Number.NaN);
    report.mutate_indexPrice(message.index_price ?? Number.NaN);
    report.mutate_underlyingPrice(message.underlying_price ?? Number.NaN);
    report.mutate_iv((message.iv ?? Number.NaN) / 100);
    report.mutate_tradeTime(message.timestamp * 1000);
    report.mutate_tradeSeq(message.trade_seq ?? Number.NaN);
    report.mutate_orderFilled(Number.NaN);
    writeCurrency(buffer.view, body + at.feeCurrency, message.fee_currency ?? '');
    writeVenueId(buffer.view, body + at.tradeId, message.trade_id);
    writeVenueId(buffer.view, body + at.fillVenueId, message.order_id);
  }

  position(message: PositionMessage, source: number, reconcile: number): void {
    const instrument = this.names.id(message.instrument_name);
    if (instrument < 0) return;
    const body = this.open(MessageType.POSITION_REPORT, PositionReport.sizeOf(), 0);
    const report = new PositionReport().__init(body, this.out.buffer);
    report.mutate_source(source);
    report.mutate_instrument(instrument);
    report.mutate_reconcile(reconcile);
    report.mutate_size(message.size);
    report.mutate_sizeCurrency(message.size_currency ?? Number.NaN);
    report.mutate_averagePrice(message.average_price ?? Number.NaN);
    report.mutate_markPrice(message.mark_price ?? Number.NaN);
    report.mutate_floating(message.floating_profit_loss ?? Number.NaN);
    report.mutate_realised(message.realized_profit_loss ?? Number.NaN);
    report.mutate_realisedFunding(message.realized_funding ?? Number.NaN);
    report.mutate_delta(message.delta ?? Number.NaN);
    report.mutate_initialMargin(message.initial_margin ?? Number.NaN);
    report.mutate_maintenanceMargin(message.maintenance_margin ?? Number.NaN);
    report.mutate_settlementPrice(message.settlement_price ?? Number.NaN);
  }

  delivery({ id, expiry, price }: { id: number; expiry: number; price: number }, reconcile: number): void {
    const body = this.open(MessageType.DELIVERY_REPORT, DeliveryReport.sizeOf(), 0);
    const report = new DeliveryReport().__init(body, this.out.buffer);
    report.mutate_instrument(id);
    report.mutate_reconcile(reconcile);
    report.mutate_price(price);
    report.mutate_expiry(expiry);
  }

  funds(message: PortfolioMessage, source: number, reconcile: number): void {
    const body = this.open(MessageType.ACCOUNT_REPORT, AccountReport.sizeOf(), 0);
    const report = new AccountReport().__init(body, this.out.buffer);
    const number = (value: number | null | undefined): number => value ?? Number.NaN;
    writeCurrency(this.out.buffer.view, body + at.currency, message.currency.toUpperCase());
    report.mutate_source(source);
    report.mutate_reconcile(reconcile);
    report.mutate_flags(flag(message.portfolio_margining_enabled, 1) | flag(message.cross_collateral_enabled, 2));
    report.mutate_equity(message.equity);
    report.mutate_balance(message.balance);
    report.mutate_marginBalance(number(message.margin_balance));
    report.mutate_availableFunds(number(message.available_funds));
    report.mutate_initialMargin(number(message.initial_margin));
    report.mutate_maintenanceMargin(number(message.maintenance_margin));
    report.mutate_projectedInitialMargin(number(message.projected_initial_margin));
    report.mutate_projectedMaintenanceMargin(number(message.projected_maintenance_margin));
    report.mutate_sessionRealised(number(message.session_rpl));
    report.mutate_sessionUnrealised(number(message.session_upl));
    report.mutate_totalProfitLoss(number(message.total_pl));
    report.mutate_futuresProfitLoss(number(message.futures_pl));
    report.mutate_optionsProfitLoss(number(message.options_pl));
    report.mutate_optionsValue(number(message.options_value));
    report.mutate_deltaTotal(number(message.delta_total));
    report.mutate_optionsDelta(number(message.options_delta));
    report.mutate_optionsGamma(number(message.options_gamma));
    report.mutate_optionsVega(number(message.options_vega));
    report.mutate_optionsTheta(number(message.options_theta));
    report.mutate_feeBalance(number(message.fee_balance));
    report.mutate_spotReserve(number(message.spot_reserve));
  }

  rateLimit(
    pool: (typeof CreditPool)[keyof typeof CreditPool],
    limits: { rate: number; burst: number },
    perCurrency: boolean,
    guaranteed = Number.NaN,
  ): void {
    const body = this.open(MessageType.RATE_LIMIT_REPORT, RateLimitReport.sizeOf(), 0);
    const report = new RateLimitReport().__init(body, this.out.buffer);
    report.mutate_pool(pool);
    report.mutate_scope(perCurrency ? 1 : 0);
    report.mutate_rate(limits.rate);
    report.mutate_burst(limits.burst);
    report.mutate_guaranteed(guaranteed);
  }

  protection(
    state: number,
    group: number,
    underlying: number,
    venueCode: number,
    frozenUntilMicros: number,
    limits?: {
      intervalSeconds: number;
      frozenSeconds: number;
      quantityLimit: number;
      deltaLimit?: number;
      vegaLimit?: number;
      maxQuoteQuantity: number;
    },
  ): void {
    const body = this.open(MessageType.MMP_REPORT, MmpReport.sizeOf(), 0);
    const report = new MmpReport().__init(body, this.out.buffer);
    report.mutate_state(state);
    report.mutate_group(group);
    report.mutate_underlying(underlying < 0 ? NO_UNDERLYING : underlying);
    report.mutate_venueCode(venueCode > 0 ? venueCode : 0);
    report.mutate_frozenUntil(frozenUntilMicros);
    report.mutate_interval(limits?.intervalSeconds ?? Number.NaN);
    report.mutate_frozenTime(limits?.frozenSeconds ?? Number.NaN);
    report.mutate_quantityLimit(limits?.quantityLimit ?? Number.NaN);
    report.mutate_deltaLimit(limits?.deltaLimit ?? Number.NaN);
    report.mutate_vegaLimit(limits?.vegaLimit ?? Number.NaN);
    report.mutate_maxQuoteQuantity(limits?.maxQuoteQuantity ?? Number.NaN);
  }

  connection(
    connection: number,
    state: number,
    role: number,
    armed: number,
    reason: number,
    venueCode: number,
    attempts: number,
  ): void {
    const body = this.open(MessageType.CONNECTION_REPORT, ConnectionReport.sizeOf(), 0);
    const report = new ConnectionReport().__init(body, this.out.buffer);
    report.mutate_connection(connection);
    report.mutate_state(state);
    report.mutate_role(role);
    report.mutate_armed(armed);
    report.mutate_reason(reason);
    report.mutate_venueCode(venueCode > 0 ? venueCode : 0);
    report.mutate_since(this.receivedMicros);
    report.mutate_attempts(attempts);
  }

  reconcile(
    phase: number,
    request: { seq: number; number: number; subject: number; since: number },
    found: { askedMicros: number; orders: number; fills: number; positions: number; reason: number; venueCode: number },
  ): void {
    const body = this.open(MessageType.RECONCILE_REPORT, ReconcileReport.sizeOf(), request.seq);
    const report = new ReconcileReport().__init(body, this.out.buffer);
    report.mutate_phase(phase);
    report.mutate_number(request.number);
    report.mutate_subject(request.subject);
    report.mutate_since(request.since);
    report.mutate_reason(found.reason);
    report.mutate_venueCode(found.venueCode);
    report.mutate_askedTime(found.askedMicros);
    report.mutate_orders(found.orders);
    report.mutate_fills(found.fills);
    report.mutate_positions(found.positions);
  }

  /** Claims room for a record and writes its header. @returns the offset of its body */
  private open(type: number, bytes: number, cause: number): number {
    const { out } = this;
    const offset = out.claim(type, bytes);
    if (offset < 0) throw new Error('the ring of reports is full although room was reserved');
    const { view } = out.buffer;
    view.setFloat64(offset + HeaderOffset.CAUSE, cause, true);
    view.setFloat64(offset + HeaderOffset.RECEIVE_TIME, this.receivedMicros, true);
    view.setFloat64(offset + HeaderOffset.EXCHANGE_TIME, this.venueMicros, true);
    view.setUint16(offset + HeaderOffset.VENUE, this.venue, true);
    view.setUint16(offset + HeaderOffset.ACCOUNT, this.account, true);
    return offset + HEADER_BYTES;
  }
}

function flag(is: boolean | undefined, bit: number): number {
  return is === true ? bit : 0;
}
