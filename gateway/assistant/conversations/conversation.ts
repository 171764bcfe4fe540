import type { FailureCode } from '../failure.js';

/** What the model wrote, as it is sent back to it. `input` of a tool is what its JSON said. */
export type Block =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown };

/** The result of one use of a tool. */
export interface ToolResult {
  /** Id of the use. */
  use: string;
  /** Number by which answers cite it; counts on along a path. */
  ref: number;
  name: string;
  /** JSON, as the model saw it. */
  text: string;
  failed: boolean;
}

/** A message of the model and the results of all tools that it used: one unit, never cut. */
export interface Round {
  blocks: Block[];
  results: ToolResult[];
}

export interface Usage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

/** A proposal as it is kept: what it would do, and no nonce. */
export interface Card {
  id: string;
  kind: 'command' | 'alert' | 'dashboard' | 'strategy';
  summary: string;
  /** What changes, line by line: before and after. */
  diff: string[];
  /** SHA-256 of the payload. */
  hash: string;
}

export type MessageStatus = 'streaming' | 'done' | 'aborted' | 'refused' | 'error';

interface MessageBase {
  id: string;
  chat: string;
  parent: string | null;
  /** Milliseconds since the Unix epoch. */
  created: number;
  deleted?: true;
}

export interface Question extends MessageBase {
  role: 'user';
  text: string;
  /** What was on the screen, in words; it stands behind the question and never changes, so that the prefix stays the same. */
  context: string;
}

export interface Answer extends MessageBase {
  role: 'assistant';
  status: MessageStatus;
  model: string;
  rounds: Round[];
  cards: Card[];
  usage: Usage;
  usd: number;
  failure?: { code: FailureCode; words: string };
}

export type Message = Question | Answer;

export interface Chat {
  id: string;
  title: string;
  owner: string;
  /** The message that the view ends with; null while there is none. */
  leaf: string | null;
  created: number;
  deleted?: true;
  /** Secret of the link by which the team may read it. */
  share?: string;
}

/** What an answer says, without its tools. */
export function textOf(answer: Answer): string {
  return answer.rounds
    .flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === 'text' ? [block.text] : [])))
    .join('\n\n');
}
