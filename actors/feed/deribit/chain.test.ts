import { expect, it } from 'vitest';
import type { DeribitSession } from '../../session/deribit/deribit-session.js';
import { listChain } from './chain.js';

const BTC_ONLY = { currency: 'BTC' };

/** A session on a venue that has bitcoin alone. */
const session = {
  call: (method: string, { currency }: { currency: string }) =>
    currency === BTC_ONLY.currency
      ? Promise.resolve([])
      : Promise.reject(new Error(`${method} was refused: Invalid params (-32602)`)),
} as unknown as DeribitSession;

it('names the currency that the venue does not have', async () => {
  await expect(listChain(session, ['BTC', 'DOGE'], 1, false)).rejects.toThrow(
    'DOGE: public/get_instruments was refused: Invalid params (-32602)',
  );
  await expect(listChain(session, ['BTC'], 1, false)).resolves.toMatchObject({
    instruments: [],
    refused: { count: 0 },
  });
});
