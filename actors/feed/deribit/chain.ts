import type { Instrument } from '../../../engine/market/instrument.js';
import type { DeribitSession } from '../../session/deribit/deribit-session.js';
import { readInstrument } from './instruments.js';

/** What the venue lists, and the indices that strikes are compared with. */
export interface ListedChain {
  instruments: Instrument[];
  indexPrices: ReadonlyMap<string, number>;
  /** Entries of the list that could not be understood, with the reason of the first. */
  refused: { count: number; why: string };
}

/** Entries read before sockets get their turn again. */
const ENTRIES_PER_TURN = 100;

/** Asks the venue for the instruments of some currencies, and for the prices of their indices where `withIndices`. */
export async function listChain(
  session: DeribitSession,
  currencies: readonly string[],
  venue: number,
  withIndices: boolean,
): Promise<ListedChain> {
  const instruments: Instrument[] = [];
  const refused = { count: 0, why: '' };
  for (const currency of currencies) {
    const entries = await listOf(session, currency);
    for (const [index, entry] of entries.entries()) {
      if (index % ENTRIES_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      try {
        instruments.push(readInstrument(entry, venue));
      } catch (error) {
        if (refused.count++ === 0) refused.why = (error as Error).message;
      }
    }
  }
  const indexPrices = new Map<string, number>();
  const names = withIndices ? new Set(instruments.map(({ priceIndex }) => priceIndex)) : [];
  for (const name of names) {
    const answer = (await session.call('public/get_index_price', { index_name: name })) as { index_price?: unknown };
    if (typeof answer?.index_price === 'number') indexPrices.set(name, answer.index_price);
  }
  return { instruments, indexPrices, refused };
}

/** @throws Error that names the currency: a venue refuses one that it does not have with no more than a code */
async function listOf(session: DeribitSession, currency: string): Promise<unknown[]> {
  const entries = await session.call('public/get_instruments', { currency, expired: false }).catch((error: Error) => {
    throw new Error(`${currency}: ${error.message}`, { cause: error });
  });
  if (!Array.isArray(entries)) throw new Error(`${currency}: the answer is no list`);
  return entries;
}
