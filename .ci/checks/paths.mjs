// What is committed holds on every machine: no paths of one computer, no package registry but the public one.
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { readSources } from './sources.mjs';

export const title = 'no paths or registries of one machine';

const TEXT =
  /\.(ts|mjs|js|json|md|fbs|sh|ya?ml|toml|html|css)$|(^|\/)(Dockerfile|run|pre-commit|\.npmrc|\.[a-z]+ignore)$/;
const PUBLIC_REGISTRY = 'https://registry.npmjs.org/';

/** Home folders, whoever's; and a checkout below one. */
const HOME = /(?<![\w.])(?:\/home\/[\w.-]+|\/Users\/[\w.-]+|\/root|[A-Z]:\\+Users\\+[\w.-]+)[/\\]/;

/**
 * Machine paths and private registries in one source.
 * @param {import('./sources.mjs').Source} source
 * @param {readonly string[]} machineFolders folders of this machine, each with a slash at its end
 * @returns {import('./sources.mjs').Problem[]}
 */
export function inspect({ path, text }, machineFolders) {
  const isLock = path.endsWith('package-lock.json');
  return text.split('\n').flatMap((content, index) => {
    const problem = /** @param {string} message */ (message) => [{ path, line: index + 1, message }];
    const folder = HOME.exec(content)?.[0] ?? machineFolders.find((name) => content.includes(name));
    if (folder !== undefined) return problem(`'${folder}' is a folder of one machine`);
    const resolved = isLock ? /"resolved": "([^"]*)"/.exec(content)?.[1] : undefined;
    if (resolved !== undefined && !resolved.startsWith(PUBLIC_REGISTRY)) {
      return problem(`'${resolved}' is not the public registry: leave "resolved" out of the lock file`);
    }
    if (path.endsWith('.npmrc') && /registry\s*=|_auth/.test(content))
      return problem('a registry or its key in a committed .npmrc');
    return [];
  });
}

/** The folders that give this machine away: its home, and the checkout with what stands beside it. @param {string} root */
function foldersOfThisMachine(root) {
  const parent = dirname(root);
  const beside = parent === '/' ? [] : readdirSync(parent).map((name) => join(parent, name));
  return [...beside, ...(homedir() === '/' ? [] : [homedir()])].map((folder) => `${folder}/`);
}

/** @param {string} root */
export function check(root) {
  const machineFolders = foldersOfThisMachine(root);
  return readSources(root, (path) => TEXT.test(path)).flatMap((source) => inspect(source, machineFolders));
}
