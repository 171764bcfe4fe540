// Packs what the engine's threads and processes load at their start into few files, in dist/packed: a module of its own file costs a thread a look-up, four
// calls of the file system and a compilation, some 0.4 ms, and a thread has up to three hundred of them. The modules stay what they are; engine/runtime/host/packed.ts chooses.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

/** Entries of threads and processes, and what they are told to import; the actors' own modules are found. */
const ENTRIES = [
  'engine/cli/run/run-engine.js',
  'engine/runtime/host/thread-main.js',
  'actors/killer/main.js',
  'actors/venue-sim/api/server/main.js',
  'gateway/main.js',
  // Benchmarks measure what runs.
  'bench/suites/tick-to-quote/tapped-feed.js',
  'bench/suites/tick-to-quote/tapped-execution.js',
];

/** What is packed too of the packages: pure JavaScript that every thread would load file by file. */
const PACKED_PACKAGES = /^(zod|flatbuffers)(\/|$)/;
/** One class for all: who catches an error looks at what it is of. */
const SHARED = 'engine/cli/user-error.js';
const OWN_ADDRESS = 'import.meta.url';

/**
 * @param {string} dist the compiled sources
 * @returns {Promise<void>}
 */
export async function pack(dist) {
  const entries = [...ENTRIES, ...actorModules(dist)];
  const bundle = await rolldown({
    cwd: dist,
    input: Object.fromEntries(entries.map((path) => [path.replace(/\.js$/, ''), join(dist, path)])),
    platform: 'node',
    external: (id, importer) =>
      id.startsWith('.')
        ? importer !== undefined && join(dirname(importer), id) === join(dist, SHARED)
        : !id.startsWith('/') && !PACKED_PACKAGES.test(id),
    // Only packages say truly that a module of theirs does nothing when it is loaded.
    treeshake: { moduleSideEffects: (id) => !id.includes('/node_modules/') },
    plugins: [addressesStay(dist)],
    logLevel: 'warn',
  });
  await bundle.write({
    dir: join(dist, 'packed'),
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    banner: `const distAddress = ${OWN_ADDRESS}.slice(0, ${OWN_ADDRESS}.lastIndexOf('/packed/') + 1);`,
    comments: false,
  });
  await bundle.close();
  // Packed code looks for it where it would stand if it were packed.
  mkdirSync(join(dist, 'packed', dirname(SHARED)), { recursive: true });
  writeFileSync(join(dist, 'packed', SHARED), `export * from '../../../${SHARED}';\n`);
}

/**
 * The modules that definitions of actors name.
 * @param {string} dist
 */
function actorModules(dist) {
  const actors = join(dist, 'actors');
  return readdirSync(actors, { recursive: true, encoding: 'utf8' })
    .filter((path) => /(^|\/)define-[a-z-]+\.js$/.test(path))
    .flatMap((path) =>
      [...readFileSync(join(actors, path), 'utf8').matchAll(/new URL\('(\.\/[^']+\.js)', import\.meta\.url\)/g)].map(
        ([, module]) => join('actors', dirname(path), /** @type {string} */ (module)),
      ),
    );
}

/**
 * A packed module calls itself by the address of the module that it was, so that what lies beside that is found.
 * @param {string} dist
 * @returns {import('rolldown').Plugin}
 */
function addressesStay(dist) {
  return {
    name: 'addresses-stay',
    transform(code, id) {
      if (!id.startsWith(dist) || !code.includes(OWN_ADDRESS)) return undefined;
      return { code: code.replaceAll(OWN_ADDRESS, `(distAddress + ${JSON.stringify(relative(dist, id))})`) };
    },
  };
}
