// Dependencies point one way: schemas <- engine <- actors <- gateway <- engine/cli, and inside engine by the table below.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { isOwnTypeScript, isTest, isTestSupport, readSources } from './sources.mjs';
import { tokenize } from './tokens.mjs';

export const title = 'boundaries between folders';

/**
 * What each folder may import beside itself. A folder that is not listed has no place in the architecture yet.
 * @type {Map<string, readonly string[]>}
 */
const MAY_IMPORT = new Map([
  ['schemas', []],
  ['engine/quant', []],
  ['engine/config', []],
  ['engine/telemetry', ['schemas']],
  ['engine/market', ['schemas', 'engine/quant']],
  ['engine/runtime', ['schemas', 'engine/config', 'engine/telemetry']],
  ['engine/journal', ['schemas', 'engine/config', 'engine/telemetry', 'engine/runtime']],
  ['engine/store', ['schemas', 'engine/config', 'engine/telemetry', 'engine/market', 'engine/journal']],
  ['engine/testing', ['schemas', 'engine']],
  ['actors', ['schemas', 'engine']],
  ['gateway', ['schemas', 'engine', 'actors']],
  ['ui', ['schemas']],
  ['bench', ['schemas', 'engine', 'actors', 'gateway']],
  ['engine/cli', ['schemas', 'engine', 'actors', 'gateway', 'bench']],
]);

/** The composition root: nobody imports it, so `engine` in the table above does not mean it. */
const COMPOSITION_ROOT = 'engine/cli';

/** The folder of the table that a path lies in. @param {string} path */
function folderOf(path) {
  const [top = '', second = ''] = path.split('/');
  return top === 'engine' ? `engine/${second}` : top;
}

/** @param {string} from @param {string} to both folders of the table */
function allowed(from, to) {
  if (from === to) return true;
  if (to === COMPOSITION_ROOT) return false;
  return (MAY_IMPORT.get(from) ?? []).some(
    (folder) => folder === to || (folder === 'engine' && to.startsWith('engine/')),
  );
}

/** Tests, what supports them, and benchmarks: where development dependencies are installed. @param {string} path */
function isForDevelopment(path) {
  return isTest(path) || isTestSupport(path) || path.startsWith('bench/');
}

/**
 * What a source imports, re-exports or starts as a thread, with the lines.
 * @param {string} text
 */
export function importsOf(text) {
  const tokens = tokenize(text);
  return tokens.flatMap((token, index) => {
    if (token.kind !== 'string') return [];
    const before = tokens[index - 1]?.text;
    const opener = tokens[index - 2]?.text;
    const isImport = before === 'from' || before === 'import' || (before === '(' && opener === 'import');
    const isFile = before === '(' && opener === 'URL' && token.text.startsWith('.');
    return isImport || isFile ? [{ specifier: token.text, line: token.line }] : [];
  });
}

/** Why a folder may not import a file of another, or undefined. @param {string} path @param {string} target */
function objectionToFile(path, target) {
  const from = folderOf(path);
  const to = folderOf(target);
  // Files beside the sources (package.json, data) are nobody's module.
  if (!MAY_IMPORT.has(to)) return undefined;
  if (isTestSupport(target)) return isForDevelopment(path) ? undefined : `${dirname(target)} is for tests`;
  if (allowed(from, to)) return undefined;
  if (to === COMPOSITION_ROOT) return `nothing imports ${to}`;
  const may = MAY_IMPORT.get(from) ?? [];
  return `${from} may import ${may.length === 0 ? 'only itself' : may.join(', ')}`;
}

/** Why a source may not import a package, or undefined. @param {string} path @param {string} specifier @param {Set<string>} shipped */
function objectionToPackage(path, specifier, shipped) {
  if (isForDevelopment(path)) return undefined;
  if (path.startsWith('engine/quant/')) return 'engine/quant depends on nothing';
  if (specifier.startsWith('node:')) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return shipped.has(name) ? undefined : `${name} is not among the dependencies of package.json`;
}

/**
 * What one source imports that it may not.
 * @param {import('./sources.mjs').Source} source
 * @param {Set<string>} shipped the packages that an installed volfilter has
 * @returns {import('./sources.mjs').Problem[]}
 */
export function inspect({ path, text }, shipped) {
  const from = folderOf(path);
  if (!MAY_IMPORT.has(from)) {
    return [
      { path, line: 1, message: `'${from}' has no row in .ci/checks/boundaries.mjs: say there what it may import` },
    ];
  }
  return importsOf(text).flatMap(({ specifier, line }) => {
    const isFile = specifier.startsWith('.');
    const target = isFile ? join(dirname(path), specifier) : specifier;
    const objection = isFile ? objectionToFile(path, target) : objectionToPackage(path, specifier, shipped);
    return objection === undefined ? [] : [{ path, line, message: `imports ${target}: ${objection}` }];
  });
}

/** @param {string} root */
export function check(root) {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const shipped = new Set(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }));
  const isChecked = /** @param {string} path */ (path) =>
    isOwnTypeScript(path) && path.includes('/') && !path.startsWith('.');
  return readSources(root, isChecked).flatMap((source) => inspect(source, shipped));
}
