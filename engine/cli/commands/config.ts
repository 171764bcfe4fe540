import { Command } from 'commander';
import { z } from 'zod';
import { configFile, loadSettings, variableOf } from '../config/load.js';
import { configSchema, keysOf } from '../config/schema.js';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** `volfilter config`. */
export function configCommand(): Command {
  const command = new Command('config').description('the configuration by file and environment: check, print, schema');
  command
    .command('check')
    .description('say whether file and environment are right; exit code 2 and a line for each fault where not')
    .argument('[file]', 'the file; else that of VOLFILTER_CONFIG, else volfilter.json')
    .action((named: string | undefined) => {
      const file = configFile(named, process.env);
      const settings = loadSettings(file, process.env);
      const given = `${settings.size} ${settings.size === 1 ? 'setting' : 'settings'}`;
      print(
        file === undefined
          ? `no configuration file: ${given} by the environment, defaults for the rest`
          : `${file}: right, ${given}`,
      );
    });
  command
    .command('print')
    .description('what volfilter run is given by file and environment, and by which of them')
    .argument('[file]', 'the file; else that of VOLFILTER_CONFIG, else volfilter.json')
    .option('--json', 'print it as JSON')
    .action((named: string | undefined, options: { json?: true }) => {
      const settings = loadSettings(configFile(named, process.env), process.env);
      if (options.json) return print(JSON.stringify(Object.fromEntries(settings), null, 2));
      for (const [key, { value, from }] of settings) print(`run.${key} = ${JSON.stringify(value)}  (${from})`);
    });
  command
    .command('schema')
    .description('the JSON Schema of the file; with --variables, the names in the environment')
    .option('--variables', 'names of the environment, one a line')
    .action((options: { variables?: true }) => {
      if (options.variables) print(keysOf('run').map(variableOf).join('\n'));
      else print(JSON.stringify(z.toJSONSchema(configSchema), null, 2));
    });
  return command;
}
