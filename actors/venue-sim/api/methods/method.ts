import type { RequestKind } from '../../chaos/chaos.js';
import type { VenueConnection } from '../connection.js';
import { refused } from '../rpc/errors.js';
import type { Params } from '../rpc/params.js';
import type { Result } from '../rpc/result.js';
import type { VenueServices } from '../services.js';
import type { RatePool } from '../session/rate-limits.js';
import type { Scope } from '../session/scopes.js';
import type { Session } from '../session/tokens.js';

/** One request that is served. */
export interface Call {
  readonly venue: VenueServices;
  readonly params: Params;
  /** The connection that it came by; undefined over HTTP. */
  readonly connection: VenueConnection | undefined;
  /** Who asks; undefined where nobody has signed on. */
  readonly session: Session | undefined;
  /** Microseconds since the Unix epoch by the venue's clock. */
  readonly now: number;
}

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
