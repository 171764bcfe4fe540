import { RobustWindow } from './robust-window.js';
import { Verdict, type VerdictCode } from './verdict.js';

/** When a value is a spike, and when it is a new level. */
export interface SpikeSettings {
  /** A value this many robust standard deviations from the median is a spike. */
  spikeSigmas: number;
  /** No move smaller than this part of the median is a spike. */
  spikeFraction: number;
  /** A spike that comes this often in a row is the new level. */
  spikePersistence: number;
  /** Values that the median is taken of. */
  spikeWindow: number;
}

/** Holds back values of a series that lie far from the robust median of those before, unless they persist. */
export class SpikeFilter {
  /** What the last value that was not GOOD has passed. */
  bound = Number.NaN;
  readonly #settings: SpikeSettings;
  readonly #least: number;
  readonly #values: RobustWindow;
  #spikes = 0;

  /** @param least no move smaller than this is a spike */
  constructor(settings: SpikeSettings, least: number) {
    this.#settings = settings;
    this.#least = least;
    this.#values = new RobustWindow(settings.spikeWindow);
  }

  /** QUARANTINED for a spike, REPAIRED for the one that makes it the new level, else GOOD. */
  judge(value: number): VerdictCode {
    const { spikeSigmas, spikeFraction, spikePersistence, spikeWindow } = this.#settings;
    const values = this.#values;
    if (values.count >= spikeWindow >> 1) {
      const median = values.median();
      const allowed = Math.max(spikeSigmas * values.sigma(), spikeFraction * Math.abs(median), this.#least);
      if (Math.abs(value - median) > allowed) {
        if (++this.#spikes < spikePersistence) {
          this.bound = median + Math.sign(value - median) * allowed;
          return Verdict.QUARANTINED;
        }
        values.clear();
        this.#spikes = 0;
        values.push(value);
        this.bound = median;
        return Verdict.REPAIRED;
      }
    }
    this.#spikes = 0;
    values.push(value);
    return Verdict.GOOD;
  }
}
