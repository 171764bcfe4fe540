#!/usr/bin/env node
/** The `volfilter` command: the composition root. It may import everything and is imported by nothing. */
import { runCommandLine } from './program.js';

/** Commands that serve others: they go on when nobody reads what they say. */
const SERVERS = ['run', 'record', 'venue', 'serve-recording', 'store'];

for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    // Whoever reads the output has seen enough, as `head` has: nothing is left to be said.
    if (!SERVERS.includes(process.argv[2] ?? '')) process.exit(0);
  });
}

process.exitCode = await runCommandLine(process.argv);
