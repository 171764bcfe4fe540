import type { InstrumentNames } from './instrument-names.js';

/** A delivery may have been counted at an estimate shortly before the last reconciliation: it is asked for once more. */
const LOOK_BACK_MICROS = 86_400e6;
const DAY_MICROS = 86_400e6;
/** Most that the venue tells at once. */
const MOST = 1000;

/** What the venue is to be asked about one index. */
export interface DeliveryQuestion {
  /** The venue's name of the index. */
  index: string;
  /** How many of the newest prices, one a day, are needed. */
  count: number;
  expired: { id: number; expiry: number }[];
}

/** Which instruments have expired whose delivery price has not been told in this run. */
export class DeliveryPrices {
  readonly #names: InstrumentNames;
  readonly #told = new Set<number>();

  constructor(names: InstrumentNames) {
    this.#names = names;
  }

  /** Questions for what ended since a day before `since`, an index each. @param since and now: microseconds since the Unix epoch */
  questions(since: number, now: number): DeliveryQuestion[] {
    const byIndex = new Map<string, DeliveryQuestion>();
    for (const { id, index, expiry } of this.#names.expiring()) {
      if (expiry > now || expiry < since - LOOK_BACK_MICROS || this.#told.has(id)) continue;
      const question = byIndex.get(index) ?? { index, count: 0, expired: [] };
      byIndex.set(index, question);
      question.expired.push({ id, expiry });
      question.count = Math.min(MOST, Math.max(question.count, Math.ceil((now - expiry) / DAY_MICROS) + 1));
    }
    return [...byIndex.values()];
  }

  /** What an answer says of a question: each of these is asked for no more. */
  read(
    { expired }: DeliveryQuestion,
    data: readonly { date: string; delivery_price: number }[],
  ): { id: number; expiry: number; price: number }[] {
    const prices = new Map(data.map(({ date, delivery_price: price }) => [date, price]));
    return expired.flatMap(({ id, expiry }) => {
      const price = prices.get(new Date(expiry / 1000).toISOString().slice(0, 10));
      if (price === undefined || !(price > 0)) return [];
      this.#told.add(id);
      return [{ id, expiry, price }];
    });
  }

  /** A new run knows nothing of what was told. */
  forget(): void {
    this.#told.clear();
  }
}
