import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { VenueProcessReady, VenueProcessStart } from '../../../actors/venue-sim/api/server/main.js';

export const KEY = { clientId: 'bench', clientSecret: 'bench', account: 'bench' };
const wide = { capacity: 1e12, refillPerSecond: 1e12 };

/** The venue as a process, with limits that nobody reaches. */
export async function startVenue(cpu: number | undefined): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(new URL('../../../actors/venue-sim/api/server/main.js', import.meta.url)), {
    execArgv: [],
  });
  const limits = {
    requests: wide,
    subscriptions: wide,
    instruments: wide,
    matching: wide,
    massQuotes: wide,
    cancelAll: wide,
  };
  const start: VenueProcessStart = { kind: 'start', port: 0, seed: 1, strikes: 16, keys: [KEY], limits };
  child.send(start);
  const { port } = await new Promise<VenueProcessReady>((resolve, reject) => {
    child.once('message', (ready) => resolve(ready as VenueProcessReady));
    child.once('exit', (code) => reject(new Error(`the venue ended with code ${code}`)));
  });
  if (cpu !== undefined) child.send({ kind: 'pin', cpu });
  return { child, port };
}
