import type { Grid } from '../../../engine/market/grid.js';
import type { PerpetualProtection } from './perpetual-settings.js';

/** The venue's market maker protection: counts what quotes trade, and freezes them when it was too much. Times are microseconds. */
export class PerpetualGuard {
  /** How often it was set off. */
  rounds = 0;
  /** What has traded has set it off, and the quotes are not pulled yet. */
  isTriggered = false;
  readonly #protection: PerpetualProtection | undefined;
  readonly #lot: Grid;
  /** [the interval ends, lots traded in it, frozen until] */
  readonly #cells = Float64Array.of(Number.NEGATIVE_INFINITY, 0, 0);

  constructor(protection: PerpetualProtection | undefined, lot: Grid) {
    this.#protection = protection;
    this.#lot = lot;
  }

  /** A quote has traded so many lots. */
  traded(lots: number, now: number): void {
    const protection = this.#protection;
    if (protection === undefined) return;
    const cells = this.#cells;
    if (now >= cells[WINDOW_END]!) {
      cells[WINDOW_END] = now + protection.intervalMs * 1000;
      cells[TRADED] = 0;
    }
    cells[TRADED]! += lots;
    if (this.#lot.value(cells[TRADED]!) >= protection.quantityLimit) this.isTriggered = true;
  }

  freeze(now: number): void {
    this.isTriggered = false;
    this.#cells[FROZEN_UNTIL] = now + this.#protection!.frozenMs * 1000;
    this.#cells[WINDOW_END] = Number.NEGATIVE_INFINITY;
    this.rounds++;
  }

  isFrozen(now: number): boolean {
    return now < this.#cells[FROZEN_UNTIL]!;
  }
}

const WINDOW_END = 0;
const TRADED = 1;
const FROZEN_UNTIL = 2;
