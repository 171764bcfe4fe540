import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer, Message } from './conversation.js';
import { ConversationError, ConversationStore } from './conversation-store.js';
import { newId } from './ids.js';

/** What people do to a chat; `at` chooses among the messages that there are, those that were deleted among them. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('ask' as const), at: fc.nat(), text: fc.string({ maxLength: 20 }) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('answer' as const), at: fc.nat(), ends: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('show' as const), at: fc.nat(), fork: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('delete' as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('crash' as const) }) },
);

/** No message hangs in the air, none was lost or changed, and what is shown is there and whole. */
function check(store: ConversationStore, chat: string, written: ReadonlyMap<string, string>): void {
  const messages = store.all(chat);
  const byId = new Map(messages.map((message) => [message.id, message]));
  expect([...byId.keys()]).toEqual([...written.keys()]);
  for (const message of messages) {
    expect(contentOf(message)).toBe(written.get(message.id));
    if (message.parent === null) expect(message.role).toBe('user');
    else expect(byId.get(message.parent)?.role).toBe(message.role === 'user' ? 'assistant' : 'user');
  }
  const { leaf } = store.chat('ada', chat);
  const path = store.path(chat, leaf);
  expect(path.every(({ deleted }) => deleted === undefined)).toBe(true);
  path.forEach((message, at) => {
    expect(message.parent).toBe(path[at - 1]?.id ?? null);
  });
}

function contentOf(message: Message): string {
  return message.role === 'user' ? `${message.parent} ${message.text}` : `${message.parent} answer`;
}

const finished = (answer: Answer): Answer => ({
  ...answer,
  status: 'done',
  usd: 0.25,
  rounds: [{ blocks: [{ type: 'text', text: 'Said.' }], results: [] }],
});

describe('a tree of messages', () => {
  it('keeps every message and hangs each on another, whatever is edited, forked, deleted, or cut off by a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let folder = mkdtempSync(join(tmpdir(), 'volfilter-tree-'));
        const folders = [folder];
        let store = new ConversationStore(folder);
        const chat = store.begin('ada', 'tree').id;
        const written = new Map<string, string>();
        for (const one of steps) {
          const ids = [null, ...written.keys()];
          const pick = (at: number) => ids[at % ids.length]!;
          try {
            if (one.does === 'ask') {
              const asked = store.ask('ada', chat, pick(one.at), one.text, 'screen');
              written.set(asked.id, contentOf(asked));
            } else if (one.does === 'answer') {
              const answer = store.beginAnswer('ada', chat, pick(one.at), 'm');
              written.set(answer.id, contentOf(answer));
              if (one.ends) store.keepAnswer('ada', finished(answer));
            } else if (one.does === 'show') store.show('ada', chat, pick(one.at), one.fork);
            else if (one.does === 'delete') store.removeMessage('ada', chat, pick(one.at));
            else {
              // What a killed process leaves: the files as they are now. The next one opens them.
              folder = mkdtempSync(join(tmpdir(), 'volfilter-tree-'));
              folders.push(folder);
              cpSync(folders.at(-2)!, folder, { recursive: true });
              await store.close();
              store = new ConversationStore(folder);
              expect(
                store.all(chat).some((message) => message.role === 'assistant' && message.status === 'streaming'),
              ).toBe(false);
            }
          } catch (error) {
            // What may not be is refused in words, and changes nothing.
            if (!(error instanceof ConversationError)) throw error;
          }
          check(store, chat, written);
        }
        await store.close();
        for (const used of folders) rmSync(used, { recursive: true, force: true });
      }),
      { numRuns: 25 },
    );
  });

  it('is the business of its owner alone', async () => {
    const store = new ConversationStore(undefined);
    const { id } = store.begin('ada', 'mine');
    const question = store.ask('ada', id, null, 'q', '');
    for (const act of [
      () => store.chat('bob', id),
      () => store.ask('bob', id, null, 'q', ''),
      () => store.beginAnswer('bob', id, question.id, 'm'),
      () => store.rename('bob', id, 'his'),
      () => store.remove('bob', id),
      () => store.share('bob', id, true),
    ])
      expect(act).toThrow(ConversationError);
    expect(store.list('bob')).toEqual([]);
    await store.close();
  });

  it('counts what was spent, by user and by all, also of what is deleted', async () => {
    const store = new ConversationStore(undefined, () => Date.UTC(2026, 0, 2, 12));
    for (const owner of ['ada', 'adam', 'bob']) {
      const { id } = store.begin(owner, '');
      store.keepAnswer(owner, finished(store.beginAnswer(owner, id, store.ask(owner, id, null, 'q', '').id, 'm')));
      store.remove(owner, id);
    }
    expect([
      store.spent('2026-01-02', 'ada').usd,
      store.spent('2026-01-02').usd,
      store.spent('2026-01-03').usd,
    ]).toEqual([0.25, 0.75, 0]);
    await store.close();
  });

  it('gives ids that sort as they were given, also within a millisecond and where the clock goes back', () => {
    const ids = [5, 5, 5, 6, 4, 4, 7].map((ms) => newId(2e12 + ms));
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });
});
