import { AttributionBook } from '../../engine/market/analytics/attribution-book.js';
import { RunningMoments } from '../../engine/market/analytics/running-moments.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { MARKOUT_SECONDS, Markouts } from '../../engine/market/quoting/markouts.js';
import { DELTA_BUCKETS, type QuotingSettings, TENOR_BUCKETS } from '../../engine/market/quoting/settings.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import { TickShelf } from '../stage-parts/tick-shelf.js';
import { Moment, Own, Pot } from './analytics-rows.js';

export interface AnalyticsConfig extends DutySettings {
  instruments: number;
  underlyings: number;
  /** Options leave the duty this long before their expiry, seconds. */
  stopBeforeExpirySeconds: number;
}

/** What quotes count towards the duty. */
type DutySettings = Pick<
  QuotingSettings,
  'dutyWidth' | 'dutyTicks' | 'dutyAmount' | 'dutyDeltaLeast' | 'dutyDeltaMost' | 'deltaMost'
>;

/** Fills whose markouts are watched. */
export const WATCHED_FILLS = 512;
/** By time to expiry, delta, and whether we were the maker. */
export const MARKOUT_BUCKETS = TENOR_BUCKETS * DELTA_BUCKETS * 2;

/** Everything that the analytics remember. */
export class AnalyticsMemory {
  readonly book: AttributionBook;
  readonly own: Float64Array;
  readonly pots: Float64Array;
  readonly moments: RunningMoments;
  readonly markouts: Markouts;
  /** By bucket and horizon: [mean, fills]. */
  readonly means: Float64Array;
  readonly shelf: TickShelf;
  readonly underlyings: Underlyings;
  /** [started, looks] */
  readonly ints: Int32Array;
  private readonly instruments: number;
  private readonly count: number;

  constructor(cells: Cells, { instruments, underlyings }: AnalyticsConfig) {
    this.book = new AttributionBook(cells, instruments, underlyings);
    this.own = cells.float64(instruments * Own.SIZE, 'own', Own);
    this.pots = cells.float64(underlyings * Pot.SIZE, 'pots', Pot);
    this.moments = new RunningMoments(cells, underlyings * Moment.COUNT, Moment);
    this.markouts = new Markouts(cells, WATCHED_FILLS);
    this.means = cells.float64(2 * MARKOUT_BUCKETS * MARKOUT_SECONDS.length, 'means: mean, fills');
    this.shelf = new TickShelf(cells, instruments);
    this.underlyings = new Underlyings(cells, instruments);
    this.ints = cells.int32(2, 'started, looks');
    this.instruments = instruments;
    this.count = underlyings;
  }

  /** Whether there is room for an instrument. */
  has(id: number): boolean {
    return id < this.instruments;
  }

  /** Underlying of an instrument; -1 where there is no room for either. */
  underlyingOf(id: number): number {
    if (id >= this.instruments) return -1;
    const underlying = this.underlyings.of(id);
    return underlying < this.count ? underlying : -1;
  }

  isFuture(id: number): boolean {
    const kind = this.shelf.kind(id);
    return kind === InstrumentKind.PERPETUAL || kind === InstrumentKind.FUTURE;
  }
}
