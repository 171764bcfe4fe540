import { z } from 'zod';
import { json, type Route, route } from '../http/route.js';
import { ROLES } from '../topics/topic.js';
import { problemAnswer } from '../transport/transport.js';
import { callerNote } from './account-note.js';
import type { AccountServices } from './account-services.js';
import { SCOPES } from './users.js';

/** Users, and tokens for programs. */
export function userRoutes({ users, sessions, audit }: AccountServices): Route[] {
  const note = callerNote(audit);
  return [
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
        note(call, `user ${name}`, call.body.role);
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
        note(call, `token ${name} of ${owner}`, scopes.join(' '));
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
        note(call, `token ${token} of ${owner}`, 'taken back');
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
        note(call, `token ${call.parts[0]}`, 'taken back');
        return json(200, { ok: true });
      },
    }),
  ];
}
