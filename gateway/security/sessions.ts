import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { digestOf, newSecret, sameText } from './secrets.js';
import type { User } from './users.js';

const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 12 * 3600_000;
const TICKET_MS = 30_000;
const LINK_MS = 15 * 60_000;
const COMPARE_EVERY_MS = 1000;
/** A session that is used says so to other gateways this often. */
const TOUCH_EVERY_MS = 60_000;
const MOST_SESSIONS = 256;
const MOST_TICKETS = 1024;

export interface Session {
  readonly id: string;
  readonly user: User;
  /** What a page must repeat in a header of everything that changes something. */
  readonly csrf: string;
  readonly began: number;
  used: number;
  /** When it was compared with its file last. */
  seen: number;
}

/** Where several gateways of one engine keep who is signed in; without it a session is known to its own gateway alone. */
export interface SharedSessions {
  folder: string;
  userOf(name: string): User | undefined;
}

const sharedSchema = z.strictObject({ user: z.string(), began: z.number() });

/**
 * Who is signed in, the tickets that sockets are opened with, and the links that sign in once. Tickets and links are kept in memory; sessions also as
 * one small file each, named by the digest of their secret, so that every gateway of the folder knows them, and the next one after a crash too.
 */
export class Sessions {
  private readonly sessions = new Map<string, Session>();
  private readonly tickets = new Map<string, { session: Session; until: number }>();
  private readonly links = new Map<string, { user: User; until: number }>();
  private readonly now: () => number;

  private readonly shared: SharedSessions | undefined;

  /** `now`: milliseconds. */
  constructor(now: () => number = Date.now, shared?: SharedSessions) {
    this.now = now;
    this.shared = shared;
    if (shared !== undefined) mkdirSync(shared.folder, { recursive: true, mode: 0o700 });
  }

  begin(user: User): Session {
    if (this.sessions.size >= MOST_SESSIONS) this.endOldest();
    const now = this.now();
    const id = newSecret();
    const session: Session = { id, user, csrf: csrfOf(id), began: now, used: now, seen: now };
    this.sessions.set(id, session);
    const path = this.pathOf(id);
    if (path !== undefined) {
      this.sweep();
      writeFileSync(path, JSON.stringify({ user: user.name, began: now }), { mode: 0o600 });
    }
    return session;
  }

  /** The session of a cookie, if it is not over. */
  find(id: string): Session | undefined {
    const session = this.sessions.get(id) ?? this.adopt(id);
    if (session === undefined) return undefined;
    if (!this.isOpen(session)) {
      this.end(session);
      return undefined;
    }
    session.used = this.now();
    return session;
  }

  isOpen(session: Session): boolean {
    this.compare(session);
    const now = this.now();
    return this.sessions.has(session.id) && now - session.used <= IDLE_MS && now - session.began <= LONGEST_MS;
  }

  end(session: Session): void {
    this.sessions.delete(session.id);
    const path = this.pathOf(session.id);
    if (path !== undefined) rmSync(path, { force: true });
  }

  private pathOf(id: string): string | undefined {
    return this.shared === undefined ? undefined : join(this.shared.folder, digestOf(id));
  }

  /** A session that began at another gateway. */
  private adopt(id: string): Session | undefined {
    const path = this.pathOf(id);
    if (path === undefined || !existsSync(path)) return undefined;
    const read = sharedSchema.safeParse(jsonOf(readFileSync(path, 'utf8')));
    const user = read.success ? this.shared!.userOf(read.data.user) : undefined;
    if (!read.success || user === undefined) return undefined;
    if (this.sessions.size >= MOST_SESSIONS) this.forgetOldest();
    const session: Session = {
      id,
      user,
      csrf: csrfOf(id),
      began: read.data.began,
      used: statSync(path).mtimeMs,
      seen: this.now(),
    };
    this.sessions.set(id, session);
    return session;
  }

  /** Once a second: a session that was ended elsewhere is over here too, and its use is told both ways by the time of its file. */
  private compare(session: Session): void {
    const path = this.pathOf(session.id);
    const now = this.now();
    if (path === undefined || now - session.seen < COMPARE_EVERY_MS) return;
    session.seen = now;
    if (!existsSync(path)) {
      this.sessions.delete(session.id);
      return;
    }
    const used = statSync(path).mtimeMs;
    if (session.used - used > TOUCH_EVERY_MS) utimesSync(path, session.used / 1000, session.used / 1000);
    session.used = Math.max(session.used, used);
  }

  /** Files of sessions that are over go when the next one begins. */
  private sweep(): void {
    const { folder } = this.shared!;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? this.now();
      if (this.now() - used > IDLE_MS + TOUCH_EVERY_MS) rmSync(path, { force: true });
    }
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

  /** Whose link this is; it stays good. */
  linkOf(link: string): User | undefined {
    const found = this.links.get(link);
    return found !== undefined && found.until >= this.now() ? found.user : undefined;
  }

  useLink(link: string): User | undefined {
    const found = this.links.get(link);
    this.links.delete(link);
    return found !== undefined && found.until >= this.now() ? found.user : undefined;
  }

  private forgetOldest(): void {
    const oldest = this.oldest();
    if (oldest !== undefined) this.sessions.delete(oldest.id);
  }

  private endOldest(): void {
    const oldest = this.oldest();
    if (oldest !== undefined) this.end(oldest);
  }

  private oldest(): Session | undefined {
    let oldest: Session | undefined;
    for (const session of this.sessions.values()) {
      if (oldest === undefined || session.used < oldest.used) oldest = session;
    }
    return oldest;
  }
}

/** What a page repeats follows from the cookie, which no page can read: every gateway of the folder knows it without keeping it. */
function csrfOf(id: string): string {
  return digestOf(`csrf ${id}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
