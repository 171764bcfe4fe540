import { describe, expect, it } from 'vitest';
import { importsOf, inspect } from './boundaries.mjs';

const shipped = new Set(['zod', '@duckdb/node-api']);
const found = (path: string, specifier: string): string[] =>
  inspect({ path, text: `import { x } from '${specifier}';` }, shipped).map(({ message }) => message);

describe('a folder', () => {
  it.each([
    ['schemas/layout.ts', '../engine/runtime/arena.js'],
    ['engine/quant/black.ts', '../market/order.js'],
    ['engine/runtime/host.ts', '../market/order.js'],
    ['engine/runtime/host.ts', '../../actors/book/book.js'],
    ['engine/market/order.ts', '../runtime/arena.js'],
    ['actors/book/book.ts', '../../gateway/server.js'],
    ['actors/book/book.ts', '../../bench/report.js'],
    ['gateway/server.ts', '../engine/cli/program.js'],
    ['bench/registry.ts', '../engine/cli/program.js'],
    ['engine/runtime/host.ts', '../testing/shared-data.js'],
    ['actors/topology.ts', './testing/determinism/graph.js'],
    ['ui/view.ts', '../gateway/server.js'],
  ])('%s may not import %s', (path, specifier) => {
    expect(found(path, specifier)).toHaveLength(1);
  });

  it.each([
    ['engine/runtime/host.ts', './arena.js'],
    ['engine/runtime/host.ts', '../../schemas/generated/index.js'],
    ['engine/runtime/host.test.ts', '../testing/shared-data.js'],
    ['actors/testing/determinism/graph.ts', '../../streams.js'],
    ['bench/suites/chain.ts', '../../actors/testing/determinism/graph.js'],
    ['actors/filter/filter.ts', '../../engine/quant/index.js'],
    ['actors/filter/filter.ts', '../book/book.js'],
    ['gateway/server.ts', '../actors/topology.js'],
    ['engine/cli/commands/bench.ts', '../../../bench/registry.js'],
    ['engine/cli/package-version.ts', '../../package.json'],
  ])('%s may import %s', (path, specifier) => {
    expect(found(path, specifier)).toEqual([]);
  });

  it('that the architecture does not know is refused', () => {
    expect(found('engine/stuff/x.ts', './y.js')).toEqual([
      "'engine/stuff' has no row in .ci/checks/boundaries.mjs: say there what it may import",
    ]);
  });
});

describe('a package', () => {
  it('must be among the dependencies of the code that ships', () => {
    expect(found('engine/config/schema.ts', 'vitest')).toEqual([
      'imports vitest: vitest is not among the dependencies of package.json',
    ]);
    expect(found('engine/store/history.ts', '@duckdb/node-api/lib/x.js')).toEqual([]);
    expect(found('engine/config/schema.ts', 'node:fs')).toEqual([]);
  });

  it('may be a development dependency in tests and benchmarks', () => {
    expect(found('engine/config/schema.test.ts', 'vitest')).toEqual([]);
    expect(found('bench/suites/ring.ts', 'ringbuf.js')).toEqual([]);
  });

  it('is never imported by engine/quant', () => {
    expect(found('engine/quant/black.ts', 'zod')).toEqual(['imports zod: engine/quant depends on nothing']);
  });
});

describe('imports', () => {
  it('are found in every form, and not in comments or strings', () => {
    const text = `
      import './a.js';
      import type { B } from './b.js';
      export * from './c.js';
      const d = await import('./d.js');
      new Worker(new URL('./e.js', import.meta.url));
      // import './f.js'
      const g = "import './g.js'";
      read('./h.js');
    `;
    expect(importsOf(text).map(({ specifier }) => specifier)).toEqual([
      './a.js',
      './b.js',
      './c.js',
      './d.js',
      './e.js',
    ]);
  });
});
