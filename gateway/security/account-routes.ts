import type { Call, Route } from '../http/route.js';
import type { AuditLog } from './audit.js';
import type { Session, Sessions } from './sessions.js';
import { signInRoutes } from './sign-in-routes.js';
import { TokenBuckets } from './token-bucket.js';
import { totpRoutes } from './totp-routes.js';
import { userRoutes } from './user-routes.js';
import type { UserStore } from './users.js';

export interface AccountServices {
  users: UserStore;
  sessions: Sessions;
  audit: AuditLog;
  /** Name and attributes of the session's cookie. */
  cookie: { name: string; attributes: string };
  /** The session of a request's cookie. */
  sessionOf(call: Call): Session | undefined;
  /** Closes the sockets of a session. */
  ended(session: Session): void;
}

/** Codes of one user's authenticator: who knows the password does not guess a million codes. */
const CODES = { perSecond: 0.05, burst: 5 };

/** Signing in and out, tickets for sockets, authenticators, users and tokens. */
export function accountRoutes(services: AccountServices): Route[] {
  const codes = new TokenBuckets(CODES.perSecond, CODES.burst);
  return [...signInRoutes(services, codes), ...totpRoutes(services, codes), ...userRoutes(services)];
}
