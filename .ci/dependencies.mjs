// What the dependencies are and bring: their licences, from what is installed, and the holes that are known, from the registry. Without
// the registry the second part says why it was left out. usage: node .ci/dependencies.mjs [--offline]
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { argv, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Licences under which a package may be shipped: they ask for their text and names to be kept, and nothing of our own code. */
export const SHIPPED = new Set([
  ...[
    'MIT',
    'MIT-0',
    'ISC',
    'Apache-2.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'BlueOak-1.0.0',
    'BSL-1.0',
    'CC0-1.0',
  ],
  ...['Unlicense', 'Zlib', 'Python-2.0', 'WTFPL'],
]);
/** Beside these, what only tests, benchmarks and builds use, and nobody is given. */
const FOR_DEVELOPMENT = new Set(['MPL-2.0', 'CC-BY-4.0', 'CC-BY-3.0']);

/**
 * A package as the lock file has it.
 * @typedef {{ name: string, version: string, licence: string, isForDevelopment: boolean }} Package
 */

/** Whether an SPDX expression allows what is asked: one side of an OR, both of an AND. @param {string} expression @param {(licence: string) => boolean} allows @returns {boolean} */
export function permits(expression, allows) {
  const text = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (text.includes(' OR ')) return text.split(' OR ').some((each) => permits(each, allows));
  if (text.includes(' AND ')) return text.split(' AND ').every((each) => permits(each, allows));
  return allows(text);
}

/**
 * Packages whose licence does not fit their use, each on a line.
 * @param {readonly Package[]} packages
 */
export function complaints(packages) {
  return packages.flatMap(({ name, version, licence, isForDevelopment }) => {
    const fits = permits(licence, (each) => SHIPPED.has(each) || (isForDevelopment && FOR_DEVELOPMENT.has(each)));
    const use = isForDevelopment ? 'may not even be used to build or to test' : 'may not be shipped';
    return fits
      ? []
      : [`${name}@${version}: '${licence}' is not among the licences of .ci/dependencies.mjs: it ${use}`];
  });
}

/** Every package that is installed, with what its own manifest says of its licence. @param {string} folder @returns {Package[]} */
export function installed(folder) {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages).flatMap(([path, { version, dev = false }]) => {
    const file = join(folder, path, 'package.json');
    // Packages for other processors and systems are not installed here.
    if (path === '' || !existsSync(file)) return [];
    const { name, license, licenses } = JSON.parse(readFileSync(file, 'utf8'));
    const said = license ?? licenses?.map((/** @type {{ type: string }} */ { type }) => type).join(' OR ');
    const licence = typeof said === 'string' ? said : (said?.type ?? 'none is said');
    return [{ name, version, licence, isForDevelopment: dev }];
  });
}

/** What `npm audit` says: holes of packages that are shipped, or why nobody could be asked. */
function audit() {
  const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 30_000,
  });
  try {
    const { vulnerabilities, message, error } = JSON.parse(stdout);
    if (vulnerabilities === undefined) return { holes: [], unasked: message ?? error?.summary ?? 'no answer' };
    const holes = Object.values(vulnerabilities).map(({ name, severity, range }) => `${name} ${range}: ${severity}`);
    return { holes, unasked: undefined };
  } catch {
    return { holes: [], unasked: 'npm gave no answer that can be read' };
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const packages = installed(root);
  const wrong = complaints(packages);
  const shipped = packages.filter(({ isForDevelopment }) => !isForDevelopment).length;
  console.log(
    `${wrong.length === 0 ? 'ok  ' : 'FAIL'} licences of ${packages.length} packages, ${shipped} of them shipped`,
  );
  for (const line of wrong) console.log(`       ${line}`);
  const { holes, unasked } = argv.includes('--offline') ? { holes: [], unasked: 'asked not to' } : audit();
  if (unasked === undefined) console.log(`${holes.length === 0 ? 'ok  ' : 'FAIL'} known holes in what is shipped`);
  else console.log(`skip known holes: the registry cannot be asked (${String(unasked).split('\n')[0]})`);
  for (const line of holes) console.log(`       ${line}`);
  exit(wrong.length + holes.length === 0 ? 0 : 1);
}
