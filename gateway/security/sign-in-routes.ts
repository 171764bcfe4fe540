import { z } from 'zod';
import { type Call, json, type Route, route } from '../http/route.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import { accountNote } from './account-note.js';
import type { AccountServices } from './account-services.js';
import { TokenBuckets } from './token-bucket.js';
import type { User } from './users.js';

/** Of an authenticator, or a recovery code. */
const code = z.string().min(6).max(64).optional();

/** Attempts to sign in of one address: each costs 20 MB and 20 ms of a core. */
const LOGINS = { perSecond: 0.2, burst: 5 };

/** Signing in and out, and tickets for sockets. `codes`: how often each user may try a code. */
export function signInRoutes(services: AccountServices, codes: TokenBuckets): Route[] {
  const { users, sessions, audit, cookie } = services;
  const attempts = new TokenBuckets(LOGINS.perSecond, LOGINS.burst);
  const note = accountNote(audit);

  /** What stands in the way of a user whose password or link is right: the code of the authenticator, where there is one. */
  const codeMissing = (call: Call, user: User, code: string | undefined): HttpAnswer | undefined => {
    if (!users.needsCode(user.name)) return undefined;
    if (code === undefined)
      return problemAnswer(401, 'a code of the authenticator is needed too', {}, { needs: 'code' });
    if (!codes.take(user.name)) return problemAnswer(429, 'too many codes', { 'retry-after': '20' }, { needs: 'code' });
    if (users.takeCode(user.name, code)) return undefined;
    note(call, user, 'login', 'refused: code');
    return problemAnswer(401, 'the code is not right, or was used', {}, { needs: 'code' });
  };

  const signIn = (call: Call, user: User | undefined, name: string, code: string | undefined): HttpAnswer => {
    if (user === undefined) {
      note(call, { name, role: '' }, 'login', 'refused');
      return problemAnswer(401, 'name, password or link is not right');
    }
    const missing = codeMissing(call, user, code);
    if (missing !== undefined) return missing;
    const session = sessions.begin(user);
    note(call, user, 'login', 'done');
    return json(
      200,
      {
        user: user.name,
        role: user.role,
        csrf: session.csrf,
        ticket: sessions.ticket(session),
        hasPassword: user.password !== undefined,
      },
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
      answer: {
        status: 200,
        description: 'Signed in: a cookie, the CSRF token of the session, and a ticket for one socket.',
      },
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
        note(call, session.user, 'logout', 'done');
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
        note(call, user, 'password', 'set');
        return json(200, { ok: true });
      },
    }),
  ];
}
