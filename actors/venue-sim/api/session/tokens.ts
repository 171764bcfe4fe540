import { refused } from '../rpc/errors.js';
import type { ApiKey, VenueSecrets } from './keys.js';
import { grantScope, includesScope, type Scope } from './scopes.js';

/** Sessions that one key may have; with one more the oldest ends. */
const MOST_SESSIONS = 16;
const LIFE_S = 900;

/** A client that has signed on, as long as its token lives. */
export interface Session {
  readonly key: ApiKey;
  readonly scope: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Number of the only connection on which the token counts; undefined for any. */
  readonly connection: number | undefined;
  /** Microseconds since the Unix epoch. */
  readonly expires: number;
  readonly expiresIn: number;
}

/** Tokens that the venue has given out. */
export class Tokens {
  readonly #secrets: VenueSecrets;
  readonly #byAccess = new Map<string, Session>();
  readonly #byRefresh = new Map<string, Session>();

  constructor(secrets: VenueSecrets) {
    this.#secrets = secrets;
  }

  /**
   * Signs a key on.
   * @param connection number of the asking connection; undefined over HTTP
   * @param now microseconds since the Unix epoch
   */
  issue(key: ApiKey, asked: string | undefined, connection: number | undefined, now: number): Session {
    const terms = grantScope(key.scope, asked);
    const expiresIn = terms.expiresIn ?? LIFE_S;
    const session: Session = {
      key,
      scope: terms.scope,
      accessToken: `${Math.floor(now / 1000)}.${this.#secrets.word()}`,
      refreshToken: `${Math.floor(now / 1000)}.${this.#secrets.word()}`,
      connection: terms.session === undefined ? connection : undefined,
      expires: now + expiresIn * 1e6,
      expiresIn,
    };
    this.#byAccess.set(session.accessToken, session);
    this.#byRefresh.set(session.refreshToken, session);
    const own = [...this.#byAccess.values()].filter((other) => other.key === key);
    if (own.length > MOST_SESSIONS) this.end(own[0]!);
    return session;
  }

  /** The session of a token that still lives and counts here. Throws `unauthorized`. */
  find(accessToken: string, connection: number | undefined, now: number): Session {
    const session = this.#byAccess.get(accessToken);
    if (session === undefined || !this.lives(session, now)) throw refused('unauthorized');
    if (session.connection !== undefined && session.connection !== connection) throw refused('unauthorized');
    return session;
  }

  /** Exchanges a refresh token for a new pair; the old one ends. Throws `invalid_credentials`. */
  refresh(refreshToken: string, asked: string | undefined, connection: number | undefined, now: number): Session {
    const session = this.#byRefresh.get(refreshToken);
    if (session === undefined) throw refused('invalid_credentials');
    this.end(session);
    return this.issue(session.key, asked ?? session.scope, connection, now);
  }

  lives(session: Session, now: number): boolean {
    return this.#byAccess.get(session.accessToken) === session && now < session.expires;
  }

  end(session: Session): void {
    this.#byAccess.delete(session.accessToken);
    this.#byRefresh.delete(session.refreshToken);
  }

  /** A connection is gone, and with it what counted only there. */
  endConnection(connection: number): void {
    for (const session of [...this.#byAccess.values()]) if (session.connection === connection) this.end(session);
  }

  /** Forgets everybody. */
  clear(): void {
    this.#byAccess.clear();
    this.#byRefresh.clear();
  }
}

/** Throws `scope_exceeded` where a session may not do what needs this scope. */
export function requireScope(session: Session, needed: Scope): void {
  if (!includesScope(session.scope, needed)) throw refused('scope_exceeded');
}
