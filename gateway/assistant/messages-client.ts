import type Anthropic from '@anthropic-ai/sdk';
import { NotCalled, OutsideCall, RefusedForGood } from '../../engine/telemetry/outside/outside-call.js';
import type { AssistantSettings } from './assistant-settings.js';
import type { Block, Usage } from './conversations/conversation.js';
import { AnswerFailure, failureOf } from './failure.js';

/** One message of the model, whole. */
export interface Reply {
  blocks: Block[];
  /** Tools whose input is no JSON, by id. */
  malformed: ReadonlySet<string>;
  stop: string | undefined;
  usage: Usage;
}

/** What is told while a message comes. */
export interface ReplySink {
  text(delta: string): void;
  /** What the message has cost so far: told even where it never ends. */
  usage(usage: Usage): void;
  /** Blocks that are whole so far, for when it ends early. */
  block(block: Block): void;
  /** It is tried again in so many seconds, because of this. */
  waits(seconds: number, words: string): void;
}

export interface MessagesRequest {
  system: string;
  tools: Anthropic.Messages.ToolUnion[];
  messages: Anthropic.MessageParam[];
}

const MOST_TRIES = 3;
/** Time that a stream may stay open behind its last event. */
const LINGER_MS = 250;
/** Waits where nobody says how long, seconds. */
const WAIT_SECONDS = [0.5, 2] as const;

/** Speaks the Messages API by the SDK, which is loaded by `open` or with the first question: nobody else pays for it. */
export class MessagesClient {
  private readonly settings: AssistantSettings;
  private readonly key: string;
  private readonly outside: OutsideCall;
  private client: Promise<Anthropic> | undefined;

  constructor(settings: AssistantSettings, key: string) {
    this.settings = settings;
    this.key = key;
    const { answerMs, answersAtOnce } = settings;
    // Tries and pauses are seen to below, where the person who waits is told of them; an answer has its own time, which ends first.
    const policy = {
      timeoutMs: 2 * answerMs,
      retries: 0,
      failures: 8,
      openMs: 30_000,
      atOnce: answersAtOnce,
      waiting: 8,
    };
    this.outside = new OutsideCall('assistant', policy);
  }

  /** Loads the SDK, once. */
  open(): Promise<Anthropic> {
    const { baseUrl } = this.settings;
    this.client ??= import('@anthropic-ai/sdk').then(
      ({ default: Client }) =>
        // Told everything: the SDK would look into the environment and the home folder for what is missing. Its own tries
        // are switched off, since it sleeps as long as it is told to and says nothing meanwhile.
        new Client({
          apiKey: this.key,
          maxRetries: 0,
          logLevel: 'off',
          ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
        }),
    );
    return this.client;
  }

  /** Asks for one message. What the host refuses for now is tried again while nothing of it has come and `untilMs` is not reached. */
  async ask(request: MessagesRequest, sink: ReplySink, signal: AbortSignal, untilMs: number): Promise<Reply> {
    const client = await this.open();
    for (let tries = 1; ; tries++) {
      let begun = false;
      const noticing: ReplySink = {
        ...sink,
        usage: (usage) => {
          begun = true;
          sink.usage(usage);
        },
      };
      try {
        return await this.guarded(() => this.stream(client, request, noticing, signal), signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason instanceof AnswerFailure ? signal.reason : failureOf(error);
        const failure = failureOf(error);
        const mayCome = failure.code === 'overloaded' || failure.code === 'offline';
        const seconds = failure.retryAfter ?? WAIT_SECONDS[tries - 1] ?? 0;
        if (begun || !mayCome || tries === MOST_TRIES || Date.now() + seconds * 1000 >= untilMs) throw failure;
        sink.waits(seconds, failure.message);
        await pause(seconds * 1000, signal);
      }
    }
  }

  /** Counts what becomes of messages, and asks for none while the host fails whatever it is asked. */
  private async guarded(ask: () => Promise<Reply>, signal: AbortSignal): Promise<Reply> {
    try {
      return await this.outside.call(() =>
        ask().catch((error: unknown) => {
          const { code } = failureOf(error);
          const isIll = !signal.aborted && (code === 'overloaded' || code === 'offline' || code === 'stalled');
          throw isIll ? error : new RefusedForGood('', { cause: error });
        }),
      );
    } catch (error) {
      if (error instanceof NotCalled)
        throw new AnswerFailure('offline', `${error.message}: ask again in half a minute`);
      throw error instanceof RefusedForGood ? error.cause : error;
    }
  }

  private async stream(
    client: Anthropic,
    { system, tools, messages }: MessagesRequest,
    sink: ReplySink,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { model, tokensPerMessage, stallMs } = this.settings;
    const own = new AbortController();
    const forward = (): void => own.abort();
    signal.addEventListener('abort', forward, { once: true });
    let stalled = false;
    let watch: NodeJS.Timeout | undefined;
    const reply = new ReplyBuilder(sink);
    const heard = (): void => {
      clearTimeout(watch);
      watch = setTimeout(
        () => {
          stalled = !reply.isWhole;
          own.abort();
        },
        // The connection is kept for the next round where the other side ends the stream by itself.
        reply.isWhole ? LINGER_MS : stallMs,
      );
    };
    heard();
    try {
      const events = await client.messages.create(
        {
          model,
          max_tokens: tokensPerMessage,
          // Tools and role never change, and a history only grows: both are marked to be kept.
          system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
          tools,
          messages,
          cache_control: { type: 'ephemeral' },
          stream: true,
        },
        { signal: own.signal },
      );
      for await (const event of events) {
        reply.take(event);
        heard();
      }
      if (signal.aborted || stalled) throw new Error('aborted');
      return reply.end();
    } catch (error) {
      if (stalled)
        throw new AnswerFailure('stalled', `nothing came from the model's host for ${stallMs / 1000} s: ask again`);
      throw error;
    } finally {
      clearTimeout(watch);
      signal.removeEventListener('abort', forward);
    }
  }
}

type Draft = { block: Block; json: string };

/** Puts a message together from its events. Events and blocks that are not known are passed over. */
class ReplyBuilder {
  isWhole = false;
  private readonly sink: ReplySink;
  private readonly drafts = new Map<number, Draft>();
  private readonly blocks: Block[] = [];
  private readonly malformed = new Set<string>();
  private stop: string | undefined;
  private usage: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

