import { z } from 'zod';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { json, type Route, route } from '../http/route.js';
import { problemAnswer } from '../transport/transport.js';
import type { CommandDesk } from './command-desk.js';
import { accepted, reason } from './command-fields.js';

/** Stops everything, and opens what was stopped. */
export function killRoutes(desk: CommandDesk): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/kill',
      summary: 'Stops all orders at once: the word that execution looks at before every write. Opened by hand only.',
      role: 'trader',
      scope: 'kill',
      body: z.strictObject({ reason }),
      answer: accepted,
      handle: (call) => {
        // First of all: nothing may stand in its way, not even a full disk under the audit log.
        desk.commands.kill();
        desk.note(call, 'kill', 'given');
        return json(202, { accepted: true, status: 'accepted' });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/kill/rearm',
      summary:
        'Opens the kill latch where an operator set it. In two steps, with the word REARM and a reason; risk stays halted and quoting paused.',
      role: 'risk',
      scope: 'risk',
      body: z.strictObject({ phrase: z.literal('REARM'), reason: z.string().trim().min(1).max(500) }),
      answer: accepted,
      handle: (call) => {
        const objection =
          desk.services.latch === undefined ? 'nothing is seen of it here' : desk.services.latch.objection;
        if (objection !== undefined) return problemAnswer(409, `the latch is not opened: ${objection}`);
        return desk.act(call, {
          action: 'rearm',
          summary: 'open the kill latch, so that orders may be sent again once risk is active',
          addsRisk: true,
          give: (user) => desk.operate(CommandCode.REARM, user, EVERY_INSTRUMENT),
        });
      },
    }),
  ];
}
