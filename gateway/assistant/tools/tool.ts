import { z } from 'zod';
import type { Role } from '../../topics/topic.js';
import type { TopicSet } from '../../topics/topic-set.js';
import type { AssistantSettings } from '../assistant-settings.js';
import type { Card } from '../conversations/conversation.js';
import type { ScreenContext } from '../screen-context.js';
import type { SqlStore } from '../sql-store.js';
import { strictSchema } from './strict-schema.js';

/** What a tool may look at. There is nothing here by which it could act. */
export interface ToolWorld {
  topics: TopicSet;
  sql: SqlStore;
  settings: AssistantSettings;
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Which life of the gateway numbers events. */
  epoch: number;
}

/** One answer's tools: who asks, and from which screen. */
export interface ToolCallContext {
  user: string;
  role: Role;
  screen: ScreenContext;
  /** Shows a proposal to the user, and answers what the model is told of it. */
  propose(kind: Card['kind'], summary: string, diff: string[], payload: object): string;
  signal: AbortSignal;
}

/** Something that the model may ask for. All tools read; those that propose only show a card. */
export interface Tool {
  name: string;
  description: string;
  input: z.ZodType;
  /** Reads what a desk may want to keep on its host. */
  isPrivate?: true;
  run(input: unknown, world: ToolWorld, context: ToolCallContext): object | Promise<object>;
}

/** Types a tool by its schema. */
export function tool<T extends z.ZodType>(definition: {
  name: string;
  description: string;
  input: T;
  isPrivate?: true;
  run(input: z.output<T>, world: ToolWorld, context: ToolCallContext): object | Promise<object>;
}): Tool {
  return definition as unknown as Tool;
}

/** A mistake in what a tool was asked, in words for the model. */
export class ToolRefusal extends Error {}

/**
 * A tool as the Messages API has it; the same bytes each time. Proposals are strict: a card must say what was meant. The API compiles all strict tools of a
 * request into one grammar and refuses the request where that grows too large, so the others are not: their inputs are held when they are used.
 */
export function describeTool({ name, description, input }: Tool): {
  name: string;
  description: string;
  input_schema: { type: 'object'; [key: string]: unknown };
  strict?: true;
} {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' });
  const strict = name.startsWith('propose_') ? strictSchema(schema) : undefined;
  if (strict === undefined) return { name, description, input_schema: { ...schema, type: 'object' } };
  return { name, description, input_schema: { ...strict, type: 'object' }, strict: true };
}
