import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import type { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import type { PlatformState } from '../../session/deribit/platform-state.js';
import type { MarketEntry } from '../entry/market-entry.js';
import { EVERY_INSTRUMENT } from '../entry/outages.js';

/** The venue's word that trading stops, or goes on: for the instruments of one index, or for all. */
export class PlatformLock {
  readonly #entry: MarketEntry;
  readonly #registry: InstrumentRegistry;
  readonly #venue: number;
  #isVenueLocked = false;

  constructor(entry: MarketEntry, registry: InstrumentRegistry, venue: number) {
    this.#entry = entry;
    this.#registry = registry;
    this.#venue = venue;
  }

  /**
   * Every connection says so; once is enough. Resolves with what has happened, in words, once all of it is written; undefined where
   * nothing has changed. @param room resolves when a record fits
   */
  async take({ isLocked, priceIndex }: PlatformState, room: () => Promise<void>): Promise<string | undefined> {
    const state = isLocked ? LifeCycle.HALTED : LifeCycle.OPEN;
    if (priceIndex === undefined) {
      if (this.#isVenueLocked === isLocked) return undefined;
      this.#isVenueLocked = isLocked;
    }
    const concerned = [...this.#registry].filter(
      ([, { venue, kind, priceIndex: index }]) =>
        venue === this.#venue && kind !== InstrumentKind.INDEX && index === priceIndex,
    );
    const ids = priceIndex === undefined ? [EVERY_INSTRUMENT] : concerned.map(([id]) => id);
    let changed = 0;
    for (const id of ids) {
      if (!this.#entry.hasRoom()) await room();
      if (this.#entry.become(id, state)) changed++;
    }
    if (changed === 0) return undefined;
    const what = priceIndex === undefined ? 'the venue is' : `${changed} instruments of ${priceIndex} are`;
    return `${what} ${isLocked ? 'locked' : 'open again'}`;
  }
}