  constructor(sink: ReplySink) {
    this.sink = sink;
  }

  take(event: Anthropic.RawMessageStreamEvent): void {
    switch (event.type) {
      case 'message_start':
        this.count(event.message.usage);
        break;
      case 'content_block_start':
        this.begin(event.index, event.content_block);
        break;
      case 'content_block_delta':
        this.grow(this.drafts.get(event.index), event.delta);
        break;
      case 'content_block_stop':
        this.finish(event.index);
        break;
      case 'message_delta':
        this.stop = event.delta.stop_reason ?? this.stop;
        this.count(event.usage);
        break;
      case 'message_stop':
        this.isWhole = true;
        break;
      default:
    }
  }

  end(): Reply {
    if (!this.isWhole) throw new AnswerFailure('cut-off', 'the answer was cut off on its way: ask again');
    const { blocks, malformed, stop, usage } = this;
    return { blocks, malformed, stop, usage };
  }

  private begin(index: number, given: Anthropic.ContentBlock): void {
    const block: Block | undefined =
      given.type === 'text'
        ? { type: 'text', text: given.text }
        : given.type === 'thinking'
          ? { type: 'thinking', thinking: given.thinking, signature: given.signature }
          : given.type === 'redacted_thinking'
            ? { type: 'redacted_thinking', data: given.data }
            : given.type === 'tool_use'
              ? { type: 'tool_use', id: given.id, name: given.name, input: {} }
              : undefined;
    if (block === undefined) return;
    this.drafts.set(index, { block, json: '' });
    if (block.type === 'text' && block.text !== '') this.sink.text(block.text);
  }

  private grow(draft: Draft | undefined, delta: Anthropic.RawContentBlockDelta): void {
    if (draft === undefined) return;
    const { block } = draft;
    if (delta.type === 'text_delta' && block.type === 'text') {
      block.text += delta.text;
      this.sink.text(delta.text);
    } else if (delta.type === 'input_json_delta') draft.json += delta.partial_json;
    else if (delta.type === 'thinking_delta' && block.type === 'thinking') block.thinking += delta.thinking;
    else if (delta.type === 'signature_delta' && block.type === 'thinking') block.signature += delta.signature;
  }

  private finish(index: number): void {
    const draft = this.drafts.get(index);
    if (draft === undefined) return;
    this.drafts.delete(index);
    const { block, json } = draft;
    if (block.type === 'tool_use') {
      try {
        const input: unknown = JSON.parse(json === '' ? '{}' : json);
        // The API takes nothing but objects back.
        if (typeof input !== 'object' || input === null || Array.isArray(input)) this.malformed.add(block.id);
        else block.input = input;
      } catch {
        this.malformed.add(block.id);
      }
    }
    // An empty text may not be sent back.
    if (block.type === 'text' && block.text.trim() === '') return;
    this.blocks.push(block);
    this.sink.block(block);
  }

  private count(usage: Partial<Anthropic.Usage> | Partial<Anthropic.MessageDeltaUsage> | undefined): void {
    if (usage === undefined) return;
    this.usage = {
      input: usage.input_tokens ?? this.usage.input,
      output: usage.output_tokens ?? this.usage.output,
      cacheRead: usage.cache_read_input_tokens ?? this.usage.cacheRead,
      cacheWrite: usage.cache_creation_input_tokens ?? this.usage.cacheWrite,
    };
    this.sink.usage(this.usage);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
