import { Argument, Command } from 'commander';
import { parseExpiry } from '../../market/instrument-name.js';
import { STRATEGIES, Strategy } from '../../market/orders/codes.js';
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
    .option('--expiry <date>', 'of this expiry of the underlying alone, such as 27MAR26')
    .option('--strategy <name>', 'of this strategy alone: engine, quoter, hedger, operator or flattener')
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'where this adds risk: do it')
    .action(async (action: keyof typeof RISK_ACTIONS, options: ControlOptions & PartOptions) => {
      const client = new ApiClient(options);
      const body = { action, ...(await partOf(client, options)), reason: options.reason ?? '' };
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
    .option('--expiry <date>', 'of this expiry of the underlying alone, such as 27MAR26')
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'this crosses the spread and pays for it: do it')
    .action(async (options: ControlOptions & PartOptions) => {
      const client = new ApiClient(options);
      const body = { action: 'flatten', ...(await partOf(client, options)), reason: options.reason ?? '' };
      tell(await client.command('POST', 'risk/state', body, options.yes === true), options);
    });
}

interface PartOptions {
  underlying?: string;
  expiry?: string;
  strategy?: string;
}

interface Part {
  scope: string;
  key?: number;
  /** Microseconds since the Unix epoch. */
  expiry?: number;
}

/** One strategy, one expiry of an underlying, one underlying, or everything. */
async function partOf(client: ApiClient, { underlying, expiry, strategy }: PartOptions): Promise<Part> {
  if (strategy !== undefined) {
    if (underlying !== undefined || expiry !== undefined)
      throw new UserError('a strategy is of all underlyings: give --strategy alone', 2);
    return { scope: 'strategy', key: strategyOf(strategy) };
  }
  if (expiry === undefined) return scopeOf(client, underlying);
  if (underlying === undefined) throw new UserError(`of which underlying? --expiry ${expiry} needs --underlying`, 2);
  const time = parseExpiry(expiry);
  if (time === undefined) throw new UserError(`expected an expiry such as 27MAR26, found '${expiry}'`, 2);
  return { ...(await scopeOf(client, underlying)), scope: 'expiry', expiry: time };
}

function strategyOf(name: string): number {
  const ours = Object.entries(Strategy).filter(([, number]) => number < STRATEGIES);
  const known = ours.find(([word, number]) => word.toLowerCase() === name.toLowerCase() || String(number) === name);
  if (known !== undefined) return known[1];
  const words = ours.map(([word]) => word.toLowerCase()).join(', ');
  throw new UserError(`there is no strategy '${name}': ${words}`, 2);
}

/** One underlying by its name, or everything. */
async function scopeOf(client: ApiClient, underlying: string | undefined): Promise<Part> {
  if (underlying === undefined) return { scope: 'everything' };
  const names = await client.names();
  const key = names.underlyingOf(underlying);
  if (key === undefined)
    throw new UserError(`there is no underlying '${underlying}' here: ${names.underlyingNames().join(', ')}`, 2);
  return { scope: 'underlying', key };
}
