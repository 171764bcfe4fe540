import { PullReason } from '../../engine/market/orders/codes.js';
import type { CoreContext } from '../../engine/runtime/actor/definition.js';
import { UNUSABLE } from '../filter/filter-flags.js';
import { Pot, Row } from './quote-rows.js';
import type { OptionsQuoterConfig, QuoterMemory } from './quoter-memory.js';

/** Places of settings in an array: a double read from an object's field may be boxed. */
const N = { STOP_BEFORE: 0, THEO_AGE: 1, CONFIDENCE: 2, DELTA_LEAST: 3, DELTA_MOST: 4 } as const;

/** Whether an option can be quoted at all. */
export class QuotingConditions {
  private readonly memory: QuoterMemory;
  /** `now[0]`, event time. */
  private readonly now: Float64Array;
  private readonly numbers: Float64Array;

  constructor({ config }: CoreContext<OptionsQuoterConfig>, memory: QuoterMemory, now: Float64Array) {
    const { quoting } = config;
    this.memory = memory;
    this.now = now;
    // biome-ignore format: in the order of N
    this.numbers = Float64Array.of(
      config.stopBeforeExpirySeconds * 1e6, quoting.theoAgeSeconds * 1e6, quoting.leastConfidence, quoting.deltaLeast,
      quoting.deltaMost,
    );
  }

  /** Why an option cannot be quoted; PullReason.NONE where it can. */
  reasonAgainst(id: number): number {
    const { memory, numbers } = this;
    const { rows, pots, underlyings } = memory;
    const row = id * Row.SIZE;
    const underlying = underlyings.of(id);
    if (underlying < 0 || !memory.isOpen(id)) return PullReason.NOT_TRADING;
    if ((rows[row + Row.FLAGS]! & UNUSABLE) !== 0) return PullReason.NO_THEO;
    if ((pots[underlying * Pot.SIZE + Pot.FLAGS]! & UNUSABLE) !== 0) return PullReason.STALE_MARKET;
    if (rows[row + Row.CONFIDENCE]! < numbers[N.CONFIDENCE]!) return PullReason.NO_THEO;
    if (this.isOld(id)) return PullReason.NO_THEO;
    if (this.isEnding(id)) return PullReason.EXPIRY_NEAR;
    const delta = Math.abs(rows[row + Row.DELTA]!);
    // What is held is quoted whatever its delta: how else would it be sold.
    const isQuoted = delta >= numbers[N.DELTA_LEAST]! && delta <= numbers[N.DELTA_MOST]!;
    return isQuoted || rows[row + Row.POSITION] !== 0 ? PullReason.NONE : PullReason.BELOW_TICK;
  }

  /** Whether nobody stands for a value any more: it was not told for too long, and neither was anything of its underlying. */
  isOld(id: number): boolean {
    const { rows, pots, underlyings } = this.memory;
    const oldest = this.now[0]! - this.numbers[N.THEO_AGE]!;
    return (
      rows[id * Row.SIZE + Row.THEO_TIME]! < oldest && !(pots[underlyings.of(id) * Pot.SIZE + Pot.HEARD]! >= oldest)
    );
  }

  isEnding(id: number): boolean {
    const { shelf } = this.memory;
    const expiry = shelf.cells[shelf.expiryAt(id)]!;
    return expiry > 0 && this.now[0]! >= expiry - this.numbers[N.STOP_BEFORE]!;
  }
}
