// Compiles the sources into dist/. With --if-stale: only when a source is newer than the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.built');
const sourceFolders = ['engine', 'actors', 'schemas', 'gateway', 'bench', 'ui'];

function newestSource() {
  let newest = 0;
  const visit = /** @param {string} folder */ (folder) => {
    if (!existsSync(folder)) return;
    // The folder's own time moves when a file is deleted, which must also rebuild.
    newest = Math.max(newest, statSync(folder).mtimeMs);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else newest = Math.max(newest, statSync(path).mtimeMs);
    }
  };
  for (const folder of sourceFolders) visit(join(root, folder));
  for (const file of ['tsconfig.json', 'package-lock.json']) {
    newest = Math.max(newest, statSync(join(root, file)).mtimeMs);
  }
  return newest;
}

const sources = newestSource();
if (process.argv.includes('--if-stale') && existsSync(stamp) && statSync(stamp).mtimeMs >= sources) {
  process.exit(0);
}

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (!existsSync(tsc)) {
  console.error('build: the TypeScript compiler is not installed; run "npm ci" first (without --omit=dev)');
  process.exit(1);
}
rmSync(join(root, 'dist'), { recursive: true, force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
mkdirSync(join(root, 'dist'), { recursive: true });
// Loaded only now: what comes before must be able to say that nothing is installed.
const { BUDGET, buildUi } = await import('./build-ui.mjs');
const weight = await buildUi(root, join(root, 'dist', 'ui'));
for (const part of /** @type {const} */ (['script', 'style', 'lazy'])) {
  if (weight[part] <= BUDGET[part] * 1000) continue;
  console.error(`build: the terminal's ${part} weighs ${weight[part]} bytes after gzip, more than ${BUDGET[part]} kB`);
  process.exit(1);
}
const { pack } = await import('./pack.mjs');
await pack(join(root, 'dist'));
writeFileSync(stamp, '');
