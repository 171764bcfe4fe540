import { z } from 'zod';
import { json, type Route, route } from '../../http/route.js';
import { screenContext } from '../screen-context.js';
import { type AnsweredBy, good } from './answered-by.js';

/** Longest that a question for news of an answer waits, milliseconds. */
const NEWS_MS = 20_000;
const text = z.string().trim().min(1).max(20_000);

/** Questions, and answers while they are written. */
export function answerRoutes(by: AnsweredBy): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats/{chat}/questions',
      summary:
        'Asks. `parent` is the answer that the question hangs on; null begins anew. The answer is followed under its id.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({
        text,
        parent: z.string().max(40).nullable(),
        screen: screenContext.default({ panes: [] }),
      }),
      answer: { status: 202, description: '`question` and `answer`.' },
      handle: by(async (assistant, person, { parts, body }) =>
        json(202, await assistant.ask(person, parts[0]!, body.parent, body.text, body.screen)),
      ),
    }),
    route({
      method: 'POST',
      path: '/api/v1/assistant/chats/{chat}/answers',
      summary: 'Another answer to a question, beside those that there are.',
      role: 'viewer',
      scope: 'read',
      body: z.strictObject({ question: z.string().max(40), screen: screenContext.default({ panes: [] }) }),
      answer: { status: 202, description: '`answer`.' },
      handle: by(async (assistant, person, { parts, body }) =>
        json(202, { answer: await assistant.again(person, parts[0]!, body.question, body.screen) }),
      ),
    }),
    route({
      method: 'GET',
      path: '/api/v1/assistant/answers/{answer}',
      summary: 'What came of an answer behind the first `after` events; waits up to 20 s for more.',
      role: 'viewer',
      scope: 'read',
      query: z.object({ after: z.coerce.number().int().min(0).default(0) }),
      answer: good(
        '`events`, and `next`, the `after` of the next request; null where its chat has it, or there is none.',
      ),
      handle: by(async (assistant, { name }, { parts, query }) => {
        const live = assistant.liveAnswer(name, parts[0]!);
        if (live === undefined) return json(200, { next: null, events: [] });
        return json(200, await live.since(query.after, NEWS_MS));
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/assistant/answers/{answer}',
      summary: 'Ends an answer that is being written; what has come of it stays.',
      role: 'viewer',
      scope: 'read',
      answer: good('`ended`: whether it was being written.'),
      handle: by((assistant, { name }, { parts }) => json(200, { ended: assistant.abort(name, parts[0]!) })),
    }),
  ];
}
