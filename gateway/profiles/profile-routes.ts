import { z } from 'zod';
import { PROFILE_KINDS } from '../../engine/runtime/host/thread-profiler.js';
import { type Route, route } from '../http/route.js';
import type { AuditLog } from '../security/audit.js';
import { problemAnswer } from '../transport/transport.js';
import { GATEWAY_THREAD, type ProfileBox } from './profile-box.js';

const query = z.object({
  /** `main`, `gateway`, or a thread of the topic `threads`. */
  thread: z.string().regex(/^[\w-]{1,32}$/),
  kind: z.enum(PROFILE_KINDS).default('cpu'),
  seconds: z.coerce.number().min(0.1).max(60).default(10),
  /** As V8 writes it, for the tools that read it, or as a picture. */
  format: z.enum(['profile', 'svg']).default('profile'),
});

/** Profiles of the threads of engine and gateway. @param threads names of the engine's threads */
export function profileRoutes(box: ProfileBox, threads: readonly string[], audit: AuditLog): Route[] {
  const known = ['main', GATEWAY_THREAD, ...threads];
  return [
    route({
      method: 'GET',
      path: '/debug/profile',
      summary:
        'Profiles one thread for some seconds: `cpu`, `heap` (what is held of what was allocated meanwhile) or `allocation` (all of it). A .cpuprofile or .heapprofile of V8, or with `format=svg` a flame graph. Beginning and end stop the thread for some milliseconds.',
      role: 'admin',
      scope: 'admin',
      query,
      answer: { status: 200, description: 'The profile, when its time is over.' },
      handle: async (call) => {
        const { thread, kind, seconds, format } = call.query;
        if (!known.includes(thread)) {
          return problemAnswer(404, `there is no thread ${thread}`, {}, { detail: `threads: ${known.join(', ')}` });
        }
        const user = call.caller?.user;
        audit.write({
          user: user?.name ?? '',
          role: user?.role ?? '',
          remote: call.request.remote,
          request: call.id,
          action: `profile ${kind} of ${thread} for ${seconds} s`,
          reason: '',
          outcome: 'begun',
        });
        let profile: string;
        try {
          profile = await box.profile({ thread, what: kind, seconds });
        } catch (error) {
          return problemAnswer(503, `there is no profile: ${(error as Error).message}`);
        }
        if (format === 'svg') {
          const [{ callTree }, { flameGraph }] = await Promise.all([
            import('../../engine/telemetry/profile/call-tree.js'),
            import('../../engine/telemetry/profile/flame-graph.js'),
          ]);
          const title = `${kind} of ${thread}, ${seconds} s`;
          return answerWith('image/svg+xml', `${thread}-${kind}.svg`, flameGraph(callTree(profile), title));
        }
        const end = kind === 'cpu' ? 'cpuprofile' : 'heapprofile';
        return answerWith('application/json', `${thread}-${kind}.${end}`, profile);
      },
    }),
  ];
}

function answerWith(type: string, name: string, body: string) {
  return {
    status: 200,
    headers: {
      'content-type': type,
      'cache-control': 'no-store',
      'content-disposition': `attachment; filename="${name}"`,
    },
    body,
  };
}
