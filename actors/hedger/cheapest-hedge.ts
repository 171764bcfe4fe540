import type { HedgingSettings } from '../../engine/market/hedging/settings.js';
import { Pot, Row } from './hedge-rows.js';
import type { HedgerMemory } from './hedger-memory.js';

/** A touch older than this is not hedged on. */
export const TOP_AGE_MICROS = 30e6;
/** What ends sooner is no hedge. */
export const LEAST_LIFE_MICROS = 3600e6;
const FUNDING_HOURS = 8;

/** The instruments to hedge on, and which of them costs least. */
export class CheapestHedge {
  /** Cost of the instrument that was chosen last, a part of the value. */
  readonly cost = new Float64Array(1);
  private readonly memory: HedgerMemory;
  private readonly settings: HedgingSettings;
  /** In their order: a few among all that a venue lists. */
  private readonly ids: Int32Array;
  private count = 0;

  constructor(memory: HedgerMemory, settings: HedgingSettings, instruments: number) {
    this.memory = memory;
    this.settings = settings;
    this.ids = new Int32Array(instruments);
  }

  /** Looks through all instruments again. */
  list(): void {
    const { memory } = this;
    this.count = 0;
    for (let id = 0; id < memory.shelf.end; id++) {
      if (memory.isHedge(id)) this.ids[this.count++] = id;
    }
  }

  /** The cheapest that is open and has a live touch, by spread, fee and funding; -1 where there is none. */
  find(underlying: number, buys: boolean, time: number): number {
    const { rows, pots } = this.memory;
    const { holdingHours, switchGain } = this.settings;
    const current = pots[underlying * Pot.SIZE + Pot.INSTRUMENT]! - 1;
    let best = -1;
    let bestCost = Number.POSITIVE_INFINITY;
    let cost = 0;
    for (let place = 0; place < this.count; place++) {
      const id = this.ids[place]!;
      if (!this.isFit(id, underlying, time)) continue;
      const row = id * Row.SIZE;
      const bid = rows[row + Row.BID]!;
      const ask = rows[row + Row.ASK]!;
      const spread = (ask - bid) / (ask + bid);
      const funding = ((buys ? 1 : -1) * rows[row + Row.FUNDING]! * holdingHours) / FUNDING_HOURS;
      const total = spread + rows[row + Row.TAKER_FEE]! + funding;
      const weighed = id === current ? total - switchGain : total;
      if (weighed < bestCost) {
        best = id;
        bestCost = weighed;
        cost = total - funding;
      }
    }
    this.cost[0] = cost > 0 ? cost : 0;
    return best;
  }

  private isFit(id: number, underlying: number, time: number): boolean {
    const { memory } = this;
    const { rows, shelf, underlyings } = memory;
    const row = id * Row.SIZE;
    const bid = rows[row + Row.BID]!;
    if (!(bid > 0 && rows[row + Row.ASK]! > bid)) return false;
    if (underlyings.of(id) !== underlying || !memory.isOpen(id)) return false;
    if (time - rows[row + Row.TOP_TIME]! > TOP_AGE_MICROS || shelf.ticks(id) === undefined) return false;
    const expiry = shelf.expiry(id);
    return !(expiry > 0 && expiry - time < LEAST_LIFE_MICROS);
  }
}
