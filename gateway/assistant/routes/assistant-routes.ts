import { json, type Route, route } from '../../http/route.js';
import type { AuditLog } from '../../security/audit.js';
import type { Assistant } from '../assistant.js';
import { answerRoutes } from './answer-routes.js';
import { answeredBy, good } from './answered-by.js';
import { chatRoutes } from './chat-routes.js';
import { proposalRoutes } from './proposal-routes.js';
import { sqlRoutes } from './sql-routes.js';

export interface AssistantRouteServices {
  /** Opened with the first request of it: the gateway's start pays nothing. */
  open(): Promise<Assistant>;
  audit: AuditLog;
  /** The routes by which people give commands; a confirmed proposal takes the same way. */
  commands: readonly Route[];
}

/** Everything of the assistant under `/api/v1/assistant`. Whoever may look may ask; what a proposal does needs the role that it always needs. */
export function assistantRoutes({ open, audit, commands }: AssistantRouteServices): Route[] {
  const by = answeredBy(open);
  return [
    route({
      method: 'GET',
      path: '/api/v1/assistant/status',
      summary: 'Whether the assistant answers, what was spent today, and the templates.',
      role: 'viewer',
      scope: 'read',
      answer: good('`enabled`, with a `reason` where it is not.'),
      handle: by((assistant, person) => json(200, assistant.status(person))),
    }),
    ...chatRoutes(by),
    ...answerRoutes(by),
    ...proposalRoutes(by, audit, commands),
    ...sqlRoutes(by),
  ];
}
