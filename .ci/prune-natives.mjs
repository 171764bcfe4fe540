// Removes the native binaries of other platforms from node_modules, for an image that runs on one.
// usage: node .ci/prune-natives.mjs
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, argv, platform, versions } from 'node:process';
import { fileURLToPath } from 'node:url';

const PLATFORMS = ['darwin', 'win32', 'freebsd', 'openbsd', 'android', 'linux'];
const ARCHITECTURES = ['x64', 'arm64', 'arm', 'ia32', 'riscv64', 'loong64', 'ppc64', 's390x'];

/**
 * Whether a binary is for another machine than this one, by the words of its path. Debian's libc is glibc.
 * @param {string} path of a .node file
 * @param {{ platform: string, arch: string, abi: string }} machine
 */
export function isForeign(path, machine) {
  const words = path.toLowerCase().split(/[^a-z0-9]+/);
  /** @param {string[]} known @param {string} own */
  const namesAnother = (known, own) => known.some((word) => words.includes(word)) && !words.includes(own);
  const abi = words.find((word) => /^abi\d+$/.test(word)) ?? 'any';
  return (
    words.includes('musl') ||
    namesAnother(PLATFORMS, machine.platform) ||
    namesAnother(ARCHITECTURES, machine.arch) ||
    (abi !== 'any' && abi !== `abi${machine.abi}`)
  );
}

/**
 * Removes the binaries of other platforms and architectures from one package, whatever version of Node.js they are for.
 * @param {string} folder the package's
 * @returns {number} binaries that are gone
 */
export function prunePackage(folder) {
  if (!existsSync(folder)) return 0;
  const foreign = readdirSync(folder).filter(
    (name) => name.endsWith('.node') && isForeign(name, { platform, arch, abi: versions.modules }),
  );
  for (const name of foreign) rmSync(join(folder, name));
  return foreign.length;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), 'node_modules');
  const machine = { platform, arch, abi: versions.modules };
  let removed = 0;
  for (const name of readdirSync(modules, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.node') || !isForeign(name, machine)) continue;
    rmSync(join(modules, name));
    removed++;
  }
  console.log(`prune-natives: removed ${removed} binaries of other platforms`);
}
