import { expect, it } from 'vitest';
import type { ApiClient } from './api-client.js';
import { Names } from './names.js';
import { type PartOptions, partOfBook } from './part-of-book.js';

const client = {
  names: async () =>
    new Names([
      { key: 0, underlying: 0, text: 'BTC-PERPETUAL\tBTC' },
      { key: 1, underlying: 1, text: 'ETH-PERPETUAL\tETH' },
    ]),
} as ApiClient;

it.each<[PartOptions, object]>([
  [{}, { scope: 'everything' }],
  [{ underlying: 'eth' }, { scope: 'underlying', underlying: 1 }],
  [
    { underlying: 'BTC', expiry: '27MAR26' },
    { scope: 'expiry', underlying: 0, expiry: Date.UTC(2026, 2, 27, 8) * 1000 },
  ],
])('%j is %j', async (options, part) => {
  expect(await partOfBook(client, options)).toEqual(part);
});

it.each<[PartOptions, RegExp]>([
  [{ expiry: '27MAR26' }, /needs --underlying/],
  [{ underlying: 'BTC', expiry: 'soon' }, /expected an expiry such as 27MAR26, found 'soon'/],
  [{ underlying: 'SOL' }, /there is no underlying 'SOL' here: BTC, ETH/],
])('%j is refused', async (options, message) => {
  await expect(partOfBook(client, options)).rejects.toThrow(message);
});
