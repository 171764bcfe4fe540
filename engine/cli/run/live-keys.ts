import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { UserError } from '../user-error.js';

/** A key of the venue. */
export interface LiveKey {
  clientId: string;
  clientSecret: string;
}

/** Keys of one account: one to trade with, and one of its own for the process that stops all trading. */
export interface LiveKeys {
  execution: LiveKey;
  killer: LiveKey;
}

const key = z.strictObject({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
const shape = z.strictObject({ execution: key, killer: key });
const SHAPE = '{"execution": {"clientId", "clientSecret"}, "killer": {"clientId", "clientSecret"}}';

const NAMES = {
  execution: ['VOLFILTER_DERIBIT_ID', 'VOLFILTER_DERIBIT_SECRET'],
  killer: ['VOLFILTER_DERIBIT_KILL_ID', 'VOLFILTER_DERIBIT_KILL_SECRET'],
} as const;
/** Bits of a mode that let others in. */
const OTHERS = 0o077;
const PERMISSIONS = 0o7777;

/**
 * The keys for live trading: of a file that nobody but its owner, who runs this, may read or write; otherwise of the environment. What is said
 * about them never holds a part of them.
 *
 * @throws UserError that names the file and its mode, or what is missing
 */
export function liveKeys(file: string | undefined, environment: NodeJS.ProcessEnv): LiveKeys {
  const keys = file === undefined ? keysOf(environment) : keysIn(file);
  if (keys.execution.clientId === keys.killer.clientId) {
    throw new UserError(
      'live trading: expected two keys, found one for both uses; what ends the session of one must not end that of the other: make a second key of the account for the killer',
    );
  }
  return keys;
}

function keysIn(path: string): LiveKeys {
  const text = readPrivate(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes what it read.
    throw new UserError(`${path}: expected JSON, ${SHAPE}, found something else`);
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path: place }) => place.join('.') || 'the whole').join(', ');
  throw new UserError(`${path}: expected ${SHAPE}, found it wrong at: ${places}`);
}

/** One descriptor is looked at and read, so that nothing can be exchanged in between. */
function readPrivate(path: string): string {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ELOOP' ? 'it is a symbolic link; name the file itself' : (code ?? 'unknown');
    throw new UserError(`cannot read the keys in ${path}: ${why}`);
  }
  try {
    const found = fstatSync(file);
    const mode = (found.mode & PERMISSIONS).toString(8).padStart(4, '0');
    if (!found.isFile()) throw new UserError(`${path}: expected a file with keys, found something else`);
    if ((found.mode & OTHERS) !== 0) {
      throw new UserError(
        `${path}: expected mode 0600 for a file with keys, found ${mode}; others could read them: chmod 600 ${path}`,
      );
    }
    const user = process.getuid?.();
    if (user !== undefined && found.uid !== user) {
      throw new UserError(
        `${path}: expected it to belong to user ${user}, who runs this, found user ${found.uid} (mode ${mode}); chown it`,
      );
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

function keysOf(environment: NodeJS.ProcessEnv): LiveKeys {
  const missing = Object.values(NAMES)
    .flat()
    .filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new UserError(
      `live trading: expected keys in the environment or by --keys <file>; ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} not set`,
    );
  }
  const of = ([id, secret]: readonly [string, string]): LiveKey => ({
    clientId: environment[id]!,
    clientSecret: environment[secret]!,
  });
  return { execution: of(NAMES.execution), killer: of(NAMES.killer) };
}
