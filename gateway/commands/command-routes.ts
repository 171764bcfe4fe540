import { z } from 'zod';
import { LIMIT, LIMIT_NAMES, LIMITS, type LimitName } from '../../engine/market/risk/limits.js';
import { RiskAction } from '../../engine/market/risk/risk-action.js';
import { CommandCode, type CommandWriter, EVERY_INSTRUMENT } from '../../engine/runtime/peers/command-channel.js';
import { CommandRefusal } from '../../engine/runtime/peers/command-layouts.js';
import { AlertCommand } from '../../schemas/generated/alert-command.js';
import { BookedTrade } from '../../schemas/generated/booked-trade.js';
import { LimitChange } from '../../schemas/generated/limit-change.js';
import { LimitState } from '../../schemas/generated/limit-state.js';
import { ManualHedge } from '../../schemas/generated/manual-hedge.js';
import { ManualOrder } from '../../schemas/generated/manual-order.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { RiskCommand } from '../../schemas/generated/risk-command.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { TraderControl } from '../../schemas/generated/trader-control.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { type Call, json, type Route, route } from '../http/route.js';
import type { AuditLog } from '../security/audit.js';
import type { Confirmations } from '../security/confirmations.js';
import type { MergeTopic } from '../topics/topic.js';
import { type HttpAnswer, problemAnswer } from '../transport/transport.js';
import type { Latch } from './latch.js';
import type { Answered, Receipts } from './receipts.js';

/** What commands are given by. */
export interface CommandServices {
  commands: CommandWriter;
  /** Absent where nobody tells what became of a command. */
  receipts?: Receipts;
  confirmations: Confirmations;
  audit: AuditLog;
  /** The limits in force, whose version a change repeats. */
  limits?: MergeTopic;
  /** The kill latch; absent where nothing is seen of it. */
  latch?: Latch;
}

/** Longest that an answer waits for the log. */
const RECEIPT_MS = 500;

/** Something that a person does, as the audit log and the second step have it. */
interface Act {
  action: string;
  /** In words. */
  summary: string;
  addsRisk: boolean;
  reason: string;
  detail: unknown;
  /** Gives the command; its nonce, 0 where the engine takes none. `line`: number in the audit log. */
  give(user: number, line: number, confirmed: 0 | 1): number;
}

const reason = z.string().max(500).default('');
const instrument = z.number().int().min(0).max(0xffffffff);
const underlying = z.number().int().min(0).max(0xffff);
const number = z.number();
const actions = {
  active: RiskAction.ACTIVE,
  reduce: RiskAction.REDUCE,
  halt: RiskAction.HALT,
  'cancel-all': RiskAction.CANCEL_ALL,
  arm: RiskAction.ARM,
  flatten: RiskAction.FLATTEN,
} as const;
const scopes = { everything: 1, strategy: 2, underlying: 3, expiry: 4 } as const;
const traderActions = { width: 1, size: 2, pause: 3, resume: 4 } as const;
const traderScopes = { everything: 1, underlying: 2, expiry: 3, instrument: 4, strike: 5 } as const;
const alertActions = { acknowledge: 1, silence: 2, unsilence: 3 } as const;
const EVERY = 0xffffffff;

const refusals: Record<number, string> = {
  [CommandRefusal.VALUE]: 'a value of it cannot be',
  [CommandRefusal.NONCE]: 'it was given before',
  [CommandRefusal.ENGINE_BUSY]: 'the engine takes none at present',
};

const accepted = {
  status: 202,
  description: "Given. `status` is 'accepted' with its `seq` in the log, 'pending', or 'needs-confirmation'.",
  schema: {
    type: 'object',
    required: ['accepted', 'status'],
    properties: {
      accepted: { type: 'boolean' },
      status: { enum: ['accepted', 'pending', 'needs-confirmation'] },
      nonce: { type: 'number' },
      seq: { type: 'number' },
      confirmation: { type: 'string' },
      until: { type: 'string', format: 'date-time' },
      summary: { type: 'string' },
    },
  },
};

