import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { newSecret } from '../../security/secrets.js';
import { type Answer, type Chat, type Message, type Question, textOf, type Usage } from './conversation.js';
import { newId } from './ids.js';

/** One use of a tool, for whoever looks what was asked. */
export interface ToolCall {
  user: string;
  name: string;
  failed: boolean;
  ms: number;
  bytes: number;
}

/** What an answer cost, whatever became of it. */
export interface Cost extends Usage {
  usd: number;
}

/** A mistake of who asked, in words for them. */
export class ConversationError extends Error {}

/** Sorts behind every id and name. */
const LAST = '\uffff';
const MAP_BYTES = 4 * 1024 ** 3;

/**
 * Conversations as trees, in a store of their own. Nothing is ever overwritten but the state of an answer that is being written: an edit and a
 * new answer are siblings, what is deleted is marked. A message hangs on one that is in the store already, and it is written together with the
 * chat's new leaf or not at all.
 */
export class ConversationStore {
  private readonly env: RootDatabase;
  private readonly chats: Database<Chat, string>;
  private readonly messages: Database<Message, [chat: string, id: string]>;
  private readonly calls: Database<ToolCall, [answer: string, use: string]>;
  private readonly costs: Database<Cost, [day: string, user: string, answer: string]>;
  private readonly shares: Database<string, string>;
  /** Answers that are being written: chat by answer. */
  private readonly running: Database<string, string>;
  private readonly temporary: string | undefined;
  private readonly now: () => number;

  /** `folder`: absent for conversations that are forgotten at the end. `now`: milliseconds since the Unix epoch. */
  constructor(folder: string | undefined, now: () => number = Date.now) {
    this.now = now;
    this.temporary = folder === undefined ? mkdtempSync(join(tmpdir(), 'volfilter-chats-')) : undefined;
    const place = folder ?? this.temporary!;
    mkdirSync(place, { recursive: true, mode: 0o700 });
    // Overlapping synchronisation answers before the disk has it; what was said to be kept is kept.
    this.env = open({
      path: join(place, 'chats.mdb'),
      noSubdir: true,
      maxDbs: 8,
      mapSize: MAP_BYTES,
      overlappingSync: false,
    });
    const table = <V, K extends string | string[]>(name: string): Database<V, K> =>
      this.env.openDB<V, K>({ name, encoding: 'json' });
    this.chats = table('chats');
    this.messages = table('messages');
    this.calls = table('calls');
    this.costs = table('costs');
    this.shares = table('shares');
    this.running = table('running');
    this.endWhatRan();
  }

  async close(): Promise<void> {
    await this.env.close();
    if (this.temporary !== undefined) rmSync(this.temporary, { recursive: true, force: true });
  }

  /**
   * Writes several things in one transaction, all or none of them. The disk is waited for once, and beside what else there is to do: a gateway that
   * stood still for it would serve nobody meanwhile. What was written can be read when `write` has run; it is kept when the promise resolves.
   */
  together<T>(write: () => T): Promise<T> {
    return this.env.childTransaction(write);
  }

  begin(owner: string, title: string): Chat {
    const now = this.now();
    const chat: Chat = { id: newId(now), title, owner, leaf: null, created: now };
    this.env.transactionSync(() => this.chats.putSync(chat.id, chat));
    return chat;
  }

  /** A chat of a user, where there is one: a stranger's is none. */
  find(owner: string, id: string): Chat | undefined {
    const chat = this.chats.get(id);
    return chat === undefined || chat.deleted || chat.owner !== owner ? undefined : chat;
  }

  /** A chat of a user. @throws ConversationError where there is none: a stranger's is none */
  chat(owner: string, id: string): Chat {
    const chat = this.find(owner, id);
    if (chat === undefined) throw new ConversationError(`there is no chat ${id}`);
    return chat;
  }

  /** Chats of a user, the newest first; those whose name or visible path holds the words, where there are any. */
  list(owner: string, words = ''): Chat[] {
    const wanted = words.toLowerCase();
    const found: Chat[] = [];
    for (const { value } of this.chats.getRange({ reverse: true })) {
      if (value.owner !== owner || value.deleted) continue;
      if (wanted === '' || value.title.toLowerCase().includes(wanted) || this.pathHolds(value, wanted))
        found.push(value);
    }
    return found;
  }

