import { Command } from 'commander';
import { examine, type Verdict } from '../doctor/checks.js';
import { autoPlacementSummary } from '../doctor/placement-summary.js';
import { preflight } from '../doctor/preflight.js';

const marks: Record<Verdict, string> = { good: 'ok  ', note: 'note', bad: 'BAD ' };

/** `volfilter doctor`: exit code 1 when something is bad. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('look at this machine: what the engine finds, what it lacks, and what that costs')
    .option('--json', 'print the findings as JSON')
    .option('--preflight', "and whether 'volfilter run' would start here now: configuration, port, folders, room, keys")
    .action(async (options: { json?: boolean; preflight?: boolean }) => {
      const findings = [...examine(), ...(options.preflight === true ? await preflight(process.env) : [])];
      const placement = autoPlacementSummary();
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ findings, placement }, null, 2)}\n`);
      } else {
        for (const { name, verdict, found, cost } of findings) {
          process.stdout.write(
            `${marks[verdict]} ${name.padEnd(24)} ${found}${cost === undefined ? '' : `\n     ${' '.repeat(24)} costs: ${cost}`}\n`,
          );
        }
        process.stdout.write(`\nplacement chosen here:\n${placement.map((line) => `  ${line}\n`).join('')}`);
      }
      if (findings.some(({ verdict }) => verdict === 'bad')) process.exitCode = 1;
    });
}
