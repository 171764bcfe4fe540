import { InstrumentKind } from '../../../engine/market/instrument.js';
import type { InstrumentTable } from '../exchange/instruments.js';

const HOUR_MS = 3_600_000;
/** Hours that are kept: thirty days. */
const HOURS = 720;
const DAY_HOURS = 24;

/** Kinds that volumes are told by, in the order of their cells. */
const KINDS = ['calls', 'puts', 'futures', 'spot'] as const;

/** Volumes of one currency by kind, in its base currency. */
export type KindVolumes = Record<(typeof KINDS)[number], number>;

/** What was traded in each currency, by kind of instrument and hour. */
export class TradeVolumes {
  readonly #instruments: InstrumentTable;
  readonly #volumes: Float64Array;
  /** The hour that a cell is of, since the Unix epoch, by currency. */
  readonly #hour: Float64Array;

  constructor(instruments: InstrumentTable, currencies: number) {
    this.#instruments = instruments;
    this.#volumes = new Float64Array(currencies * HOURS * KINDS.length);
    this.#hour = new Float64Array(currencies * HOURS).fill(-1);
  }

  /** @param volume in the base currency @param time milliseconds since the Unix epoch */
  traded(instrument: number, volume: number, time: number): void {
    const kind = this.#kindOf(instrument);
    if (kind < 0) return;
    const hour = Math.floor(time / HOUR_MS);
    const cell = this.#instruments.currency[instrument]! * HOURS + (hour % HOURS);
    const at = cell * KINDS.length;
    if (this.#hour[cell] !== hour) {
      this.#hour[cell] = hour;
      this.#volumes.fill(0, at, at + KINDS.length);
    }
    this.#volumes[at + kind]! += volume;
  }

  /** Volumes of a currency in so many days up to now. */
  of(currency: number, now: number, days: number): KindVolumes {
    const newest = Math.floor(now / HOUR_MS);
    const sums = new Float64Array(KINDS.length);
    for (let hour = newest - days * DAY_HOURS + 1; hour <= newest; hour++) {
      const cell = currency * HOURS + (hour % HOURS);
      if (this.#hour[cell] !== hour) continue;
      for (let kind = 0; kind < KINDS.length; kind++) sums[kind]! += this.#volumes[cell * KINDS.length + kind]!;
    }
    const [calls = 0, puts = 0, futures = 0, spot = 0] = sums;
    return { calls, puts, futures, spot };
  }

  /** Place of an instrument's kind; -1 of combinations, whose legs are traded. */
  #kindOf(instrument: number): number {
    const { kind, isCall, isCombo } = this.#instruments;
    if (isCombo[instrument] === 1) return -1;
    if (kind[instrument] === InstrumentKind.OPTION) return KINDS.indexOf(isCall[instrument] === 1 ? 'calls' : 'puts');
    return KINDS.indexOf(kind[instrument] === InstrumentKind.SPOT ? 'spot' : 'futures');
  }
}
