import type { Command } from 'commander';
import { UserError } from '../user-error.js';
import type { Setting } from './load.js';

/** Gives a command what file and environment say, where its command line says nothing. */
export function applySettings(command: Command, settings: ReadonlyMap<string, Setting>): void {
  for (const [key, { value, from }] of settings) {
    const source = command.getOptionValueSource(key);
    if (source !== undefined && source !== 'default') continue;
    const option = command.options.find((each) => each.attributeName() === key && !each.negate);
    let taken: unknown = value;
    if (option?.parseArg !== undefined && typeof value !== 'boolean') {
      try {
        taken = option.parseArg(String(value), undefined as never);
      } catch (error) {
        throw new UserError(`${from}: '${key}' is '${value}'; ${(error as Error).message}`, 2);
      }
    }
    command.setOptionValueWithSource(key, taken, 'config');
  }
}
