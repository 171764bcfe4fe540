// Runs the static checks, one line each: all of them, or those that are named.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import * as boundaries from './checks/boundaries.mjs';
import * as determinism from './checks/determinism.mjs';
import * as layout from './checks/layout.mjs';
import * as paths from './checks/paths.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A check by the project's own rules: each problem on a line. @param {{ title: string, check: (root: string) => import('./checks/sources.mjs').Problem[] }} rules */
function own({ title, check }) {
  const run = () => check(root).map(({ path, line, message }) => `${path}:${line}: ${message}`);
  return { title, run };
}

/** A check by another program: what it prints when it fails. @param {string} title @param {string[]} command */
function program(title, ...command) {
  const run = () => {
    const ended = spawnSync(execPath, command, { cwd: root, encoding: 'utf8' });
    if (ended.status === 0) return [];
    return `${ended.stdout}${ended.stderr}`.trimEnd().split('\n');
  };
  return { title, run };
}

const modules = join(root, 'node_modules');
const checks = {
  lint: program('lint and format', join(modules, '@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings'),
  types: program('types, tests included', join(modules, 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.test.json'),
  page: program('types of the terminal', join(modules, 'typescript', 'bin', 'tsc'), '-p', join('ui', 'tsconfig.json')),
  boundaries: own(boundaries),
  determinism: own(determinism),
  layout: own(layout),
  schemas: program('generated code is what the schemas say', join('.ci', 'schemas.mjs'), '--check'),
  paths: own(paths),
};

const names = Object.keys(checks);
const asked = argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (asked.includes('--list')) {
  console.log(names.join('\n'));
  exit(0);
}
if (unknown.length > 0) {
  console.error(`check: no check is called '${unknown[0]}'; there are: ${names.join(', ')}`);
  exit(2);
}

let failed = 0;
for (const [name, { title, run }] of Object.entries(checks)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const started = performance.now();
  const problems = run();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(12)} ${title} (${seconds} s)`);
  for (const problem of problems) console.log(`       ${problem}`);
  if (problems.length > 0) failed++;
}
exit(failed === 0 ? 0 : 1);
