import type { Target } from '../../command/target.js';
import type { Message, Proposal } from './tree.js';

/** What the gateway says of the assistant. */
export interface Status {
  enabled?: boolean;
  reason?: string;
  model?: string;
  spent?: { usd: number };
  limits?: { usdPerUserAndDay: number };
  templates?: Template[];
}
/** A usual question of the desk. */
export interface Template {
  name: string;
  title: string;
  question: string;
}
export interface ChatRow {
  id: string;
  title: string;
  leaf: string | null;
}
/** What is told of an answer while it is written. */
export type AnswerEvent =
  | { kind: 'text'; text: string }
  | { kind: 'tool'; ref: number; name: string }
  | { kind: 'result'; ref: number; name: string; failed: boolean; text: string }
  | { kind: 'proposal'; proposal: Proposal }
  | { kind: 'waits'; seconds: number; words: string }
  | { kind: 'end'; answer: Ended };
/** How an answer ended, and what it cost. */
export type Ended = Pick<Message, 'status' | 'usage' | 'usd' | 'failure'>;
/** What was asked, and the answer that is to come: of a question that is answered once more there is the answer alone. */
export interface Asked {
  question?: Message;
  answer: Message;
}
export type TemplateAnswer = {
  title: string;
  parts: { title: string; error?: string; columns?: { name: string }[]; rows?: unknown[][] }[];
};

export const BASE = '/api/v1/assistant';

/** What stands on the screen, for the model: the panes, and of the selected one its instrument. */
export function screenOf({ underlying, expiry, strike, right }: Target): object {
  const given = Object.fromEntries(
    Object.entries({ underlying, expiry, strike, right }).filter(([, value]) => value !== undefined),
  );
  const panes = [...document.querySelectorAll('.pane')].flatMap((pane) => {
    const page = /^([A-Z]{1,8}) /.exec(pane.getAttribute('aria-label') ?? '')?.[1];
    const focused = pane.classList.contains('focused');
    return page === undefined ? [] : [{ page, focused, ...(focused ? given : {}) }];
  });
  return { panes: panes.slice(0, 16), at: Date.now() };
}
