import { FillKind, Liquidity, NO_SLOT, OrderFlag, ReportSource, Strategy } from '../../engine/market/orders/codes.js';
import type { OrderKeeper } from '../../engine/market/orders/order-keeper.js';
import { KeeperCount } from '../../engine/market/orders/order-keeper.js';
import { OrderInt, OrderNumber } from '../../engine/market/orders/order-table.js';
import { RequestInt, RequestNumber } from '../../engine/market/orders/request-table.js';
import { storeVenueId, VENUE_ID_BYTES, writeVenueId } from '../../engine/market/orders/venue-id.js';
import type { Outbox } from '../../engine/runtime/actor/outbox.js';
import { copyBody } from '../../engine/runtime/edge/record.js';
import { structOffset } from '../../schemas/field-offset.js';
import type { ApprovedOrder } from '../../schemas/generated/approved-order.js';
import { Fill } from '../../schemas/generated/fill.js';
import { FillReport } from '../../schemas/generated/fill-report.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { QueryWanted } from '../../schemas/generated/query-wanted.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import type { SendReport } from '../../schemas/generated/send-report.js';
import { MessageType } from '../../schemas/message-type.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

const UPDATE_VENUE_ID = structOffset(OrderUpdate, 'venueOrderId');
const WANTED_VENUE_ID = structOffset(QueryWanted, 'venueOrderId');
const FILL_TRADE_ID = structOffset(Fill, 'tradeId');
const FILL_VENUE_ID = structOffset(Fill, 'venueOrderId');
const FILL_CURRENCY = structOffset(Fill, 'feeCurrency');
const REPORT_TRADE_ID = structOffset(FillReport, 'tradeId');
const REPORT_VENUE_ID = structOffset(FillReport, 'venueOrderId');
const REPORT_CURRENCY = structOffset(FillReport, 'feeCurrency');

/** Puts what the keeper knows into the records that it is told by. */
export class OrderWriters {
  private readonly out: Outbox;
  private readonly keeper: OrderKeeper;
  private readonly update = new OrderUpdate();
  private readonly request = new RequestUpdate();
  private readonly fill = new Fill();
  private readonly wanted = new QueryWanted();

  constructor(out: Outbox, keeper: OrderKeeper) {
    this.out = out;
    this.keeper = keeper;
  }

  writeOrder(slot: number, event: number): void {
    const { keeper, out } = this;
    const { ints, numbers } = keeper.orders;
    const at = slot * OrderInt.SIZE;
    const number = slot * OrderNumber.SIZE;
    const body = out.emit(MessageType.ORDER_UPDATE, OrderUpdate.sizeOf());
    const update = this.update.__init(body, out.buffer);
    const instrument = ints[at + OrderInt.INSTRUMENT]!;
    const filled = numbers[number + OrderNumber.FILLED]!;
    update.mutate_slot(slot);
    update.mutate_status(ints[at + OrderInt.STATUS]!);
    update.mutate_previousStatus(ints[at + OrderInt.PREVIOUS_STATUS]!);
    update.mutate_requests(ints[at + OrderInt.REQUEST_COUNT]!);
    update.mutate_lastRequest(ints[at + OrderInt.LAST_REQUEST]!);
    update.mutate_lastAction(ints[at + OrderInt.LAST_ACTION]!);
    update.mutate_why(event);
    update.mutate_flags(this.flagsOf(slot));
    update.mutate_instrument(instrument);
    update.mutate_side(ints[at + OrderInt.SIDE]!);
    update.mutate_run(ints[at + OrderInt.RUN]!);
    update.mutate_index(ints[at + OrderInt.INDEX]!);
    update.mutate_orderSeq(numbers[number + OrderNumber.SEQ]!);
    update.mutate_strategy(ints[at + OrderInt.STRATEGY]!);
    update.mutate_account(ints[at + OrderInt.ACCOUNT]!);
    update.mutate_group(ints[at + OrderInt.GROUP]!);
    update.mutate_timeInForce(ints[at + OrderInt.TIME_IN_FORCE]!);
    update.mutate_quoteSet(ints[at + OrderInt.QUOTE_SET]!);
    update.mutate_reason(ints[at + OrderInt.REASON]!);
    update.mutate_price(numbers[number + OrderNumber.PRICE]!);
    update.mutate_amount(numbers[number + OrderNumber.AMOUNT]!);
    update.mutate_filled(filled);
    update.mutate_averagePrice(filled > 0 ? numbers[number + OrderNumber.NOTIONAL]! / filled : Number.NaN);
    update.mutate_remaining(keeper.orders.remaining(slot));
    update.mutate_worstRemaining(numbers[number + OrderNumber.WORST_REMAINING]!);
    update.mutate_worstPrice(numbers[number + OrderNumber.WORST_PRICE]!);
    update.mutate_wantedPrice(numbers[number + OrderNumber.WANTED_PRICE]!);
    update.mutate_wantedAmount(numbers[number + OrderNumber.WANTED_AMOUNT]!);
    update.mutate_missing(keeper.missing(slot));
    update.mutate_created(numbers[number + OrderNumber.CREATED]!);
    update.mutate_changed(numbers[number + OrderNumber.CHANGED]!);
    update.mutate_fills(ints[at + OrderInt.FILLS]!);
    update.mutate_working(instrument >= 0 && instrument < keeper.working.length ? keeper.working[instrument]! : 0);
    storeVenueId(ints, at + OrderInt.VENUE_ID, out.buffer.view, body + UPDATE_VENUE_ID);
  }

