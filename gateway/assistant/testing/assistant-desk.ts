import { GatewayDesk, TOKEN } from '../../testing/gateway-desk.js';
import type { GivenAssistantSettings } from '../assistant-settings.js';
import type { Answer, Chat, Message } from '../conversations/conversation.js';
import type { AnswerEvent } from '../live-answer.js';
import type { OpenProposal } from '../proposals.js';
import type { SqlStore } from '../sql-store.js';
import { MessagesServer } from './messages-server.js';

export const KEY = 'sk-ant-test-0123456789';

/** An SQL store that answers each question with what a test gave it. */
class FakeSql implements SqlStore {
  readonly asked: string[] = [];
  rows: unknown[][] = [[1]];
  failure: string | undefined;

  async ask(sql: string): ReturnType<SqlStore['ask']> {
    this.asked.push(sql);
    if (this.failure !== undefined) throw new Error(this.failure);
    return { columns: [{ name: 'n', type: 'INTEGER' }], rows: this.rows, cut: false };
  }

  async schema(): ReturnType<SqlStore['schema']> {
    return { tables: [{ name: 'fills', comment: 'Our fills.', columns: [] }], views: [] };
  }
}

/** A gateway with an assistant that talks to a Messages API on the loopback interface. */
export class AssistantDesk {
  readonly model = new MessagesServer();
  readonly sql = new FakeSql();
  desk!: GatewayDesk;

  async open(settings: GivenAssistantSettings = {}, key = KEY, pages?: string): Promise<void> {
    const baseUrl = settings.baseUrl ?? (await this.model.listen());
    if (new URL(baseUrl).hostname !== '127.0.0.1')
      throw new Error(`a test talks to the loopback interface, not to ${baseUrl}`);
    this.desk = new GatewayDesk(64, {
      assistant: { ...settings, baseUrl, key, sql: this.sql },
      ...(pages === undefined ? {} : { pages }),
    });
    await this.desk.serve('ws');
  }

  async close(): Promise<void> {
    await this.desk.close();
    await this.model.close();
  }

  async call(method: string, path: string, body?: unknown, token = TOKEN): Promise<{ status: number; body: never }> {
    const response = await fetch(`http://127.0.0.1:${this.desk.port}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as never,
    };
  }

  async chat(): Promise<string> {
    return ((await this.call('POST', 'assistant/chats', {})).body as Chat).id;
  }

  /** Asks, and follows the answer to its end. */
  async ask(
    chat: string,
    text: string,
    parent: string | null = null,
  ): Promise<{ answer: Answer; events: AnswerEvent[]; question: Message }> {
    const { status, body } = await this.call('POST', `assistant/chats/${chat}/questions`, { text, parent });
    if (status !== 202) throw new Error(`${status}: ${JSON.stringify(body)}`);
    const { answer, question } = body as { answer: Answer; question: Message };
    const events = await this.follow(answer.id);
    const { messages } = await this.tree(chat);
    return { answer: messages.find(({ id }) => id === answer.id) as Answer, events, question };
  }

  async follow(answer: string): Promise<AnswerEvent[]> {
    const events: AnswerEvent[] = [];
    for (let after = 0; events.at(-1)?.kind !== 'end'; ) {
      const { body } = await this.call('GET', `assistant/answers/${answer}?after=${after}`);
      const news = body as { next: number; events: AnswerEvent[] };
      events.push(...news.events);
      after = news.next;
    }
    return events;
  }

  async tree(chat: string): Promise<{ chat: Chat; messages: Message[]; proposals: OpenProposal[] }> {
    return (await this.call('GET', `assistant/chats/${chat}`)).body;
  }
}
