import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import type { InstrumentRegistry } from '../../../engine/market/instrument-registry.js';
import type { PlatformState, VenueStatus } from '../../session/deribit/platform-state.js';
import type { MarketEntry } from '../entry/market-entry.js';
import { EVERY_INSTRUMENT } from '../entry/outages.js';

/** The venue's word that trading stops, or goes on: for the instruments of one index, or for all. */
export class PlatformLock {
  readonly #entry: MarketEntry;
  readonly #registry: InstrumentRegistry;
  readonly #venue: number;
  /** Undefined until the venue has said so to this feed: what an earlier one has told of it may be over. */
  #isVenueLocked: boolean | undefined;
  readonly #lockedIndices = new Set<string>();

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
    const wasLocked = this.#isVenueLocked;
    if (priceIndex === undefined) {
      if (wasLocked === isLocked) return undefined;
      this.#isVenueLocked = isLocked;
    } else if (isLocked) this.#lockedIndices.add(priceIndex);
    else this.#lockedIndices.delete(priceIndex);
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
    // The first word of a venue that is open is for those who remember an earlier one; it is no news.
    if (changed === 0 || (priceIndex === undefined && wasLocked === undefined && !isLocked)) return undefined;
    const what = priceIndex === undefined ? 'the venue is' : `${changed} instruments of ${priceIndex} are`;
    return `${what} ${isLocked ? 'locked' : 'open again'}`;
  }

  /**
   * What the venue answers when it is asked, at each connection: what changed while nobody listened is told by no notification. Resolves as `take` does,
   * with each thing that has happened.
   */
  async takeStatus({ isLocked, lockedIndices }: VenueStatus, room: () => Promise<void>): Promise<string[]> {
    const states: PlatformState[] = [{ isLocked, priceIndex: undefined }];
    for (const priceIndex of lockedIndices) states.push({ isLocked: true, priceIndex });
    // Only what was locked is opened: an instrument may stand still for a reason of its own.
    const over = isLocked ? [] : [...this.#lockedIndices].filter((index) => !lockedIndices.includes(index));
    for (const priceIndex of over) states.push({ isLocked: false, priceIndex });
    const changes: string[] = [];
    for (const state of states) {
      const change = await this.take(state, room);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }
}
