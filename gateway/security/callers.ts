import type { Caller } from '../http/route.js';
import type { Identity } from '../socket/client.js';
import { type HttpAnswer, type HttpRequest, problemAnswer } from '../transport/transport.js';
import { digestOf, sameDigest } from './secrets.js';
import type { Session, Sessions } from './sessions.js';
import type { UserStore } from './users.js';

/** Time that a token counts as verified: one that expires is refused no later than this after. */
const VERIFIED_MS = 1000;
/** Id of the user in whose name the engine's own token acts. */
const TOKEN_USER = { id: 1, name: 'token', role: 'admin' } as const;

/** Finds who speaks: by a token, by the cookie of a session, or by a ticket that a session was given. */
export class Callers {
  private readonly users: UserStore;
  private readonly sessions: Sessions;
  private readonly cookie: string;
  /** Of the engine's own token. */
  private readonly ownDigest: string;
  /** Callers by tokens that were verified a moment ago. */
  private readonly verified = { version: -1, untilMs: 0, callers: new Map<string, Caller>() };

  /** @param token the engine's own @param cookie name of the session's */
  constructor(users: UserStore, sessions: Sessions, token: string, cookie: string) {
    this.users = users;
    this.sessions = sessions;
    this.ownDigest = digestOf(token);
    this.cookie = cookie;
  }

  /** @param mutates whether the request changes something: a session then proves that the page itself asks */
  ofRequest(request: HttpRequest, mutates: boolean): Caller | HttpAnswer | undefined {
    const authorization = request.header('authorization');
    if (authorization !== '') {
      return authorization.startsWith('Bearer ') ? this.ofToken(authorization.slice(7)) : undefined;
    }
    const session = this.sessionOf(request);
    if (session === undefined) return undefined;
    if (mutates && !this.sessions.isCsrf(session, request.header('x-csrf-token'))) {
      return problemAnswer(403, 'the header x-csrf-token is missing or is not that of the session');
    }
    return { user: session.user, actsAtOnce: false };
  }

  /** Of the first message of a socket. @returns its session too, where it has one */
  ofHello({
    ticket,
    token,
  }: {
    ticket?: string | undefined;
    token?: string | undefined;
  }): { identity: Identity; session?: Session } | undefined {
    if (ticket !== undefined) {
      const session = this.sessions.useTicket(ticket);
      if (session === undefined) return undefined;
      const { name, role } = session.user;
      return { identity: { name, role, isValid: () => this.sessions.isOpen(session) }, session };
    }
    if (token === undefined) return undefined;
    const caller = this.ofToken(token);
    if (caller === undefined || caller.scopes?.includes('read') === false) return undefined;
    return { identity: { ...caller.user, isValid: () => this.ofToken(token) !== undefined } };
  }

  sessionOf(request: HttpRequest): Session | undefined {
    for (const part of request.header('cookie').split(';')) {
      const [name, value = ''] = part.trim().split('=', 2);
      if (name === this.cookie) return this.sessions.find(value);
    }
    return undefined;
  }

  private ofToken(token: string): Caller | undefined {
    const { users, verified } = this;
    const now = performance.now();
    // A program asks with the same token again and again: hashing it each time would cost more than most answers. A change of the users ends it at once.
    users.look();
    if (verified.version !== users.version || now > verified.untilMs) {
      verified.callers.clear();
      verified.version = users.version;
      verified.untilMs = now + VERIFIED_MS;
    }
    let caller = verified.callers.get(token);
    if (caller === undefined) {
      caller = this.verify(token);
      if (caller !== undefined) verified.callers.set(token, caller);
    }
    return caller;
  }

  private verify(token: string): Caller | undefined {
    const digest = digestOf(token);
    if (sameDigest(digest, this.ownDigest)) return { user: TOKEN_USER, actsAtOnce: true };
    const found = this.users.byDigest(digest, Date.now());
    return found === undefined ? undefined : { ...found, actsAtOnce: false };
  }
}
