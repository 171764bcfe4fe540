// Writes the reference of the library, docs/api, from the sources' own comments. typedoc reads them with a TypeScript of its own, which is installed here from a lock file of
// its own: what builds the project is another. usage: npm run api
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));

/** @param {string} folder @param {string} command @param {string[]} words */
function run(folder, command, ...words) {
  const { status, error } = spawnSync(command, words, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    process.stderr.write(`npm run api: ${command} ${words.join(' ')} ended with ${error?.message ?? status}\n`);
    exit(1);
  }
}

if (!existsSync(join(here, 'node_modules/typedoc'))) run(here, 'npm', 'ci', '--no-audit', '--no-fund');
run(root, 'node', join(here, 'node_modules/typedoc/bin/typedoc'), '--options', join(here, 'typedoc.json'));
