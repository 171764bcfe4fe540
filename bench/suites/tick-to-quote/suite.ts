import type { BenchSuite } from '../../report.js';
import { coreAlone } from './core-alone.js';
import { overSockets } from './sockets.js';

/** From news of the market to the order that answers it: the core alone, and with sockets at both ends. */
export const suite: BenchSuite = async (progress) => [...coreAlone(progress), ...(await overSockets(progress))];
