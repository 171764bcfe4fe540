import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** V8 counts which code runs when this is set: `.ci/run` sets it. */
const countsCoverage = env.NODE_V8_COVERAGE !== undefined;

const root = dirname(fileURLToPath(import.meta.url));

/**
 * Lets tests import the built code instead of having the sources transformed. V8 counts coverage by file, and what
 * vitest transforms never is one; worker threads and processes run the built code anyway, so all counts meet in it.
 */
const importBuiltCode: Plugin = {
  name: 'import-built-code',
  enforce: 'pre',
  resolveId(specifier, importer) {
    if (importer === undefined || !specifier.startsWith('.')) return;
    const path = relative(root, resolve(dirname(importer), specifier));
    const built = join(root, 'dist', path);
    return existsSync(built) ? built : undefined;
  },
};

export default defineConfig({
  plugins: countsCoverage ? [importBuiltCode] : [],
  test: {
    include: ['{.ci,engine,actors,schemas,gateway,ui,bench}/**/*.test.ts'],
    // Two cores: threaded tests would starve each other if files ran side by side.
    fileParallelism: false,
    pool: 'forks',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What is waited for comes late on a busy machine; the second that is usual would be a timed assertion.
    expect: { poll: { timeout: 30_000 } },
    setupFiles: countsCoverage ? ['.ci/coverage-of-forks.ts'] : [],
    reporters: env.VOLFILTER_TEST_REPORT === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: env.VOLFILTER_TEST_REPORT ?? '' },
    env: { TZ: 'UTC' },
    server: { deps: { external: [/\/dist\//] } },
  },
});
