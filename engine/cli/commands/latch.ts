import { Command } from 'commander';
import { ApiClient, clientCommand } from '../client/api-client.js';
import { type ControlOptions, tell } from '../client/control.js';
import { UserError } from '../user-error.js';

/** `volfilter kill`. */
export function killCommand(): Command {
  return clientCommand(new Command('kill').description('stop all orders of a running engine at once'))
    .option('--reason <text>', 'for the audit log')
    .action(async (options: ControlOptions) => {
      tell(await new ApiClient(options).command('POST', 'kill', { reason: options.reason ?? '' }), options);
    });
}

/** `volfilter rearm`. */
export function rearmCommand(): Command {
  return clientCommand(
    new Command('rearm').description(
      "open the kill latch, where an operator set it; afterwards 'risk active' and 'resume' make the engine quote again",
    ),
  )
    .option('--reason <text>', 'why it is safe, for the audit log: needed')
    .option('--yes', 'this adds risk: do it')
    .action(async (options: ControlOptions) => {
      if (options.reason === undefined) throw new UserError('say why it is safe: --reason', 2);
      const body = { phrase: 'REARM', reason: options.reason };
      tell(await new ApiClient(options).command('POST', 'kill/rearm', body, options.yes === true), options);
    });
}
