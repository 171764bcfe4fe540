import { InstrumentKind } from '../../../engine/market/instrument.js';
import type { Exchange } from '../exchange/exchange.js';

const HOUR_MS = 3_600_000;
const HOURS_OF_RATE = 8;
/** Hours that are remembered: 31 days, as many as the venue tells of. */
const REMEMBERED = 744;

/** What a perpetual's funding was in one hour. */
export interface FundingHour {
  /** End of the hour, milliseconds since the Unix epoch. */
  time: number;
  /** The index at the end and at the beginning. */
  index: number;
  indexBefore: number;
  /** Part of a position's value that longs have paid to shorts in the hour. */
  paid: number;
  /** The same of the eight hours up to its end, as far as they are known. */
  paid8h: number;
}

interface Perpetual {
  readonly hours: FundingHour[];
  /** Up to when the hour that is under way has been counted, milliseconds since the Unix epoch. */
  countedTo: number;
  indexBefore: number;
  paid: number;
}

/** Funding of the perpetuals hour by hour, from the rates as they stood. */
export class FundingHistory {
  readonly #exchange: Exchange;
  readonly #perpetuals = new Map<number, Perpetual>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Counts the time since the last look at the rates of now: to be called every few milliseconds. */
  look(): void {
    const { instruments, indices, now } = this.#exchange;
    for (let id = 0; id < instruments.size; id++) {
      if (instruments.kind[id] !== InstrumentKind.PERPETUAL) continue;
      const index = indices.prices[instruments.index[id]!]!;
      let perpetual = this.#perpetuals.get(id);
      if (perpetual === undefined) {
        perpetual = { hours: [], countedTo: now, indexBefore: index, paid: 0 };
        this.#perpetuals.set(id, perpetual);
      }
      this.#count(perpetual, now, instruments.fundingRate[id]!, index);
    }
  }

  /** Hours that ended within a span, oldest first. */
  hours(instrument: number, from: number, to: number): FundingHour[] {
    return (this.#perpetuals.get(instrument)?.hours ?? []).filter(({ time }) => time >= from && time <= to);
  }

  /** What the last eight hours up to now have paid, as far as they are known. */
  lastEightHours(instrument: number): number {
    const perpetual = this.#perpetuals.get(instrument);
    if (perpetual === undefined) return 0;
    return perpetual.hours.slice(1 - HOURS_OF_RATE).reduce((sum, { paid }) => sum + paid, perpetual.paid);
  }

  #count(perpetual: Perpetual, now: number, rate: number, index: number): void {
    while (perpetual.countedTo < now) {
      const { countedTo, hours } = perpetual;
      const end = Math.floor(countedTo / HOUR_MS) * HOUR_MS + HOUR_MS;
      const until = Math.min(now, end);
      perpetual.paid += ((until - countedTo) / (HOURS_OF_RATE * HOUR_MS)) * rate;
      perpetual.countedTo = until;
      if (until < end) return;
      const paid8h = hours.slice(1 - HOURS_OF_RATE).reduce((sum, { paid }) => sum + paid, perpetual.paid);
      hours.push({ time: end, index, indexBefore: perpetual.indexBefore, paid: perpetual.paid, paid8h });
      if (hours.length > REMEMBERED) hours.shift();
      perpetual.indexBefore = index;
      perpetual.paid = 0;
    }
  }
}
