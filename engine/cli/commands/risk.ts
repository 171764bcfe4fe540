import { Argument, Command } from 'commander';
import { ApiClient, clientCommand } from '../client/api-client.js';
import { type ControlOptions, tell } from '../client/control.js';
import { UserError } from '../user-error.js';

/** What `volfilter risk` can do, and whether it adds risk or pays to close it. Closing has a command of its own, `flatten`. */
const RISK_ACTIONS = { active: true, arm: true, reduce: false, halt: false, 'cancel-all': false } as const;

/** `volfilter risk`. */
export function riskCommand(): Command {
  return clientCommand(
    new Command('risk').description('move risk between active, reduce and halt, or cancel what rests'),
  )
    .addArgument(
      new Argument(
        '<action>',
        "'reduce' lets nothing add risk, 'halt' nothing but cancels; 'arm' is for a live engine",
      ).choices(Object.keys(RISK_ACTIONS)),
    )
    .option('--underlying <name>', 'of this underlying alone, such as BTC')
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'where this adds risk: do it')
    .action(async (action: keyof typeof RISK_ACTIONS, options: ControlOptions & { underlying?: string }) => {
      const client = new ApiClient(options);
      const body = { action, ...(await scopeOf(client, options.underlying)), reason: options.reason ?? '' };
      const confirmed = RISK_ACTIONS[action] ? options.yes === true : undefined;
      tell(await client.command('POST', 'risk/state', body, confirmed), options);
    });
}

/** `volfilter flatten`. */
export function flattenCommand(): Command {
  return clientCommand(
    new Command('flatten').description('close what is held: quotes are pulled, options go first, then futures'),
  )
    .option('--underlying <name>', 'of this underlying alone, such as BTC')
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'this crosses the spread and pays for it: do it')
    .action(async (options: ControlOptions & { underlying?: string }) => {
      const client = new ApiClient(options);
      const body = { action: 'flatten', ...(await scopeOf(client, options.underlying)), reason: options.reason ?? '' };
      tell(await client.command('POST', 'risk/state', body, options.yes === true), options);
    });
}

/** One underlying by its name, or everything. */
async function scopeOf(client: ApiClient, underlying: string | undefined): Promise<{ scope: string; key?: number }> {
  if (underlying === undefined) return { scope: 'everything' };
  const names = await client.names();
  const key = names.underlyingOf(underlying);
  if (key === undefined)
    throw new UserError(`there is no underlying '${underlying}' here: ${names.underlyingNames().join(', ')}`, 2);
  return { scope: 'underlying', key };
}
