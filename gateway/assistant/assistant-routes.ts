import { z } from 'zod';
import { type Call, json, type Route, route } from '../http/route.js';
import type { AuditLog } from '../security/audit.js';
import { roleAllows } from '../topics/topic.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import type { Assistant, Person } from './assistant.js';
import { ConversationError } from './conversations/conversation-store.js';
import { chatAsJson, chatAsMarkdown } from './conversations/export.js';
import { AnswerFailure, type FailureCode } from './failure.js';
import { redacted } from './outside-text.js';
import type { Payload } from './proposals.js';
import { screenContext } from './screen-context.js';
import { TEMPLATES } from './templates.js';

export interface AssistantRouteServices {
  /** Opened with the first request of it: the gateway's start pays nothing. */
  open(): Promise<Assistant>;
  audit: AuditLog;
  /** The routes by which people give commands; a confirmed proposal takes the same way. */
  commands: readonly Route[];
}

/** Longest that a question for news of an answer waits, milliseconds. */
const NEWS_MS = 20_000;

const statusOf: Partial<Record<FailureCode, number>> = { disabled: 503, 'over-budget': 429, busy: 429 };
const text = z.string().trim().min(1).max(20_000);
const good = (description: string) => ({ status: 200, description });

/** Everything of the assistant under `/api/v1/assistant`. Whoever may look may ask; what a proposal does needs the role that it always needs. */
export function assistantRoutes({ open, audit, commands }: AssistantRouteServices): Route[] {
  /** Answers with the assistant, and says in words what it does not do. */
  const by =
    <B, Q>(handle: (assistant: Assistant, person: Person, call: Call<B, Q>) => HttpAnswer | Promise<HttpAnswer>) =>
    async (call: Call<B, Q>): Promise<HttpAnswer> => {
      try {
        return await handle(await open(), call.caller!.user, call);
      } catch (error) {
        if (error instanceof ConversationError) return problemAnswer(404, error.message);
        if (error instanceof AnswerFailure)
          return problemAnswer(statusOf[error.code] ?? 503, error.message, {}, { code: error.code });
        throw error;
      }
    };

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
      method: 'GET',
      path: '/api/v1/assistant/status',
      summary: 'Whether the assistant answers, what was spent today, and the templates.',
      role: 'viewer',
      scope: 'read',
      answer: good('`enabled`, with a `reason` where it is not.'),
      handle: by((assistant, person) => json(200, assistant.status(person))),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/chats',
      summary: "The caller's chats, the newest first; with `words`, those that show them.",
      role: 'viewer',
      scope: 'read',
      query: z.object({ words: z.string().max(200).default('') }),
      answer: good('The chats.'),
      handle: by(({ store }, { name }, { query }) => json(200, { chats: store.list(name, query.words) })),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats',
      summary: 'Begins a chat.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ title: z.string().max(120).default('') }),
      answer: { status: 201, description: 'The chat.' },
      handle: by(({ store }, { name }, { body }) => json(201, store.begin(name, body.title))),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/chats/{chat}',
      summary: 'A chat with all of its messages, and the proposals that still wait for their user.',
      role: 'viewer',
      scope: 'read',
      answer: good(
        '`chat`, null where there is none, `messages` in the order in which they were written, `proposals`.',
      ),
      handle: by(({ store, proposals }, { name }, { parts }) => {
        const chat = store.find(name, parts[0]!);
        if (chat === undefined) return json(200, { chat: null, messages: [], proposals: [] });
        const messages = store.all(chat.id).filter(({ deleted }) => !deleted);
        return json(200, { chat, messages, proposals: messages.flatMap(({ id }) => proposals.of(name, id)) });
      }),
    }),
    route({
      method: 'PUT',
      path: '/api/v1/assistant/chats/{chat}',
      summary: 'Names a chat, or shows the branch of a message; `fork` ends the view with that message.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({
        title: z.string().trim().min(1).max(120).optional(),
        show: z.string().max(40).optional(),
        fork: z.boolean().default(false),
      }),
      answer: good('The chat.'),
      handle: by(({ store }, { name }, { parts, body }) => {
        let chat = store.chat(name, parts[0]!);
        if (body.title !== undefined) chat = store.rename(name, chat.id, body.title);
        if (body.show !== undefined) chat = store.show(name, chat.id, body.show, body.fork);
        return json(200, chat);
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/assistant/chats/{chat}',
      summary: 'Deletes a chat: it is marked, and shown no more.',
      role: 'viewer',
      scope: 'read',
      answer: good('It is.'),
      handle: by(({ store }, { name }, { parts }) => {
        store.remove(name, parts[0]!);
        return json(200, { ok: true });
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/assistant/chats/{chat}/messages/{message}',
      summary: 'Deletes a message and what hangs on it.',
      role: 'viewer',
      scope: 'read',
      answer: good('The chat.'),
      handle: by(({ store }, { name }, { parts }) => json(200, store.removeMessage(name, parts[0]!, parts[1]!))),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats/{chat}/export',
      summary: 'A chat as a file: what is shown as Markdown, or the whole tree as JSON.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ format: z.enum(['markdown', 'json']).default('markdown') }),
      answer: good('The file.'),
      handle: by(({ store }, { name }, { parts, body: wanted }) => {
        const chat = store.chat(name, parts[0]!);
        if (wanted.format === 'json') return json(200, chatAsJson(chat, store.all(chat.id)));
        const body = chatAsMarkdown(chat, store.path(chat.id, chat.leaf));
        return {
          status: 200,
          headers: { 'content-type': 'text/markdown; charset=utf-8', 'cache-control': 'no-store' },
          body,
        };
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats/{chat}/share',
      summary: 'Makes a link by which everybody who may look reads what is shown of a chat, or takes it back.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ shared: z.boolean().default(true) }),
      answer: good('`link`, or null.'),
      handle: by(({ store }, { name }, { parts, body }) =>
        json(200, { link: store.share(name, parts[0]!, body.shared) ?? null }),
      ),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/shared/{link}',
      summary: 'What is shown of a chat, by its link.',
      role: 'viewer',
      scope: 'read',
      answer: good('`id`, null where nothing is shared by this link, `title`, `owner`, `messages`.'),
      handle: by(({ store }, _, { parts }) => {
        const found = store.shared(parts[0]!);
        if (found === undefined) return json(200, { id: null, title: '', owner: '', messages: [] });
        const { title, owner, id } = found.chat;
        return json(200, { id, title, owner, messages: found.path });
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats/{chat}/questions',
      summary:
        'Asks. `parent` is the answer that the question hangs on; null begins anew. The answer is followed under its id.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({
        text,
        parent: z.string().max(40).nullable(),
        screen: screenContext.default({ panes: [] }),
      }),
      answer: { status: 202, description: '`question` and `answer`.' },
      handle: by((assistant, person, { parts, body }) =>
        json(202, assistant.ask(person, parts[0]!, body.parent, body.text, body.screen)),
      ),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats/{chat}/answers',
      summary: 'Another answer to a question, beside those that there are.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ question: z.string().max(40), screen: screenContext.default({ panes: [] }) }),
      answer: { status: 202, description: '`answer`.' },
      handle: by((assistant, person, { parts, body }) =>
        json(202, { answer: assistant.again(person, parts[0]!, body.question, body.screen) }),
      ),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/answers/{answer}',
      summary: 'What came of an answer behind the first `after` events; waits up to 20 s for more.',
      role: 'viewer',
      scope: 'read',
      query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
      answer: good(
        '`events`, and `next`, the `after` of the next request; null where its chat has it, or there is none.',
      ),
      handle: by(async (assistant, { name }, { parts, query }) => {
        const live = assistant.liveAnswer(name, parts[0]!);
        if (live === undefined) return json(200, { next: null, events: [] });
        return json(200, await live.since(query.after, NEWS_MS));
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/assistant/answers/{answer}',
      summary: 'Ends an answer that is being written; what has come of it stays.',
      role: 'viewer',
      scope: 'read',
      answer: good('`ended`: whether it was being written.'),
      handle: by((assistant, { name }, { parts }) => json(200, { ended: assistant.abort(name, parts[0]!) })),
    }),
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
    route({
      method: 'POST',
      path: '/api/v1/assistant/templates/{template}',
      summary: 'Answers a usual question of the desk from SQL alone; needs no key.',
      role: 'viewer',
      scope: 'read',
      answer: good('`parts`: title, sql, and columns and rows, or an error.'),
      handle: by(async ({ sql }, _, { parts }) => {
        const template = TEMPLATES.find(({ name }) => name === parts[0]);
        if (template === undefined) return problemAnswer(404, `there is no template '${parts[0]}'`);
        const answered = [];
        for (const part of template.parts) {
          try {
            answered.push({ ...part, ...(await sql.ask(part.sql)) });
          } catch (error) {
            answered.push({ ...part, error: (error as Error).message });
          }
        }
        return json(200, { name: template.name, title: template.title, parts: answered });
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/sql',
      summary: 'One question of the SQL store: at most 1000 rows, 5 seconds. Nothing can be changed.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ sql: text }),
      answer: good('`columns`, `rows`, and whether it was `cut`.'),
      handle: by(async ({ sql }, _, { body }) => {
        try {
          return json(200, await sql.ask(body.sql));
        } catch (error) {
          return problemAnswer(400, redacted((error as Error).message));
        }
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/sql/schema',
      summary: 'Tables and views of the SQL store with the units and meanings of their columns.',
      role: 'viewer',
      scope: 'read',
      answer: good('`tables` and `views`.'),
      handle: by(async ({ sql }) => json(200, await sql.schema())),
    }),
  ];
}
