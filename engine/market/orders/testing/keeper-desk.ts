import { structOffset } from '../../../../schemas/field-offset.js';
import { ApprovedOrder } from '../../../../schemas/generated/approved-order.js';
import { FillReport } from '../../../../schemas/generated/fill-report.js';
import { OrderReport } from '../../../../schemas/generated/order-report.js';
import { PositionReport } from '../../../../schemas/generated/position-report.js';
import { ReconcileReport } from '../../../../schemas/generated/reconcile-report.js';
import { RequestReport } from '../../../../schemas/generated/request-report.js';
import { SendReport } from '../../../../schemas/generated/send-report.js';
import { ViewBuffer } from '../../../../schemas/view-buffer.js';
import { CellCount } from '../cells.js';
import {
  NO_QUOTE_SET,
  OrderAction,
  OrderFlag,
  ReconcilePhase,
  ReportSource,
  RequestOutcome,
  SendOutcome,
  Side,
  Strategy,
  VenueOrderState,
} from '../codes.js';
import { type KeeperSink, OrderKeeper } from '../order-keeper.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { Reconciler, WHOLE_ACCOUNT } from '../reconciler.js';
import { RequestInt } from '../request-table.js';
import { writeVenueId } from '../venue-id.js';

export const RUN = 7;
const SECOND = 1_000_000;

/** An order as a test means it: identity, what it asks for. */
export interface Meant {
  run?: number;
  seq: number;
  index?: number;
  instrument?: number;
  side?: number;
  price?: number;
  amount?: number;
  quoteSet?: number;
  flags?: number;
}

export interface CountedFill {
  kind: 'told' | 'inferred' | 'taken back';
  amount: number;
  price: number;
  slot: number;
}

/** The keeper and the reconciler with a venue that a test plays; what they say is written down. */
export class KeeperDesk {
  readonly keeper: OrderKeeper;
  readonly reconciler: Reconciler;
  readonly fills: CountedFill[] = [];
  /** Slots about which the venue is to be asked. */
  readonly queries: number[] = [];
  /** Orders, by slot, whose requests were not written; -1 for one that there is none of. */
  readonly notSent: number[] = [];
  /** Statuses of requests in the order in which they were told. */
  readonly requests: number[] = [];
  /** Requests without an outcome that each order was last told to have, by slot. */
  readonly toldRequests = new Map<number, number>();
  doubts = 0;
  private time = 1000 * SECOND;
  private event = 100;
  private sent = 0;

  constructor(settings: { orders?: number; requests?: number; trades?: number; instruments?: number } = {}) {
    const { orders = 64, requests = 64, trades = 256, instruments = 8 } = settings;
    const sink: KeeperSink = {
      orderChanged: (slot) => {
        this.toldRequests.set(slot, this.keeper.orders.ints[slot * OrderInt.SIZE + OrderInt.REQUEST_COUNT]!);
      },
      requestChanged: (request) => {
        this.requests.push(this.keeper.requests.ints[request * RequestInt.SIZE + RequestInt.STATUS]!);
      },
      requestNotSent: (_report, _order, slot) => this.notSent.push(slot),
      fillTold: (slot, report) =>
        this.fills.push({ kind: 'told', amount: report.amount(), price: report.price(), slot }),
      fillInferred: (slot, kind) => {
        const [price, amount] = this.keeper.inferred;
        this.fills.push({ kind: kind === 2 ? 'inferred' : 'taken back', amount: amount!, price: price!, slot });
      },
      queryWanted: (slot) => this.queries.push(slot),
      accountInDoubt: () => this.doubts++,
    };
    const cells = new CellCount();
    this.keeper = new OrderKeeper(
      cells,
      { instruments, orders, requests, trades, answerWithinMicros: 5 * SECOND },
      sink,
    );
    this.reconciler = new Reconciler(
      cells,
      { instruments, everyMicros: 60 * SECOND, withinMicros: 30 * SECOND },
      this.keeper,
    );
    this.keeper.now[2] = this.time;
    this.keeper.now[3] = RUN;
    this.tick();
  }

