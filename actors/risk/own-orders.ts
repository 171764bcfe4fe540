import { OrderFlag, RequestStatus, Side } from '../../engine/market/orders/codes.js';
import { LIMIT } from '../../engine/market/risk/limits.js';
import { FACT, FACT_FIELDS } from '../../engine/market/risk/risk-table.js';
import { OrderUpdate } from '../../schemas/generated/order-update.js';
import { RequestUpdate } from '../../schemas/generated/request-update.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { FLAG, METER, type RiskMemory, SCALAR, SLOT } from './risk-memory.js';

const SECOND_MICROS = 1e6;

/** What rests of ours, and what was approved and does not rest yet: both count as filled, and nothing may trade against them. */
export class OwnOrders {
  private readonly memory: RiskMemory;
  private readonly now: Float64Array;
  private readonly seq = new Float64Array(1);
  private readonly roundTrip = new Float64Array(1);
  private readonly order = new OrderUpdate();
  private readonly request = new RequestUpdate();

  constructor(memory: RiskMemory, now: Float64Array) {
    this.memory = memory;
    this.now = now;
  }

  /** What may still trade of one order, whatever becomes of the requests on it. */
  onOrder(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const order = this.order.__init(body, buffer);
    const slot = order.slot();
    if (slot >= memory.slotInstruments.length || order.instrument() >= memory.table.capacity) return;
    this.clearSlot(slot);
    // What the venue calls filled before any fill was told is in no position yet.
    const amount = order.worstRemaining() + Math.max(0, order.missing());
    if (!(amount > 0)) return;
    const flags = order.flags();
    memory.slotInstruments[slot] = order.instrument() + 1;
    // Counted here: the state of trading tells their number too, but only when something else of it changes.
    memory.flags[FLAG.OPEN_ORDERS]! += 1;
    memory.slotSides[slot] =
      (order.side() === Side.SELL ? SLOT.SELL : 0) |
      ((flags & OrderFlag.MMP) === 0 ? 0 : SLOT.PROTECTED) |
      ((flags & OrderFlag.QUOTE) === 0 ? 0 : SLOT.QUOTE);
    memory.slotAmounts[slot] = amount;
    memory.slotPrices[slot] = order.worstPrice();
    this.moveSlot(slot, 1);
    this.improve(slot);
  }

  /** The table is that of a snapshot. */
  onRestore(): void {
    const { flags, slotInstruments } = this.memory;
    flags[FLAG.OPEN_ORDERS] = 0;
    for (let slot = 0; slot < slotInstruments.length; slot++)
      if (slotInstruments[slot] !== 0) flags[FLAG.OPEN_ORDERS]! += 1;
  }

  /** The log tells what became of a request: what was approved for it now rests in the order table, or nowhere. */
  onRequest(buffer: ViewBuffer, body: number): void {
    const { memory } = this;
    const { pending, flags, meters, acks } = memory;
    const request = this.request.__init(body, buffer);
    flags[FLAG.IN_FLIGHT] = request.inFlight();
    if (request.status() !== RequestStatus.SENT) {
      this.roundTrip[0] = request.roundTrip();
      acks.add(this.roundTrip, this.now);
    }
    if (request.status() === RequestStatus.REJECTED) {
      meters.allows(METER.REJECTS, this.now, memory.limits, LIMIT.rejectsPerMinute, 60 * SECOND_MICROS);
      meters.count(METER.REJECTS);
    }
    this.seq[0] = request.requestSeq();
    const place = pending.take(this.seq, request.requestIndex());
    if (place >= 0) this.giveBack(place);
  }

  /** The engine that would have written them is gone: what became orders of it, the reconciliation shows before anything new may pass. */
  forgetApprovals(): void {
    const { pending } = this.memory;
    for (let place = pending.takeOldest(); place >= 0; place = pending.takeOldest()) this.giveBack(place);
  }

  /** An approval that was taken out of those whose fate is not known counts no more. */
  private giveBack(place: number): void {
    const { pending, resting, margins, scalars } = this.memory;
    resting.change[0] = -pending.amount[0]!;
    const side = pending.sideAt(place);
    if ((side & 4) !== 0) scalars[SCALAR.OPENING]! -= 1;
    const instrument = pending.instrumentAt(place);
    resting.move(instrument, (side & 1) !== 0, (side & 2) !== 0);
    margins.change[0] = -pending.amount[0]!;
    margins.change[1] = pending.price[0]!;
    margins.move(instrument, (side & 1) !== 0);
  }

  private clearSlot(slot: number): void {
    const { memory } = this;
    const id = memory.slotInstruments[slot]! - 1;
    if (id < 0) return;
    this.moveSlot(slot, -1);
    memory.slotInstruments[slot] = 0;
    memory.flags[FLAG.OPEN_ORDERS]! -= 1;
    const place = id * FACT_FIELDS + ownPlace(memory.slotSides[slot]!);
    const { facts } = memory.table;
    if (facts[place] !== memory.slotPrices[slot]) return;
    // It was our best there: the next best is looked for, unless nothing is left on that side.
    facts[place] = Number.NaN;
    if (memory.resting.resting(id, (memory.slotSides[slot]! & SLOT.SELL) !== 0) <= 0) return;
    for (let other = 0; other < memory.slotInstruments.length; other++) {
      if (memory.slotInstruments[other] === id + 1) this.improve(other);
    }
  }

  private moveSlot(slot: number, sign: number): void {
    const { memory } = this;
    const side = memory.slotSides[slot]!;
    memory.resting.change[0] = sign * memory.slotAmounts[slot]!;
    const instrument = memory.slotInstruments[slot]! - 1;
    memory.resting.move(instrument, (side & SLOT.SELL) !== 0, (side & SLOT.PROTECTED) !== 0);
    memory.margins.change[0] = sign * memory.slotAmounts[slot]!;
    memory.margins.change[1] = memory.slotPrices[slot]!;
    memory.margins.move(instrument, (side & SLOT.SELL) !== 0);
  }

  /** Our best price of a kind and side, with this slot among those that it is the best of. */
  private improve(slot: number): void {
    const { memory } = this;
    const { facts } = memory.table;
    const side = memory.slotSides[slot]!;
    const place = (memory.slotInstruments[slot]! - 1) * FACT_FIELDS + ownPlace(side);
    const price = memory.slotPrices[slot]!;
    const isBetter = (side & SLOT.SELL) === 0 ? price > facts[place]! : price < facts[place]!;
    if (Number.isNaN(facts[place]!) || isBetter) facts[place] = price;
  }
}

/** Place of our best price among an instrument's facts, by the bits of SLOT. */
function ownPlace(side: number): number {
  if ((side & SLOT.QUOTE) === 0) return (side & SLOT.SELL) === 0 ? FACT.OWN_BID : FACT.OWN_ASK;
  return (side & SLOT.SELL) === 0 ? FACT.QUOTED_BID : FACT.QUOTED_ASK;
}
