// Coverage by folder from what V8 counted (threads and child processes included), against thresholds.
// usage: node .ci/coverage.mjs FOLDER_OF_V8_FILES
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { tokenize } from './checks/tokens.mjs';

/** Percent of lines that tests must run, by folder. The rest is reported and judged by people. */
const THRESHOLDS = new Map([
  ['engine/market', 85],
  ['engine/quant', 85],
  ['engine/runtime', 85],
]);

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Covered and total lines of each source file, by path relative to the root.
 * @param {string} counted
 * @returns {[string, { covered: number, total: number }][]}
 */
function linesByFile(counted) {
  const report = mkdtempSync(join(tmpdir(), 'volfilter-coverage-'));
  try {
    const c8 = join(root, 'node_modules', 'c8', 'bin', 'c8.js');
    const options = ['--temp-directory', counted, '--all', '--src', 'dist', '--include', 'dist/**'];
    // The page's bundles have no source of their own; what runs in a browser is not counted here.
    const exclusions = ['**/*.d.ts', 'dist/schemas/generated/**', 'dist/ui/assets/**', 'dist/packed/**'].flatMap(
      (glob) => ['--exclude', glob],
    );
    const output = ['--reporter', 'json-summary', '--reports-dir', report];
    const ended = spawnSync(execPath, [c8, 'report', ...options, ...exclusions, ...output], {
      cwd: root,
      encoding: 'utf8',
    });
    if (ended.status !== 0) throw new Error(`coverage: c8 failed:\n${ended.stdout}${ended.stderr}`);
    const summary = JSON.parse(readFileSync(join(report, 'coverage-summary.json'), 'utf8'));
    return Object.entries(summary)
      .filter(([path]) => path !== 'total' && hasCode(path))
      .map(([path, { lines }]) => [relative(root, path), lines]);
  } finally {
    rmSync(report, { recursive: true, force: true });
  }
}

/** Types leave nothing to run: a file of types alone is never loaded, and would count as not covered. @param {string} path */
function hasCode(path) {
  const compiled = join(root, 'dist', relative(root, path).replace(/\.ts$/, '.js'));
  return tokenize(readFileSync(compiled, 'utf8')).some(({ text }) => !['export', '{', '}', ';'].includes(text));
}

/** `engine/quant` of `engine/quant/iv/x.ts`, `actors/book` of `actors/book/x.ts`. @param {string} path */
function folderOf(path) {
  return path.split('/').slice(0, -1).slice(0, 2).join('/');
}

const counted = argv[2];
if (counted === undefined) {
  console.error('coverage: which folder holds what V8 counted? node .ci/coverage.mjs FOLDER');
  exit(2);
}
/** @type {Map<string, { covered: number, total: number }>} */
const folders = new Map();
for (const [path, { covered, total }] of linesByFile(counted)) {
  const sum = folders.get(folderOf(path)) ?? { covered: 0, total: 0 };
  folders.set(folderOf(path), { covered: sum.covered + covered, total: sum.total + total });
}

let failed = false;
for (const [folder, { covered, total }] of [...folders].sort()) {
  const percent = total === 0 ? 100 : (100 * covered) / total;
  const threshold = THRESHOLDS.get(folder);
  const low = threshold !== undefined && percent < threshold;
  failed ||= low;
  const wanted = threshold === undefined ? '' : `  (at least ${threshold} %)${low ? '  TOO LOW' : ''}`;
  console.log(
    `${folder.padEnd(24)} ${percent.toFixed(1).padStart(6)} % of ${String(total).padStart(6)} lines${wanted}`,
  );
}
for (const folder of THRESHOLDS.keys()) {
  if (folders.has(folder)) continue;
  console.log(`${folder.padEnd(24)} no file of it was compiled`);
}
exit(failed ? 1 : 0);
