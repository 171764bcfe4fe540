import { z } from 'zod';
import { type Call, json, type Route, route } from '../http/route.js';
import { ROLES } from '../topics/topic.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import type { AuditLog } from './audit.js';
import type { Session, Sessions } from './sessions.js';
import { TokenBuckets } from './token-bucket.js';
import { SCOPES, type User, type UserStore } from './users.js';

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

/** Attempts to sign in of one address: each costs 20 MB and 20 ms of a core. */
const LOGINS = { perSecond: 0.2, burst: 5 };

/** Signing in and out, tickets for sockets, users and tokens. */
export function accountRoutes(services: AccountServices): Route[] {
  const { users, sessions, audit, cookie } = services;
  const attempts = new TokenBuckets(LOGINS.perSecond, LOGINS.burst);

  const note = (call: Call, name: string, role: string, action: string, outcome: string): void => {
    const { remote } = call.request;
    audit.write({ user: name, role, remote, request: call.id, action, reason: '', outcome });
  };

  const signIn = (call: Call, user: User | undefined, name: string): HttpAnswer => {
    if (user === undefined) {
      note(call, name, '', 'login', 'refused');
      return problemAnswer(401, 'name, password or link is not right');
    }
    const session = sessions.begin(user);
    note(call, user.name, user.role, 'login', 'done');
    return json(
      200,
      { user: user.name, role: user.role, csrf: session.csrf, hasPassword: user.password !== undefined },
      { 'set-cookie': `${cookie.name}=${session.id}; ${cookie.attributes}` },
    );
  };

  return [
    route({
      method: 'POST',
      path: '/api/v1/login',
      summary: 'Signs in by name and password, or by a link that is good once.',
      body: z.union([
        z.strictObject({ user: z.string().max(32), password: z.string().min(1).max(256) }),
        z.strictObject({ link: z.string().min(1).max(128) }),
      ]),
      answer: { status: 200, description: 'Signed in: a cookie, and the CSRF token of the session.' },
      handle: async (call) => {
        if (!attempts.take(call.request.remote)) {
          return problemAnswer(429, 'too many attempts to sign in', { 'retry-after': '5' });
        }
        if ('link' in call.body) return signIn(call, sessions.useLink(call.body.link), '');
        const { user, password } = call.body;
        return signIn(call, await users.login(user, password), user);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/session',
      summary: 'Who is signed in, and the CSRF token.',
      role: 'viewer',
      answer: { status: 200, description: 'The session.' },
      handle: (call) => {
        const { user } = call.caller!;
        return json(200, { user: user.name, role: user.role, csrf: services.sessionOf(call)?.csrf ?? null });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/logout',
      summary: 'Signs out; sockets of the session are closed.',
      role: 'viewer',
      answer: { status: 200, description: 'Signed out.' },
      handle: (call) => {
        const session = services.sessionOf(call);
        if (session === undefined) return problemAnswer(409, 'a token does not sign out');
        sessions.end(session);
        services.ended(session);
        note(call, session.user.name, session.user.role, 'logout', 'done');
        return json(200, { ok: true }, { 'set-cookie': `${cookie.name}=; ${cookie.attributes}; Max-Age=0` });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/ws-ticket',
      summary: 'A ticket for one socket, good for 30 s: the first message of the socket carries it.',
      role: 'viewer',
      answer: { status: 200, description: 'The ticket.' },
      handle: (call) => {
        const session = services.sessionOf(call);
        if (session === undefined) return problemAnswer(409, 'a token opens sockets itself');
        return json(200, { ticket: sessions.ticket(session) });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/password',
      summary: "Sets one's own password.",
      role: 'viewer',
      scope: 'admin',
      body: z.strictObject({ password: z.string().min(12).max(256) }),
      answer: { status: 200, description: 'Set.' },
      handle: async (call) => {
        const { user } = call.caller!;
        await users.setPassword(user.name, call.body.password);
        note(call, user.name, user.role, 'password', 'set');
        return json(200, { ok: true });
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/users',
      summary: 'Users and their tokens, without secrets.',
      role: 'admin',
      scope: 'admin',
      answer: { status: 200, description: 'The users.' },
      handle: () => json(200, { users: users.list() }),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/users/{name}',
      summary: 'Adds a user or changes a role; the answer has a link that signs in once.',
      role: 'admin',
      scope: 'admin',
      body: z.strictObject({ role: z.enum(ROLES) }),
      answer: { status: 200, description: 'The user.' },
      handle: (call) => {
        const name = call.parts[0]!;
        if (!/^[a-z][a-z0-9._-]{0,31}$/.test(name)) return problemAnswer(422, 'a name is of a-z, 0-9, and . _ -');
        const user = users.put(name, call.body.role);
        note(call, call.caller!.user.name, call.caller!.user.role, `user ${name}`, call.body.role);
        return json(200, { id: user.id, name: user.name, role: user.role, link: sessions.link(user) });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/tokens',
      summary: "Makes a token for programs, with one's own role and these scopes; it is told this once.",
      role: 'viewer',
      scope: 'admin',
      body: z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9._-]{0,31}$/),
        scopes: z.array(z.enum(SCOPES)).min(1),
        days: z.number().positive().max(3650).optional(),
      }),
      answer: { status: 201, description: 'The token.' },
      handle: (call) => {
        const { name, scopes, days } = call.body;
        const { user } = call.caller!;
        const expires = days === undefined ? null : Date.now() + days * 86_400_000;
        const token = users.addToken(user.name, name, scopes, expires);
        note(call, user.name, user.role, `token ${name}`, scopes.join(' '));
        return json(201, { name, token });
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/tokens/{name}',
      summary: "Takes one's own token back.",
      role: 'viewer',
      scope: 'admin',
      answer: { status: 200, description: 'Gone.' },
      handle: (call) => {
        const { user } = call.caller!;
        if (!users.removeToken(user.name, call.parts[0]!)) return problemAnswer(404, 'there is no such token');
        note(call, user.name, user.role, `token ${call.parts[0]}`, 'taken back');
        return json(200, { ok: true });
      },
    }),
  ];
}
