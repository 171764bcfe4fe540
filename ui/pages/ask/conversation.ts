import { ask } from '../../net/http.js';
import { type Asked, BASE, type ChatRow } from './api.js';
import { type Message, type Proposal, pathTo } from './tree.js';

const LAST_CHAT = 'volfilter.chat';

/** The chat that is open, as the gateway tells it: its messages, and the proposals that wait for a confirmation. */
export class Conversation {
  readonly messages = new Map<string, Message>();
  proposals: Proposal[] = [];
  chat: ChatRow | undefined;
  /** Message that the next question hangs on; undefined: the end of what is shown. */
  hangsOn: string | null | undefined;
  /** The answer that is being written. */
  writing: string | undefined;

  /** The chat that was open last in this browser. */
  static get last(): string | null {
    return localStorage.getItem(LAST_CHAT);
  }

  /** From the first question to the last answer that is shown. */
  get path(): Message[] {
    return pathTo(this.messages, this.chat?.leaf ?? null);
  }

  /** @returns whether there is such a chat, which then is the open one */
  async load(id: string): Promise<boolean> {
    const { ok, body } = await ask('GET', `${BASE}/chats/${id}`);
    if (!ok) return false;
    const found = body as { chat: ChatRow | null; messages: Message[]; proposals: Proposal[] };
    if (found.chat === null || found.chat === undefined) {
      localStorage.removeItem(LAST_CHAT);
      return false;
    }
    this.open(found.chat);
    this.messages.clear();
    for (const message of found.messages) this.messages.set(message.id, message);
    this.proposals = found.proposals;
    return true;
  }

  /** Has a chat open, also when this page is loaded anew. */
  open(chat: ChatRow): void {
    this.chat = chat;
    localStorage.setItem(LAST_CHAT, chat.id);
  }

  /** Adds a question and the answer that is to come: nothing else of the chat has changed. */
  add({ question, answer }: Asked): void {
    if (this.chat === undefined) return;
    if (question !== undefined) this.messages.set(question.id, question);
    this.messages.set(answer.id, answer);
    this.chat = { ...this.chat, leaf: answer.id };
  }

  /** Shows another branch, as the gateway has it. @returns what went wrong, in words; empty where nothing did */
  async branch(message: string): Promise<string> {
    const { chat } = this;
    if (chat === undefined) return '';
    const { ok, words, body } = await ask('PUT', `${BASE}/chats/${chat.id}`, { show: message });
    if (ok) await this.shows(body as ChatRow);
    return ok ? '' : words;
  }

  /** Takes a message away with what hangs on it. @returns what went wrong, in words; empty where nothing did */
  async remove(message: string): Promise<string> {
    const { chat } = this;
    if (chat === undefined) return '';
    const { ok, words, body } = await ask('DELETE', `${BASE}/chats/${chat.id}/messages/${message}`);
    if (!ok) return words;
    this.messages.delete(message);
    await this.shows(body as ChatRow);
    return '';
  }

  /** What the chat shows now; it is loaded where another screen has written what this one does not know. */
  private async shows(chat: ChatRow): Promise<void> {
    this.chat = chat;
    if (chat.leaf !== null && !this.messages.has(chat.leaf)) await this.load(chat.id);
  }

  /** Has no chat open. */
  leave(): void {
    this.chat = undefined;
    this.messages.clear();
    this.proposals = [];
    this.hangsOn = undefined;
  }

  /** Forgets the chat that was open last. */
  forget(): void {
    localStorage.removeItem(LAST_CHAT);
  }

  waiting(card: string): Proposal | undefined {
    return this.proposals.find((one) => one.card.id === card);
  }

  drop(proposal: Proposal): void {
    this.proposals = this.proposals.filter((one) => one !== proposal);
  }
}
