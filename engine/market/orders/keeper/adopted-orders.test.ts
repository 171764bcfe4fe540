import { describe, expect, it } from 'vitest';
import { structOffset } from '../../../../schemas/field-offset.js';
import { FillReport } from '../../../../schemas/generated/fill-report.js';
import { OrderReport } from '../../../../schemas/generated/order-report.js';
import { ViewBuffer } from '../../../../schemas/view-buffer.js';
import { NO_QUOTE_SET, OrderFlag, ReportSource, Side, Strategy, VenueOrderState } from '../codes.js';
import { OrderInt, OrderNumber } from '../order-table.js';
import { KeeperDesk } from '../testing/keeper-desk.js';
import { loadVenueId, writeVenueId } from '../venue-id.js';
import { KeeperCount } from './keeper-memory.js';

const INSTRUMENT = 3;

/** Slot of the order that the venue calls so. */
function slotOf(desk: KeeperDesk, id: string): number {
  const { orders } = desk.keeper;
  const view = new DataView(new ArrayBuffer(64));
  writeVenueId(view, 0, id);
  loadVenueId(view, 0, orders.venueId, 0);
  return orders.findByVenueId(INSTRUMENT);
}

/** The venue shows an order that nobody here has asked for. */
function show(desk: KeeperDesk, id: string, change: (report: OrderReport) => void): void {
  const buffer = new ViewBuffer(new ArrayBuffer(OrderReport.sizeOf()));
  const report = new OrderReport().__init(0, buffer);
  report.mutate_source(ReportSource.STREAM);
  report.mutate_state(VenueOrderState.OPEN);
  report.mutate_instrument(INSTRUMENT);
  report.mutate_side(Side.SELL);
  report.mutate_quoteSet(NO_QUOTE_SET);
  report.mutate_price(12);
  report.mutate_amount(3);
  report.mutate_averagePrice(Number.NaN);
  report.mutate_updated(desk.now);
  report.mutate_created(desk.now);
  change(report);
  writeVenueId(buffer.view, structOffset(OrderReport, 'venueOrderId'), id);
  desk.tick();
  desk.keeper.onOrder(report, 0);
}

const facts = (desk: KeeperDesk, id: string): { strategy: number; isForeign: boolean; isQuote: boolean } => {
  const at = slotOf(desk, id) * OrderInt.SIZE;
  const { ints } = desk.keeper.orders;
  return {
    strategy: ints[at + OrderInt.STRATEGY]!,
    isForeign: (ints[at + OrderInt.FLAGS]! & OrderFlag.FOREIGN) !== 0,
    isQuote: (ints[at + OrderInt.FLAGS]! & OrderFlag.QUOTE) !== 0,
  };
};

describe("an order of a human's on the same account", () => {
  it('is no quote of ours because it names a set of quotes', () => {
    const desk = new KeeperDesk();
    show(desk, 'human-1', (report) => report.mutate_quoteSet(0));
    expect(facts(desk, 'human-1')).toEqual({ strategy: Strategy.FOREIGN, isForeign: true, isQuote: false });
    expect(desk.keeper.counts[KeeperCount.FOREIGN]).toBe(1);
  });

  it('is a quote of an earlier run of ours where it is one in a set of ours', () => {
    const desk = new KeeperDesk();
    show(desk, 'quote-1', (report) => {
      report.mutate_quoteSet(0);
      report.mutate_flags(OrderFlag.QUOTE);
    });
    expect(facts(desk, 'quote-1')).toMatchObject({ strategy: Strategy.ENGINE, isForeign: false });
    expect(desk.keeper.counts[KeeperCount.FOREIGN]).toBe(0);
  });

  it('is known by its fill where that comes before any picture, with what the fill says of it', () => {
    const desk = new KeeperDesk();
    desk.place({ seq: 50, instrument: 1, price: 10, amount: 2 });
    const buffer = new ViewBuffer(new ArrayBuffer(FillReport.sizeOf()));
    const fill = new FillReport().__init(0, buffer);
    fill.mutate_source(ReportSource.STREAM);
    fill.mutate_instrument(INSTRUMENT);
    fill.mutate_side(Side.SELL);
    fill.mutate_price(12);
    fill.mutate_amount(0.7);
    fill.mutate_tradeTime(desk.now);
    fill.mutate_orderFilled(Number.NaN);
    writeVenueId(buffer.view, structOffset(FillReport, 'tradeId'), 'trade-1');
    writeVenueId(buffer.view, structOffset(FillReport, 'venueOrderId'), 'human-2');
    desk.tick();
    desk.keeper.onFill(fill);
    expect(facts(desk, 'human-2')).toMatchObject({ strategy: Strategy.FOREIGN, isForeign: true });
    const slot = slotOf(desk, 'human-2');
    expect(slot).toBe(1);
    expect(desk.keeper.orders.numbers[slot * OrderNumber.SIZE + OrderNumber.AMOUNT]).toBe(0.7);
    expect(desk.keeper.orders.ints[slot * OrderInt.SIZE + OrderInt.SIDE]).toBe(Side.SELL);
    expect(desk.fills).toEqual([{ kind: 'told', amount: 0.7, price: 12, slot: 1 }]);
  });
});
