/**
 * Makes a journal as a start of the engine does, and kills itself at one of its steps. Run as `node journal-creation.js FOLDER STEP`: a
 * step is the moment before a call that changes files, or after the last. With a number beyond these it ends by itself and says how
 * many there are.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { argv, kill, pid, stdout } from 'node:process';

const folder = argv[2]!;
const killedAt = Number(argv[3]);
let step = 0;

function pass(): void {
  if (++step === killedAt) kill(pid, 'SIGKILL');
}

for (const name of [
  'linkSync',
  'mkdirSync',
  'openSync',
  'renameSync',
  'rmSync',
  'fsyncSync',
  'writeFileSync',
] as const) {
  const call = fs[name] as (...args: unknown[]) => unknown;
  Object.assign(fs, {
    [name](...args: unknown[]): unknown {
      pass();
      return call.apply(fs, args);
    },
  });
}
syncBuiltinESMExports();

const { beginRun } = await import('../journal/runs.js');
const { loadSigningKey } = await import('../journal/signing-key.js');
const { JournalWriter } = await import('../journal/writer.js');

step = 0;
const key = loadSigningKey(join(folder, 'signing-key.pem'));
const start = { firstSeq: 1, restored: false, startedMicros: 1, version: '0', schemas: '', core: {} };
await beginRun(folder, key, start);
const writer = new JournalWriter({ folder, key, layouts: { structs: {}, records: {} } });
writer.append(Int32Array.of(8, 0), 0, 8, 1);
await writer.close(1);
pass();
stdout.write(`${step}\n`);
