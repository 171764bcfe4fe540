import { ask } from '../../net/http.js';
import { BASE, type ChatRow } from './api.js';
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
    this.chat = found.chat;
    localStorage.setItem(LAST_CHAT, id);
    this.messages.clear();
    for (const message of found.messages) this.messages.set(message.id, message);
    this.proposals = found.proposals;
    return true;
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
