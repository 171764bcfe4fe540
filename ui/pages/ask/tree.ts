/** A message as the gateway tells it; docs/assistant.md. */
export interface Message {
  id: string;
  parent: string | null;
  role: 'user' | 'assistant';
  text?: string;
  status?: string;
  rounds?: {
    blocks: { type: string; text?: string }[];
    results: { ref: number; name: string; text: string; failed: boolean }[];
  }[];
  cards?: Card[];
  usage?: { input: number; output: number; cacheRead: number; cacheWrite: number };
  usd?: number;
  failure?: { code: string; words: string };
}

export interface Card {
  id: string;
  kind: string;
  summary: string;
  diff: string[];
  hash: string;
}

export interface Proposal {
  card: Card;
  nonce: string;
  until: number;
}

/** From the first question to the leaf. */
export function pathTo(messages: ReadonlyMap<string, Message>, leaf: string | null): Message[] {
  const path: Message[] = [];
  // Bounded by the messages that there are: a circle, which cannot be, would not hang the screen.
  for (let at = leaf; at !== null && path.length <= messages.size; ) {
    const message = messages.get(at);
    if (message === undefined) break;
    path.push(message);
    at = message.parent;
  }
  return path.reverse();
}

/** The messages beside each other, by their parent, in the order in which they were written. */
export function siblings(messages: ReadonlyMap<string, Message>): Map<string | null, Message[]> {
  const beside = new Map<string | null, Message[]>();
  for (const message of messages.values()) {
    const others = beside.get(message.parent);
    if (others === undefined) beside.set(message.parent, [message]);
    else others.push(message);
  }
  for (const all of beside.values()) all.sort((a, b) => (a.id < b.id ? -1 : 1));
  return beside;
}

export function answerText({ rounds = [] }: Message): string {
  return rounds
    .flatMap(({ blocks }) => blocks.flatMap(({ type, text = '' }) => (type === 'text' ? [text] : [])))
    .join('\n\n');
}
