import type { Exchange } from '../exchange/exchange.js';

/** Lots by instrument. */
export type SupposedLots = ReadonlyMap<number, number>;

/**
 * What `read` gives where an account held other positions in a currency, which came at their marks: nothing is won or lost by them, and no premium is paid.
 * All is as it was when this returns. Undefined where the exchange has no room for them.
 * @param keepsOwn whether they come on top of what is held
 */
export function supposing<T>(
  exchange: Exchange,
  { account, currency }: { account: number; currency: number },
  lots: SupposedLots,
  keepsOwn: boolean,
  read: () => T,
): T | undefined {
  const { positions, instruments } = exchange;
  const made: number[] = [];
  const before: { record: number; lots: number; sessionCash: number }[] = [];
  try {
    for (const instrument of lots.keys()) {
      if (positions.recordOf(account, instrument) >= 0) continue;
      const record = positions.recordFor(account, instrument);
      if (record < 0) return undefined;
      made.push(record);
    }
    for (let record = positions.firstOfAccount[account]!; record >= 0; record = positions.nextOfAccount[record]!) {
      const instrument = positions.instrument[record]!;
      if (instruments.currency[instrument] !== currency) continue;
      const held = positions.lots[record]!;
      const sessionCash = positions.sessionCash[record]!;
      const supposed = (keepsOwn ? held : 0) + (lots.get(instrument) ?? 0);
      before.push({ record, lots: held, sessionCash });
      positions.lots[record] = supposed;
      if (instruments.isFuture[instrument] === 1)
        positions.sessionCash[record] =
          sessionCash + worth(exchange, instrument, held) - worth(exchange, instrument, supposed);
    }
    exchange.margin(account, currency);
    return read();
  } finally {
    for (const { record, lots: held, sessionCash } of before) {
      positions.lots[record] = held;
      positions.sessionCash[record] = sessionCash;
    }
    // The account's sums are those of what it holds again, before records go.
    exchange.margin(account, currency);
    for (const record of made) positions.forget(record);
  }
}

/** Money that lots of a future stand for at its mark, in smallest units: as the session's profit counts them. */
function worth({ instruments, now }: Exchange, instrument: number, lots: number): number {
  const mark = instruments.mark(instrument, now);
  const price = mark > 0 ? (instruments.inverse[instrument] === 1 ? -1 / mark : mark) : 0;
  return Math.round(lots * instruments.unitsPerLot[instrument]! * price);
}
