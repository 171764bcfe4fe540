import { Reason, type ReasonCode } from './reason.js';
import { SpikeFilter, type SpikeSettings } from './spike-filter.js';
import { Verdict, type VerdictCode } from './verdict.js';

/** Looks at every level of one index before anything else does: that it is a level, and no spike. */
export class LevelGuard {
  /** Why the last verdict was not GOOD. */
  reason: ReasonCode = Reason.NONE;
  /** The level that the last verdict was about, and the bound that it broke. */
  found = Number.NaN;
  bound = Number.NaN;
  readonly #spikes: SpikeFilter;

  constructor(settings: SpikeSettings) {
    this.#spikes = new SpikeFilter(settings, 0);
  }

  onLevel(value: number): VerdictCode {
    this.found = value;
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      this.reason = Reason.BAD_NUMBER;
      this.bound = 0;
      return Verdict.QUARANTINED;
    }
    const verdict = this.#spikes.judge(value);
    this.reason = verdict === Verdict.GOOD ? Reason.NONE : Reason.SPIKE;
    this.bound = this.#spikes.bound;
    return verdict;
  }
}
