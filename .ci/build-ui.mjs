// Bundles the terminal into dist/ui: index.html with its style in it, so that it shows something at once, and beside it assets whose names carry a
// hash of what they hold, each also compressed, so that a server may call them immutable and send them as they are.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What the first screen may weigh, kB (1000 bytes) after gzip. */
export const BUDGET = { script: 40, style: 10, lazy: 120 };

/**
 * @typedef {object} Weight sizes after gzip, bytes
 * @property {number} script what index.html loads before anything shows
 * @property {number} style
 * @property {number} lazy all chunks that pages load when they are opened
 */

/**
 * @param {string} root of the project
 * @param {string} target the folder to write
 * @returns {Promise<Weight>}
 */
export async function buildUi(root, target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'assets'), { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: 'ui/main.ts', out: 'terminal' }],
    outdir: join(target, 'assets'),
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    tsconfig: join(root, 'ui', 'tsconfig.json'),
    plugins: [oneFirstChunk(join(root, 'ui'))],
  });
  const style = await build({
    absWorkingDir: root,
    entryPoints: ['ui/styles/terminal.css'],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
  });
  const css = style.outputFiles[0].text.trim();
  if (/[<]/.test(css)) throw new Error("expected a style sheet without '<', which would end it within the page");

  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const entry = [...outputs].find(([, output]) => output.entryPoint === 'ui/main.ts')?.[0];
  if (entry === undefined) throw new Error('esbuild gave no bundle for ui/main.ts');
  const first = staticImports(outputs, entry);
  const preloads = first.slice(1).map((name) => `<link rel="modulepreload" href="/assets/${name}">`);
  const html = readFileSync(join(root, 'ui', 'index.html'), 'utf8')
    .replace('<!-- style -->', () => `<style>${css}</style>`)
    .replace('<!-- script -->', [...preloads, `<script type="module" src="/assets/${entry}"></script>`].join('\n    '));
  writeFileSync(join(target, 'index.html'), html);

  const weight = { script: 0, style: gzipSync(css, { level: 9 }).length, lazy: 0 };
  for (const name of outputs.keys()) {
    weight[first.includes(name) ? 'script' : 'lazy'] += compress(join(target, 'assets', name));
  }
  compress(join(target, 'index.html'));
  return weight;
}

/**
 * Has every page import what the first screen imports. Code is cut into chunks by who needs it, so all that the first screen needs becomes one chunk,
 * where it would be a dozen: one request instead of twelve.
 * @param {string} ui
 * @returns {import('esbuild').Plugin}
 */
function oneFirstChunk(ui) {
  const entry = join(ui, 'main.ts');
  const imported = [...readFileSync(entry, 'utf8').matchAll(/from '\.\/([^']+)\.js'/g)].map(([, path]) =>
    join(ui, path),
  );
  const lines = imported.map((path) => `import ${JSON.stringify(path)};`).join('');
  return {
    name: 'one-first-chunk',
    setup({ onResolve, onLoad }) {
      const pages = new Set();
      onResolve({ filter: /^\.\// }, ({ kind, path, importer }) => {
        if (kind === 'dynamic-import') pages.add(join(dirname(importer), path.replace(/\.js$/, '.ts')));
        return undefined;
      });
      onLoad({ filter: /\/ui\/.*\.ts$/ }, ({ path }) =>
        pages.has(path) ? { contents: lines + readFileSync(path, 'utf8'), loader: 'ts' } : undefined,
      );
    },
  };
}

/**
 * A bundle and what it imports before it runs.
 * @param {Map<string, import('esbuild').Metafile['outputs'][string]>} outputs
 * @param {string} entry
 */
function staticImports(outputs, entry) {
  const found = [entry];
  for (const name of found) {
    for (const { path, kind } of outputs.get(name)?.imports ?? []) {
      if (kind === 'import-statement' && !found.includes(basename(path))) found.push(basename(path));
    }
  }
  return found;
}

/** Writes .gz and .br beside a file. @param {string} path @returns {number} bytes after gzip */
function compress(path) {
  const bytes = readFileSync(path);
  const gzipped = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.gz`, gzipped);
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  return gzipped.length;
}