  /** Every message of a chat in the order in which they were written, those that were deleted among them. */
  all(chat: string): Message[] {
    return [...this.messages.getRange({ start: [chat, ''], end: [chat, LAST] })].map(({ value }) => value);
  }

  message(chat: string, id: string): Message | undefined {
    return this.messages.get([chat, id]);
  }

  /** From the first question to a message. @throws ConversationError where the message is not in the chat */
  path(chat: string, leaf: string | null): Message[] {
    const path: Message[] = [];
    for (let id = leaf; id !== null; ) {
      const message = this.messages.get([chat, id]);
      if (message === undefined) throw new ConversationError(`there is no message ${id} in chat ${chat}`);
      path.push(message);
      id = message.parent;
    }
    return path.reverse();
  }

  /** Hangs a question on an answer, or begins the chat with it; it becomes the leaf. */
  ask(owner: string, chat: string, parent: string | null, text: string, context: string): Question {
    return this.append<Question>(owner, chat, parent, { role: 'user', text, context });
  }

  /** Hangs an answer, still to be written, on a question; it becomes the leaf. */
  beginAnswer(owner: string, chat: string, parent: string, model: string): Answer {
    return this.append<Answer>(owner, chat, parent, {
      role: 'assistant',
      status: 'streaming',
      model,
      rounds: [],
      cards: [],
      usage: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      usd: 0,
    });
  }

  /** Keeps what an answer has so far: whole rounds, and what they cost. With another status than 'streaming' it is finished. */
  keepAnswer(owner: string, answer: Answer, calls: readonly (ToolCall & { use: string })[] = []): void {
    this.env.transactionSync(() => {
      const before = this.messages.get([answer.chat, answer.id]);
      if (before === undefined || before.role !== 'assistant')
        throw new ConversationError(`there is no answer ${answer.id}`);
      if (before.status !== 'streaming') throw new ConversationError(`answer ${answer.id} is finished`);
      // It may have been deleted while it was written.
      this.messages.putSync([answer.chat, answer.id], before.deleted ? { ...answer, deleted: true } : answer);
      this.costs.putSync([dayOf(answer.created), owner, answer.id], { ...answer.usage, usd: answer.usd });
      for (const { use, ...call } of calls) this.calls.putSync([answer.id, use], call);
      if (answer.status !== 'streaming') this.running.removeSync(answer.id);
    });
  }

  rename(owner: string, id: string, title: string): Chat {
    return this.change(owner, id, (chat) => ({ ...chat, title }));
  }

  /** Shows another branch: down from a message to the newest leaf behind it, or ending with the message itself, which forks there. */
  show(owner: string, id: string, message: string, fork = false): Chat {
    return this.change(owner, id, (chat) => {
      if (!this.isVisible(id, message)) throw new ConversationError(`there is no message ${message} in chat ${id}`);
      return { ...chat, leaf: fork ? message : this.newestBehind(id, message) };
    });
  }

  /** Marks a chat as deleted. */
  remove(owner: string, id: string): void {
    this.change(owner, id, (chat) => {
      if (chat.share !== undefined) this.shares.removeSync(chat.share);
      const { share: _, ...rest } = chat;
      return { ...rest, deleted: true };
    });
  }

  /** Marks a message as deleted; what hangs on it is not shown either. */
  removeMessage(owner: string, id: string, message: string): Chat {
    return this.change(owner, id, (chat) => {
      const found = this.messages.get([id, message]);
      if (found === undefined) throw new ConversationError(`there is no message ${message} in chat ${id}`);
      this.messages.putSync([id, message], { ...found, deleted: true });
      const isShown = this.path(id, chat.leaf).some((one) => one.id === message);
      if (!isShown) return chat;
      const parent = found.parent !== null && this.isVisible(id, found.parent) ? found.parent : null;
      return { ...chat, leaf: this.newestBehind(id, parent) };
    });
  }

  /** A link by which everybody with a role may read the chat as it is shown; undefined takes it back. */
  share(owner: string, id: string, shared: boolean): string | undefined {
    const secret = newSecret();
    const chat = this.change(owner, id, (before) => {
      if (before.share !== undefined) this.shares.removeSync(before.share);
      const { share: _, ...rest } = before;
      if (!shared) return rest;
      this.shares.putSync(secret, id);
      return { ...rest, share: secret };
    });
    return chat.share;
  }

