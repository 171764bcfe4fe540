import { z } from 'zod';
import { AlertCommand } from '../../schemas/generated/alert-command.js';
import { MessageType } from '../../schemas/message-type.js';
import { type Route, route } from '../http/route.js';
import type { CommandDesk } from './command-desk.js';
import { accepted, EVERY, instrument, number, reason } from './command-fields.js';

const alertActions = { acknowledge: 1, silence: 2, unsilence: 3 } as const;

/** What a person does about an alert. */
export function alertRoutes(desk: CommandDesk): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/alerts/commands',
      summary: 'Acknowledges an alert, silences it until a time, or ends its silence.',
      role: 'trader',
      scope: 'alerts',
      body: z.strictObject({
        action: z.enum(Object.keys(alertActions) as (keyof typeof alertActions)[]),
        rule: instrument.default(EVERY),
        /** Microseconds since the Unix epoch. */
        until: number.min(0).default(0),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const { action, rule, until } = call.body;
        return desk.act(call, {
          action: `alert ${action}`,
          summary: `${action} alert ${rule}`,
          addsRisk: false,
          give: (user) =>
            desk.commands.give(MessageType.ALERT_COMMAND, (buffer, at) => {
              const command = new AlertCommand().__init(at, buffer);
              command.mutate_command(alertActions[action]);
              command.mutate_rule(rule);
              command.mutate_user(user);
              command.mutate_until(until);
            }),
        });
      },
    }),
  ];
}
