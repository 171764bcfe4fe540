import { z } from 'zod';
import { parseRule } from '../../../engine/market/alerts/index.js';
import { instrumentsOf, rowsOf } from './rows.js';
import { type Tool, ToolRefusal, type ToolWorld, tool } from './tool.js';

const reason = z.string().min(1).max(300).describe('why, in words for the user');

/** What the model is told: nothing has happened, and nothing will by its doing. */
function shown(card: string): object {
  return { proposed: card, status: 'shown to the user as a card; nothing has been done, and only the user can do it' };
}

function nameOf(world: ToolWorld, instrument: number): string {
  const found = instrumentsOf(world.topics).find(({ id }) => id === instrument);
  if (found === undefined) throw new ToolRefusal(`there is no instrument ${instrument}: see chain_slice for ids`);
  return found.name;
}

const proposeCommandTool = tool({
  name: 'propose_command',
  description:
    'Proposes to the user to pause quoting (everything or one instrument), or to acknowledge, silence or unsilence an alert. It shows a card; the user alone can carry it out. Orders, limits, resuming and arming cannot be proposed.',
  input: z.strictObject({
    command: z.enum(['pause', 'acknowledge', 'silence', 'unsilence']),
    instrument: z.number().int().min(0).max(0xfffffffe).optional().describe('of a pause; everything where absent'),
    rule: z.number().int().min(0).max(0xfffffffe).optional().describe('number of the alert'),
    minutes: z.number().min(1).max(1440).default(30).describe('of a silence'),
    reason,
  }),
  run: ({ command, instrument, rule, minutes, reason: why }, world, { propose }) => {
    if (command === 'pause') {
      const what = instrument === undefined ? 'everything' : `${nameOf(world, instrument)} (${instrument})`;
      const body = { ...(instrument === undefined ? {} : { instrument }), reason: 'proposed by the assistant' };
      return shown(
        propose(
          'command',
          `Pause quoting of ${what}`,
          [`- quoting of ${what}: as it is`, `+ quoting of ${what}: paused`, `why: ${why}`],
          {
            kind: 'request',
            method: 'POST',
            path: '/api/v1/quoting/pause',
            body,
          },
        ),
      );
    }
    const row = rowsOf(world.topics, 'alerts').find(({ key }) => key === rule);
    if (rule === undefined || row === undefined) throw new ToolRefusal(`there is no alert ${rule}: see alerts`);
    const name = String(row.text ?? '').split('\t')[0]!;
    const until = command === 'silence' ? (world.now() + minutes * 60_000) * 1000 : 0;
    const body = { action: command, rule, until, reason: 'proposed by the assistant' };
    const after = command === 'silence' ? `silenced until ${new Date(until / 1000).toISOString()}` : `${command}d`;
    return shown(
      propose('command', `${command} alert ${rule}`, [`  alert ${rule}: ${name}`, `+ ${after}`, `why: ${why}`], {
        kind: 'request',
        method: 'POST',
        path: '/api/v1/alerts/commands',
        body,
      }),
    );
  },
});

const proposeStrategyTool = tool({
  name: 'propose_strategy',
  description:
    'Proposes to the user wider quotes (width factor of 1 or more), smaller ones (size factor of 1 or less) or a pause, of everything, an underlying or an instrument. Shows a card; the user alone can carry it out.',
  input: z.strictObject({
    action: z.enum(['width', 'size', 'pause']),
    scope: z.enum(['everything', 'underlying', 'instrument']).default('everything'),
    side: z.enum(['both', 'buy', 'sell']).default('both'),
    underlying: z
      .number()
      .int()
      .min(0)
      .max(0xfffe)
      .optional()
      .describe("number of the underlying, as instruments' rows have it"),
    instrument: z.number().int().min(0).max(0xfffffffe).optional(),
    value: z.number().min(0).max(100).default(1),
    reason,
  }),
  run: ({ action, scope, side, underlying, instrument, value, reason: why }, world, { propose }) => {
    if (action === 'width' && value < 1)
      throw new ToolRefusal('only wider quotes may be proposed: a width of 1 or more');
    if (action === 'size' && value > 1)
      throw new ToolRefusal('only smaller quotes may be proposed: a size of 1 or less');
    if (scope === 'underlying' && underlying === undefined)
      throw new ToolRefusal('expected the number of the underlying');
    if (scope === 'instrument' && instrument === undefined) throw new ToolRefusal('expected the id of the instrument');
    const of =
      scope === 'everything'
        ? 'everything'
        : scope === 'underlying'
          ? `underlying ${underlying}`
          : `${nameOf(world, instrument!)} (${instrument})`;
    const change = action === 'pause' ? 'paused' : `${action} times ${value}`;
    const body = {
      action,
      scope,
      side,
      ...(scope === 'underlying' ? { underlying } : {}),
      ...(scope === 'instrument' ? { instrument } : {}),
      value,
      reason: 'proposed by the assistant',
    };
    return shown(
      propose(
        'strategy',
        `Quotes of ${of}, ${side} sides: ${change}`,
        [`- ${of}: as it is`, `+ ${of}, ${side}: ${change}`, `why: ${why}`],
        {
          kind: 'request',
          method: 'POST',
          path: '/api/v1/trader-controls',
          body,
        },
      ),
    );
  },
});

const proposeAlertTool = tool({
  name: 'propose_alert',
  description:
    'Proposes a rule of the alerts to the user, one line in the language of docs/alerts.md (search_help). Shows a card; the user alone can add it.',
  input: z.strictObject({ rule: z.string().min(1).max(500), reason }),
  run: ({ rule, reason: why }, _world, { propose }) => {
    if (/[\r\n]/.test(rule)) throw new ToolRefusal('a rule is one line');
    let name: string;
    try {
      ({ name } = parseRule(rule));
    } catch (error) {
      throw new ToolRefusal(`this is no rule: ${(error as Error).message}`);
    }
    return shown(propose('alert', `Add the alert ${name}`, [`+ ${rule}`, `why: ${why}`], { kind: 'alert', rule }));
  },
});

/** Pages that may be opened by a proposal: words of the command line that act are not among them. */
const PAGE =
  /^(?:(?:[A-Z0-9_]{2,12} )?(?:\d{1,2}[A-Z]{3}\d{2} )?(?:\d+K? )?(?:[CP] )?)(HOME|OMON|QUOT|SMILE|TERM|SURF|BOOK|ORD|FILL|PORT|PNL|RISK|LIM|SCEN|LAT|FEED|ALRT|FILT|STAT|MMP|OVME|TAS|REPT|LOG|HELP|SQL)$/;

const proposeDashboardTool = tool({
  name: 'propose_dashboard',
  description:
    'Proposes panes to the user: lines of the command line that open pages, such as "BTC SMILE" or "BTC 27MAR26 OMON". Shows a card; the user alone can open them.',
  input: z.strictObject({ pages: z.array(z.string().max(60)).min(1).max(6), reason }),
  run: ({ pages, reason: why }, _world, { propose }) => {
    const wrong = pages.find((line) => !PAGE.test(line));
    if (wrong !== undefined)
      throw new ToolRefusal('a line opens a page: [UND] [EXPIRY] [STRIKE] [C|P] FUNCTION, in capitals');
    return shown(
      propose('dashboard', `Show ${pages.join(', ')}`, [...pages.map((line) => `+ ${line}`), `why: ${why}`], {
        kind: 'dashboard',
        lines: pages,
      }),
    );
  },
});

export const proposalTools: readonly Tool[] = [
  proposeAlertTool,
  proposeCommandTool,
  proposeDashboardTool,
  proposeStrategyTool,
];
