import { z } from 'zod';
import { STRATEGIES, Strategy } from '../../engine/market/orders/codes.js';
import { LIMIT, LIMIT_NAMES, LIMITS, type LimitName } from '../../engine/market/risk/limits.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { LimitChange } from '../../schemas/generated/limit-change.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { type Route, route } from '../http/route.js';
import type { MergeTopic } from '../topics/topic.js';
import { problemAnswer } from '../transport/transport.js';
import type { CommandDesk } from './command-desk.js';
import { accepted, number, reason, underlying } from './command-fields.js';
import type { Target } from './command-targets.js';

const actions = {
  active: RiskAction.ACTIVE,
  reduce: RiskAction.REDUCE,
  halt: RiskAction.HALT,
  'cancel-all': RiskAction.CANCEL_ALL,
  arm: RiskAction.ARM,
  flatten: RiskAction.FLATTEN,
} as const;
const scopes = { everything: 1, strategy: 2, underlying: 3, expiry: 4 } as const;

/** What somebody who is asked twice should know of an action. */
const effects: Partial<Record<keyof typeof actions, string>> = {
  active: 'what adds risk may be sent again',
  arm: 'orders go to the venue and are worth money',
  flatten: 'quotes are pulled, and what is held is closed, options first, then futures; that pays the spread',
};

/** Risk's state and its limits. */
export function riskRoutes(desk: CommandDesk): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/risk/state',
      summary:
        'Moves risk between active, reduce and halt, cancels what rests, closes what is held, or arms a live engine. Active, arm and flatten in two steps.',
      role: 'risk',
      scope: 'risk',
      body: z.strictObject({
        action: z.enum(Object.keys(actions) as (keyof typeof actions)[]),
        scope: z.enum(Object.keys(scopes) as (keyof typeof scopes)[]).default('everything'),
        key: underlying.optional(),
        expiry: number.min(0).optional(),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const { action, scope } = call.body;
        const objection = partObjection(call.body);
        if (objection !== undefined) return problemAnswer(422, objection);
        const { key = 0, expiry = 0 } = call.body;
        return desk.act(call, {
          action: `risk ${action}`,
          target: targetOf(call.body),
          summary: [`risk of ${scope === 'everything' ? scope : `${scope} ${key}`}: ${action}`, effects[action]]
            .filter((part) => part !== undefined)
            .join('. '),
          // Closing pays the spread: it is asked twice too.
          addsRisk: action === 'active' || action === 'arm' || action === 'flatten',
          give: (user, line, confirmed) =>
            desk.commands.give(MessageType.RISK_COMMAND, (buffer, at) => {
              const command = new RiskCommand().__init(at, buffer);
              command.mutate_action(actions[action]);
              command.mutate_scope(scopes[scope]);
              command.mutate_key(key);
              command.mutate_user(user);
              command.mutate_confirmed(confirmed);
              command.mutate_expiry(expiry);
              command.mutate_reason(line);
            }),
        });
      },
    }),
    route({
      method: 'PUT',
      path: '/api/v1/limits/{name}',
      summary: 'Changes a limit. A laxer one adds risk: in two steps. `version` is that of the limits that were seen.',
      role: 'risk',
      scope: 'limits',
      body: z.strictObject({ value: number.min(0), version: number.min(0).optional(), reason }),
      answer: accepted,
      handle: (call) => {
        const name = call.parts[0] as LimitName;
        if (!LIMIT_NAMES.includes(name)) return problemAnswer(404, `there is no limit '${name}'`);
        const { value } = call.body;
        const known = limitsKnown(desk.services.limits);
        const { unit } = LIMITS[name];
        return desk.act(call, {
          action: `limit ${name}`,
          summary: `${name} to ${value} ${unit}`,
          // What is not known to be tighter may be laxer; some limits are laxer the smaller they are.
          addsRisk: true,
          give: (user, line, confirmed) =>
            desk.commands.give(MessageType.LIMIT_CHANGE, (buffer, at) => {
              const change = new LimitChange().__init(at, buffer);
              change.mutate_limit(LIMIT[name]);
              change.mutate_user(user);
              change.mutate_confirmed(confirmed);
              change.mutate_value(value);
              change.mutate_version(call.body.version ?? known.version);
              change.mutate_reason(line);
            }),
        });
      },
    }),
  ];
}

interface Part {
  action: keyof typeof actions;
  scope: keyof typeof scopes;
  key?: number | undefined;
  expiry?: number | undefined;
}

/** Why risk cannot be moved of such a part; undefined where it can. */
function partObjection({ action, scope, key, expiry }: Part): string | undefined {
  if (scope === 'everything') return undefined;
  if (action === 'arm') return `a live engine is armed as a whole, not by ${scope}: leave out the scope`;
  if (action === 'flatten' && scope === 'strategy')
    return 'positions are of underlyings and expiries, not of strategies: flatten one of these, or everything';
  if (key === undefined)
    return `risk of one ${scope} needs its number: 'key' is ${scope === 'strategy' ? strategyWords() : 'that of the underlying'}`;
  if (scope === 'expiry' && expiry === undefined)
    return "risk of one expiry needs its time: 'expiry' is in microseconds since the Unix epoch";
  if (scope === 'strategy' && key >= STRATEGIES) return `there is no strategy ${key}: ${strategyWords()}`;
  return undefined;
}

function strategyWords(): string {
  return Object.entries(Strategy)
    .filter(([, number]) => number < STRATEGIES)
    .map(([name, number]) => `${number} ${name.toLowerCase()}`)
    .join(', ');
}

function targetOf({ scope, key, expiry }: Part): Target {
  if (scope === 'underlying') return { underlying: key };
  return scope === 'expiry' ? { underlying: key, expiry } : {};
}

/** The version of the limits as they are shown. */
function limitsKnown(limits: MergeTopic | undefined): { version: number } {
  let version = 0;
  if (limits === undefined) return { version };
  const row = new LimitState();
  const buffer = new ViewBuffer(limits.rows.buffer);
  limits.since(0, (key) => {
    version = Math.max(version, row.__init(key * limits.definition.stride, buffer).version());
  });
  return { version };
}
