import {
  Armed,
  CancelReason,
  ConnectionRole,
  ConnectionState,
  NO_QUOTE_SET,
  NotSentReason,
  OrderAction,
  OrderFlag,
  ReconcilePhase,
  ReportSource,
  RequestOutcome,
  Scope,
  SendOutcome,
  Side,
  VenueOrderState,
} from '../../../engine/market/orders/codes.js';
import { copyBody, HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { ConnectionReport } from '../../../schemas/generated/connection-report.js';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import { ReconcileReport } from '../../../schemas/generated/reconcile-report.js';
import { Refusal } from '../../../schemas/generated/refusal.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';

/** Of the order that works on one side of an instrument: whether there is one, its identity. */
const LIVE = 0;
const RUN = 1;
const INDEX = 2;
const INTS = 3;
const SEQ = 0;
const PRICE = 1;
const AMOUNT = 2;
const NUMBERS = 3;

const REPORTED_ORDER = structOffset(SendReport, 'order');
const REFUSED_ORDER = structOffset(Refusal, 'order');
/** The reports on one request that is no mass cancel, in their ring. */
export const REPORTS_ON_ONE_BYTES = 2 * (HEADER_BYTES + 16) + SendReport.sizeOf() + RequestReport.sizeOf();
/** The picture of one order in its ring. */
const PICTURE_BYTES = HEADER_BYTES + 16 + OrderReport.sizeOf();

/**
 * A venue that accepts everything at once and fills nothing: what execution would report of it. One order works on each side of
 * an instrument at most, the last one placed.
 */
export class LoopbackVenue {
  private readonly out: StreamWriter;
  private readonly ints: Int32Array;
  private readonly numbers: Float64Array;
  private readonly order = new ApprovedOrder();
  private readonly refusal = new Refusal();
  private readonly sent = new SendReport();
  private readonly answer = new RequestReport();
  private readonly picture = new OrderReport();
  private readonly connection = new ConnectionReport();
  private readonly reconcile = new ReconcileReport();
  private requests = 0;

  constructor(out: StreamWriter, instruments: number) {
    this.out = out;
    this.ints = new Int32Array(2 * instruments * INTS);
    this.numbers = new Float64Array(2 * instruments * NUMBERS);
  }

  /** Bytes that one request may cause at most. */
  get mostBytes(): number {
    return 4 * REPORTS_ON_ONE_BYTES + (this.ints.length / INTS) * PICTURE_BYTES;
  }

  /** The connection is ready. */
  begin(): void {
    const report = this.connection.__init(
      this.open(MessageType.CONNECTION_REPORT, ConnectionReport.sizeOf(), 0),
      this.out.buffer,
    );
    report.mutate_state(ConnectionState.READY);
    report.mutate_role(ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM);
    report.mutate_armed(Armed.CANCEL_ON_DISCONNECT | Armed.MMP);
  }

  /** Reports on the approved order at this offset. `written`: whether it passed the gate. */
  take(buffer: ViewBuffer, offset: number, written: boolean): void {
    const order = this.order.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const outcome = written ? SendOutcome.SENT : SendOutcome.NOT_SENT;
    this.reportSend(
      buffer,
      offset + HEADER_BYTES,
      seq,
      outcome,
      written ? NotSentReason.NONE : NotSentReason.KILLED,
      0,
    );
    if (!written) return;
    const action = order.action();
    if (action === OrderAction.MASS_CANCEL) this.cancelScope(order, seq);
    else if (action === OrderAction.RECONCILE) this.tellAll(order, seq);
    else if (action === OrderAction.QUERY) this.tellOne(order, seq);
    else this.apply(order);
    this.reportAnswer(order, seq);
  }

  /** The core learns only from the log what risk refused: this is how it gets there. */
  refuse(buffer: ViewBuffer, offset: number): void {
    const refusal = this.refusal.__init(offset + HEADER_BYTES, buffer);
    const seq = buffer.view.getFloat64(offset + HeaderOffset.SEQ, true);
    const at = offset + HEADER_BYTES + REFUSED_ORDER;
    this.reportSend(buffer, at, seq, SendOutcome.NOT_SENT, NotSentReason.REFUSED, refusal.code());
  }

  private apply(order: ApprovedOrder): void {
    const place = this.placeOf(order.instrument(), order.side());
    if (place < 0) return;
    const { ints, numbers } = this;
    if (order.action() === OrderAction.CANCEL) {
      if (this.isAt(place, order)) ints[place * INTS + LIVE] = 0;
      return;
    }
    ints[place * INTS + LIVE] = 1;
    ints[place * INTS + RUN] = order.run();
    ints[place * INTS + INDEX] = order.index();
    numbers[place * NUMBERS + SEQ] = order.orderSeq();
    numbers[place * NUMBERS + PRICE] = order.price();
    numbers[place * NUMBERS + AMOUNT] = order.amount();
  }

  private cancelScope(order: ApprovedOrder, seq: number): void {
    const { ints } = this;
    const scope = order.scope();
    for (let place = 0; place < ints.length / INTS; place++) {
      if (ints[place * INTS + LIVE] === 0) continue;
      // Without definitions every instrument is of the same underlying, and none has a delta.
      if (scope === Scope.INSTRUMENT && order.instrument() !== place >> 1) continue;
      ints[place * INTS + LIVE] = 0;
      this.show(place, VenueOrderState.CANCELLED, ReportSource.STREAM, seq, 0, 0);
    }
  }

  private tellAll(order: ApprovedOrder, seq: number): void {
    const { ints } = this;
    const number = order.reconcile();
    this.reportReconcile(ReconcilePhase.BEGINS, order, seq);
    for (let place = 0; place < ints.length / INTS; place++) {
      if (ints[place * INTS + LIVE] === 1) this.show(place, VenueOrderState.OPEN, ReportSource.QUERY, seq, number, 0);
    }
    this.reportReconcile(ReconcilePhase.ENDS, order, seq);
  }

  private tellOne(order: ApprovedOrder, seq: number): void {
    const place = this.placeOf(order.instrument(), order.side());
    if (place < 0) return;
    const found = this.ints[place * INTS + LIVE] === 1 && this.isAt(place, order);
    const state = found ? VenueOrderState.OPEN : VenueOrderState.NOT_FOUND;
    const report = this.show(place, state, ReportSource.QUERY, seq, 0, order.requestIndex());
    report.mutate_requestSeq(seq);
    if (found) return;
    report.mutate_run(order.run());
    report.mutate_index(order.index());
    report.mutate_orderSeq(order.orderSeq());
  }

  private isAt(place: number, order: ApprovedOrder): boolean {
    return (
      this.ints[place * INTS + RUN] === order.run() &&
      this.ints[place * INTS + INDEX] === order.index() &&
      this.numbers[place * NUMBERS + SEQ] === order.orderSeq()
    );
  }

  private placeOf(instrument: number, side: number): number {
    const place = 2 * instrument + (side === Side.BUY ? 0 : 1);
    return place < this.ints.length / INTS ? place : -1;
  }

  private show(
    place: number,
    state: number,
    source: number,
    seq: number,
    reconcile: number,
    requestIndex: number,
  ): OrderReport {
    const { ints, numbers, out } = this;
    const report = this.picture.__init(this.open(MessageType.ORDER_REPORT, OrderReport.sizeOf(), seq), out.buffer);
    report.mutate_source(source);
    report.mutate_state(state);
    report.mutate_instrument(place >> 1);
    report.mutate_side((place & 1) === 0 ? Side.BUY : Side.SELL);
    report.mutate_flags(OrderFlag.OURS);
    report.mutate_cancelReason(state === VenueOrderState.CANCELLED ? CancelReason.ASKED : CancelReason.NONE);
    report.mutate_run(ints[place * INTS + RUN]!);
    report.mutate_index(ints[place * INTS + INDEX]!);
    report.mutate_orderSeq(numbers[place * NUMBERS + SEQ]!);
    report.mutate_quoteSet(NO_QUOTE_SET);
    report.mutate_requestIndex(requestIndex);
    report.mutate_reconcile(reconcile);
    report.mutate_price(numbers[place * NUMBERS + PRICE]!);
    report.mutate_amount(numbers[place * NUMBERS + AMOUNT]!);
    report.mutate_averagePrice(Number.NaN);
    report.mutate_quoteId(Number.NaN);
    return report;
  }

  private reportSend(
    buffer: ViewBuffer,
    order: number,
    seq: number,
    outcome: number,
    reason: number,
    code: number,
  ): void {
    const { out } = this;
    const at = this.open(MessageType.SEND_REPORT, SendReport.sizeOf(), seq);
    copyBody(buffer, order, out.buffer, at + REPORTED_ORDER, ApprovedOrder.sizeOf());
    const report = this.sent.__init(at, out.buffer);
    report.mutate_outcome(outcome);
    report.mutate_reason(reason);
    report.mutate_code(code);
    report.mutate_requestSeq(seq);
    if (outcome === SendOutcome.SENT) report.mutate_venueRequest(++this.requests);
  }

  private reportAnswer(order: ApprovedOrder, seq: number): void {
    const report = this.answer.__init(
      this.open(MessageType.REQUEST_REPORT, RequestReport.sizeOf(), seq),
      this.out.buffer,
    );
    report.mutate_outcome(RequestOutcome.ACCEPTED);
    report.mutate_limit(Number.NaN);
    report.mutate_requestSeq(seq);
    report.mutate_requestIndex(order.requestIndex());
    report.mutate_action(order.action());
    report.mutate_run(order.run());
    report.mutate_index(order.index());
    report.mutate_orderSeq(order.orderSeq());
    report.mutate_instrument(order.instrument());
    report.mutate_side(order.side());
    report.mutate_venueRequest(this.requests);
    report.mutate_roundTrip(0);
    report.mutate_venueTime(Number.NaN);
  }

  private reportReconcile(phase: number, order: ApprovedOrder, seq: number): void {
    const report = this.reconcile.__init(
      this.open(MessageType.RECONCILE_REPORT, ReconcileReport.sizeOf(), seq),
      this.out.buffer,
    );
    report.mutate_phase(phase);
    report.mutate_number(order.reconcile());
    report.mutate_subject(order.subject());
    report.mutate_since(order.since());
  }

  /** Room for a report that answers a log event; the offset of its body. */
  private open(type: number, bytes: number, cause: number): number {
    const { out } = this;
    const at = out.claim(type, bytes);
    if (at < 0) throw new Error('the ring of reports is full although room was reserved');
    out.buffer.view.setFloat64(at + HeaderOffset.CAUSE, cause, true);
    return at + HEADER_BYTES;
  }
}
