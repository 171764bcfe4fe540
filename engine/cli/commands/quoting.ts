import { Command } from 'commander';
import { ApiClient, clientCommand } from '../client/api-client.js';
import { type ControlOptions, tell } from '../client/control.js';
import { type PartOptions, partOfBook } from '../client/part-of-book.js';

type QuotingOptions = ControlOptions & PartOptions;

/** `volfilter pause`. */
export function pauseCommand(): Command {
  return quotingCommand('pause', 'take quotes away: all, or those of a part of the book').action(
    async (options: QuotingOptions) => give('pause', options, undefined),
  );
}

/** `volfilter resume`. */
export function resumeCommand(): Command {
  return quotingCommand('resume', 'quote again: what pause or flatten of the same part has taken away')
    .option('--yes', 'this adds risk: do it')
    .action(async (options: QuotingOptions) => give('resume', options, options.yes === true));
}

function quotingCommand(name: string, description: string): Command {
  return clientCommand(new Command(name).description(description))
    .option('--underlying <name>', 'of this underlying alone, such as BTC')
    .option('--expiry <date>', 'of this expiry of the underlying alone, such as 27MAR26')
    .option('--reason <text>', 'for the audit log');
}

/** Everything has a command of its own; a part of the book is a trader's. */
async function give(action: 'pause' | 'resume', options: QuotingOptions, confirmed: boolean | undefined) {
  const client = new ApiClient(options);
  const part = await partOfBook(client, options);
  const reason = options.reason ?? '';
  const [path, body] =
    part.scope === 'everything' ? [`quoting/${action}`, { reason }] : ['trader-controls', { action, ...part, reason }];
  tell(await client.command('POST', path, body, confirmed), options);
}
