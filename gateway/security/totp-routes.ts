import { z } from 'zod';
import { json, type Route, route } from '../http/route.js';
import { problemAnswer } from '../transport/transport.js';
import { callerNote } from './account-note.js';
import type { AccountServices } from './account-services.js';
import type { TokenBuckets } from './token-bucket.js';
import { otpauthAddress } from './totp.js';

/** Authenticators: one's own, and that of somebody who has lost it. `codes`: how often each user may try a code. */
export function totpRoutes({ users, audit }: AccountServices, codes: TokenBuckets): Route[] {
  const note = callerNote(audit);
  return [
    route({
      method: 'POST',
      path: '/api/v1/totp',
      summary:
        "Begins to set up one's own authenticator: its secret, told this once. It is in force once a code of it was told.",
      role: 'viewer',
      scope: 'admin',
      answer: { status: 200, description: 'The secret in base32, and as an address that authenticators read.' },
      handle: (call) => {
        const { name } = call.caller!.user;
        if (users.find(name) === undefined) return problemAnswer(409, "the engine's token has no authenticator");
        if (users.needsCode(name)) return problemAnswer(409, 'there is an authenticator already: remove it first');
        note(call, 'totp', 'begun');
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
        const { name } = call.caller!.user;
        if (!codes.take(name)) return problemAnswer(429, 'too many codes', { 'retry-after': '20' });
        const recovery = users.confirmTotp(name, call.body.code);
        note(call, 'totp', recovery === undefined ? 'refused: code' : 'in force');
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
        const { name } = call.caller!.user;
        if (!codes.take(name)) return problemAnswer(429, 'too many codes', { 'retry-after': '20' });
        if (!users.takeCode(name, call.body.code)) {
          note(call, 'totp', 'not removed: code');
          return problemAnswer(422, 'the code is not right, or there is no authenticator');
        }
        users.removeTotp(name);
        note(call, 'totp', 'removed');
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
        note(call, `totp of ${name}`, 'removed');
        return json(200, { ok: true });
      },
    }),
  ];
}
