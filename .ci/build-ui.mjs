// Bundles the terminal into dist/ui: index.html, and beside it assets whose names carry a hash of what they hold, each also
// compressed, so that a server may call them immutable and send them as they are.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
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
  });
  const style = await build({
    absWorkingDir: root,
    entryPoints: ['ui/styles/terminal.css'],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
  });
  const css = style.outputFiles[0].contents;
  const cssName = `terminal-${createHash('sha256').update(css).digest('hex').slice(0, 8).toUpperCase()}.css`;
  writeFileSync(join(target, 'assets', cssName), css);

  const outputs = new Map(Object.entries(metafile.outputs).map(([path, output]) => [basename(path), output]));
  const entry = [...outputs].find(([, output]) => output.entryPoint === 'ui/main.ts')?.[0];
  if (entry === undefined) throw new Error('esbuild gave no bundle for ui/main.ts');
  const first = staticImports(outputs, entry);
  const preloads = first.slice(1).map((name) => `<link rel="modulepreload" href="/assets/${name}">`);
  const html = readFileSync(join(root, 'ui', 'index.html'), 'utf8')
    .replace('<!-- style -->', `<link rel="stylesheet" href="/assets/${cssName}">`)
    .replace('<!-- script -->', [...preloads, `<script type="module" src="/assets/${entry}"></script>`].join('\n    '));
  writeFileSync(join(target, 'index.html'), html);

  const weight = { script: 0, style: compress(join(target, 'assets', cssName)), lazy: 0 };
  for (const name of outputs.keys()) {
    weight[first.includes(name) ? 'script' : 'lazy'] += compress(join(target, 'assets', name));
  }
  compress(join(target, 'index.html'));
  return weight;
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
