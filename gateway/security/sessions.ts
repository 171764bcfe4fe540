import { newSecret, sameText } from './secrets.js';
import type { User } from './users.js';

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 3600_000;
const TICKET_MS = 30_000;
const LINK_MS = 15 * 60_000;
const MOST_SESSIONS = 256;
const MOST_TICKETS = 1024;

export interface Session {
  readonly id: string;
  readonly user: User;
  /** What a page must repeat in a header of everything that changes something. */
  readonly csrf: string;
  readonly began: number;
  used: number;
}

/** Who is signed in, the tickets that sockets are opened with, and the links that sign in once. Kept in memory: a new gateway asks anew. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private readonly tickets = new Map<string, { session: Session; until: number }>();
  private readonly links = new Map<string, { user: User; until: number }>();
  private readonly now: () => number;

  /** `now`: milliseconds. */
  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  begin(user: User): Session {
    if (this.sessions.size >= MOST_SESSIONS) this.endOldest();
    const now = this.now();
    const session: Session = { id: newSecret(), user, csrf: newSecret(), began: now, used: now };
    this.sessions.set(session.id, session);
    return session;
  }

  /** The session of a cookie, if it is not over. */
  find(id: string): Session | undefined {
    const session = this.sessions.get(id);
    if (session === undefined) return undefined;
    if (!this.isOpen(session)) {
      this.sessions.delete(id);
      return undefined;
    }
    session.used = this.now();
    return session;
  }

  isOpen(session: Session): boolean {
    const now = this.now();
    return this.sessions.has(session.id) && now - session.used <= IDLE_MS && now - session.began <= LONGEST_MS;
  }

  end(session: Session): void {
    this.sessions.delete(session.id);
  }

  isCsrf(session: Session, given: string): boolean {
    return sameText(session.csrf, given);
  }

  /** Good for one socket, for 30 seconds. */
  ticket(session: Session): string {
    const now = this.now();
    for (const [ticket, { until }] of this.tickets) if (until < now) this.tickets.delete(ticket);
    if (this.tickets.size >= MOST_TICKETS) this.tickets.clear();
    const ticket = newSecret();
    this.tickets.set(ticket, { session, until: now + TICKET_MS });
    return ticket;
  }

  useTicket(ticket: string): Session | undefined {
    const found = this.tickets.get(ticket);
    this.tickets.delete(ticket);
    return found !== undefined && found.until >= this.now() && this.isOpen(found.session) ? found.session : undefined;
  }

  /** A secret that signs a user in once. */
  link(user: User): string {
    const link = newSecret();
    this.links.set(link, { user, until: this.now() + LINK_MS });
    return link;
  }

  useLink(link: string): User | undefined {
    const found = this.links.get(link);
    this.links.delete(link);
    return found !== undefined && found.until >= this.now() ? found.user : undefined;
  }

  private endOldest(): void {
    let oldest: Session | undefined;
    for (const session of this.sessions.values()) {
      if (oldest === undefined || session.used < oldest.used) oldest = session;
    }
    if (oldest !== undefined) this.end(oldest);
  }
}
