import { Command, InvalidArgumentError } from 'commander';
import { LIMIT_NAMES, LIMITS, type LimitName } from '../../market/risk/limits.js';
import { ApiClient, type ClientOptions, clientCommand } from '../client/api-client.js';
import { figure, formatTable } from '../table.js';

interface ControlOptions extends ClientOptions {
  reason?: string;
  yes?: boolean;
}

function tell(answer: Record<string, unknown>, options: ClientOptions): void {
  if (options.json === true) process.stdout.write(`${JSON.stringify(answer)}\n`);
  else
    process.stdout.write(
      answer.seq === undefined ? `${String(answer.status)}\n` : `in the log as ${String(answer.seq)}\n`,
    );
}

function limitName(text: string): LimitName {
  if (!(LIMIT_NAMES as readonly string[]).includes(text)) {
    throw new InvalidArgumentError(`expected one of ${LIMIT_NAMES.join(', ')}.`);
  }
  return text as LimitName;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('expected a number from 0 on.');
  return Number(text);
}

function finite(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

/** `volfilter status`. */
export function statusCommand(): Command {
  return clientCommand(new Command('status').description('the state of a running engine and of its trading')).action(
    async (options: ClientOptions) => {
      const client = new ApiClient(options);
      const state = await client.get('state');
      const [[trading], outside] = await Promise.all([client.rows('trading'), client.rows('outside')]);
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ ...state, trading: trading ?? null, outside }, null, 2)}\n`);
        return;
      }
      const killed = state.killed === null ? '' : `, killed: ${String(state.killed)}`;
      const words = ['', 'not connected', 'reconciling', 'ready', 'no new risk'];
      const orders =
        trading === undefined
          ? ''
          : `, trading ${words[trading.state as number]}, ${String(trading.openOrders)} orders`;
      const leftAlone = outside.filter((row) => row.state !== 0).map((row) => String(row.text));
      const calls = leftAlone.length === 0 ? '' : `, left alone because it fails: ${leftAlone.join(', ')}`;
      process.stdout.write(`${String(state.state)}${killed}${orders}${calls}\n`);
    },
  );
}

/** `volfilter kill`. */
export function killCommand(): Command {
  return clientCommand(new Command('kill').description('stop all orders of a running engine at once'))
    .option('--reason <text>', 'for the audit log')
    .action(async (options: ControlOptions) => {
      tell(await new ApiClient(options).command('POST', 'kill', { reason: options.reason ?? '' }), options);
    });
}

/** `volfilter pause`. */
export function pauseCommand(): Command {
  return clientCommand(new Command('pause').description('take all quotes away'))
    .option('--reason <text>', 'for the audit log')
    .action(async (options: ControlOptions) => {
      tell(await new ApiClient(options).command('POST', 'quoting/pause', { reason: options.reason ?? '' }), options);
    });
}

/** `volfilter resume`. */
export function resumeCommand(): Command {
  return clientCommand(new Command('resume').description('quote again'))
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'this adds risk: do it')
    .action(async (options: ControlOptions) => {
      const client = new ApiClient(options);
      const body = { reason: options.reason ?? '' };
      tell(await client.command('POST', 'quoting/resume', body, options.yes === true), options);
    });
}

/** `volfilter flatten`. */
export function flattenCommand(): Command {
  return clientCommand(
    new Command('flatten').description('close what is held: quotes are pulled, options go first, then futures'),
  )
    .option('--underlying <number>', 'of this underlying alone, by its number in the positions', wholeNumber)
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'this crosses the spread and pays for it: do it')
    .action(async (options: ControlOptions & { underlying?: number }) => {
      const { underlying } = options;
      const scope = underlying === undefined ? { scope: 'everything' } : { scope: 'underlying', key: underlying };
      const body = { action: 'flatten', ...scope, reason: options.reason ?? '' };
      tell(await new ApiClient(options).command('POST', 'risk/state', body, options.yes === true), options);
    });
}

/** `volfilter limits`. */
export function limitsCommand(): Command {
  return clientCommand(new Command('limits').description('the limits of risk; with a name and a value, change one'))
    .argument('[name]', 'the limit to change', limitName)
    .argument('[value]', 'its new value, in its unit', finite)
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'this may add risk: do it')
    .action(async (name: LimitName | undefined, value: number | undefined, options: ControlOptions) => {
      const client = new ApiClient(options);
      if (name !== undefined && value !== undefined) {
        const body = { value, reason: options.reason ?? '' };
        tell(await client.command('PUT', `limits/${name}`, body, options.yes === true), options);
        return;
      }
      const rows = await client.rows('limits');
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
        return;
      }
      const lines = rows.map((row) => {
        const known = LIMIT_NAMES[row.limit as number] as LimitName;
        return [known, figure(row.value as number), LIMITS[known].unit];
      });
      process.stdout.write(formatTable(['limit', 'value', 'unit'], lines));
    });
}