  /** Microseconds of event time. */
  get now(): number {
    return this.time;
  }

  /** The next log event, this many seconds later. */
  tick(seconds = 0.001): void {
    this.time += seconds * SECOND;
    this.event++;
    this.keeper.now[0] = this.time;
    this.keeper.now[1] = this.event;
  }

  /** Time passes, with the looks that it brings. */
  pass(seconds: number): void {
    for (let left = seconds; left > 0; left -= 0.25) {
      this.tick(0.25);
      this.keeper.sweep();
    }
  }

  slot(order: Meant): number {
    const { key } = this.keeper.orders;
    key.words[0] = order.run ?? RUN;
    key.words[1] = order.index ?? 0;
    key.seq[0] = order.seq;
    return this.keeper.orders.find();
  }

  status(order: Meant): number {
    const slot = this.slot(order);
    return slot < 0 ? 0 : this.keeper.orders.statusOf(slot);
  }

  number(order: Meant, field: number): number {
    return this.keeper.orders.numbers[this.slot(order) * OrderNumber.SIZE + field]!;
  }

  int(order: Meant, field: number): number {
    return this.keeper.orders.ints[this.slot(order) * OrderInt.SIZE + field]!;
  }

  filled(order: Meant): number {
    return this.number(order, OrderNumber.FILLED);
  }

