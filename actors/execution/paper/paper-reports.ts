import type { Instrument } from '../../../engine/market/instrument.js';
import {
  Armed,
  ConnectionRole,
  ConnectionState,
  NotSentReason,
  OrderFlag,
  ReconcileSubject,
  ReportSource,
  RequestOutcome,
  SendOutcome,
  Side,
  VenueReason,
} from '../../../engine/market/orders/codes.js';
import { writeCurrency, writeVenueId } from '../../../engine/market/orders/venue-id.js';
import { HEADER_BYTES, HeaderOffset } from '../../../engine/runtime/edge/record.js';
import type { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { structOffset } from '../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../schemas/generated/approved-order.js';
import { ConnectionReport } from '../../../schemas/generated/connection-report.js';
import { FillReport } from '../../../schemas/generated/fill-report.js';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import { ReconcileReport } from '../../../schemas/generated/reconcile-report.js';
import { RequestReport } from '../../../schemas/generated/request-report.js';
import { SendReport } from '../../../schemas/generated/send-report.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { ViewBuffer } from '../../../schemas/view-buffer.js';
import type { PaperOrder, PaperRequest } from './paper-orders.js';

/** Event time of the log, microseconds. */
export interface PaperClock {
  now: number;
}

/** One trade of ours on paper. */
export interface PaperFill {
  id: string;
  price: number;
  amount: number;
  liquidity: number;
  fee: number;
  /** Price of the index; NaN where it is not known. */
  index: number;
}

const REPORTED_ORDER = structOffset(SendReport, 'order');
const FEE_CURRENCY = structOffset(FillReport, 'feeCurrency');
const TRADE_ID = structOffset(FillReport, 'tradeId');
const FILLED_ORDER_ID = structOffset(FillReport, 'venueOrderId');
const SHOWN_ORDER_ID = structOffset(OrderReport, 'venueOrderId');

/** Tells the log what a venue and execution would: each report after its way, and when there is room. */
export class PaperReports {
  readonly #out: StreamWriter;
  readonly #clock: PaperClock;
  readonly #orderMicros: number;
  readonly #answerMicros: number;
  /** Reports that are not in the log yet, by the time they are due. */
  #reports: { due: number; write: () => boolean }[] = [];
  #requestNumber = 0;

  /** @param orderMicros from the socket to the matching engine, and `answerMicros` from there back into the log */
  constructor(out: StreamWriter, clock: PaperClock, orderMicros: number, answerMicros: number) {
    this.#out = out;
    this.#clock = clock;
    this.#orderMicros = orderMicros;
    this.#answerMicros = answerMicros;
  }

  /** When the next one is due, microseconds; Infinity for none. */
  get next(): number {
    return this.#reports[0]?.due ?? Number.POSITIVE_INFINITY;
  }

  /** Number of the last request that was sent. */
  get requestNumber(): number {
    return this.#requestNumber;
  }

  /** Writes the reports that are due, as far as there is room. @returns whether any was written */
  flush(): boolean {
    let written = 0;
    while (written < this.#reports.length && this.#reports[written]!.due <= this.#clock.now) {
      if (!this.#reports[written]!.write()) break;
      written++;
    }
    if (written > 0) this.#reports = this.#reports.slice(written);
    return written > 0;
  }

  /** The connection is ready, and everything that execution would arm is. */
  ready(): void {
    this.#later(0, 0, MessageType.CONNECTION_REPORT, ConnectionReport, (report) => {
      report.mutate_state(ConnectionState.READY);
      report.mutate_role(ConnectionRole.SENDS | ConnectionRole.PRIVATE_STREAM);
      report.mutate_armed(Armed.CANCEL_ON_DISCONNECT | Armed.MMP | Armed.MASS_QUOTES);
    });
  }

  /** A trade of an order, which counts it already. */
  fill(order: PaperOrder, instrument: Instrument, { id, price, amount, liquidity, fee, index }: PaperFill): void {
    const { filled } = order;
    const time = this.#clock.now;
    this.#later(this.#answerMicros, 0, MessageType.FILL_REPORT, FillReport, (report, view, at) => {
      report.mutate_source(ReportSource.STREAM);
      report.mutate_instrument(order.instrument);
      report.mutate_side(order.buys ? Side.BUY : Side.SELL);
      report.mutate_liquidity(liquidity);
      report.mutate_flags((order.flags & OrderFlag.QUOTE) | OrderFlag.OURS);
      report.mutate_run(order.run);
      report.mutate_index(order.index);
      report.mutate_orderSeq(order.orderSeq);
      report.mutate_price(price);
      report.mutate_amount(amount);
      report.mutate_fee(fee);
      writeCurrency(view, at + FEE_CURRENCY, instrument.settlementCurrency);
      report.mutate_profitLoss(Number.NaN);
      report.mutate_markPrice(Number.NaN);
      report.mutate_indexPrice(index);
      report.mutate_underlyingPrice(Number.NaN);
      report.mutate_iv(Number.NaN);
      report.mutate_tradeTime(time);
      report.mutate_tradeSeq(Number.NaN);
      report.mutate_orderFilled(filled);
      writeVenueId(view, at + TRADE_ID, id);
      writeVenueId(view, at + FILLED_ORDER_ID, order.id);
    });
  }

  reconciles(phase: number, request: PaperRequest): void {
    this.#later(this.#answerMicros, request.seq, MessageType.RECONCILE_REPORT, ReconcileReport, (report) => {
      report.mutate_phase(phase);
      report.mutate_number(request.reconcile);
      report.mutate_subject(ReconcileSubject.ORDERS);
      report.mutate_since(Number.NaN);
    });
  }

  show(
    order: PaperOrder,
    state: number,
    source: number,
    cause: number,
    reason: number,
    reconcile: number,
    requestIndex: number,
  ): void {
    const { filled, notional, price, amount } = order;
    const isAnswer = source === ReportSource.QUERY && reconcile === 0;
    this.#later(this.#answerMicros, cause, MessageType.ORDER_REPORT, OrderReport, (report, view, at) => {
      report.mutate_source(source);
      report.mutate_state(state);
      report.mutate_instrument(order.instrument);
      report.mutate_side(order.buys ? Side.BUY : Side.SELL);
      report.mutate_flags((order.flags & (OrderFlag.QUOTE | OrderFlag.POST_ONLY | OrderFlag.MMP)) | OrderFlag.OURS);
      report.mutate_cancelReason(reason);
      report.mutate_timeInForce(order.timeInForce);
      report.mutate_group(order.group);
      report.mutate_run(order.run);
      report.mutate_index(order.index);
      report.mutate_orderSeq(order.orderSeq);
      report.mutate_quoteSet(order.quoteSet);
      report.mutate_requestSeq(isAnswer ? cause : 0);
      report.mutate_requestIndex(requestIndex);
      report.mutate_reconcile(reconcile);
      report.mutate_price(price);
      report.mutate_amount(amount);
      report.mutate_filled(filled);
      report.mutate_averagePrice(filled > 0 ? notional / filled : Number.NaN);
      report.mutate_quoteId(Number.NaN);
      writeVenueId(view, at + SHOWN_ORDER_ID, order.id);
    });
  }

  answer(request: PaperRequest, reason: number): void {
    const sent = this.#clock.now - this.#orderMicros;
    const roundTrip = this.#orderMicros + this.#answerMicros;
    this.#later(this.#answerMicros, request.seq, MessageType.REQUEST_REPORT, RequestReport, (report) => {
      report.mutate_outcome(reason === VenueReason.NONE ? RequestOutcome.ACCEPTED : RequestOutcome.REJECTED);
      report.mutate_reason(reason);
      report.mutate_limit(Number.NaN);
      report.mutate_requestSeq(request.seq);
      report.mutate_requestIndex(request.requestIndex);
      report.mutate_action(request.action);
      report.mutate_run(request.run);
      report.mutate_index(request.index);
      report.mutate_orderSeq(request.orderSeq);
      report.mutate_instrument(request.instrument);
      report.mutate_side(request.side);
      report.mutate_venueRequest(request.number);
      report.mutate_roundTrip(roundTrip);
      report.mutate_venueTime(sent + this.#orderMicros);
    });
  }

  sent(buffer: ViewBuffer, order: number, seq: number, reason: number, code: number): void {
    const isSent = reason === NotSentReason.NONE;
    if (isSent) this.#requestNumber++;
    const number = this.#requestNumber;
    const bytes = new Uint8Array(ApprovedOrder.sizeOf());
    for (let at = 0; at < bytes.length; at++) bytes[at] = buffer.readUint8(order + at);
    this.#later(0, seq, MessageType.SEND_REPORT, SendReport, (report, view, at) => {
      bytes.forEach((byte, place) => {
        view.setUint8(at + REPORTED_ORDER + place, byte);
      });
      report.mutate_outcome(isSent ? SendOutcome.SENT : SendOutcome.NOT_SENT);
      report.mutate_reason(reason);
      report.mutate_code(code);
      report.mutate_requestSeq(seq);
      if (isSent) report.mutate_venueRequest(number);
    });
  }

  /** A report that is due so much later, and waits where the ring is full. */
  #later<T extends { __init(at: number, buffer: ViewBuffer): T }>(
    micros: number,
    cause: number,
    type: number,
    struct: { new (): T; sizeOf(): number },
    fill: (report: T, view: DataView, at: number) => void,
  ): void {
    const out = this.#out;
    const clock = this.#clock;
    const reports = this.#reports;
    const write = (): boolean => {
      const at = out.claim(type, struct.sizeOf());
      if (at < 0) return false;
      out.buffer.view.setFloat64(at + HeaderOffset.CAUSE, cause, true);
      fill(new struct().__init(at + HEADER_BYTES, out.buffer), out.buffer.view, at + HEADER_BYTES);
      return true;
    };
    const due = clock.now + micros;
    let place = reports.length;
    while (place > 0 && reports[place - 1]!.due > due) place--;
    reports.splice(place, 0, { due, write });
  }
}
