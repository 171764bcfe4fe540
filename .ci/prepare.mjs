// Runs after "npm ci": builds, and points git at the project's hooks in a checkout.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prunePackage } from './prune-natives.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (existsSync(join(root, 'node_modules', 'typescript'))) {
  const built = spawnSync(process.execPath, [join(root, '.ci', 'build.mjs'), '--if-stale'], { stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
// It holds binaries of every platform, 250 MB of them.
prunePackage(join(root, 'node_modules', 'uWebSockets.js'));
if (existsSync(join(root, '.git')) && !process.env.CI) {
  spawnSync('git', ['config', 'core.hooksPath', '.githooks'], { cwd: root, stdio: 'ignore' });
}
