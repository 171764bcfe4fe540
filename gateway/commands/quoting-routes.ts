import { z } from 'zod';
import { SIZE_MULTIPLIERS, WIDTH_MULTIPLIERS } from '../../engine/market/quoting/trader-controls.js';
import { CommandCode, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { MessageType } from '../../schemas/message-type.js';
import { type Route, route } from '../http/route.js';
import { problemAnswer } from '../transport/transport.js';
import type { CommandDesk } from './command-desk.js';
import { accepted, EVERY, instrument, number, reason, underlying } from './command-fields.js';
import type { Target } from './command-targets.js';

const traderActions = { width: 1, size: 2, pause: 3, resume: 4 } as const;
const traderScopes = { everything: 1, underlying: 2, expiry: 3, instrument: 4, strike: 5 } as const;

/** What quotes are made, how wide and how large, and around which smile. */
export function quotingRoutes(desk: CommandDesk): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/quoting/pause',
      summary: 'Takes quotes away, of one instrument or of all.',
      role: 'trader',
      scope: 'quoting',
      body: z.strictObject({ instrument: instrument.optional(), reason }),
      answer: accepted,
      handle: (call) =>
        desk.act(call, {
          action: 'pause',
          summary: 'pause quoting',
          addsRisk: false,
          target: call.body,
          give: (user) => desk.operate(CommandCode.PAUSE, user, call.body.instrument ?? EVERY_INSTRUMENT),
        }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/quoting/resume',
      summary: 'Quotes again. Adds risk: in two steps.',
      role: 'trader',
      scope: 'quoting',
      body: z.strictObject({ instrument: instrument.optional(), reason }),
      answer: accepted,
      handle: (call) =>
        desk.act(call, {
          action: 'resume',
          summary:
            call.body.instrument === undefined
              ? 'resume quoting everything'
              : `resume quoting instrument ${call.body.instrument}`,
          addsRisk: true,
          target: call.body,
          give: (user) => desk.operate(CommandCode.RESUME, user, call.body.instrument ?? EVERY_INSTRUMENT),
        }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/trader-controls',
      summary:
        "Moves the quoter's widths or sizes, or pauses a part of it. Resuming, narrower and larger in two steps.",
      role: 'trader',
      scope: 'quoting',
      body: z.strictObject({
        action: z.enum(Object.keys(traderActions) as (keyof typeof traderActions)[]),
        scope: z.enum(Object.keys(traderScopes) as (keyof typeof traderScopes)[]).default('everything'),
        side: z.enum(['both', 'buy', 'sell']).default('both'),
        instrument: instrument.default(EVERY),
        underlying: instrument.default(EVERY),
        expiry: number.min(0).default(0),
        strike: number.min(0).default(0),
        value: number.min(0).max(100).default(0),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const control = call.body;
        const { action, scope, side, value } = control;
        const objection = partObjection(control);
        if (objection !== undefined) return problemAnswer(422, objection);
        const adds = action === 'resume' || (action === 'width' && value < 1) || (action === 'size' && value > 1);
        return desk.act(call, {
          action: `trader ${action}`,
          summary: `${action} ${value} of ${scope}`,
          addsRisk: adds,
          target: targetOf(control),
          give: (user) =>
            desk.commands.give(MessageType.TRADER_CONTROL, (buffer, at) => {
              const given = new TraderControl().__init(at, buffer);
              given.mutate_action(traderActions[action]);
              given.mutate_scope(traderScopes[scope]);
              given.mutate_side(side === 'both' ? 0 : side === 'buy' ? 1 : 2);
              given.mutate_instrument(control.instrument);
              given.mutate_underlying(control.underlying);
              given.mutate_user(user);
              given.mutate_expiry(control.expiry);
              given.mutate_strike(control.strike);
              given.mutate_value(value);
            }),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/smile-adjustments',
      summary: "Shifts an expiry's smile or forward; zeros take it back. The filter bounds it.",
      role: 'trader',
      scope: 'smile',
      body: z.strictObject({
        underlying,
        expiry: instrument.default(EVERY),
        atmShift: number.min(-1).max(1).default(0),
        skewShift: number.min(-10).max(10).default(0),
        forwardShift: number.default(0),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const shift = call.body;
        return desk.act(call, {
          action: 'smile adjustment',
          summary: `shift the smile of underlying ${shift.underlying}`,
          addsRisk: false,
          target: { underlying: shift.underlying, ...(shift.expiry === EVERY ? {} : { smile: shift.expiry }) },
          give: (user) =>
            desk.commands.give(MessageType.SMILE_ADJUSTMENT, (buffer, at) => {
              const adjustment = new SmileAdjustment().__init(at, buffer);
              adjustment.mutate_underlying(shift.underlying);
              adjustment.mutate_expiry(shift.expiry);
              adjustment.mutate_user(user);
              adjustment.mutate_atmShift(shift.atmShift);
              adjustment.mutate_skewShift(shift.skewShift);
              adjustment.mutate_forwardShift(shift.forwardShift);
            }),
        });
      },
    }),
  ];
}

interface Control {
  action: keyof typeof traderActions;
  scope: keyof typeof traderScopes;
  instrument: number;
  underlying: number;
  expiry: number;
  strike: number;
  value: number;
}

/** What a control of such a scope has to name; what it names stands in fields of these names. */
const named = {
  everything: [],
  underlying: ['underlying'],
  expiry: ['underlying', 'expiry'],
  instrument: ['instrument'],
  strike: ['underlying', 'strike'],
} as const satisfies Record<keyof typeof traderScopes, readonly (keyof Target)[]>;

/** Why such a control would change nothing; undefined where it would. */
function partObjection(control: Control): string | undefined {
  const { action, scope, value } = control;
  const bounds = action === 'width' ? WIDTH_MULTIPLIERS : action === 'size' ? SIZE_MULTIPLIERS : undefined;
  if (bounds !== undefined && (value < bounds[0] || value > bounds[1]))
    return `a ${action} is multiplied by ${bounds[0]} to ${bounds[1]}, 1 takes it back: 'value' is ${value}`;
  const missing = named[scope].filter((field) => control[field] === (isId(field) ? EVERY : 0));
  return missing.length === 0 ? undefined : `a control of one ${scope} needs ${missing.join(' and ')}`;
}

const isId = (field: keyof Target): boolean => field === 'underlying' || field === 'instrument';

function targetOf(control: Control): Target {
  return Object.fromEntries(named[control.scope].map((field) => [field, control[field]]));
}
