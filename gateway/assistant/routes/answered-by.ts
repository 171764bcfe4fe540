import type { Call } from '../../http/route.js';
import { type HttpAnswer, problemAnswer } from '../../transport/transport.js';
import type { Assistant, Person } from '../assistant.js';
import { ConversationError } from '../conversations/conversation-store.js';
import { AnswerFailure, type FailureCode } from '../failure.js';

type Handle<B, Q> = (assistant: Assistant, person: Person, call: Call<B, Q>) => HttpAnswer | Promise<HttpAnswer>;

/** Makes a route's handler of what is done with the assistant. */
export type AnsweredBy = <B, Q>(handle: Handle<B, Q>) => (call: Call<B, Q>) => Promise<HttpAnswer>;

const statusOf: Partial<Record<FailureCode, number>> = { disabled: 503, 'over-budget': 429, busy: 429 };

/** Answers with the assistant, which is opened with the first request of it, and says in words what it does not do. */
export function answeredBy(open: () => Promise<Assistant>): AnsweredBy {
  return (handle) => async (call) => {
    try {
      return await handle(await open(), call.caller!.user, call);
    } catch (error) {
      if (error instanceof ConversationError) return problemAnswer(404, error.message);
      if (error instanceof AnswerFailure)
        return problemAnswer(statusOf[error.code] ?? 503, error.message, {}, { code: error.code });
      throw error;
    }
  };
}

/** What a good answer is, for the document. */
export const good = (description: string) => ({ status: 200, description });