  writeRequest(slot: number): void {
    const { keeper, out } = this;
    const { ints, numbers } = keeper.requests;
    const at = slot * RequestInt.SIZE;
    const number = slot * RequestNumber.SIZE;
    const update = this.request.__init(out.emit(MessageType.REQUEST_UPDATE, RequestUpdate.sizeOf()), out.buffer);
    update.mutate_status(ints[at + RequestInt.STATUS]!);
    update.mutate_action(ints[at + RequestInt.ACTION]!);
    update.mutate_requestSeq(numbers[number + RequestNumber.SEQ]!);
    update.mutate_requestIndex(ints[at + RequestInt.INDEX]!);
    update.mutate_slot(ints[at + RequestInt.ORDER]! - 1);
    update.mutate_run(ints[at + RequestInt.RUN]!);
    update.mutate_index(ints[at + RequestInt.ORDER_INDEX]!);
    update.mutate_orderSeq(numbers[number + RequestNumber.ORDER_SEQ]!);
    update.mutate_instrument(ints[at + RequestInt.INSTRUMENT]!);
    update.mutate_side(ints[at + RequestInt.SIDE]!);
    update.mutate_reason(ints[at + RequestInt.REASON]!);
    update.mutate_venueCode(numbers[number + RequestNumber.VENUE_CODE]!);
    update.mutate_limit(numbers[number + RequestNumber.LIMIT]!);
    update.mutate_roundTrip(numbers[number + RequestNumber.ROUND_TRIP]!);
    update.mutate_price(numbers[number + RequestNumber.PRICE]!);
    update.mutate_amount(numbers[number + RequestNumber.AMOUNT]!);
    update.mutate_unknown(keeper.requests.unknown);
    update.mutate_inFlight(keeper.requests.inFlight);
  }

  writeNotSent(report: SendReport, order: ApprovedOrder, slot: number, status: number): void {
    const { keeper, out } = this;
    const update = this.request.__init(out.emit(MessageType.REQUEST_UPDATE, RequestUpdate.sizeOf()), out.buffer);
    update.mutate_status(status);
    update.mutate_action(order.action());
    update.mutate_requestSeq(report.requestSeq());
    update.mutate_requestIndex(order.requestIndex());
    update.mutate_slot(slot < 0 ? NO_SLOT : slot);
    update.mutate_run(order.run());
    update.mutate_index(order.index());
    update.mutate_orderSeq(order.orderSeq());
    update.mutate_instrument(order.instrument());
    update.mutate_side(order.side());
    update.mutate_reason(report.reason());
    update.mutate_code(report.code());
    update.mutate_limit(Number.NaN);
    update.mutate_roundTrip(Number.NaN);
    update.mutate_price(order.price());
    update.mutate_amount(order.amount());
    update.mutate_unknown(keeper.requests.unknown);
    update.mutate_inFlight(keeper.requests.inFlight);
  }

  /** @returns where its body stands in the output */
  writeFill(slot: number, report: FillReport): number {
    const { out } = this;
    const body = out.emit(MessageType.FILL, Fill.sizeOf());
    const fill = this.fill.__init(body, out.buffer);
    this.head(fill, slot);
    fill.mutate_kind(FillKind.TOLD);
    fill.mutate_instrument(report.instrument());
    fill.mutate_side(report.side());
    fill.mutate_liquidity(report.liquidity());
    fill.mutate_flags(report.flags() | (slot < 0 ? OrderFlag.FOREIGN : this.flagsOf(slot)));
    fill.mutate_source(report.source());
    fill.mutate_price(report.price());
    fill.mutate_amount(report.amount());
    fill.mutate_fee(report.fee());
    fill.mutate_markPrice(report.markPrice());
    fill.mutate_indexPrice(report.indexPrice());
    fill.mutate_underlyingPrice(report.underlyingPrice());
    fill.mutate_iv(report.iv());
    fill.mutate_tradeTime(report.tradeTime());
    fill.mutate_profitLoss(report.profitLoss());
    const from = report.bb as ViewBuffer;
    copyBody(from, report.bb_pos + REPORT_CURRENCY, out.buffer, body + FILL_CURRENCY, 8);
    copyBody(from, report.bb_pos + REPORT_TRADE_ID, out.buffer, body + FILL_TRADE_ID, VENUE_ID_BYTES);
    copyBody(from, report.bb_pos + REPORT_VENUE_ID, out.buffer, body + FILL_VENUE_ID, VENUE_ID_BYTES);
    return body;
  }

