import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { UserError } from '../user-error.js';
import { requireFolders } from './writable-folder.js';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

it.each(['journal', 'gateway', 'log'] as const)(
  'refuses a %s folder that cannot be made, and says what to do',
  (option) => {
    const given = { journal: false, gateway: false, log: false, [option]: '/proc/no-such-folder/below' } as const;
    expect(() => requireFolders(given)).toThrow(UserError);
    expect(() => requireFolders(given)).toThrow(
      new RegExp(`'/proc/no-such-folder/below'.* another folder with --${option}, or --no-${option}`),
    );
  },
);

it.each(['journal', 'gateway', 'log', 'alerts'] as const)('refuses a file where the %s folder should be', (option) => {
  const root = mkdtempSync(join(tmpdir(), 'volfilter-folders-'));
  made.push(root);
  const file = join(root, 'file');
  writeFileSync(file, '');
  const given = { journal: false, gateway: false, log: false, alerts: false, [option]: file } as const;
  expect(() => requireFolders(given)).toThrow(UserError);
  expect(() => requireFolders(given)).toThrow(new RegExp(`'${file}': it is a file; .*--${option}, or --no-${option}`));
});

it('makes what is not there, and keeps others out of secrets and logs', () => {
  const root = mkdtempSync(join(tmpdir(), 'volfilter-folders-'));
  made.push(root);
  const [journal, gateway, log] = ['journal', 'gateway', 'log'].map((name) => join(root, 'data', name)) as [
    string,
    string,
    string,
  ];
  requireFolders({ journal, gateway, log });
  requireFolders({ journal, gateway, log });
  expect([gateway, log].map((folder) => statSync(folder).mode & 0o077)).toEqual([0, 0]);
  expect(statSync(journal).isDirectory()).toBe(true);
});
