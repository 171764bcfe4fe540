import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** V8 counts which code runs when this is set: `.ci/run` sets it. */
const countsCoverage = env.NODE_V8_COVERAGE !== undefined;
/** Set where `dist` is known to be what the sources say: then no test file's imports have to be compiled again. */
const isFreshlyBuilt = env.VOLFILTER_FRESHLY_BUILT !== undefined;

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

/**
 * Files that start engines, whose threads want both cores, or a browser: one at a time, or they would starve each other. All others calculate, or wait for
 * files, sockets and short programs: two at a time.
 */
const wholeMachine = [
  '.ci/alerts.test.ts',
  'actors/feed/{binance,deribit}/*-feed.test.ts',
  'actors/filter/placement.test.ts',
  'actors/testing/{chaos,determinism,failures,gate,processes,trading}/**/*.test.ts',
  'actors/venue-sim/api/server/**/*.test.ts',
  'engine/cli/{backtest,run}/**/*.test.ts',
  'engine/runtime/{arena,host,native,supervision}/**/*.test.ts',
  'engine/runtime/edge/fuzz.test.ts',
  'gateway/assistant/ask-page.test.ts',
  'ui/*.test.ts',
];

export default defineConfig({
  plugins: countsCoverage || isFreshlyBuilt ? [importBuiltCode] : [],
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'half a machine',
          include: ['{.ci,engine,actors,schemas,gateway,ui,bench}/**/*.test.ts'],
          exclude: wholeMachine,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'a whole machine',
          include: wholeMachine,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
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
