import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { freemem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { configFile, loadSettings, type Setting } from '../config/load.js';
import { DEFAULT_JOURNAL } from '../journal-folder.js';
import { UserError } from '../user-error.js';
import type { Finding } from './checks.js';

/** A day of the default engine's journal, with snapshots and SQL store, and then some. */
const ROOM_FOR_A_DAY = 10e9;
/** Below this the first burst of a day may fill it. */
const LEAST_ROOM = 1e9;
/** Rings, shown edges, and the heaps of threads and processes. */
const LEAST_MEMORY = 1.5e9;
const LEAST_SHARED_MEMORY = 512e6;
const OTHERS = 0o077;

/** What a run is given, as `volfilter run` would read it. */
type Given = ReadonlyMap<string, Setting>;

/**
 * Whether `volfilter run` would start here with what file and environment say: reads the configuration, binds the port for a moment, and looks at
 * folders, keys and memory. Leaves nothing behind.
 */
export async function preflight(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  let given: Given;
  try {
    given = loadSettings(configFile(undefined, environment), environment);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [{ name: 'configuration', verdict: 'bad', found: error.message, cost: 'the engine does not start' }];
  }
  const text = (key: string, usual: string): string | false => {
    const value = given.get(key)?.value ?? usual;
    return value === false ? false : String(value);
  };
  const settings = given.size === 1 ? '1 setting' : `${given.size} settings`;
  return [
    { name: 'configuration', verdict: 'good', found: settings },
    await port(Number(given.get('port')?.value ?? 8790)),
    ...(['journal', 'gateway', 'alerts', 'log'] as const).map((key) => folder(key, text(key, `data/${key}`))),
    disk(text('journal', DEFAULT_JOURNAL)),
    memory(),
    sharedMemoryRoom(),
    ...keys(given, environment),
  ];
}

function port(number: number): Promise<Finding> {
  const name = 'port';
  return new Promise((told) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      told({
        name,
        verdict: 'bad',
        found: `${number}: ${error.code}`,
        cost: 'nobody can look at the engine, or stop it by its gateway',
      }),
    );
    server.listen(number, '127.0.0.1', () =>
      server.close(() => told({ name, verdict: 'good', found: `${number} is free` })),
    );
  });
}

/** The nearest folder above that is there: what is not yet will be made in it. */
function nearestFolder(path: string): string {
  let at = resolve(path);
  while (!existsSync(at)) at = dirname(at);
  return at;
}

function folder(key: string, path: string | false): Finding {
  const name = `folder of ${key}`;
  if (path === false) return { name, verdict: 'note', found: 'none', cost: 'nothing of it is kept' };
  const there = nearestFolder(path);
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    if (!statSync(there).isDirectory()) throw new Error('no folder');
  } catch {
    return { name, verdict: 'bad', found: `${there} cannot be written to`, cost: 'the engine does not start' };
  }
  return { name, verdict: 'good', found: there === resolve(path) ? path : `${path}, to be made` };
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

function roomAt(path: string): number {
  const { bavail, bsize } = statfsSync(nearestFolder(path));
  return bavail * bsize;
}

function disk(journal: string | false): Finding {
  const name = 'room for the journal';
  if (journal === false) return { name, verdict: 'note', found: 'no journal is kept' };
  const room = roomAt(journal);
  const found = `${gigabytes(room)} free`;
  if (room >= ROOM_FOR_A_DAY) return { name, verdict: 'good', found };
  const cost = 'the engine kills itself when the journal cannot be written';
  return { name, verdict: room >= LEAST_ROOM ? 'note' : 'bad', found, cost };
}

function memory(): Finding {
  const name = 'free memory';
  const found = gigabytes(freemem());
  if (freemem() >= LEAST_MEMORY) return { name, verdict: 'good', found };
  return { name, verdict: 'note', found, cost: 'the kernel may end a process of the engine' };
}

function sharedMemoryRoom(): Finding {
  const name = 'room in /dev/shm';
  if (!existsSync('/dev/shm'))
    return { name, verdict: 'bad', found: 'it is not there', cost: 'no shared-memory files' };
  const room = roomAt('/dev/shm');
  const found = `${gigabytes(room)} free`;
  if (room >= LEAST_SHARED_MEMORY) return { name, verdict: 'good', found };
  return { name, verdict: 'bad', found, cost: 'rings do not fit: give a container --shm-size=1g' };
}

/** Of live trading: the file of keys, or the variables. Never what stands in them. */
function keys(given: Given, environment: NodeJS.ProcessEnv): Finding[] {
  if (given.get('mode')?.value !== 'live') return [];
  const name = 'keys for live trading';
  const cost = 'live trading does not start';
  const file = given.get('keys')?.value;
  if (typeof file !== 'string') {
    const isThere =
      environment.VOLFILTER_DERIBIT_SECRET !== undefined && environment.VOLFILTER_DERIBIT_KILL_SECRET !== undefined;
    return [
      isThere ? { name, verdict: 'good', found: 'in the environment' } : { name, verdict: 'bad', found: 'none', cost },
    ];
  }
  if (!existsSync(file)) return [{ name, verdict: 'bad', found: `${file} is not there`, cost }];
  const mode = statSync(file).mode & 0o7777;
  if ((mode & OTHERS) === 0) return [{ name, verdict: 'good', found: `${file}, for its owner alone` }];
  return [{ name, verdict: 'bad', found: `${file} has mode 0${mode.toString(8)}, expected 0600`, cost }];
}
