import { CreditPool } from '../../engine/market/orders/codes.js';
import { loadVenueId } from '../../engine/market/orders/venue-id.js';
import type { OrderUpdate } from '../../schemas/generated/order-update.js';
import { VenueId } from '../../schemas/generated/venue-id.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';
import {
  type DispatchMemory,
  INT,
  MOST_ORPHANS,
  ORPHAN,
  ORPHAN_ASKED_UNTIL,
  ORPHAN_NUMBERS,
  ORPHAN_SEQ,
  ORPHANS_AT_ONCE,
  QUERIES_AT_ONCE,
} from './dispatch-memory.js';
import type { IntentWriter } from './intent-writer.js';

const CANCEL_ORPHAN_AGAIN_MICROS = 2_000_000;

/** Orders of ours that nobody wants, on sides that have another: they are cancelled, one by one. */
export class Orphans {
  private readonly memory: DispatchMemory;
  private readonly now: Float64Array;
  private readonly writer: IntentWriter;
  private readonly id = new VenueId();

  constructor(memory: DispatchMemory, now: Float64Array, writer: IntentWriter) {
    this.memory = memory;
    this.now = now;
    this.writer = writer;
  }

  /** An order of ours on a side that has another: it is cancelled, alone. */
  hear(update: OrderUpdate, buffer: ViewBuffer, live: boolean): void {
    const { ints, orphanInts, orphanNumbers } = this.memory;
    const slot = update.slot();
    if (!live) {
      this.forget(slot);
      return;
    }
    let place = this.placeOf(slot);
    if (place < 0) {
      if (ints[INT.ORPHANS] === MOST_ORPHANS) return;
      place = ints[INT.ORPHANS]!;
      ints[INT.ORPHANS]! += 1;
      orphanNumbers[place * ORPHAN_NUMBERS + ORPHAN_ASKED_UNTIL] = 0;
    }
    const at = place * ORPHAN.SIZE;
    orphanInts[at + ORPHAN.SLOT] = slot;
    orphanInts[at + ORPHAN.RUN] = update.run();
    orphanInts[at + ORPHAN.INDEX] = update.index();
    orphanInts[at + ORPHAN.INSTRUMENT] = update.instrument();
    orphanInts[at + ORPHAN.SIDE] = update.side();
    orphanNumbers[place * ORPHAN_NUMBERS + ORPHAN_SEQ] = update.orderSeq();
    loadVenueId(buffer.view, update.venueOrderId(this.id)!.bb_pos, orphanInts, at + ORPHAN.VENUE_ID);
  }

  forget(slot: number): void {
    const { ints, orphanInts, orphanNumbers } = this.memory;
    if (ints[INT.ORPHANS] === 0) return;
    const place = this.placeOf(slot);
    if (place < 0) return;
    const last = ints[INT.ORPHANS]! - 1;
    orphanInts.copyWithin(place * ORPHAN.SIZE, last * ORPHAN.SIZE, (last + 1) * ORPHAN.SIZE);
    orphanNumbers.copyWithin(place * ORPHAN_NUMBERS, last * ORPHAN_NUMBERS, (last + 1) * ORPHAN_NUMBERS);
    ints[INT.ORPHANS] = last;
  }

  /** Cancels those that were not asked for lately, as far as the credits go. */
  cancel(): void {
    const { ints, orphanNumbers, credits } = this.memory;
    for (let place = 0; place < ints[INT.ORPHANS]!; place++) {
      const number = place * ORPHAN_NUMBERS;
      if (orphanNumbers[number + ORPHAN_ASKED_UNTIL]! > this.now[0]!) continue;
      if (credits.held(CreditPool.MATCHING) < 1) return;
      credits.take(CreditPool.MATCHING, 1);
      orphanNumbers[number + ORPHAN_ASKED_UNTIL] = this.now[0]! + CANCEL_ORPHAN_AGAIN_MICROS;
      this.writer.cancelOrphan(place);
      if (this.writer.emitted >= QUERIES_AT_ONCE + ORPHANS_AT_ONCE) return;
    }
  }

  private placeOf(slot: number): number {
    const { ints, orphanInts } = this.memory;
    for (let place = 0; place < ints[INT.ORPHANS]!; place++) {
      if (orphanInts[place * ORPHAN.SIZE + ORPHAN.SLOT] === slot) return place;
    }
    return -1;
  }
}
