import type Anthropic from '@anthropic-ai/sdk';
import type { Role } from '../topics/topic.js';
import type { AssistantSettings } from './assistant-settings.js';
import type { Answer, Block, Message, Round, ToolResult, Usage } from './conversations/conversation.js';
import { type ConversationStore, dayOf, type ToolCall } from './conversations/conversation-store.js';
import { AnswerFailure, failureOf } from './failure.js';
import type { LiveAnswer } from './live-answer.js';
import type { MessagesClient } from './messages-client.js';
import { messagesOf, paramsOf, SYSTEM } from './prompt.js';
import type { Proposals } from './proposals.js';
import type { ScreenContext } from './screen-context.js';
import type { ToolCallContext } from './tools/tool.js';
import type { Toolbox } from './tools/toolbox.js';

export interface AnswerServices {
  settings: AssistantSettings;
  client: MessagesClient;
  store: ConversationStore;
  toolbox: Toolbox;
  proposals: Proposals;
}

export interface AnswerJob {
  user: string;
  role: Role;
  screen: ScreenContext;
  /** The path up to the question. */
  path: readonly Message[];
  answer: Answer;
  live: LiveAnswer;
}

/** Cards that one answer may show. */
const MOST_CARDS = 4;
/** Tools that the model may use in one message. */
const MOST_USES = 12;

/** Writes an answer: asks the model, uses the tools that it asks for, and asks again, within the limits. Throws nothing; how it ended is in the answer. */
export async function writeAnswer(services: AnswerServices, job: AnswerJob): Promise<void> {
  const { store } = services;
  const { live, user } = job;
  const writing = new Writing(services, job);
  try {
    await writing.run();
  } catch (error) {
    writing.fail(error);
  }
  const { answer, newCalls } = writing;
  try {
    await store.together(() => store.keepAnswer(user, answer, newCalls));
  } catch (error) {
    // Nothing may end the gateway here; a full disk is said, and the engine does not need this store.
    process.stderr.write(`assistant: an answer is not kept: ${(error as Error).message}\n`);
  }
  const { id, status, usage, usd, failure } = answer;
  live.tell({ kind: 'end', answer: { id, status, usage, usd, ...(failure === undefined ? {} : { failure }) } });
}

class Writing {
  answer: Answer;
  newCalls: (ToolCall & { use: string })[] = [];
  private readonly services: AnswerServices;
  private readonly job: AnswerJob;
  /** What the message that is coming has so far. */
  private partial: Block[] = [];
  private partialText = '';
  private ended: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  private ref: number;

  constructor(services: AnswerServices, job: AnswerJob) {
    this.services = services;
    this.job = job;
    this.answer = job.answer;
    this.ref = job.path.reduce(
      (count, message) =>
        message.role === 'user' ? count : count + message.rounds.reduce((sum, { results }) => sum + results.length, 0),
      0,
    );
  }

  async run(): Promise<void> {
    const { settings, client, toolbox } = this.services;
    const { live, path } = this.job;
    const { signal } = live.abort;
    const until = Date.now() + settings.answerMs;
    const late = setTimeout(
      () =>
        live.abort.abort(
          new AnswerFailure('too-late', `no whole answer within ${settings.answerMs / 1000} s: ask for less`),
        ),
      settings.answerMs,
    );
    try {
      const before = messagesOf(path);
      for (let round = 0; round < settings.rounds; round++) {
        this.checkBudget();
        this.partial = [];
        this.partialText = '';
        const reply = await client.ask(
          {
            system: SYSTEM,
            tools: toolbox.described as Anthropic.Messages.ToolUnion[],
            messages: [...before, ...this.answer.rounds.flatMap(paramsOf)],
          },
          {
            text: (text) => {
              this.partialText += text;
              live.tell({ kind: 'text', text });
            },
            usage: (usage) => this.count(usage),
            block: (block) => {
              this.partial.push(block);
              this.partialText = '';
            },
            waits: (seconds, words) => live.tell({ kind: 'waits', seconds, words }),
          },
          signal,
          until,
        );
        this.ended = this.answer.usage;
        if (await this.take(reply.blocks, reply.malformed, reply.stop)) return;
      }
      throw new AnswerFailure(
        'too-many-rounds',
        `the tools were asked ${settings.rounds} times without an answer: ask for less at once`,
      );
    } finally {
      clearTimeout(late);
    }
  }

  /** Keeps a message, and uses the tools that it asks for. @returns whether the answer is whole */
  private async take(blocks: Block[], malformed: ReadonlySet<string>, stop: string | undefined): Promise<boolean> {
    const { tokensPerMessage } = this.services.settings;
    if (stop === 'tool_use' && blocks.some(({ type }) => type === 'tool_use')) {
      await this.useTools(blocks, malformed);
      return false;
    }
    if (stop === 'refusal') {
      this.partial = [];
      this.partialText = '';
      this.answer = { ...this.answer, rounds: [] };
      throw new AnswerFailure('refused', 'the model declines to answer this: ask in another way');
    }
    // A use without its result may not stand in a history.
    this.keep({ blocks: blocks.filter(({ type }) => type !== 'tool_use'), results: [] });
    this.partial = [];
    this.partialText = '';
    if (stop === 'pause_turn') return false;
    if (stop === 'max_tokens')
      throw new AnswerFailure(
        'max-tokens',
        `the answer was cut off at its greatest length, ${tokensPerMessage} tokens`,
      );
    if (stop === 'model_context_window_exceeded')
      throw new AnswerFailure('too-long', 'the conversation is too long for the model: begin a new one');
    this.answer = { ...this.answer, status: 'done' };
    return true;
  }

