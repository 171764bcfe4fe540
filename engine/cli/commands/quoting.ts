import { Command } from 'commander';
import { ApiClient, clientCommand } from '../client/api-client.js';
import { type ControlOptions, tell } from '../client/control.js';

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
