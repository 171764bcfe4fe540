import { join } from 'node:path';
import type { OwnCounters } from '../topics/board-source.js';
import type { TopicSet } from '../topics/topic-set.js';
import type { Assistant, AssistantOptions } from './assistant.js';
import { assistantSettings, type GivenAssistantSettings } from './assistant-settings.js';

/** Time after the start at which an assistant that has a key is loaded: screens come first, and its first question waits for nothing. */
const WARM_MS = 3000;

/** How an assistant is set up, and its key. */
export type GivenAssistant = GivenAssistantSettings & Pick<AssistantOptions, 'key' | 'sql'>;

export interface LazyAssistantOptions {
  given: GivenAssistant | undefined;
  topics: TopicSet;
  epoch: number;
  /** The gateway's own; absent for nowhere. */
  folder: string | undefined;
  /** Is told what the assistant spends. */
  own: OwnCounters;
}

/** The assistant, whose code and store are loaded when they are first asked for, or soon after the start where there is a key. */
export class LazyAssistant {
  private readonly options: LazyAssistantOptions;
  private loading: Promise<Assistant> | undefined;
  private warming: NodeJS.Timeout | undefined;

  constructor(options: LazyAssistantOptions) {
    this.options = options;
  }

  start(): void {
    if ((this.options.given?.key ?? '') !== '') this.warming = setTimeout(() => void this.warm(), WARM_MS);
  }

  stop(): void {
    clearTimeout(this.warming);
    void this.loading?.then((assistant) => assistant.close());
  }

  open(): Promise<Assistant> {
    this.loading ??= this.load();
    return this.loading;
  }

  private async load(): Promise<Assistant> {
    const { topics, epoch, folder, own, given = {} } = this.options;
    const { key, sql, ...settings } = given;
    const { Assistant } = await import('./assistant.js');
    const assistant = new Assistant({
      settings: assistantSettings.parse(settings),
      topics,
      epoch,
      ...(key === undefined ? {} : { key }),
      ...(sql === undefined ? {} : { sql }),
      ...(folder === undefined ? {} : { folder: join(folder, 'assistant') }),
    });
    own.spent ??= () => assistant.costToday();
    return assistant;
  }

  /** What goes wrong here is told to whoever asks first. */
  private async warm(): Promise<void> {
    try {
      await (await this.open()).warm();
    } catch (error) {
      process.stderr.write(`assistant: ${error instanceof Error ? error.message : error}\n`);
    }
  }
}
