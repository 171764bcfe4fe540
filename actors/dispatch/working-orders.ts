import {
  CancelReason,
  OrderAction,
  OrderFlag,
  OrderStatus,
  RequestStatus,
  Side,
  VenueReason,
} from '../../engine/market/orders/codes.js';
import { poolOf } from '../../engine/market/orders/credit-buckets.js';
import { SideInt, SideNumber } from '../../engine/market/orders/differ.js';
import { isFinished } from '../../engine/market/orders/transitions.js';
import { loadVenueId, VENUE_ID_WORDS } from '../../engine/market/orders/venue-id.js';
import type { OrderUpdate } from '../../schemas/generated/order-update.js';
import type { RequestUpdate } from '../../schemas/generated/request-update.js';
import { VenueId } from '../../schemas/generated/venue-id.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import { type DispatchMemory, INT } from './dispatch-memory.js';
import type { Orphans } from './orphans.js';

/** Execution tells every intent's fate at once, unless it is gone. */
const FORGOTTEN_AFTER_MICROS = 30_000_000;
const FIRST_BLOCK_MICROS = 100_000;
const LONGEST_BLOCK_MICROS = 10_000_000;
/** A cancel that was refused is asked for again sooner: what it was to take away may stand. */
const FIRST_CANCEL_PAUSE_MICROS = 20_000;
const LONGEST_CANCEL_PAUSE_MICROS = 1_000_000;
/** While no new risk may be taken: what was refused is asked for again when that ends, or when by now it may take risk away. */
const REDUCING_BLOCK_MICROS = 2_000_000;

/** What works at the venue, side by side with what is wanted, and what became of what was asked for. */
export class WorkingOrders {
  private readonly memory: DispatchMemory;
  private readonly now: Float64Array;
  private readonly orphans: Orphans;
  private readonly id = new VenueId();

  constructor(memory: DispatchMemory, now: Float64Array, orphans: Orphans) {
    this.memory = memory;
    this.now = now;
    this.orphans = orphans;
  }

  /** An order has changed: it is the one that works on its side, or one that nobody wants. */
  onUpdate(update: OrderUpdate, buffer: ViewBuffer): void {
    const { differ } = this.memory;
    const instrument = update.instrument();
    const slot = update.slot();
    const live = !isFinished(update.status());
    const line = differ.lineOfOrder(instrument, update.flags(), update.strategy(), update.quoteSet());
    if (line < 0) {
      if ((update.flags() & OrderFlag.FOREIGN) === 0) this.orphans.hear(update, buffer, live);
      return;
    }
    const side = differ.sideOf(line, update.side());
    const at = side * SideInt.SIZE;
    const number = side * SideNumber.SIZE;
    const { sideInts, sideNumbers } = differ;
    const mine = sideInts[at + SideInt.SLOT] === slot + 1;
    if (!mine && sideInts[at + SideInt.SLOT] !== 0) {
      this.orphans.hear(update, buffer, live);
      return;
    }
    this.orphans.forget(slot);
    if (!live) {
      if (mine) this.clear(side);
      // The venue's protection has taken it: the group is frozen until the venue says otherwise.
      if (update.reason() === CancelReason.MMP && update.status() === OrderStatus.CANCELLED) this.block(side);
      differ.look(side);
      return;
    }
    sideInts[at + SideInt.SLOT] = slot + 1;
    sideInts[at + SideInt.RUN] = update.run();
    sideInts[at + SideInt.INDEX] = update.index();
    sideInts[at + SideInt.REQUESTS] = update.requests();
    sideInts[at + SideInt.DOUBTFUL] = update.status() === OrderStatus.UNKNOWN ? 1 : 0;
    sideInts[at + SideInt.IS_QUOTE] = (update.flags() & OrderFlag.QUOTE) !== 0 ? 1 : 0;
    sideNumbers[number + SideNumber.ORDER_SEQ] = update.orderSeq();
    const settled = update.requests() === 0;
    sideNumbers[number + SideNumber.HAVE_PRICE] = settled ? update.price() : update.wantedPrice();
    const total = settled ? update.amount() : update.wantedAmount();
    const filled = update.filled();
    sideNumbers[number + SideNumber.HAVE_FILLED] = filled;
    sideNumbers[number + SideNumber.HAVE_REMAINING] = settled ? update.remaining() : Math.max(0, total - filled);
    loadVenueId(buffer.view, update.venueOrderId(this.id)!.bb_pos, sideInts, at + SideInt.VENUE_ID);
    if (settled && update.status() !== OrderStatus.UNKNOWN && update.lastRequest() !== RequestStatus.REJECTED) {
      sideInts[at + SideInt.REFUSALS] = 0;
      sideInts[at + SideInt.CANCEL_REFUSALS] = 0;
    }
    differ.look(side);
  }

