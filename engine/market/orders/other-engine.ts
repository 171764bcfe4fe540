import { fieldOffset } from '../../../schemas/field-offset.js';
import { OrderReport } from '../../../schemas/generated/order-report.js';
import type { Cells } from './cells.js';
import { NO_QUOTE_SET, OrderFlag, ReportSource, VenueOrderState } from './codes.js';
import { viewOf } from './keeper/view-of.js';

/** Quote ids of one run: the run stands before ten digits. */
const IDS_OF_RUN = 1e10;
/** What an engine wrote before it was killed may arrive while the next one runs already. */
const LATE_MICROS = 30e6;
/** An engine that trades shows itself more often. */
const GONE_AFTER_MICROS = 300e6;

const QUOTE_ID = fieldOffset(OrderReport, 'quoteId');

const RUN = 0;
const STARTED = 1;
const LAST_SIGN = 2;

/**
 * The number of a mass quote: the venue shows it with each quote that it made, so that a quote tells who made it, as a label does.
 * @param run of the engine, below 900,000
 * @param frame of the session that writes it, below ten digits
 */
export function quoteIdOf(run: number, frame: number): number {
  return run * IDS_OF_RUN + frame;
}

/**
 * Whether a second engine trades on the account, by what the venue tells of orders: one that has just been opened and was asked for by another run than ours. Of earlier runs nothing is opened
 * any more. Two engines take each other's quotes for their own, change and cancel them, and double each other's hedges.
 */
export class OtherEngine {
  /** Our run, event time of its start and of the newest sign of another one, microseconds. */
  private readonly cells: Float64Array;

  constructor(cells: Cells) {
    this.cells = cells.float64(3, 'other engine: cells', { RUN, STARTED, LAST_SIGN });
  }

  /** @param now event time, microseconds, in `now[0]` */
  onStart(run: number, now: Float64Array): void {
    this.cells[RUN] = run;
    this.cells[STARTED] = now[0]!;
    this.cells[LAST_SIGN] = Number.NEGATIVE_INFINITY;
  }

  /** Looks at what the venue tells of an order at the event time in `now[0]`. @returns whether it is one of another engine's */
  look(report: OrderReport, now: Float64Array): boolean {
    if (report.source() !== ReportSource.STREAM || report.state() !== VenueOrderState.OPEN) return false;
    const { cells } = this;
    let run = report.run();
    if ((report.flags() & OrderFlag.OURS) === 0) {
      if ((report.flags() & OrderFlag.QUOTE) === 0 || report.quoteSet() === NO_QUOTE_SET) return false;
      run = Math.floor(viewOf(report).getFloat64(report.bb_pos + QUOTE_ID, true) / IDS_OF_RUN);
    }
    if (!(run > 0) || run === cells[RUN] || now[0]! < cells[STARTED]! + LATE_MICROS) return false;
    cells[LAST_SIGN] = now[0]!;
    return true;
  }

  /** Whether there was a sign of one lately. @param now event time, microseconds, in `now[0]` */
  isThere(now: Float64Array): boolean {
    return this.cells[LAST_SIGN]! > 0 && now[0]! < this.cells[LAST_SIGN]! + GONE_AFTER_MICROS;
  }
}
