import { z } from 'zod';
import { type Call, json, type Route, route } from '../http/route.js';
import { ROLES } from '../topics/topic.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import type { AuditLog } from './audit.js';
import type { Session, Sessions } from './sessions.js';
import { TokenBuckets } from './token-bucket.js';
import { otpauthAddress } from './totp.js';
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

/** Of an authenticator, or a recovery code. */
const code = z.string().min(6).max(64).optional();

/** Attempts to sign in of one address: each costs 20 MB and 20 ms of a core. */
const LOGINS = { perSecond: 0.2, burst: 5 };

/** Codes of one user's authenticator: who knows the password does not guess a million codes. */
const CODES = { perSecond: 0.05, burst: 5 };

/** Signing in and out, tickets for sockets, users and tokens. */
export function accountRoutes(services: AccountServices): Route[] {
  const { users, sessions, audit, cookie } = services;
  const attempts = new TokenBuckets(LOGINS.perSecond, LOGINS.burst);
  const codes = new TokenBuckets(CODES.perSecond, CODES.burst);

  const note = (call: Call, name: string, role: string, action: string, outcome: string): void => {
    const { remote } = call.request;
    audit.write({ user: name, role, remote, request: call.id, action, reason: '', outcome });
  };

  /** What stands in the way of a user whose password or link is right: the code of the authenticator, where there is one. */
  const codeMissing = (call: Call, user: User, code: string | undefined): HttpAnswer | undefined => {
    if (!users.needsCode(user.name)) return undefined;
    if (code === undefined)
      return problemAnswer(401, 'a code of the authenticator is needed too', {}, { needs: 'code' });
    if (!codes.take(user.name)) return problemAnswer(429, 'too many codes', { 'retry-after': '20' }, { needs: 'code' });
    if (users.takeCode(user.name, code)) return undefined;
    note(call, user.name, user.role, 'login', 'refused: code');
    return problemAnswer(401, 'the code is not right, or was used', {}, { needs: 'code' });
  };

  const signIn = (call: Call, user: User | undefined, name: string, code: string | undefined): HttpAnswer => {
    if (user === undefined) {
      note(call, name, '', 'login', 'refused');
      return problemAnswer(401, 'name, password or link is not right');
    }
    const missing = codeMissing(call, user, code);
    if (missing !== undefined) return missing;
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
      summary:
        'Signs in by name and password, or by a link that is good once; with a code where the user has an authenticator.',
      body: z.union([
        z.strictObject({ user: z.string().max(32), password: z.string().min(1).max(256), code }),
        z.strictObject({ link: z.string().min(1).max(128), code }),
      ]),
      answer: { status: 200, description: 'Signed in: a cookie, and the CSRF token of the session.' },
      handle: async (call) => {
        if (!attempts.take(call.request.remote)) {
          return problemAnswer(429, 'too many attempts to sign in', { 'retry-after': '5' });
        }
        if ('link' in call.body) {
          const { link } = call.body;
          const answer = signIn(call, sessions.linkOf(link), '', call.body.code);
          // Where a code was missing it stays good.
          if (answer.status === 200) sessions.useLink(link);
          return answer;
        }
        const { user, password } = call.body;
        return signIn(call, await users.login(user, password), user, call.body.code);
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/session',
      summary: 'Who is signed in, the CSRF token, and a ticket for one socket: a page opens with one request.',
      role: 'viewer',
      answer: { status: 200, description: 'The session; a token has neither CSRF token nor ticket.' },
      handle: (call) => {
        const { user } = call.caller!;
        const session = services.sessionOf(call);
        const ticket = session === undefined ? null : sessions.ticket(session);
        return json(200, { user: user.name, role: user.role, csrf: session?.csrf ?? null, ticket });
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
      method: 'POST',
      path: '/api/v1/totp',
      summary:
        "Begins to set up one's own authenticator: its secret, told this once. It is in force once a code of it was told.",
      role: 'viewer',
      scope: 'admin',
      answer: { status: 200, description: 'The secret in base32, and as an address that authenticators read.' },
      handle: (call) => {
        const { name, role } = call.caller!.user;
        if (users.find(name) === undefined) return problemAnswer(409, "the engine's token has no authenticator");
        if (users.needsCode(name)) return problemAnswer(409, 'there is an authenticator already: remove it first');
        note(call, name, role, 'totp', 'begun');
        const secret = users.beginTotp(name);
        return json(200, { secret, address: otpauthAddress(name, secret) });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/totp/confirm',
      summary: 'Puts the new authenticator in force by a code of it; recovery codes, told this once.',
      role: 'viewer',
      scope: 'admin',
      body: z.strictObject({ code: z.string().min(6).max(64) }),
      answer: { status: 200, description: 'Ten codes that each sign in once where the authenticator is lost.' },
      handle: (call) => {
        const { name, role } = call.caller!.user;
        if (!codes.take(name)) return problemAnswer(429, 'too many codes', { 'retry-after': '20' });
        const recovery = users.confirmTotp(name, call.body.code);
        note(call, name, role, 'totp', recovery === undefined ? 'refused: code' : 'in force');
        return recovery === undefined
          ? problemAnswer(422, 'the code is not that of the new authenticator')
          : json(200, { recovery });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/totp/remove',
      summary: "Takes one's own authenticator away, by a code of it or a recovery code.",
      role: 'viewer',
      scope: 'admin',
      body: z.strictObject({ code: z.string().min(6).max(64) }),
      answer: { status: 200, description: 'Gone.' },
      handle: (call) => {
        const { name, role } = call.caller!.user;
        if (!codes.take(name)) return problemAnswer(429, 'too many codes', { 'retry-after': '20' });
        if (!users.takeCode(name, call.body.code)) {
          note(call, name, role, 'totp', 'not removed: code');
          return problemAnswer(422, 'the code is not right, or there is no authenticator');
        }
        users.removeTotp(name);
        note(call, name, role, 'totp', 'removed');
        return json(200, { ok: true });
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/users/{name}/totp',
      summary: 'Takes the authenticator of a user away who has lost it.',
      role: 'admin',
      scope: 'admin',
      answer: { status: 200, description: 'Gone.' },
      handle: (call) => {
        const name = call.parts[0]!;
        if (!users.removeTotp(name)) return problemAnswer(404, `there is no authenticator of '${name}'`);
        note(call, call.caller!.user.name, call.caller!.user.role, `totp of ${name}`, 'removed');
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
      summary:
        "Makes a token for programs, with one's own role and these scopes; it is told this once. An admin makes one for somebody else.",
      role: 'viewer',
      scope: 'admin',
      body: z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9._-]{0,31}$/),
        scopes: z.array(z.enum(SCOPES)).min(1),
        days: z.number().positive().max(3650).optional(),
        user: z.string().max(32).optional(),
      }),
      answer: { status: 201, description: 'The token.' },
      handle: (call) => {
        const { name, scopes, days } = call.body;
        const { user } = call.caller!;
        const owner = call.body.user ?? user.name;
        if (owner !== user.name && user.role !== 'admin')
          return problemAnswer(403, 'a token for others needs the role admin');
        if (users.find(owner) === undefined) return problemAnswer(404, `there is no user '${owner}'`);
        const expires = days === undefined ? null : Date.now() + days * 86_400_000;
        const token = users.addToken(owner, name, scopes, expires);
        note(call, user.name, user.role, `token ${name} of ${owner}`, scopes.join(' '));
        return json(201, { name, token });
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/users/{name}/tokens/{token}',
      summary: 'Takes a token of a user back.',
      role: 'admin',
      scope: 'admin',
      answer: { status: 200, description: 'Gone.' },
      handle: (call) => {
        const [owner = '', token = ''] = call.parts;
        if (!users.removeToken(owner, token)) return problemAnswer(404, `'${owner}' has no token '${token}'`);
        note(call, call.caller!.user.name, call.caller!.user.role, `token ${token} of ${owner}`, 'taken back');
        return json(200, { ok: true });
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
