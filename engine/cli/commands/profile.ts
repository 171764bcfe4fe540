import { writeFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { PROFILE_KINDS, type ProfileKind } from '../../runtime/host/thread-profiler.js';
import { ApiClient, type ClientOptions, clientCommand } from '../client/api-client.js';

interface ProfileOptions extends ClientOptions {
  kind: ProfileKind;
  seconds: number;
  out?: string;
  flame?: boolean;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value >= 0.1 && value <= 60)) throw new InvalidArgumentError('expected seconds from 0.1 to 60.');
  return value;
}

/** `volfilter profile`. */
export function profileCommand(): Command {
  return clientCommand(new Command('profile').description('profile one thread of a running engine, and draw it'))
    .argument('<thread>', "a thread as 'volfilter top' shows them, 'main', or 'gateway'")
    .addOption(
      new Option(
        '--kind <kind>',
        'where time goes; what is held of what was allocated meanwhile; all that was allocated',
      )
        .choices(PROFILE_KINDS)
        .default('cpu'),
    )
    .option('--seconds <n>', 'for so long', seconds, 10)
    .option('--flame', 'a flame graph as SVG instead of a .cpuprofile or .heapprofile')
    .option('--out <file>', 'file to write; <thread>-<kind> with its usual ending where it is not said')
    .action(async (thread: string, options: ProfileOptions) => {
      const { kind, flame = false } = options;
      const query = new URLSearchParams({
        thread,
        kind,
        seconds: String(options.seconds),
        format: flame ? 'svg' : 'profile',
      });
      const text = await new ApiClient(options).text(`/debug/profile?${query.toString()}`);
      const end = flame ? 'svg' : kind === 'cpu' ? 'cpuprofile' : 'heapprofile';
      const out = options.out ?? `${thread}-${kind}.${end}`;
      writeFileSync(out, text);
      process.stdout.write(options.json === true ? `${JSON.stringify({ out })}\n` : `written to ${out}\n`);
    });
}
