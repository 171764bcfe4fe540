import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { built } from '../../testing/built.js';
import { newKeys } from './venue-keys.js';

const { VenueProcess } = (await import(built('engine/cli/run/venue-process'))) as typeof import('./venue-process.js');

const keys = newKeys('maker');
const notes: string[] = [];
let venue: InstanceType<typeof VenueProcess> | undefined;

afterEach(async () => {
  await venue?.stop();
});

async function ask(port: number, method: string, params: Record<string, unknown>, token?: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v2`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const { result, error } = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

async function tokenOf(port: number): Promise<string> {
  const { clientId, clientSecret } = keys.execution;
  const grant = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  return ((await ask(port, 'public/auth', grant)) as { access_token: string }).access_token;
}

/** What the account holds, as the venue tells whoever asks. */
async function positions(port: number): Promise<[string, number][]> {
  const held = (await ask(port, 'private/get_positions', { currency: 'BTC' }, await tokenOf(port))) as {
    instrument_name: string;
    size: number;
  }[];
  return held.filter(({ size }) => size !== 0).map(({ instrument_name: name, size }) => [name, size]);
}

/** The process that is the venue: the only one that this test has. */
function pidOfVenue(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').at(-1));
}

it('a venue that crashes comes back with what its accounts held, however they came to it', async () => {
  venue = new VenueProcess({ port: 0, seed: 1, strikes: 2, keys: Object.values(keys) }, (note) => notes.push(note));
  const port = await venue.start();
  expect(await venue.hold('maker', [{ name: 'BTC-PERPETUAL', amount: -1000 }])).toEqual([]);
  const order = { instrument_name: 'BTC-PERPETUAL', amount: 300, type: 'market' };
  await ask(port, 'private/buy', order, await tokenOf(port));
  expect(await positions(port)).toEqual([['BTC-PERPETUAL', -700]]);

  process.kill(pidOfVenue(), 'SIGKILL');
  while (!notes.some((note) => note.includes('given the 1 position'))) await wait(20);
  expect(await positions(port)).toEqual([['BTC-PERPETUAL', -700]]);
});
