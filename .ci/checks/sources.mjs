// The files that checks look at.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A problem that a check found.
 * @typedef {object} Problem
 * @property {string} path relative to the root, with forward slashes
 * @property {number} line from 1
 * @property {string} message what was found and what to do
 */

/**
 * A file and its text.
 * @typedef {object} Source
 * @property {string} path relative to the root, with forward slashes
 * @property {string} text
 */

/** Every file that is or would be committed. @param {string} root */
export function projectFiles(root) {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort();
}

/**
 * The files whose paths match, with their texts.
 * @param {string} root
 * @param {(path: string) => boolean} wanted
 * @returns {Source[]}
 */
export function readSources(root, wanted) {
  return projectFiles(root)
    .filter(wanted)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** TypeScript that people wrote. @param {string} path */
export function isOwnTypeScript(path) {
  return path.endsWith('.ts') && !path.startsWith('schemas/generated/');
}

/** @param {string} path */
export function isTest(path) {
  return path.endsWith('.test.ts');
}

/** What only tests and benchmarks may import: a folder called testing. @param {string} path */
export function isTestSupport(path) {
  return path.includes('/testing/');
}
