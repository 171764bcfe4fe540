import type { HedgingSettings } from '../../engine/market/hedging/settings.js';
import { InstrumentKind } from '../../engine/market/instrument.js';
import type { Cells } from '../../engine/market/orders/cells.js';
import { Underlyings } from '../../engine/market/underlyings.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { PEERS } from '../stage-parts/nonces.js';
import { TickShelf } from '../stage-parts/tick-shelf.js';
import { Pot, Row } from './hedge-rows.js';

export interface HedgerConfig {
  instruments: number;
  underlyings: number;
  hedging: HedgingSettings;
}

/** Everything that the hedger remembers. */
export class HedgerMemory {
  readonly rows: Float64Array;
  readonly pots: Float64Array;
  /** Newest nonce of each peer. */
  readonly nonces: Float64Array;
  readonly started: Int32Array;
  /** [1 after a halt, 1 where it ends with the run] */
  readonly paused: Int32Array;
  /** 1 while the whole venue is closed: its instruments keep their own states. */
  readonly venueClosed: Int32Array;
  readonly shelf: TickShelf;
  readonly underlyings: Underlyings;
  private readonly smile: number;

  constructor(cells: Cells, { instruments, underlyings, hedging }: HedgerConfig) {
    this.rows = cells.float64(instruments * Row.SIZE, 'hedger memory: rows', Row);
    this.pots = cells.float64(underlyings * Pot.SIZE, 'pots', Pot);
    this.nonces = cells.float64(PEERS, 'nonces');
    this.started = cells.int32(1, 'started');
    this.paused = cells.int32(2, 'paused: after a halt, until the run ends');
    this.shelf = new TickShelf(cells, instruments);
    this.underlyings = new Underlyings(cells, instruments);
    this.venueClosed = cells.int32(1, 'venue closed');
    this.smile = hedging.smile;
  }

  /** Whether an instrument trades now. */
  isOpen(id: number): boolean {
    return this.rows[id * Row.SIZE + Row.OPEN] === 1 && this.venueClosed[0] === 0;
  }

  /** Whether an instrument is one to hedge on. */
  isHedge(id: number): boolean {
    const kind = this.shelf.kind(id);
    return kind === InstrumentKind.PERPETUAL || kind === InstrumentKind.FUTURE;
  }

  /** The delta that is hedged, units: the portfolio's, what is filled and not told yet, and what the smile's expected move adds. */
  deltaOf(underlying: number): number {
    const { pots } = this;
    const at = underlying * Pot.SIZE;
    return pots[at + Pot.NET_DELTA]! + pots[at + Pot.UNTOLD]! + this.smile * pots[at + Pot.SMILE_DELTA]!;
  }

  /** Whether nothing can be decided on an underlying: halted, a stale index, or none. */
  isBlind(underlying: number): boolean {
    const { pots, paused } = this;
    const at = underlying * Pot.SIZE;
    return paused[0] !== 0 || (pots[at + Pot.FLAGS]! & UNUSABLE) !== 0 || !(pots[at + Pot.INDEX]! > 0);
  }
}
