import { Command, InvalidArgumentError } from 'commander';
import { LIMIT_NAMES, LIMITS, type LimitName } from '../../market/risk/limits.js';
import { ApiClient, clientCommand } from '../client/api-client.js';
import { type ControlOptions, tell } from '../client/control.js';
import type { Row } from '../client/row.js';
import { figure, formatTable } from '../table.js';

function limitName(text: string): LimitName {
  if (!(LIMIT_NAMES as readonly string[]).includes(text)) {
    throw new InvalidArgumentError(`expected one of ${LIMIT_NAMES.join(', ')}.`);
  }
  return text as LimitName;
}

function finite(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number.');
  return value;
}

/** Whether a value is no laxer than the one in force. */
function tightens(name: LimitName, value: number, { value: inForce }: Row): boolean {
  return 'laxerIsSmaller' in LIMITS[name] ? value >= Number(inForce) : value <= Number(inForce);
}

/** `volfilter limits`. */
export function limitsCommand(): Command {
  return clientCommand(new Command('limits').description('the limits of risk; with a name and a value, change one'))
    .argument('[name]', 'the limit to change', limitName)
    .argument('[value]', 'its new value, in its unit', finite)
    .option('--reason <text>', 'for the audit log')
    .option('--yes', 'where it is laxer: do it')
    .action(async (name: LimitName | undefined, value: number | undefined, options: ControlOptions) => {
      const client = new ApiClient(options);
      const rows = await client.rows('limits');
      if (name !== undefined && value !== undefined) {
        // Of the limits that were seen: where somebody has changed them since, nothing is changed.
        const version = Math.max(0, ...rows.map((row) => Number(row.version)));
        const body = { value, version, reason: options.reason ?? '' };
        const isTighter = rows.some((row) => LIMIT_NAMES[row.limit as number] === name && tightens(name, value, row));
        tell(await client.command('PUT', `limits/${name}`, body, options.yes === true || isTighter), options);
        return;
      }
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
