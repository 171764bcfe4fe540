import { Command, InvalidArgumentError } from 'commander';
import type { ChaosConfig } from '../../../actors/venue-sim/chaos/config.js';
import { parseChaos } from '../../../actors/venue-sim/chaos/config.js';
import { parsePort } from '../port-option.js';
import { endRequested } from '../run/end-requested.js';
import { DEFAULT_KEYS, keysFile } from '../run/venue-keys.js';
import { VenueProcess } from '../run/venue-process.js';
import { UserError } from '../user-error.js';

interface VenueCommandOptions {
  port: number;
  seed: number;
  strikes: number;
  keys: string;
  chaos?: ChaosConfig;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0) throw new InvalidArgumentError('expected a positive whole number.');
  return value;
}

function chaos(text: string): ChaosConfig {
  try {
    return parseChaos(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

/** `volfilter venue`. */
export function venueCommand(): Command {
  return new Command('venue')
    .description("serve a simulated venue on 127.0.0.1 in Deribit's protocol; q or Ctrl-C ends it")
    .option('--port <n>', 'port on 127.0.0.1; 0 takes any free one', parsePort, 8792)
    .option('--seed <n>', 'seed of the simulated world', wholeNumber, 1)
    .option('--strikes <n>', 'strikes of each expiry', wholeNumber, 16)
    .option('--keys <file>', 'API keys as JSON; made with new secrets where there is none', DEFAULT_KEYS)
    .option('--chaos <settings>', 'how it misbehaves, such as drop=0.01,stall=0.001,seed=7', chaos)
    .action(async (options: VenueCommandOptions) => {
      const end = endRequested(undefined);
      const settings = { ...options, keys: keysFile(options.keys) };
      const venue = new VenueProcess(settings, (message) => process.stderr.write(`${message}\n`));
      try {
        const listening = await venue.start().catch((error: Error) => {
          throw new UserError(`cannot serve on 127.0.0.1:${options.port}: ${error.message}`);
        });
        process.stdout.write(
          `a venue on ws://127.0.0.1:${listening}/ws/api/v2 and http://127.0.0.1:${listening}/api/v2, keys in ${options.keys}; q or Ctrl-C ends it\n`,
        );
        await end.ended;
      } finally {
        end.release();
        await venue.stop();
      }
    });
}