  /** @returns where its body stands in the output */
  writeInferred(slot: number, kind: number): number {
    const { out, keeper } = this;
    const { ints, numbers } = keeper.orders;
    const body = out.emit(MessageType.FILL, Fill.sizeOf());
    const fill = this.fill.__init(body, out.buffer);
    this.head(fill, slot);
    const at = slot * OrderInt.SIZE;
    fill.mutate_kind(kind);
    fill.mutate_instrument(ints[at + OrderInt.INSTRUMENT]!);
    fill.mutate_side(ints[at + OrderInt.SIDE]!);
    fill.mutate_liquidity(Liquidity.UNKNOWN);
    fill.mutate_flags(this.flagsOf(slot));
    fill.mutate_source(ReportSource.INFERRED);
    fill.mutate_price(keeper.inferred[0]!);
    fill.mutate_amount(keeper.inferred[1]!);
    fill.mutate_markPrice(Number.NaN);
    fill.mutate_indexPrice(Number.NaN);
    fill.mutate_underlyingPrice(Number.NaN);
    fill.mutate_iv(Number.NaN);
    fill.mutate_profitLoss(Number.NaN);
    fill.mutate_tradeTime(keeper.now[0]!);
    // The same gap in the same order is the same trade, whoever infers it and how often.
    const gap = Math.round(keeper.inferred[2]! * 1e8).toString(36);
    const order = `${ints[at + OrderInt.RUN]!.toString(36)}-${numbers[slot * OrderNumber.SIZE]!.toString(36)}-${ints[at + OrderInt.INDEX]!.toString(36)}`;
    writeVenueId(out.buffer.view, body + FILL_TRADE_ID, `inferred-${order}-${gap}`);
    storeVenueId(ints, at + OrderInt.VENUE_ID, out.buffer.view, body + FILL_VENUE_ID);
    return body;
  }

  writeQuery(action: number, slot: number, number: number, subject: number, since: number): void {
    const { out, keeper } = this;
    const body = out.emit(MessageType.QUERY_WANTED, QueryWanted.sizeOf());
    const wanted = this.wanted.__init(body, out.buffer);
    wanted.mutate_action(action);
    wanted.mutate_slot(slot);
    wanted.mutate_reconcile(number);
    wanted.mutate_subject(subject);
    wanted.mutate_since(since);
    if (slot === NO_SLOT) {
      wanted.mutate_instrument(NO_SLOT);
      return;
    }
    const { ints, numbers } = keeper.orders;
    const at = slot * OrderInt.SIZE;
    wanted.mutate_instrument(ints[at + OrderInt.INSTRUMENT]!);
    wanted.mutate_side(ints[at + OrderInt.SIDE]!);
    wanted.mutate_run(ints[at + OrderInt.RUN]!);
    wanted.mutate_index(ints[at + OrderInt.INDEX]!);
    wanted.mutate_orderSeq(numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ]!);
    wanted.mutate_attempt(ints[at + OrderInt.QUERIES]!);
    wanted.mutate_account(ints[at + OrderInt.ACCOUNT]!);
    storeVenueId(ints, at + OrderInt.VENUE_ID, out.buffer.view, body + WANTED_VENUE_ID);
  }

  /** What a fill says of its order. */
  private head(fill: Fill, slot: number): void {
    const { keeper } = this;
    fill.mutate_slot(slot < 0 ? NO_SLOT : slot);
    fill.mutate_number(keeper.counts[KeeperCount.FILLS]!);
    if (slot < 0) {
      fill.mutate_strategy(Strategy.FOREIGN);
      return;
    }
    const { ints, numbers } = keeper.orders;
    const at = slot * OrderInt.SIZE;
    fill.mutate_run(ints[at + OrderInt.RUN]!);
    fill.mutate_index(ints[at + OrderInt.INDEX]!);
    fill.mutate_orderSeq(numbers[slot * OrderNumber.SIZE + OrderNumber.SEQ]!);
    fill.mutate_strategy(ints[at + OrderInt.STRATEGY]!);
    fill.mutate_account(ints[at + OrderInt.ACCOUNT]!);
    fill.mutate_group(ints[at + OrderInt.GROUP]!);
    fill.mutate_remaining(keeper.orders.remaining(slot));
  }

  private flagsOf(slot: number): number {
    const { ints } = this.keeper.orders;
    const at = slot * OrderInt.SIZE;
    const run = ints[at + OrderInt.RUN]!;
    const flags = ints[at + OrderInt.FLAGS]!;
    return run !== 0 && run !== this.keeper.now[3] ? flags | OrderFlag.EARLIER_RUN : flags;
  }
}