  /** The chat that a link shows, and what is shown of it. */
  shared(secret: string): { chat: Chat; path: Message[] } | undefined {
    const id = this.shares.get(secret);
    const chat = id === undefined ? undefined : this.chats.get(id);
    if (chat === undefined || chat.deleted || chat.share !== secret) return undefined;
    return { chat, path: this.path(chat.id, chat.leaf) };
  }

  /** What was spent on a day, UTC: by a user, or by all. */
  spent(day: string, user?: string): Cost {
    const sum: Cost = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, usd: 0 };
    const range =
      user === undefined ? { start: [day], end: [day, LAST] } : { start: [day, user], end: [day, user, LAST] };
    for (const { value } of this.costs.getRange(range as never)) {
      for (const name of Object.keys(sum) as (keyof Cost)[]) sum[name] += value[name];
    }
    return sum;
  }

  callsOf(answer: string): ToolCall[] {
    return [...this.calls.getRange({ start: [answer, ''], end: [answer, LAST] })].map(({ value }) => value);
  }

  private append<T extends Message>(
    owner: string,
    chat: string,
    parent: string | null,
    content: Omit<T, 'id' | 'chat' | 'parent' | 'created'>,
  ): T {
    const now = this.now();
    const message = { ...content, id: newId(now), chat, parent, created: now } as unknown as T;
    this.env.transactionSync(() => {
      const found = this.chat(owner, chat);
      this.checkParent(chat, parent, message.role);
      this.messages.putSync([chat, message.id], message);
      this.chats.putSync(chat, { ...found, leaf: message.id });
      if (message.role === 'assistant') this.running.putSync(message.id, chat);
    });
    return message;
  }

  private checkParent(chat: string, parent: string | null, role: Message['role']): void {
    if (parent === null) {
      if (role === 'assistant') throw new ConversationError('an answer hangs on a question');
      return;
    }
    const found = this.messages.get([chat, parent]);
    if (found === undefined || !this.isVisible(chat, parent))
      throw new ConversationError(`there is no message ${parent} in chat ${chat}`);
    if (found.role === role) throw new ConversationError('questions hang on answers, and answers on questions');
    if (found.role === 'assistant' && found.status === 'streaming')
      throw new ConversationError('the answer is still being written');
  }

  private change(owner: string, id: string, to: (chat: Chat) => Chat): Chat {
    return this.env.transactionSync(() => {
      const chat = to(this.chat(owner, id));
      this.chats.putSync(id, chat);
      return chat;
    });
  }

  private isVisible(chat: string, id: string): boolean {
    if (this.messages.get([chat, id]) === undefined) return false;
    return this.path(chat, id).every(({ deleted }) => !deleted);
  }

  /** The newest visible leaf behind a message, or behind the chat's beginning. */
  private newestBehind(chat: string, from: string | null): string | null {
    const newest = new Map<string | null, string>();
    for (const { id, parent, deleted } of this.all(chat)) if (!deleted) newest.set(parent, id);
    let leaf = from;
    for (let next = newest.get(leaf); next !== undefined; next = newest.get(leaf)) leaf = next;
    return leaf;
  }

  private pathHolds(chat: Chat, words: string): boolean {
    return this.path(chat.id, chat.leaf).some((message) =>
      (message.role === 'user' ? message.text : textOf(message)).toLowerCase().includes(words),
    );
  }

  /** Answers that were being written when the gateway ended will not be: they say so. */
  private endWhatRan(): void {
    this.env.transactionSync(() => {
      for (const { key, value: chat } of [...this.running.getRange({})]) {
        const answer = this.messages.get([chat, key]);
        if (answer?.role === 'assistant' && answer.status === 'streaming') {
          const failure = { code: 'ended' as const, words: 'the gateway ended while this was being written' };
          this.messages.putSync([chat, key], { ...answer, status: 'error', failure });
        }
        this.running.removeSync(key);
      }
    });
  }
}

/** The day of a moment, UTC, as `2026-01-31`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
