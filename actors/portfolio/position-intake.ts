import { LifeCycle } from '../../engine/market/instrument.js';
import { Side } from '../../engine/market/orders/codes.js';
import { Contract, isOption, payoffAt } from '../../engine/market/portfolio/contract.js';
import { deliveryFee } from '../../engine/market/portfolio/delivery-fee.js';
import { PROFIT, PROFIT_FIELDS } from '../../engine/market/portfolio/profit-book.js';
import { SettlementBasis } from '../../engine/market/portfolio/settlement-basis.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { DeliveryReport } from '../../schemas/generated/delivery-report.js';
import { Fill } from '../../schemas/generated/fill.js';
import { InstrumentState } from '../../schemas/generated/instrument-state.js';
import { PositionReport } from '../../schemas/generated/position-report.js';
import { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { MARK, MARK_FIELDS } from './portfolio-book.js';
import { type PortfolioMemory, SCALAR } from './portfolio-memory.js';
import { type PortfolioWriter, PositionMove } from './portfolio-writer.js';

const RECONCILE_ENDS = 2;
/** Of what waits for its delivery price: each is told twice. */
export const PAID_AT_ONCE = 8;

/** What moves positions: fills, trades that were booked by hand, what was held before the first fill, and deliveries. */
export class PositionIntake {
  private readonly memory: PortfolioMemory;
  private readonly writer: PortfolioWriter;
  private readonly fill = new Fill();
  private readonly report = new PositionReport();
  private readonly reconcile = new ReconcileReport();
  private readonly booked = new BookedTrade();
  private readonly state = new InstrumentState();
  private readonly delivery = new DeliveryReport();

  constructor(memory: PortfolioMemory, writer: PortfolioWriter) {
    this.memory = memory;
    this.writer = writer;
  }

  onFill(buffer: ViewBuffer, body: number): void {
    const { fill } = this;
    const { book } = this.memory;
    fill.__init(body, buffer);
    const amount = fill.side() === Side.BUY ? fill.amount() : -fill.amount();
    this.memory.scalars[SCALAR.FILLS] = fill.number();
    const { trade } = book.positions;
    trade[0] = amount;
    trade[1] = fill.price();
    // An inferred fill of an order without a price may have none: profit without an end would be no number ever after.
    if (!(trade[1]! > 0) && fill.instrument() < book.capacity) {
      trade[1] = book.marks[book.bestMark(fill.instrument(), MARK.VENUE)]!;
    }
    trade[2] = fill.fee();
    this.bookTrade(fill.instrument(), PositionMove.FILL);
  }

  onBooked(buffer: ViewBuffer, body: number): void {
    const { booked } = this;
    const { book } = this.memory;
    booked.__init(body, buffer);
    const { trade } = book.positions;
    trade[0] = booked.side() === Side.BUY ? booked.amount() : -booked.amount();
    trade[1] = booked.price();
    trade[2] = booked.fee();
    if (Number.isFinite(trade[0]!) && trade[1]! > 0 && Number.isFinite(trade[2]!)) {
      this.bookTrade(booked.instrument(), PositionMove.BOOKED);
    }
  }

  /** Books what stands in the position book's `trade`. */
  private bookTrade(id: number, why: number): void {
    const { writer } = this;
    const { book } = this.memory;
    const { positions, profits } = book;
    const underlying = book.underlyingOf(id);
    const row = underlying * PROFIT_FIELDS;
    const amount = positions.trade[0]!;
    const price = positions.trade[1]!;
    const fee = positions.trade[2]!;
    if (underlying < 0 || !positions.add(id)) {
      writer.tellUnknown(id);
      return;
    }
    const { cells } = profits;
    cells[row + PROFIT.REALISED]! += positions.result[0]!;
    cells[row + PROFIT.FEES]! += fee;
    cells[row + PROFIT.FILLS]! += 1;
    const { contracts } = positions;
    const index = book.indexes[underlying]!;
    const isInverseFuture = contracts[id] === Contract.FUTURE_INVERSE;
    const notional = Math.abs(amount);
    cells[row + PROFIT.VOLUME_USD]! += isInverseFuture ? notional : notional * index;
    const theo = book.marks[book.bestMark(id, isOption(contracts[id]!) ? MARK.THEO : MARK.MID)]!;
    const edge = isInverseFuture ? amount * (1 / price - 1 / theo) : amount * (theo - price);
    if (!Number.isNaN(edge)) cells[row + PROFIT.EDGE]! += edge;
    book.marks[id * MARK_FIELDS + MARK.LAST_FILL] = price;
    if (Number.isNaN(book.marks[id * MARK_FIELDS + MARK.VENUE]!)) this.markAtFill(id, price);
    book.exposures.touch(book.exposures.places.of(id));
    writer.tellPosition(id, why);
    // A trade that was told after the end: nobody will say again that the instrument is gone.
    if (book.expired[id] === 1 && book.sizeOf(id) !== 0) this.pay(id);
  }

  /** Before the first mark of a future its own fill must tell its delta. */
  private markAtFill(id: number, price: number): void {
    const { book } = this.memory;
    if (isOption(book.positions.contracts[id]!)) return;
    book.marks[id * MARK_FIELDS + MARK.VENUE] = price;
    book.markFuture(id);
  }

  /** On a first start without a journal the venue's positions are ours to begin with; later ones only tie out. */
  onPositionReport(buffer: ViewBuffer, body: number): void {
    const { report } = this;
    const { book } = this.memory;
    report.__init(body, buffer);
    if (this.memory.scalars[SCALAR.OPENED] !== 0 || report.reconcile() === 0) return;
    const id = report.instrument();
    if (id >= book.capacity || book.sizeOf(id) === report.size()) return;
    const { trade } = book.positions;
    // What others have traded on the account since we listen is part of it, and is counted already.
    trade[0] = report.size() - book.sizeOf(id);
    trade[1] = report.averagePrice() > 0 ? report.averagePrice() : report.markPrice();
    trade[2] = 0;
    if (!book.positions.add(id)) return;
    if (report.markPrice() > 0) book.marks[id * MARK_FIELDS + MARK.VENUE] = report.markPrice();
    book.markFuture(id);
    book.valueUnit(id);
    book.exposures.touch(book.exposures.places.of(id));
    this.writer.tellPosition(id, PositionMove.OPENING);
  }

  onReconcile(buffer: ViewBuffer, body: number): void {
    this.reconcile.__init(body, buffer);
    if (this.reconcile.phase() === RECONCILE_ENDS) this.memory.scalars[SCALAR.OPENED] = 1;
  }

  onState(buffer: ViewBuffer, body: number): void {
    this.state.__init(body, buffer);
    if (this.state.state() === LifeCycle.EXPIRED) this.deliver(this.state.instrument());
  }

  /** The venue says what it delivered at: it has delivered, whether or not the feed has told of the end, and what was paid at an estimate is corrected. */
  onDeliveryReport(buffer: ViewBuffer, body: number): void {
    const { delivery } = this;
    const { book } = this.memory;
    delivery.__init(body, buffer);
    const id = delivery.instrument();
    if (id >= book.capacity || book.kinds[id] === 0 || !(delivery.price() > 0)) return;
    book.deliveryPrices[id] = delivery.price();
    this.correct(id);
    this.deliver(id);
  }

  /** An instrument is gone: what is held of it is paid out at the delivery price, or waits for one. */
  deliver(id: number): void {
    const { book } = this.memory;
    if (id >= book.capacity || book.kinds[id] === 0) return;
    book.expired[id] = 1;
    if (book.sizeOf(id) === 0 || this.pay(id)) return;
    book.exposures.touch(book.exposures.places.of(id));
    this.writer.tellPosition(id, PositionMove.MARK);
  }

  /** Pays out what expired before a price was known, some at a time. */
  deliverWaiting(): void {
    const { book } = this.memory;
    const { positions } = book;
    let left = PAID_AT_ONCE;
    // From the end: what is paid out leaves the list.
    for (let place = positions.held - 1; place >= 0 && left > 0; place--) {
      const id = positions.heldIds[place]!;
      if (book.expired[id] === 1 && this.pay(id)) left--;
    }
  }

  /** @returns false while neither a delivery price nor the index is known */
  private pay(id: number): boolean {
    const { writer } = this;
    const { book } = this.memory;
    const { positions } = book;
    const contract = positions.contracts[id]!;
    const told = book.deliveryPrices[id]!;
    const estimate =
      book.deliveryEstimates[id]! > 0 ? book.deliveryEstimates[id]! : book.indexes[book.underlyingOf(id)]!;
    const basis = told > 0 ? SettlementBasis.TOLD : SettlementBasis.ESTIMATE;
    const price = told > 0 ? told : estimate;
    if (!(price > 0)) return false;
    const size = book.sizeOf(id);
    const payoff = this.payoffOf(id, price);
    const fee = deliveryFee(contract, Math.abs(size), price, payoff, book.lifetimes[id]!);
    positions.deliver(id, payoff, fee);
    const profit = positions.result[0]!;
    if (basis === SettlementBasis.ESTIMATE) book.paidEstimates.add(id, contract, size, payoff, fee);
    this.realise(id, profit, fee);
    writer.tellSettlement(id, basis, size, price, payoff, profit, fee);
    writer.tellPosition(id, PositionMove.SETTLEMENT);
    return true;
  }

  /** Sets what was paid at an estimate right, once the price is told. */
  private correct(id: number): void {
    const { writer } = this;
    const { book } = this.memory;
    const { paidEstimates, positions } = book;
    const amount = paidEstimates.amountOf(id);
    if (amount === 0) return;
    const contract = positions.contracts[id]!;
    const price = book.deliveryPrices[id]!;
    const payoff = this.payoffOf(id, price);
    paidEstimates.correct(id, contract, payoff, deliveryFee(contract, amount, price, payoff, book.lifetimes[id]!));
    const size = paidEstimates.result[0]!;
    const profit = paidEstimates.result[1]!;
    const fee = paidEstimates.result[2]!;
    positions.correctDelivery(id, profit, fee);
    this.realise(id, profit, fee);
    writer.tellSettlement(id, SettlementBasis.CORRECTION, size, price, payoff, profit, fee);
    writer.tellPosition(id, PositionMove.SETTLEMENT);
  }

  private payoffOf(id: number, price: number): number {
    const { exposures, positions } = this.memory.book;
    return payoffAt(positions.contracts[id]!, price, exposures.strikes[id]!, exposures.calls[id] === 1);
  }

  /** Counts a delivery's money among the underlying's profits. */
  private realise(id: number, profit: number, fee: number): void {
    const { profits, exposures, underlyings } = this.memory.book;
    const row = underlyings.of(id) * PROFIT_FIELDS;
    profits.cells[row + PROFIT.FEES]! += fee;
    profits.cells[row + PROFIT.REALISED]! += profit;
    profits.cells[row + PROFIT.SETTLED]! += profit;
    exposures.touch(exposures.places.of(id));
  }
}
