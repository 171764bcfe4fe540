import { z } from 'zod';
import { type Call, json, type Route, route } from '../../http/route.js';
import type { AuditLog } from '../../security/audit.js';
import { roleAllows } from '../../topics/topic.js';
import { type HttpAnswer, problemAnswer } from '../../transport/transport.js';
import { ConversationError } from '../conversations/conversation-store.js';
import type { Payload } from '../proposals.js';
import type { AnsweredBy } from './answered-by.js';

/** Confirmed proposals, carried out with the rights of who confirms. @param commands the routes by which people give commands */
export function proposalRoutes(by: AnsweredBy, audit: AuditLog, commands: readonly Route[]): Route[] {
  const note = (call: Call, action: string, outcome: string, detail?: unknown): void => {
    const { name, role } = call.caller!.user;
    audit.write({
      user: name,
      role,
      remote: call.request.remote,
      request: call.id,
      action,
      reason: '',
      outcome,
      detail,
    });
  };

  /** Carries a confirmed request out as if its user had sent it: the same role, the same scope, the same checks, the same second step. */
  const carryOut = (call: Call, payload: Extract<Payload, { kind: 'request' }>): HttpAnswer | Promise<HttpAnswer> => {
    const found = commands.find(({ method, path }) => method === payload.method && path === payload.path);
    const { user, scopes } = call.caller!;
    if (found?.role === undefined) return problemAnswer(404, `there is nothing at ${payload.path}`);
    if (!roleAllows(user.role, found.role))
      return problemAnswer(403, `this needs the role ${found.role}, yours is ${user.role}`);
    if (scopes !== undefined && !scopes.includes(found.scope ?? 'read'))
      return problemAnswer(403, `this needs a token with the scope ${found.scope ?? 'read'}`);
    const body = found.body?.safeParse(payload.body);
    if (body?.success === false)
      return problemAnswer(422, 'the proposal is not right', {}, { detail: z.prettifyError(body.error) });
    return found.handle({ ...call, parts: [], body: body?.data, query: undefined });
  };

  return [
    route({
      method: 'POST',
      path: '/api/v1/assistant/proposals/{nonce}',
      summary:
        "Carries a proposal out: once, by the user whom it was shown to, with that user's rights. `hash` is that of the card.",
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ hash: z.string().length(64) }),
      answer: { status: 202, description: 'As the command itself answers; `lines` to open for a dashboard.' },
      handle: by(async (assistant, person, call) => {
        const found = assistant.proposals.take(call.parts[0]!, person.name, call.body.hash);
        if (found === undefined)
          return problemAnswer(410, 'this proposal was carried out or has lapsed, or is not the one that was shown');
        const { payload, card } = found;
        note(call, `assistant proposal: ${card.summary}`, 'confirmed', { payload, hash: card.hash });
        if (payload.kind === 'dashboard')
          return json(200, { accepted: true, status: 'accepted', lines: payload.lines });
        if (payload.kind === 'request') return carryOut(call, payload);
        // A session may do what its role may; a token needs the scope.
        if (call.caller!.scopes?.includes('alerts') === false)
          return problemAnswer(403, 'this needs a token with the scope alerts');
        try {
          assistant.addAlert(person, payload.rule);
        } catch (error) {
          return problemAnswer(error instanceof ConversationError ? 403 : 409, (error as Error).message);
        }
        return json(202, { accepted: true, status: 'accepted' });
      }),
    }),
  ];
}
