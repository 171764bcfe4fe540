import { z } from 'zod';
import { json, type Route, route } from '../http/route.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import { alertRoutes } from './alert-routes.js';
import { CommandDesk, type CommandServices, refusals } from './command-desk.js';
import { accepted, reason } from './command-fields.js';
import { killRoutes } from './kill-routes.js';
import { quotingRoutes } from './quoting-routes.js';
import { riskRoutes } from './risk-routes.js';
import { tradeRoutes } from './trade-routes.js';

/** Everything that tells the engine something. */
export function commandRoutes(services: CommandServices): Route[] {
  const desk = new CommandDesk(services);
  return [
    ...killRoutes(desk),
    ...quotingRoutes(desk),
    ...riskRoutes(desk),
    ...tradeRoutes(desk),
    ...alertRoutes(desk),
    route({
      method: 'POST',
      path: '/api/v1/confirmations/{nonce}',
      summary: 'The second step of what adds risk: once, within a minute, by who asked.',
      role: 'trader',
      body: z.strictObject({ reason }),
      answer: accepted,
      handle: (call) => {
        const pending = services.confirmations.take(call.parts[0]!, call.caller!.user.name);
        if (pending === undefined)
          return problemAnswer(410, 'nothing waits under this nonce: it was used, or is too old');
        return pending.run() as Promise<HttpAnswer>;
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/commands/{nonce}',
      summary: 'What became of a command.',
      role: 'viewer',
      answer: { status: 200, description: '`status`, and `seq` once it is in the log.' },
      handle: (call) => {
        const answer = services.receipts?.of(Number(call.parts[0])) ?? { outcome: 'pending', seq: 0, refusal: 0 };
        return json(200, { status: answer.outcome, seq: answer.seq, refusal: refusals[answer.refusal] ?? null });
      },
    }),
  ];
}
