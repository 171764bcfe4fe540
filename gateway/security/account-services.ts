import type { Call } from '../http/route.js';
import type { AuditLog } from './audit.js';
import type { Session, Sessions } from './sessions.js';
import type { UserStore } from './users.js';

/** What the routes of accounts work on. */
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
