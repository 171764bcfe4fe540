import { z } from 'zod';
import { json, type Route, route } from '../../http/route.js';
import { chatAsJson, chatAsMarkdown } from '../conversations/export.js';
import { type AnsweredBy, good } from './answered-by.js';

/** Chats: found, begun, named, branched, deleted, saved and shared. */
export function chatRoutes(by: AnsweredBy): Route[] {
  return [
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
      handle: by(async ({ store }, { name }, { body }) =>
        json(201, await store.together(() => store.begin(name, body.title))),
      ),
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
      handle: by(async ({ store }, { name }, { parts, body }) => {
        const changed = await store.together(() => {
          let chat = store.chat(name, parts[0]!);
          if (body.title !== undefined) chat = store.rename(name, chat.id, body.title);
          if (body.show !== undefined) chat = store.show(name, chat.id, body.show, body.fork);
          return chat;
        });
        return json(200, changed);
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/assistant/chats/{chat}',
      summary: 'Deletes a chat: it is marked, and shown no more.',
      role: 'viewer',
      scope: 'read',
      answer: good('It is.'),
      handle: by(async ({ store }, { name }, { parts }) => {
        await store.together(() => store.remove(name, parts[0]!));
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
      handle: by(async ({ store }, { name }, { parts }) =>
        json(200, await store.together(() => store.removeMessage(name, parts[0]!, parts[1]!))),
      ),
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
      handle: by(async ({ store }, { name }, { parts, body }) =>
        json(200, { link: (await store.together(() => store.share(name, parts[0]!, body.shared))) ?? null }),
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
  ];
}