  /** What became of a request: of one that was asked for here, the side may be asked for again. */
  onRequest(request: RequestUpdate): void {
    const { differ, pending, credits, ints, flights } = this.memory;
    const status = request.status();
    if (status !== RequestStatus.SENT) {
      credits.advance(this.now[0]!);
      flights.land(request.requestSeq(), request.requestIndex(), status === RequestStatus.NOT_SENT);
    }
    if (request.action() === OrderAction.QUERY && status !== RequestStatus.SENT && ints[INT.ASKING]! > 0) {
      ints[INT.ASKING]! -= 1;
    }
    const side = pending.take(request.requestSeq(), request.requestIndex());
    if (side >= 0) {
      differ.answer(side);
      if (status === RequestStatus.NOT_SENT) this.failed(side, request.action());
      differ.look(side);
    }
    if (status !== RequestStatus.REJECTED) return;
    if (request.reason() === VenueReason.RATE) credits.empty(poolOf(request.action()));
    if (
      request.action() === OrderAction.QUOTE &&
      (request.reason() === VenueReason.QUOTES_DISABLED ||
        request.reason() === VenueReason.CANCEL_ON_DISCONNECT_REQUIRED)
    ) {
      // Single orders from here on; a connection that comes back may allow mass quotes again.
      ints[INT.MASS_QUOTES] = 0;
    }
    const line = this.lineOfRequest(request);
    if (line < 0) return;
    const refused = differ.sideOf(line, request.side());
    this.failed(refused, request.action());
    differ.look(refused);
  }

  /** The engine's state has changed: what was refused in the other may be allowed in this one. @param isActive whether new risk may be taken in it */
  onEngineState(isActive: boolean): void {
    const { differ, ints } = this.memory;
    ints[INT.REDUCING] = isActive ? 0 : 1;
    for (let place = 0; place < differ.differing; place++) {
      const side = differ.list[place]!;
      differ.unblock(side);
      differ.sideInts[side * SideInt.SIZE + SideInt.REFUSALS] = 0;
    }
  }

  /** What was asked for and never told of: the actor that had it is gone, and execution begins again without it. */
  forgetPending(): void {
    const before = this.now[0]! - FORGOTTEN_AFTER_MICROS;
    this.memory.flights.forget(before);
    this.forgetAskedBefore(before);
  }

  /** The engine begins again: of what the one before asked for and was not told, nobody will tell. What became orders is reconciled first. */
  onNewRun(): void {
    this.memory.flights.clear();
    this.forgetAskedBefore(Number.POSITIVE_INFINITY);
  }

  /** @param before event time, microseconds since the Unix epoch */
  private forgetAskedBefore(before: number): void {
    const { pending, differ } = this.memory;
    for (let side = pending.takeForgotten(before); side >= 0; side = pending.takeForgotten(before)) {
      differ.answer(side);
      differ.look(side);
    }
  }

  private clear(side: number): void {
    const { sideInts, sideNumbers } = this.memory.differ;
    const at = side * SideInt.SIZE;
    sideInts[at + SideInt.SLOT] = 0;
    sideInts[at + SideInt.REQUESTS] = 0;
    sideInts[at + SideInt.DOUBTFUL] = 0;
    sideInts[at + SideInt.IS_QUOTE] = 0;
    sideInts[at + SideInt.CANCEL_REFUSALS] = 0;
    sideInts.fill(0, at + SideInt.VENUE_ID, at + SideInt.VENUE_ID + VENUE_ID_WORDS);
    const number = side * SideNumber.SIZE;
    sideNumbers[number + SideNumber.HAVE_PRICE] = 0;
    sideNumbers[number + SideNumber.HAVE_REMAINING] = 0;
    sideNumbers[number + SideNumber.HAVE_FILLED] = 0;
    sideNumbers[number + SideNumber.CANCEL_UNTIL] = 0;
  }

  /** The line of the order that a request is on: by its identity, since the request's own record does not say. */
  private lineOfRequest(request: RequestUpdate): number {
    const { differ } = this.memory;
    const { quoteSets } = differ.settings;
    const instrument = request.instrument();
    const index = request.side() === Side.BUY ? 0 : 1;
    for (let set = 0; set <= quoteSets; set++) {
      const line = set === quoteSets ? differ.hedgeLineOf(instrument) : differ.lineOf(instrument, set);
      if (line < 0) continue;
      const side = 2 * line + index;
      const at = side * SideInt.SIZE;
      if (
        differ.sideInts[at + SideInt.RUN] === request.run() &&
        differ.sideInts[at + SideInt.INDEX] === request.index() &&
        differ.sideNumbers[side * SideNumber.SIZE + SideNumber.ORDER_SEQ] === request.orderSeq()
      )
        return line;
    }
    return -1;
  }

  private failed(side: number, action: number): void {
    if (action === OrderAction.CANCEL) {
      const { sideInts, sideNumbers } = this.memory.differ;
      const refusals = side * SideInt.SIZE + SideInt.CANCEL_REFUSALS;
      sideNumbers[side * SideNumber.SIZE + SideNumber.CANCEL_UNTIL] =
        this.now[0]! + pauseAfter(sideInts[refusals]!, FIRST_CANCEL_PAUSE_MICROS, LONGEST_CANCEL_PAUSE_MICROS);
      sideInts[refusals]! += 1;
    }
    this.block(side);
  }

  private block(side: number): void {
    const { sideInts, sideNumbers } = this.memory.differ;
    const first = this.memory.ints[INT.REDUCING] === 1 ? REDUCING_BLOCK_MICROS : FIRST_BLOCK_MICROS;
    const refusals = side * SideInt.SIZE + SideInt.REFUSALS;
    sideNumbers[side * SideNumber.SIZE + SideNumber.BLOCKED_UNTIL] =
      this.now[0]! + pauseAfter(sideInts[refusals]!, first, LONGEST_BLOCK_MICROS);
    sideInts[refusals]! += 1;
  }
}

/** Each refusal in a row doubles the pause before the next attempt. */
function pauseAfter(refusals: number, first: number, longest: number): number {
  let pause = first;
  for (let refusal = 0; refusal < refusals && pause < longest; refusal++) pause *= 2;
  return Math.min(pause, longest);
}