/** Everything that tells the engine something. */
export function commandRoutes(services: CommandServices): Route[] {
  const { commands, confirmations, audit } = services;

  const given = async (call: Call, act: Act, confirmed: 0 | 1): Promise<HttpAnswer> => {
    const line = write(audit, call, act, 'given');
    const give = () => act.give(call.caller!.user.id, line, confirmed);
    const nonce = services.receipts?.expect(give) ?? give();
    if (nonce === 0) {
      write(audit, call, act, 'not taken');
      return problemAnswer(503, 'the engine takes no command at present');
    }
    const answer: Answered = (await services.receipts?.wait(nonce, RECEIPT_MS)) ?? {
      outcome: 'pending',
      seq: 0,
      refusal: 0,
    };
    write(audit, call, act, answer.outcome === 'accepted' ? `in the log as ${answer.seq}` : answer.outcome);
    if (answer.outcome === 'refused') {
      return problemAnswer(409, `the engine refused it: ${refusals[answer.refusal] ?? 'no reason given'}`);
    }
    const seq = answer.outcome === 'accepted' ? { seq: answer.seq } : {};
    return json(202, { accepted: true, status: answer.outcome, nonce, ...seq });
  };

  const act = (call: Call, what: Act): HttpAnswer | Promise<HttpAnswer> => {
    const caller = call.caller!;
    if (!what.addsRisk || caller.actsAtOnce) return given(call, what, 1);
    const { nonce, until } = confirmations.ask({
      user: caller.user.name,
      summary: what.summary,
      run: () => given(call, what, 1),
    });
    write(audit, call, what, 'asked to confirm');
    return json(202, {
      accepted: false,
      status: 'needs-confirmation',
      confirmation: nonce,
      until: new Date(until).toISOString(),
      summary: what.summary,
    });
  };

  const operator = (code: CommandCode, user: number, of: number): number =>
    commands.give(MessageType.OPERATOR_COMMAND, (buffer, at) => {
      const command = new OperatorCommand().__init(at, buffer);
      command.mutate_command(code);
      command.mutate_user(user);
      command.mutate_instrument(of);
    });

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
        commands.kill();
        write(audit, call, { action: 'kill', reason: call.body.reason, detail: {} }, 'given');
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
        const objection = services.latch === undefined ? 'nothing is seen of it here' : services.latch.objection;
        if (objection !== undefined) return problemAnswer(409, `the latch is not opened: ${objection}`);
        return act(call, {
          action: 'rearm',
          summary: 'open the kill latch, so that orders may be sent again once risk is active',
          addsRisk: true,
          reason: call.body.reason,
          detail: {},
          give: (user) => operator(CommandCode.REARM, user, EVERY_INSTRUMENT),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/quoting/pause',
      summary: 'Takes quotes away, of one instrument or of all.',
      role: 'trader',
      scope: 'quoting',
      body: z.strictObject({ instrument: instrument.optional(), reason }),
      answer: accepted,
      handle: (call) =>
        act(call, {
          action: 'pause',
          summary: 'pause quoting',
          addsRisk: false,
          reason: call.body.reason,
          detail: call.body,
          give: (user) => operator(CommandCode.PAUSE, user, call.body.instrument ?? EVERY_INSTRUMENT),
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
        act(call, {
          action: 'resume',
          summary:
            call.body.instrument === undefined
              ? 'resume quoting everything'
              : `resume quoting instrument ${call.body.instrument}`,
          addsRisk: true,
          reason: call.body.reason,
          detail: call.body,
          give: (user) => operator(CommandCode.RESUME, user, call.body.instrument ?? EVERY_INSTRUMENT),
        }),
    }),
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
        key: underlying.default(0),
        expiry: number.min(0).default(0),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const { action, scope, key, expiry } = call.body;
        if (action === 'flatten' && scope === 'strategy') {
          return problemAnswer(
            422,
            'positions are of underlyings and expiries, not of strategies: flatten one of these, or everything',
          );
        }
        return act(call, {
          action: `risk ${action}`,
          summary: `risk of ${scope === 'everything' ? scope : `${scope} ${key}`}: ${action}`,
          // Closing pays the spread: it is asked twice too.
          addsRisk: action === 'active' || action === 'arm' || action === 'flatten',
          reason: call.body.reason,
          detail: call.body,
          give: (user, line, confirmed) =>
            commands.give(MessageType.RISK_COMMAND, (buffer, at) => {
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
        const known = limitsKnown(services.limits);
        const { unit } = LIMITS[name];
        return act(call, {
          action: `limit ${name}`,
          summary: `${name} to ${value} ${unit}`,
          // What is not known to be tighter may be laxer; some limits are laxer the smaller they are.
          addsRisk: true,
          reason: call.body.reason,
          detail: call.body,
          give: (user, line, confirmed) =>
            commands.give(MessageType.LIMIT_CHANGE, (buffer, at) => {
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
        return act(call, {
          action: 'smile adjustment',
          summary: `shift the smile of underlying ${shift.underlying}`,
          addsRisk: false,
          reason: shift.reason,
          detail: shift,
          give: (user) =>
            commands.give(MessageType.SMILE_ADJUSTMENT, (buffer, at) => {
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
    route({
      method: 'POST',
      path: '/api/v1/booked-trades',
      summary: 'Books a trade that was made elsewhere into the portfolio. In two steps.',
      role: 'risk',
      scope: 'trades',
      body: z.strictObject({
        instrument,
        side: z.enum(['buy', 'sell']),
        price: number,
        amount: number.positive(),
        fee: number.default(0),
        /** Microseconds since the Unix epoch; now where absent. */
        tradeTime: number.positive().optional(),
        reason: z.string().min(1).max(500),
      }),
      answer: accepted,
      handle: (call) => {
        const trade = call.body;
        return act(call, {
          action: 'book a trade',
          summary: `book ${trade.side} ${trade.amount} of instrument ${trade.instrument} at ${trade.price}`,
          addsRisk: true,
          reason: trade.reason,
          detail: trade,
          give: (user, line) =>
            commands.give(MessageType.BOOKED_TRADE, (buffer, at) => {
              const booked = new BookedTrade().__init(at, buffer);
              booked.mutate_instrument(trade.instrument);
              booked.mutate_side(trade.side === 'buy' ? 1 : 2);
              booked.mutate_user(user);
              booked.mutate_price(trade.price);
              booked.mutate_amount(trade.amount);
              booked.mutate_fee(trade.fee);
              booked.mutate_tradeTime(trade.tradeTime ?? Date.now() * 1000);
              booked.mutate_reason(line);
            }),
        });
      },
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
        const adds = action === 'resume' || (action === 'width' && value < 1) || (action === 'size' && value > 1);
        return act(call, {
          action: `trader ${action}`,
          summary: `${action} ${value} of ${scope}`,
          addsRisk: adds,
          reason: control.reason,
          detail: control,
          give: (user) =>
            commands.give(MessageType.TRADER_CONTROL, (buffer, at) => {
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
      path: '/api/v1/manual-orders',
      summary:
        'An order by hand; it passes dispatch and risk like every other. An amount of 0 takes it back. In two steps.',
      role: 'trader',
      scope: 'trades',
      body: z.strictObject({
        instrument,
        side: z.enum(['buy', 'sell']),
        price: number,
        amount: number.min(0),
        postOnly: z.boolean().default(true),
        reduceOnly: z.boolean().default(false),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const order = call.body;
        return act(call, {
          action: 'manual order',
          summary: `${order.side} ${order.amount} of instrument ${order.instrument} at ${order.price}`,
          addsRisk: order.amount > 0,
          reason: order.reason,
          detail: order,
          give: (user, line) =>
            commands.give(MessageType.MANUAL_ORDER, (buffer, at) => {
              const given = new ManualOrder().__init(at, buffer);
              given.mutate_instrument(order.instrument);
              given.mutate_side(order.side === 'buy' ? 1 : 2);
              given.mutate_flags((order.postOnly ? 1 : 0) | (order.reduceOnly ? 2 : 0));
              given.mutate_user(user);
              given.mutate_price(order.price);
              given.mutate_amount(order.amount);
              given.mutate_reason(line);
            }),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/manual-hedges',
      summary: "Has an underlying's delta hedged now. In two steps; an urgency of 'none' takes it back.",
      role: 'trader',
      scope: 'trades',
      body: z.strictObject({
        underlying,
        urgency: z.enum(['none', 'passive', 'join', 'cross']),
        target: number.default(0),
        reason,
      }),
      answer: accepted,
      handle: (call) => {
        const hedge = call.body;
        return act(call, {
          action: 'manual hedge',
          summary: `hedge underlying ${hedge.underlying} to a delta of ${hedge.target}, ${hedge.urgency}`,
          addsRisk: hedge.urgency !== 'none',
          reason: hedge.reason,
          detail: hedge,
          give: (user, line) =>
            commands.give(MessageType.MANUAL_HEDGE, (buffer, at) => {
              const given = new ManualHedge().__init(at, buffer);
              given.mutate_underlying(hedge.underlying);
              given.mutate_urgency(['none', 'passive', 'join', 'cross'].indexOf(hedge.urgency));
              given.mutate_user(user);
              given.mutate_target(hedge.target);
              given.mutate_reason(line);
            }),
        });
      },
    }),
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
        return act(call, {
          action: `alert ${action}`,
          summary: `${action} alert ${rule}`,
          addsRisk: false,
          reason: call.body.reason,
          detail: call.body,
          give: (user) =>
            commands.give(MessageType.ALERT_COMMAND, (buffer, at) => {
              const command = new AlertCommand().__init(at, buffer);
              command.mutate_command(alertActions[action]);
              command.mutate_rule(rule);
              command.mutate_user(user);
              command.mutate_until(until);
            }),
        });
      },
    }),
    route({
      method: 'POST',
      path: '/api/v1/confirmations/{nonce}',
      summary: 'The second step of what adds risk: once, within a minute, by who asked.',
      role: 'trader',
      body: z.strictObject({ reason }),
      answer: accepted,
      handle: (call) => {
        const pending = confirmations.take(call.parts[0]!, call.caller!.user.name);
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

function write(audit: AuditLog, call: Call, act: Pick<Act, 'action' | 'reason' | 'detail'>, outcome: string): number {
  const { user } = call.caller!;
  return audit.write({
    user: user.name,
    role: user.role,
    remote: call.request.remote,
    request: call.id,
    action: act.action,
    reason: act.reason,
    outcome,
    detail: act.detail,
  });
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