  private async useTools(blocks: Block[], malformed: ReadonlySet<string>): Promise<void> {
    const { toolbox, store, proposals } = this.services;
    const { live, user, role, screen } = this.job;
    const { signal } = live.abort;
    const cards = [...this.answer.cards];
    const context: ToolCallContext = {
      user,
      role,
      screen,
      signal,
      propose: (kind, summary, diff, payload) => {
        if (cards.length >= MOST_CARDS) return 'no card: an answer shows four at most';
        const proposal = proposals.open(user, this.answer.id, kind, summary, diff, payload as never);
        cards.push(proposal.card);
        live.tell({ kind: 'proposal', proposal });
        return proposal.card.id;
      },
    };
    const uses = blocks.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
    const results = await Promise.all(
      uses.map(async ({ id, name, input }, at): Promise<ToolResult> => {
        const ref = this.ref + at + 1;
        live.tell({ kind: 'tool', ref, name, input });
        const began = performance.now();
        const { text, failed } =
          at >= MOST_USES
            ? { text: JSON.stringify({ ref, error: `at most ${MOST_USES} tools at once` }), failed: true }
            : malformed.has(id)
              ? { text: JSON.stringify({ ref, error: 'the input is no JSON object' }), failed: true }
              : await toolbox.use(name, input, ref, context);
        this.newCalls.push({ use: id, user, name, failed, ms: performance.now() - began, bytes: text.length });
        live.tell({ kind: 'result', ref, name, failed, text });
        return { use: id, ref, name, text, failed };
      }),
    );
    this.ref += uses.length;
    this.partial = [];
    this.partialText = '';
    this.answer = { ...this.answer, cards };
    this.keep({ blocks, results });
    await store.together(() => store.keepAnswer(user, this.answer, this.newCalls));
    this.newCalls = [];
    if (signal.aborted) throw signal.reason;
  }

  private keep(round: Round): void {
    if (round.blocks.length === 0) return;
    this.answer = { ...this.answer, rounds: [...this.answer.rounds, round] };
  }

  /** Keeps what came of a message that did not end, without uses of tools that have no result. */
  fail(error: unknown): void {
    const { signal } = this.job.live.abort;
    const failure = signal.aborted && signal.reason instanceof AnswerFailure ? signal.reason : failureOf(error);
    if (!(error instanceof AnswerFailure) && failure.code === 'cut-off')
      process.stderr.write(`assistant: ${error instanceof Error ? error.message : error}\n`);
    const blocks = this.partial.filter(({ type }) => type === 'text');
    if (this.partialText.trim() !== '') blocks.push({ type: 'text', text: this.partialText });
    if (failure.code !== 'refused') this.keep({ blocks, results: [] });
    const status =
      failure.code === 'aborted'
        ? 'aborted'
        : failure.code === 'refused'
          ? 'refused'
          : failure.code === 'max-tokens'
            ? 'done'
            : 'error';
    this.answer = { ...this.answer, status, failure: { code: failure.code, words: failure.message } };
  }

  /** Adds what the message that is coming has cost so far to what those before it have. */
  private count(usage: Usage): void {
    const { prices } = this.services.settings;
    const { ended } = this;
    const sum: Usage = {
      input: ended.input + usage.input,
      output: ended.output + usage.output,
      cacheRead: ended.cacheRead + usage.cacheRead,
      cacheWrite: ended.cacheWrite + usage.cacheWrite,
    };
    this.answer = { ...this.answer, usage: sum, usd: usdOf(sum, prices) };
  }

  private checkBudget(): void {
    const { settings, store } = this.services;
    const { usage } = this.answer;
    const tokens = usage.input + usage.output + usage.cacheRead + usage.cacheWrite;
    if (tokens >= settings.tokensPerAnswer)
      throw new AnswerFailure(
        'over-budget',
        `this answer has taken the ${settings.tokensPerAnswer} tokens that one may take`,
      );
    checkSpent(settings, store, this.job.user);
  }
}

/** @throws AnswerFailure where the day's budget is spent */
export function checkSpent(settings: AssistantSettings, store: ConversationStore, user: string): void {
  const day = dayOf(Date.now());
  const own = store.spent(day, user).usd;
  if (own >= settings.usdPerUserAndDay)
    throw new AnswerFailure(
      'over-budget',
      `your budget of the day is spent: ${own.toFixed(2)} of ${settings.usdPerUserAndDay} USD. A new day begins at 00:00 UTC`,
    );
  const all = store.spent(day).usd;
  if (all >= settings.usdPerDay)
    throw new AnswerFailure(
      'over-budget',
      `the desk's budget of the day is spent: ${all.toFixed(2)} of ${settings.usdPerDay} USD. A new day begins at 00:00 UTC`,
    );
}

function usdOf(usage: Usage, prices: AssistantSettings['prices']): number {
  return (
    (usage.input * prices.input +
      usage.output * prices.output +
      usage.cacheRead * prices.cacheRead +
      usage.cacheWrite * prices.cacheWrite) /
    1e6
  );
}
