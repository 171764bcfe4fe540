import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseRules } from '../../engine/market/alerts/index.js';
import { type Role, roleAllows } from '../topics/topic.js';
import type { TopicSet } from '../topics/topic-set.js';
import { checkSpent, writeAnswer } from './answer-loop.js';
import type { AssistantSettings } from './assistant-settings.js';
import type { Answer, Question } from './conversations/conversation.js';
import { ConversationError, ConversationStore, dayOf } from './conversations/conversation-store.js';
import { AnswerFailure } from './failure.js';
import { LiveAnswer } from './live-answer.js';
import { MessagesClient } from './messages-client.js';
import { redacted } from './outside-text.js';
import { Proposals } from './proposals.js';
import { type ScreenContext, screenText } from './screen-context.js';
import { type SqlStore, sqlStoreOf } from './sql-store.js';
import { TEMPLATES } from './templates.js';
import { Toolbox } from './tools/toolbox.js';

export interface AssistantOptions {
  settings: AssistantSettings;
  topics: TopicSet;
  epoch: number;
  /** Key of the Messages API; absent where there is none. */
  key?: string;
  /** Where conversations are kept; absent for nowhere. */
  folder?: string;
  sql?: SqlStore;
}

export interface Person {
  name: string;
  role: Role;
}

export const NO_KEY =
  'the assistant has no key: start the engine with ANTHROPIC_API_KEY in its environment. Templates, the SQL page and everything else work without it.';

/** Time that the end of an answer can still be asked for as it came. */
const LIVE_AFTER_MS = 60_000;
const TITLE_LENGTH = 60;

/** The assistant: conversations, answers that are being written, and proposals that wait. */
export class Assistant {
  readonly store: ConversationStore;
  readonly proposals = new Proposals();
  readonly sql: SqlStore;
  private readonly settings: AssistantSettings;
  private readonly toolbox: Toolbox;
  private readonly client: MessagesClient | undefined;
  private readonly live = new Map<string, LiveAnswer>();
  private readonly done = new Set<Promise<void>>();

  constructor({ settings, topics, epoch, key, folder, sql }: AssistantOptions) {
    this.settings = settings;
    this.sql = sql ?? sqlStoreOf(settings.journal);
    this.store = new ConversationStore(folder);
    this.client = key === undefined || key === '' ? undefined : new MessagesClient(settings, key);
    const polled = { sql: this.sql, settings, epoch, now: Date.now, topics };
    this.toolbox = new Toolbox(polled, settings);
  }

  async close(): Promise<void> {
    for (const live of this.live.values())
      live.abort.abort(new AnswerFailure('ended', 'the gateway ended while this was being written'));
    await Promise.allSettled([...this.done]);
    await this.store.close();
  }

  /** Loads what the first question would wait for. */
  async warm(): Promise<void> {
    await this.client?.open();
  }

  /** USD that all have spent since 00:00 UTC. */
  costToday(): number {
    return this.store.spent(dayOf(Date.now())).usd;
  }

  status({ name }: Person): object {
    const { model, usdPerUserAndDay, usdPerDay } = this.settings;
    const day = dayOf(Date.now());
    return {
      enabled: this.client !== undefined,
      ...(this.client === undefined ? { reason: NO_KEY } : {}),
      model,
      spent: this.store.spent(day, name),
      limits: { usdPerUserAndDay, usdPerDay },
      templates: TEMPLATES.map(({ name: template, title, question }) => ({ name: template, title, question })),
    };
  }

  /** Asks a question, and begins its answer. @throws AnswerFailure where there will be none; then nothing is kept */
  ask(
    person: Person,
    chat: string,
    parent: string | null,
    text: string,
    screen: ScreenContext,
  ): Promise<{ question: Question; answer: Answer }> {
    const { store } = this;
    const { name } = person;
    return this.keptAndBegun(person, screen, () => {
      const question = store.ask(name, chat, parent, redacted(text), screenText(screen, Date.now()));
      if (store.chat(name, chat).title === '')
        store.rename(name, chat, question.text.replace(/\s+/g, ' ').slice(0, TITLE_LENGTH));
      return question;
    });
  }

  /** Another answer to a question, beside those that there are. */
  async again(person: Person, chat: string, question: string, screen: ScreenContext): Promise<Answer> {
    const { answer } = await this.keptAndBegun(person, screen, () => {
      this.store.chat(person.name, chat);
      const found = this.store.message(chat, question);
      if (found?.role !== 'user') throw new ConversationError(`there is no question ${question} in chat ${chat}`);
      return found;
    });
    return answer;
  }

  /** An answer that is being written, or was until a moment ago. */
  liveAnswer(user: string, id: string): LiveAnswer | undefined {
    const live = this.live.get(id);
    return live?.user === user ? live : undefined;
  }

  /** Ends an answer; what has come of it stays. */
  abort(user: string, id: string): boolean {
    const live = this.liveAnswer(user, id);
    if (live === undefined || live.isOver) return false;
    live.abort.abort(new AnswerFailure('aborted', 'ended by you'));
    return true;
  }

  /** Adds a rule to those of the alerts. The engine reads its file again by itself. */
  addAlert({ role }: Person, rule: string): void {
    if (!roleAllows(role, 'trader')) throw new ConversationError('adding an alert needs the role trader');
    const file = join(this.settings.alerts, 'alerts.rules');
    const before = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const line = `${before === '' || before.endsWith('\n') ? '' : '\n'}${rule}\n`;
    // A name that is taken, for one, would keep the engine from taking any rule of the file.
    parseRules(before + line);
    mkdirSync(this.settings.alerts, { recursive: true });
    appendFileSync(file, line);
  }

  private mayAnswer({ name }: Person): void {
    const { settings, store } = this;
    if (this.client === undefined) throw new AnswerFailure('disabled', NO_KEY);
    const running = [...this.live.values()].filter((live) => !live.isOver);
    if (running.length >= settings.answersAtOnce)
      throw new AnswerFailure(
        'busy',
        `${settings.answersAtOnce} answers are being written: wait for one, or end yours`,
      );
    checkSpent(settings, store, name);
  }

  /**
   * Keeps a question and the beginning of its answer. The model is asked meanwhile, and not after the disk: nobody is told of an answer that is not kept.
   * @param question writes the question, or finds it
   */
  private async keptAndBegun(
    person: Person,
    screen: ScreenContext,
    question: () => Question,
  ): Promise<{ question: Question; answer: Answer }> {
    this.mayAnswer(person);
    const { store, settings, live } = this;
    let begun: Answer | undefined;
    try {
      return await store.together(() => {
        // Another question may have come first.
        this.mayAnswer(person);
        const asked = question();
        const answer = store.beginAnswer(person.name, asked.chat, asked.id, settings.model);
        this.begin(person, asked, answer, screen);
        begun = answer;
        return { question: asked, answer };
      });
    } catch (error) {
      if (begun !== undefined)
        live.get(begun.id)?.abort.abort(new AnswerFailure('ended', 'the disk did not keep the question'));
      throw error;
    }
  }

  private begin(person: Person, question: Question, answer: Answer, screen: ScreenContext): void {
    const { store, settings, toolbox, proposals, client } = this;
    const live = new LiveAnswer(person.name, answer.id);
    this.live.set(answer.id, live);
    const path = store.path(question.chat, question.id);
    const job = { user: person.name, role: person.role, screen, path, answer, live };
    const written = writeAnswer({ settings, client: client!, store, toolbox, proposals }, job).finally(() => {
      this.done.delete(written);
      setTimeout(() => this.live.delete(answer.id), LIVE_AFTER_MS).unref();
    });
    this.done.add(written);
  }
}
