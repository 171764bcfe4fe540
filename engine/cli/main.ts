#!/usr/bin/env node
/** The `volfilter` command: the composition root. It may import everything and is imported by nothing. */
import { runCommandLine } from './program.js';

process.exitCode = await runCommandLine(process.argv);
