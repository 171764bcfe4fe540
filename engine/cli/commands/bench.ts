import { Command } from 'commander';
import { runSuite, suiteNames } from '../../../bench/registry.js';
import { formatReport } from '../../../bench/report.js';

/** `volfilter bench <suite> [--json]`. */
export function benchCommand(): Command {
  return new Command('bench')
    .description('measure one part of the engine beside its peers, in one run')
    .argument('<suite>', `one of: ${suiteNames().join(', ')}`)
    .option('--json', 'print the report as JSON')
    .action(async (suite: string, options: { json?: boolean }, command: Command) => {
      if (!suiteNames().includes(suite)) {
        command.error(`error: no benchmark is called '${suite}'; there are: ${suiteNames().join(', ')}`);
      }
      const report = await runSuite(suite, (line) => process.stderr.write(`${line}\n`));
      process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
    });
}
