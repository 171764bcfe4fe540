import { defineIo, type IoDefinition } from '../../engine/runtime/actor/definition.js';
import { commands, shownReceipts } from '../streams.js';
import type { CommandsConfig } from './commands.js';

export function operatorCommands(config: CommandsConfig): IoDefinition {
  return defineIo<CommandsConfig>({
    name: 'commands',
    shares: 'housekeeping',
    reads: [],
    writes: commands,
    shows: [shownReceipts],
    config,
    module: new URL('./commands.js', import.meta.url).href,
  });
}
