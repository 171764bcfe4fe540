import type { RequestKind } from '../../chaos/chaos.js';
import type { VenueConnection } from '../connection.js';
import { refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import type { RatePool } from '../session/rate-limits.js';
import type { Scope } from '../session/scopes.js';
import type { Session } from '../session/tokens.js';
import type { Venue } from '../venue.js';

/** One request that is served. */
export interface Call {
  readonly venue: Venue;
  readonly params: Params;
  /** The connection that it came by; undefined over HTTP. */
  readonly connection: VenueConnection | undefined;
  /** Who asks; undefined where nobody has signed on. */
  readonly session: Session | undefined;
  /** Microseconds since the Unix epoch by the venue's clock. */
  readonly now: number;
}

/** JSON that is there already. */
export class Prepared {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/**
 * A result that takes more work, which is a turn of its own: reading what is asked for, doing it and writing the answer are three. Nothing else of the venue's happens
 * in between, so that all of them are one step to whoever looks at it.
 */
export class Continued {
  readonly next: () => Result;

  constructor(next: () => Result) {
    this.next = next;
  }
}

/** What pieces give in the midst of one: the rest of it is a turn of its own, before which nothing else happens. No JSON is that. */
export const GO_ON = '\u0000';

/** A result too long for one turn: its JSON, some of it at a time. */
export class Slices {
  readonly pieces: Iterator<string>;

  constructor(pieces: Iterator<string>) {
    this.pieces = pieces;
  }
}

/** What a method gives: a value for JSON, JSON, JSON in pieces, or one of these later. */
export type Result = Prepared | Slices | Continued | string | number | boolean | null | object;

/** One method of the venue. */
export interface Method {
  /** Such as `private/buy`. */
  name: string;
  /** What a session must have been granted; absent for what anybody may ask. */
  scope?: Scope;
  /** Credits that it is paid from. */
  pool?: RatePool;
  /** What it is to those who torture the venue. */
  kind?: RequestKind;
  serve(call: Call): Result;
}

/** The session of a private method, which cannot be served without one. */
export function sessionOf({ session }: Call): Session {
  if (session === undefined) throw refused('unauthorized');
  return session;
}

/** The exchange's number of the caller's account. */
export function accountOf(call: Call): number {
  return sessionOf(call).key.account;
}

/** The connection of a method that makes no sense over HTTP. */
export function connectionOf({ connection }: Call): VenueConnection {
  if (connection === undefined) throw refused('must_be_websocket_request');
  return connection;
}

/** A list as JSON in pieces, so that no turn grows with its length. */
export function listSlices<Item>(items: Iterable<Item>, write: (item: Item) => string, perPiece = 16): Slices {
  return new Slices(pieces(items, write, perPiece));
}

function* pieces<Item>(items: Iterable<Item>, write: (item: Item) => string, perPiece: number): Generator<string> {
  let piece = '[';
  let count = 0;
  for (const item of items) {
    piece += count === 0 ? write(item) : `,${write(item)}`;
    if (++count % perPiece !== 0) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}
