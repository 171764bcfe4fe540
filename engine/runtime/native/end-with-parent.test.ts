import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { built } from '../../testing/built.js';
import { libc } from './libc.js';

/** Says its number and calculates for ever, ended by nothing that needs a turn of its event loop. */
const child = `
  import { libc } from ${JSON.stringify(built('engine/runtime/native/libc'))};
  libc().endWithParent();
  console.log(process.pid);
  for (;;);
`;
/** Starts it and waits. */
const parent = `
  import { spawn } from 'node:child_process';
  spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
`;

it.skipIf(libc() === undefined)('a process that calculates ends with its parent, however that ends', async () => {
  const started = spawn(process.execPath, ['--input-type=module', '-e', parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = (await once(createInterface(started.stdout), 'line')) as [string];
  started.kill('SIGKILL');
  await expect.poll(() => lives(pid)).toBe(false);
});

/** One that nobody has taken note of after its end is a zombie. */
function lives(pid: string): boolean {
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
