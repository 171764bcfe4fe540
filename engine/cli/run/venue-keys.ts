import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { KeySettings } from '../../../actors/venue-sim/api/server/simulation.js';
import { UserError } from '../user-error.js';

const keys = z.array(
  z.object({
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    account: z.string().min(1),
    scope: z.string().optional(),
  }),
);

/** Keys of one account: one to trade with, one for the process that stops all trading, and one that may only look. */
export interface VenueKeys {
  execution: KeySettings;
  killer: KeySettings;
  feed: KeySettings;
}

/** New keys, whose secrets nobody has seen. */
export function newKeys(account = 'volfilter'): VenueKeys {
  const key = (use: string): KeySettings => ({
    clientId: `${account}-${use}`,
    clientSecret: randomBytes(24).toString('base64url'),
    account,
  });
  return {
    execution: key('execution'),
    killer: key('killer'),
    feed: { ...key('feed'), scope: 'account:read trade:read' },
  };
}

/** Where `volfilter venue` leaves its keys. */
export const DEFAULT_KEYS = 'data/venue-keys.json';

/**
 * The keys for the three uses of an account, from a file that `volfilter venue` made.
 * @throws UserError where one is missing
 */
export function keysOf(path: string): VenueKeys {
  if (!existsSync(path))
    throw new UserError(`there are no keys in ${path}: 'volfilter venue --keys ${path}' makes them`);
  const found = keysFile(path);
  const key = (use: string): KeySettings => {
    const fitting = found.find(({ clientId }) => clientId.endsWith(`-${use}`));
    if (fitting === undefined)
      throw new UserError(`${path}: expected a key whose clientId ends in '-${use}', found none`);
    return fitting;
  };
  return { execution: key('execution'), killer: key('killer'), feed: key('feed') };
}

/** The keys of a file, which only its owner may read; it is made where there is none. */
export function keysFile(path: string): KeySettings[] {
  if (!existsSync(path)) {
    const made = newKeys();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(Object.values(made), null, 2)}\n`, { mode: 0o600 });
  }
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError(`cannot read the keys in ${path}: ${(error as Error).message}`);
  }
  const parsed = keys.safeParse(text);
  if (!parsed.success) {
    throw new UserError(
      `${path}: expected a list of {"clientId", "clientSecret", "account", "scope"?}: ${z.prettifyError(parsed.error)}`,
    );
  }
  return parsed.data.map(({ scope, ...key }) => (scope === undefined ? key : { ...key, scope }));
}
