import { describe, expect, it } from 'vitest';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import { ViewBuffer } from '../../../schemas/view-buffer.js';
import { CellCount } from './cells.js';
import { NO_QUOTE_SET, OrderFlag, ReportSource, VenueOrderState } from './codes.js';
import { OtherEngine, quoteIdOf } from './other-engine.js';

const START = 1_800_000_000_000_000;
const RUN = 7;

/** Our engine, a minute after its start. */
class Desk {
  readonly engine = new OtherEngine(new CellCount());
  readonly now = Float64Array.of(START);

  constructor() {
    this.engine.onStart(RUN, this.now);
    this.now[0] = START + 60e6;
  }

  sees(change: (report: OrderReport) => void): boolean {
    const report = new OrderReport().__init(0, new ViewBuffer(new ArrayBuffer(OrderReport.sizeOf())));
    report.mutate_source(ReportSource.STREAM);
    report.mutate_state(VenueOrderState.OPEN);
    report.mutate_quoteSet(NO_QUOTE_SET);
    report.mutate_quoteId(Number.NaN);
    change(report);
    return this.engine.look(report, this.now);
  }

  seesOrder(run: number): boolean {
    return this.sees((report) => {
      report.mutate_flags(OrderFlag.OURS);
      report.mutate_run(run);
    });
  }

  seesQuote(quoteId: number): boolean {
    return this.sees((report) => {
      report.mutate_flags(OrderFlag.QUOTE);
      report.mutate_quoteSet(3);
      report.mutate_quoteId(quoteId);
    });
  }
}

describe('a second engine on the account', () => {
  it('is known by the run in the labels of its orders and in the ids of its quotes, for five minutes', () => {
    const desk = new Desk();
    expect([desk.seesOrder(RUN), desk.seesQuote(quoteIdOf(RUN, 1_000_000_123))]).toEqual([false, false]);
    expect(desk.engine.isThere(desk.now)).toBe(false);
    expect(desk.seesOrder(RUN + 1)).toBe(true);
    expect(desk.seesQuote(quoteIdOf(RUN - 1, 1_999_999_999))).toBe(true);
    expect(desk.engine.isThere(desk.now)).toBe(true);
    desk.now[0]! += 299e6;
    expect(desk.engine.isThere(desk.now)).toBe(true);
    desk.now[0]! += 1e6;
    expect(desk.engine.isThere(desk.now)).toBe(false);
  });

  it('is no person, and no quote whose maker the venue does not name', () => {
    const desk = new Desk();
    expect(desk.sees(() => {})).toBe(false);
    expect([Number.NaN, 0].map((id) => desk.seesQuote(id))).toEqual([false, false]);
  });

  it('is not what an earlier run has left: what ends, what is found when asked for, and what was on its way at the start', () => {
    const desk = new Desk();
    const left = (change: (report: OrderReport) => void): boolean =>
      desk.sees((report) => {
        report.mutate_flags(OrderFlag.OURS);
        report.mutate_run(RUN - 1);
        change(report);
      });
    expect(left((report) => report.mutate_state(VenueOrderState.CANCELLED))).toBe(false);
    expect(left((report) => report.mutate_source(ReportSource.QUERY))).toBe(false);
    desk.now[0] = START + 29e6;
    expect(left(() => {})).toBe(false);
  });
});
