import {
  NO_QUOTE_SET,
  OrderFlag,
  ReconcilePhase,
  ReconcileSubject,
  VenueOrderState,
} from '../../engine/market/orders/codes.js';
import { readVenueId } from '../../engine/market/orders/venue-id.js';
import type { OrderReport } from '../../schemas/generated/order-report.js';
import type { ReconcileReport } from '../../schemas/generated/reconcile-report.js';
import { VenueId } from '../../schemas/generated/venue-id.js';
import type { ViewBuffer } from '../../schemas/view-buffer.js';

/** Orders on the account that nobody here has asked for, a person's or another program's: those that the venue shows as open. */
export class ForeignOrders {
  /** By the venue's id: whether it was seen since the newest reconciliation began. */
  private readonly open = new Map<string, boolean>();
  private readonly id = new VenueId();

  get count(): number {
    return this.open.size;
  }

  onOrder(report: OrderReport, buffer: ViewBuffer): void {
    const flags = report.flags();
    if ((flags & OrderFlag.OURS) !== 0) return;
    if ((flags & OrderFlag.QUOTE) !== 0 && report.quoteSet() !== NO_QUOTE_SET) return;
    const id = readVenueId(buffer.view, report.venueOrderId(this.id)!.bb_pos);
    const state = report.state();
    if (state === VenueOrderState.OPEN || state === VenueOrderState.UNTRIGGERED) this.open.set(id, true);
    else this.open.delete(id);
  }

  /** Of what was open and is not found any more nobody told the end. */
  onReconcile(report: ReconcileReport): void {
    if ((report.subject() & ReconcileSubject.ORDERS) === 0) return;
    if (report.phase() === ReconcilePhase.BEGINS) for (const id of this.open.keys()) this.open.set(id, false);
    if (report.phase() !== ReconcilePhase.ENDS) return;
    for (const [id, isSeen] of this.open) if (!isSeen) this.open.delete(id);
  }
}
