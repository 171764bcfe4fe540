import { z } from 'zod';
import { KillReason, killReasonText } from '../../engine/runtime/supervision/kill-reason.js';
import { json, type Route, route } from '../http/route.js';
import type { AuditLog } from '../security/audit.js';
import type { Latch } from './latch.js';

/** Acts that are shown beside the latch. */
const MOST_ACTS = 50;
const OF_THE_LATCH = /^(kill|latch|rearm|risk|pause|resume|trader (pause|resume))/;

/** The latch as people see it, and the audit log. */
export function latchRoutes(latch: Latch, audit: AuditLog): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/latch',
      summary:
        'The kill latch: whether it is set, since when and why, whether a command may open it, and the newest acts on it and on risk.',
      role: 'viewer',
      scope: 'read',
      answer: {
        status: 200,
        description: '`killed` with the reason or null, `since`, `rearm`, `acts`, the newest first.',
      },
      handle: () => {
        const { reason, since, objection } = latch;
        const acts = audit.recent
          .filter(({ action }) => OF_THE_LATCH.test(action))
          .slice(-MOST_ACTS)
          .reverse();
        return json(200, {
          killed: reason === KillReason.NONE ? null : killReasonText(reason),
          since,
          rearm: { allowed: objection === undefined, why: objection ?? '' },
          acts: acts.map(({ time, user, role, action, reason: why, outcome }) => ({
            time,
            user,
            role,
            action,
            reason: why,
            outcome,
          })),
        });
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/audit',
      summary: 'The newest lines of the audit log, the oldest of them first; `after` is the number of a line.',
      role: 'risk',
      scope: 'admin',
      query: z.object({
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(1000).default(200),
      }),
      answer: { status: 200, description: '`lines`, each with its number, time and hash of the one before.' },
      handle: ({ query: { after, limit } }) =>
        json(200, { lines: audit.recent.filter(({ number }) => number > after).slice(-limit) }),
    }),
  ];
}
