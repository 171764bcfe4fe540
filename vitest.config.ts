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

/**
 * Calculations on one thread, which no neighbour can disturb: two files at a time. All others start threads, processes, sockets
 * or a browser, and would starve each other on two cores: one file at a time.
 */
const calculations = [
  'engine/{market,quant,testing}/**/*.test.ts',
  'actors/{analytics,anomaly,backtest,book,dispatch,display,flattener,hedger,portfolio,quoter,risk,sequencer,strategy}/**/*.test.ts',
  'actors/feed/{entry,session,wire}/**/*.test.ts',
  'actors/feed/*/{decoder,recorded-books}.test.ts',
  'actors/filter/!(placement).test.ts',
  'actors/testing/{core,quoting,risk}/**/*.test.ts',
  'actors/venue-sim/{chaos,exchange,world}/**/*.test.ts',
  'actors/venue-sim/api/*.test.ts',
  'actors/virtual-run/**/*.test.ts',
];

export default defineConfig({
  plugins: countsCoverage ? [importBuiltCode] : [],
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: { name: 'calculations', include: calculations, maxWorkers: 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'machinery',
          include: ['{.ci,engine,actors,schemas,gateway,ui,bench}/**/*.test.ts'],
          exclude: calculations,
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