  /** Signed sum of what was counted. */
  counted(): number {
    return this.fills.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Execution wrote a request; the request's log event. */
  send(action: number, order: Meant, options: { outcome?: number; connection?: number } = {}): number {
    const buffer = new ViewBuffer(new ArrayBuffer(SendReport.sizeOf()));
    const report = new SendReport().__init(0, buffer);
    const seq = action === OrderAction.PLACE ? order.seq : ++this.sent + 1_000_000;
    report.mutate_outcome(options.outcome ?? SendOutcome.SENT);
    report.mutate_connection(options.connection ?? 0);
    report.mutate_requestSeq(seq);
    const approved = report.order(new ApprovedOrder())!;
    approved.mutate_action(action);
    approved.mutate_instrument(order.instrument ?? 1);
    approved.mutate_side(order.side ?? Side.BUY);
    approved.mutate_flags(order.flags ?? 0);
    approved.mutate_strategy(Strategy.QUOTER);
    approved.mutate_run(order.run ?? RUN);
    approved.mutate_index(order.index ?? 0);
    approved.mutate_orderSeq(order.seq);
    approved.mutate_price(order.price ?? 10);
    approved.mutate_amount(order.amount ?? 1);
    approved.mutate_quoteSet(order.quoteSet ?? NO_QUOTE_SET);
    this.tick();
    this.keeper.onSend(report);
    return seq;
  }

  answer(requestSeq: number, outcome: number = RequestOutcome.ACCEPTED, reason = 0): void {
    const report = new RequestReport().__init(0, new ViewBuffer(new ArrayBuffer(RequestReport.sizeOf())));
    report.mutate_outcome(outcome);
    report.mutate_reason(reason);
    report.mutate_requestSeq(requestSeq);
    this.tick();
    this.keeper.onRequest(report);
  }

  show(
    order: Meant,
    state: number,
    options: {
      id?: string;
      filled?: number;
      average?: number;
      source?: number;
      requestSeq?: number;
      reconcile?: number;
      updated?: number;
      created?: number;
      unlabelled?: boolean;
    } = {},
  ): void {
    const buffer = new ViewBuffer(new ArrayBuffer(OrderReport.sizeOf()));
    const report = new OrderReport().__init(0, buffer);
    report.mutate_source(options.source ?? ReportSource.STREAM);
    report.mutate_state(state);
    report.mutate_instrument(order.instrument ?? 1);
    report.mutate_side(order.side ?? Side.BUY);
    report.mutate_flags((options.unlabelled === true ? 0 : OrderFlag.OURS) | (order.flags ?? 0));
    if (options.unlabelled !== true) {
      report.mutate_run(order.run ?? RUN);
      report.mutate_index(order.index ?? 0);
      report.mutate_orderSeq(order.seq);
    }
    report.mutate_quoteSet(order.quoteSet ?? NO_QUOTE_SET);
    report.mutate_requestSeq(options.requestSeq ?? 0);
    report.mutate_reconcile(options.reconcile ?? 0);
    report.mutate_price(order.price ?? 10);
    report.mutate_amount(order.amount ?? 1);
    report.mutate_filled(options.filled ?? 0);
    report.mutate_averagePrice(options.average ?? Number.NaN);
    report.mutate_updated(options.updated ?? this.time);
    report.mutate_created(options.created ?? this.time);
    writeVenueId(buffer.view, structOffset(OrderReport, 'venueOrderId'), options.id ?? `id-${order.seq}`);
    this.tick();
    const ofThis = options.reconcile !== undefined && options.reconcile === this.reconciler.number;
    this.keeper.onOrder(report, ofThis ? this.reconciler.begunAtEvent : 0);
  }

  fill(
    order: Meant,
    trade: string,
    amount: number,
    options: {
      price?: number;
      id?: string;
      source?: number;
      time?: number;
      reconcile?: number;
      unlabelled?: boolean;
    } = {},
  ): void {
    const buffer = new ViewBuffer(new ArrayBuffer(FillReport.sizeOf()));
    const report = new FillReport().__init(0, buffer);
    report.mutate_source(options.source ?? ReportSource.STREAM);
    report.mutate_instrument(order.instrument ?? 1);
    report.mutate_side(order.side ?? Side.BUY);
    report.mutate_flags(options.unlabelled === true ? 0 : OrderFlag.OURS);
    if (options.unlabelled !== true) {
      report.mutate_run(order.run ?? RUN);
      report.mutate_index(order.index ?? 0);
      report.mutate_orderSeq(order.seq);
    }
    report.mutate_reconcile(options.reconcile ?? 0);
    report.mutate_price(options.price ?? order.price ?? 10);
    report.mutate_amount(amount);
    report.mutate_tradeTime(options.time ?? this.time);
    writeVenueId(buffer.view, structOffset(FillReport, 'tradeId'), trade);
    writeVenueId(buffer.view, structOffset(FillReport, 'venueOrderId'), options.id ?? `id-${order.seq}`);
    this.tick();
    this.keeper.onFill(report);
  }

  /** The venue answers a reconciliation: `tell` says what it holds. */
  reconcile(tell: (number: number) => void = () => {}, options: { fails?: boolean } = {}): void {
    this.reconciler.block();
    this.tick();
    if (!this.reconciler.isDue(true)) throw new Error('no reconciliation is due');
    const number = this.reconciler.number;
    this.phase(ReconcilePhase.BEGINS, number);
    tell(number);
    this.phase(options.fails === true ? ReconcilePhase.FAILED : ReconcilePhase.ENDS, number);
  }

  position(instrument: number, size: number, number: number): void {
    const report = new PositionReport().__init(0, new ViewBuffer(new ArrayBuffer(PositionReport.sizeOf())));
    report.mutate_source(ReportSource.QUERY);
    report.mutate_instrument(instrument);
    report.mutate_reconcile(number);
    report.mutate_size(size);
    this.tick();
    this.reconciler.onPosition(report);
  }

  /** The order is placed, accepted and shown. */
  place(order: Meant): void {
    const seq = this.send(OrderAction.PLACE, order);
    this.show(order, VenueOrderState.OPEN, { requestSeq: seq, source: ReportSource.ANSWER });
    this.answer(seq);
  }

  private phase(phase: number, number: number): void {
    const report = new ReconcileReport().__init(0, new ViewBuffer(new ArrayBuffer(ReconcileReport.sizeOf())));
    report.mutate_phase(phase);
    report.mutate_number(number);
    report.mutate_subject(WHOLE_ACCOUNT);
    this.tick();
    this.reconciler.onReport(report);
  }
}
