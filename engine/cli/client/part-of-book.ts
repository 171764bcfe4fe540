import { parseExpiry } from '../../market/instrument-name.js';
import { UserError } from '../user-error.js';
import type { ApiClient } from './api-client.js';

/** A part of the book as options name it. */
export interface PartOptions {
  /** Such as BTC. */
  underlying?: string;
  /** Such as 27MAR26; with an underlying alone. */
  expiry?: string;
}

/** A part of the book as the gateway names it. */
export interface Part {
  scope: 'everything' | 'underlying' | 'expiry';
  /** Number of the underlying. */
  underlying?: number;
  /** Microseconds since the Unix epoch. */
  expiry?: number;
}

/** One expiry of an underlying, one underlying, or everything. */
export async function partOfBook(client: ApiClient, { underlying, expiry }: PartOptions): Promise<Part> {
  if (underlying === undefined) {
    if (expiry === undefined) return { scope: 'everything' };
    throw new UserError(`of which underlying? --expiry ${expiry} needs --underlying`, 2);
  }
  const time = expiry === undefined ? undefined : parseExpiry(expiry);
  if (expiry !== undefined && time === undefined)
    throw new UserError(`expected an expiry such as 27MAR26, found '${expiry}'`, 2);
  const names = await client.names();
  const number = names.underlyingOf(underlying);
  if (number === undefined)
    throw new UserError(`there is no underlying '${underlying}' here: ${names.underlyingNames().join(', ')}`, 2);
  return time === undefined
    ? { scope: 'underlying', underlying: number }
    : { scope: 'expiry', underlying: number, expiry: time };
}
