import { type ReasonCode, reasonNames } from './reason.js';
import { Verdict, type VerdictCode } from './verdict.js';

const VERDICTS = 5;
const REASONS = reasonNames.length;

/** How many records of each instrument got which verdict, and for which reason. Nothing is allocated once an instrument is known. */
export class QualityCounters {
  #verdicts = new Float64Array(VERDICTS * 64);
  #reasons = new Float64Array(REASONS * 64);

  /** Makes room for an instrument; call it when the instrument is defined. */
  reserve(instrument: number): void {
    const needed = instrument + 1;
    if (this.#verdicts.length >= needed * VERDICTS) return;
    const room = Math.max(needed, (2 * this.#verdicts.length) / VERDICTS);
    this.#verdicts = enlarged(this.#verdicts, room * VERDICTS);
    this.#reasons = enlarged(this.#reasons, room * REASONS);
  }

  count(instrument: number, verdict: VerdictCode, reason: ReasonCode): void {
    this.#verdicts[instrument * VERDICTS + verdict]! += 1;
    this.#reasons[instrument * REASONS + reason]! += 1;
  }

  ofVerdict(instrument: number, verdict: VerdictCode): number {
    return this.#verdicts[instrument * VERDICTS + verdict] ?? 0;
  }

  ofReason(instrument: number, reason: ReasonCode): number {
    return this.#reasons[instrument * REASONS + reason] ?? 0;
  }

  /** The instruments with the most records that were not good, worst first: how many for each reason. */
  worst(count: number): { instrument: number; reasons: Record<string, number> }[] {
    const sums = Array.from({ length: this.#reasons.length / REASONS }, (_, instrument) => {
      const own = this.#reasons.subarray(instrument * REASONS + 1, (instrument + 1) * REASONS);
      return { instrument, own, sum: own.reduce((total, times) => total + times, 0) };
    });
    return sums
      .filter(({ sum }) => sum > 0)
      .sort((a, b) => b.sum - a.sum)
      .slice(0, count)
      .map(({ instrument, own }) => ({ instrument, reasons: byName(own) }));
  }

  /** Of all instruments together: records by verdict, and those not good by reason. */
  total(): { good: number; repaired: number; quarantined: number; dropped: number; reasons: Record<string, number> } {
    const sums = new Array<number>(VERDICTS).fill(0);
    for (let index = 0; index < this.#verdicts.length; index++) sums[index % VERDICTS]! += this.#verdicts[index]!;
    const reasons: Record<string, number> = {};
    for (let reason = 1; reason < REASONS; reason++) {
      let sum = 0;
      for (let index = reason; index < this.#reasons.length; index += REASONS) sum += this.#reasons[index]!;
      if (sum > 0) reasons[reasonNames[reason]!] = sum;
    }
    return {
      good: sums[Verdict.GOOD]!,
      repaired: sums[Verdict.REPAIRED]!,
      quarantined: sums[Verdict.QUARANTINED]!,
      dropped: sums[Verdict.DROPPED]!,
      reasons,
    };
  }
}

/** Counts by reason, from the first reason that is one, with those that are none left out. */
function byName(counts: Float64Array): Record<string, number> {
  const named = [...counts].map((times, place) => [reasonNames[place + 1]!, times] as const);
  return Object.fromEntries(named.filter(([, times]) => times > 0));
}

function enlarged(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(length);
  larger.set(array);
  return larger;
}
