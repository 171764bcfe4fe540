import { MmpState } from '../../../engine/market/orders/codes.js';
import type { ReportWriter } from '../../execution/deribit/report-writer.js';

/** Underlyings whose quotes the venue's protection has frozen, and until when, milliseconds. */
export class Freezes {
  #frozen: { underlying: number; until: number }[] = [];

  /** When the next of them may quote again; Infinity where none is frozen. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { until } of this.#frozen) if (until < next) next = until;
    return next;
  }

  add(underlying: number, until: number): void {
    this.#frozen.push({ underlying, until });
  }

  /** Reports those that are over. @param reported called after each */
  end(now: number, writer: ReportWriter, reported: () => void): void {
    if (this.next > now) return;
    for (const { underlying, until } of this.#frozen) {
      if (until > now) continue;
      writer.receive(0, until * 1000);
      writer.protection(MmpState.RESET, underlying + 1, underlying, 0, Number.NaN);
      reported();
    }
    this.#frozen = this.#frozen.filter(({ until }) => until > now);
  }

  clear(): void {
    this.#frozen = [];
  }
}
