import { ExpiryPlaces } from '../../engine/market/expiry-places.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { Markouts } from '../../engine/market/quoting/markouts.js';
import {
  DELTA_BUCKETS,
  deltaBucket,
  type QuotingSettings,
  TENOR_BUCKETS,
  tenorBucket,
} from '../../engine/market/quoting/settings.js';
import { Toxicity } from '../../engine/market/quoting/toxicity.js';
import { TraderControls } from '../../engine/market/quoting/trader-controls.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import { TickShelf } from '../stage-parts/tick-shelf.js';
import { Pot, Row } from './quote-rows.js';

export interface OptionsQuoterConfig {
  instruments: number;
  expiries: number;
  underlyings: number;
  /** Quoted options end this long before their expiry, seconds. */
  stopBeforeExpirySeconds: number;
  /** Whether the tops that are read hold our own quotes, as those of a feed without depth do; left out: yes. The book's tops do not. */
  topsHoldOwn?: boolean;
  quoting: QuotingSettings;
}

/** Fills whose markouts are watched. */
const WATCHED_FILLS = 1024;
/** USD of flow on an underlying's perpetual and futures that fill one bucket. */
const BUCKET_USD = 500_000;

/** Everything that the options quoter remembers. */
export class QuoterMemory {
  readonly shelf: TickShelf;
  readonly rows: Float64Array;
  readonly pots: Float64Array;
  /** [PullReason of a pause of everything, 0 for none; 1 where it ends with the run] */
  readonly paused: Int32Array;
  /** Mean loss after fills by bucket, vol: [mean, fills]. */
  readonly losses: Float64Array;
  readonly underlyings: Underlyings;
  readonly expiries: ExpiryPlaces;
  readonly controls: TraderControls;
  readonly toxicity: Toxicity;
  readonly markouts: Markouts;
  readonly started: Int32Array;
  /** 1 while the whole venue is closed: its instruments keep their own states. */
  readonly venueClosed: Int32Array;

  constructor(cells: Cells, { instruments, expiries, underlyings }: OptionsQuoterConfig) {
    this.shelf = new TickShelf(cells, instruments);
    this.rows = cells.float64(instruments * Row.SIZE, 'quoter memory: rows', Row);
    this.pots = cells.float64(underlyings * Pot.SIZE, 'pots', Pot);
    this.paused = cells.int32(2, 'paused: reason, until the run ends');
    this.losses = cells.float64(2 * TENOR_BUCKETS * DELTA_BUCKETS, 'losses: mean, fills');
    this.underlyings = new Underlyings(cells, instruments);
    this.expiries = new ExpiryPlaces(cells, instruments, expiries);
    this.controls = new TraderControls(cells, underlyings, expiries, instruments);
    this.toxicity = new Toxicity(cells, underlyings, { bucketUsd: BUCKET_USD });
    this.markouts = new Markouts(cells, WATCHED_FILLS);
    this.started = cells.int32(1, 'started');
    this.venueClosed = cells.int32(1, 'venue closed');
  }

  /** Whether an instrument trades now. */
  isOpen(id: number): boolean {
    return this.rows[id * Row.SIZE + Row.OPEN] === 1 && this.venueClosed[0] === 0;
  }

  /** Whether an option has had a theoretical value: what never had one has no quote that could change. */
  isValued(id: number): boolean {
    return this.rows[id * Row.SIZE + Row.THEO_TIME] !== 0;
  }

  isPerpetual(id: number): boolean {
    return this.shelf.kind(id) === InstrumentKind.PERPETUAL;
  }

  /** Bucket of time to expiry and delta. */
  bucketOf(id: number): number {
    const row = id * Row.SIZE;
    const delta = Math.abs(this.rows[row + Row.DELTA]!);
    return tenorBucket(this.rows[row + Row.YEARS]!) * DELTA_BUCKETS + deltaBucket(delta);
  }

  /** Sides that traders have paused: 1 bids, 2 offers. */
  pausedSides(id: number): number {
    return this.controls.pausedSides(id, this.expiries.of(id), this.underlyings.of(id));
  }
}
