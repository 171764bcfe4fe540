import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { SCOPES } from '../../../gateway/security/users.js';
import { ApiClient, type ClientOptions, clientCommand } from '../client/api-client.js';
import { formatTable } from '../table.js';

interface TokenOptions extends ClientOptions {
  scopes: readonly (typeof SCOPES)[number][];
  days?: number;
  user: string;
}

const usersSchema = z.object({
  users: z.array(
    z.object({ name: z.string(), tokens: z.array(z.object({ name: z.string(), scopes: z.array(z.string()) })) }),
  ),
});

function scopesOf(text: string): (typeof SCOPES)[number][] {
  return text.split(',').map((name) => {
    const scope = SCOPES.find((known) => known === name.trim());
    if (scope === undefined) throw new InvalidArgumentError(`expected some of ${SCOPES.join(', ')}.`);
    return scope;
  });
}

function daysOf(text: string): number {
  const value = Number(text);
  if (!(value > 0) || value > 3650) throw new InvalidArgumentError('expected days, up to 3650.');
  return value;
}

/** `volfilter token`: tokens by which programs ask a running engine. */
export function tokenCommand(): Command {
  const command = new Command('token').description('tokens by which programs ask a running engine, each with scopes');
  clientCommand(command.command('add').description('make a token; it is told this once'))
    .argument('<name>', 'what it is called, such as grafana')
    .requiredOption('--scopes <list>', `what it may do: ${SCOPES.join(', ')}`, scopesOf)
    .option('--days <n>', 'days that it is good for; without it until it is taken back', daysOf)
    .option('--user <name>', 'whose it is: it has the role of this user', 'admin')
    .action(async (name: string, options: TokenOptions) => {
      const { scopes, days, user } = options;
      const answer = await new ApiClient(options).command('POST', 'tokens', {
        name,
        scopes,
        user,
        ...(days === undefined ? {} : { days }),
      });
      process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : `${String(answer.token)}\n`);
    });
  clientCommand(command.command('list').description('tokens of all users, without their secrets')).action(
    async (options: ClientOptions) => {
      const { users } = usersSchema.parse(await new ApiClient(options).get('users'));
      const rows = users.flatMap((user) => user.tokens.map(({ name, scopes }) => [user.name, name, scopes.join(' ')]));
      process.stdout.write(
        options.json === true ? `${JSON.stringify(users, null, 2)}\n` : formatTable(['user', 'token', 'scopes'], rows),
      );
    },
  );
  clientCommand(command.command('remove').description('take a token back at once'))
    .argument('<name>', 'of the token')
    .option('--user <name>', 'whose it is', 'admin')
    .action(async (name: string, options: TokenOptions) => {
      const path = `users/${encodeURIComponent(options.user)}/tokens/${encodeURIComponent(name)}`;
      const answer = await new ApiClient(options).command('DELETE', path, undefined);
      process.stdout.write(options.json === true ? `${JSON.stringify(answer)}\n` : 'taken back\n');
    });
  return command;
}
