// Bundles the terminal into dist/ui: index.html with its style in it, so that it shows something at once, and what asks for the session; and beside it assets whose names carry a
// hash of what they hold, each also compressed, so that a server may call them immutable and send them as they are.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** What the first screen may weigh, kB (1000 bytes) after gzip. */
export const BUDGET = { script: 40, style: 10, lazy: 120 };

/** What opens the terminal, and the charts, of which its first dashboard has some: each is to be one file. */
const MAIN = 'ui/main.ts';
/** Stands in the page itself. */
const EARLY = 'ui/early.ts';
const CHARTS = 'ui/pages/charts.ts';

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
  const assets = join(target, 'assets');
  mkdirSync(assets, { recursive: true });
  const outputs = await bundle(root, assets);
  const style = await build({
    absWorkingDir: root,
    entryPoints: ['ui/styles/terminal.css'],
    bundle: true,
    minify: true,
    write: false,
    logLevel: 'warning',
  });
  const early = await build({
    absWorkingDir: root,
    entryPoints: [EARLY],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'warning',
    tsconfig: join(root, 'ui', 'tsconfig.json'),
  });
  const css = heldByPage('ui/styles/terminal.css', style);
  const code = heldByPage(EARLY, early);

  const script = fileOf(outputs, MAIN);
  const more = [...loadedWith(outputs, script), ...loadedWith(outputs, fileOf(outputs, CHARTS))];
  if (more.some((path) => path !== script))
    throw new Error(
      `expected ${MAIN} and ${CHARTS} to be one file each, found them to load ${more.join(', ')}: what charts share with other pages belongs to what ${MAIN} needs`,
    );
  const html = readFileSync(join(root, 'ui', 'index.html'), 'utf8')
    .replace('<!-- early -->', () => `<script>${code}</script>`)
    .replace('<!-- style -->', () => `<style>${css}</style>`)
    .replace('<!-- script -->', `<script type="module" src="/assets/${basename(script)}"></script>`);
  writeFileSync(join(target, 'index.html'), html);

  const weight = { script: gzipSync(code, { level: 9 }).length, style: gzipSync(css, { level: 9 }).length, lazy: 0 };
  for (const [path, { entryPoint }] of Object.entries(outputs)) {
    // It would do nothing but load the file that all pages share.
    if (entryPoint === MAIN && path !== script) rmSync(join(root, path));
    else weight[path === script ? 'script' : 'lazy'] += compress(join(root, path));
  }
  compress(join(target, 'index.html'));
  return weight;
}

/**
 * @param {string} root
 * @param {string} folder to write to
 */
async function bundle(root, folder) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [{ in: MAIN, out: 'terminal' }],
    outdir: folder,
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
    plugins: [oneMainFile(root), readersAlone],
  });
  return metafile.outputs;
}

/**
 * Has every page import what opens the terminal. Code is cut into files by who needs it: all that the first screen needs is needed by the same ones then, and
 * is one file, where it would be a dozen: one request instead of twelve.
 * @param {string} root
 * @returns {import('esbuild').Plugin}
 */
function oneMainFile(root) {
  const line = `import ${JSON.stringify(join(root, MAIN))};`;
  return {
    name: 'one-main-file',
    setup({ onResolve, onLoad }) {
      const pages = new Set();
      onResolve({ filter: /^\.\// }, ({ kind, path, importer }) => {
        if (kind === 'dynamic-import') pages.add(join(dirname(importer), path.replace(/\.js$/, '.ts')));
        return undefined;
      });
      onLoad({ filter: /\/ui\/.*\.ts$/ }, ({ path }) =>
        pages.has(path) ? { contents: line + readFileSync(path, 'utf8'), loader: 'ts' } : undefined,
      );
    },
  };
}

/** The terminal reads messages and writes none: what writes them would be half of the script that the first screen waits for. */
const readersAlone = /** @type {import('esbuild').Plugin} */ ({
  name: 'readers-alone',
  setup({ onLoad }) {
    const writer = /^(?:mutate_|static (?:create|start|add|end|finish))\w*\([\s\S]*?^\}\n/gm;
    onLoad({ filter: /\/schemas\/generated\/.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(writer, ''),
      loader: 'ts',
    }));
  },
});

/**
 * What esbuild wrote, to stand within the page.
 * @param {string} source
 * @param {{ outputFiles: { text: string }[] }} written
 */
function heldByPage(source, { outputFiles }) {
  const text = outputFiles[0].text.trim();
  if (text.includes('<')) throw new Error(`expected ${source} without '<', which would end it within the page`);
  return text;
}

/**
 * The file that holds a source.
 * @param {import('esbuild').Metafile['outputs']} outputs
 * @param {string} source
 */
function fileOf(outputs, source) {
  const found = Object.entries(outputs).find(([, { inputs }]) => source in inputs);
  if (found === undefined) throw new Error(`expected esbuild to write a file that holds ${source}, found none`);
  return found[0];
}

/**
 * Other files that a file loads before it runs.
 * @param {import('esbuild').Metafile['outputs']} outputs
 * @param {string} path
 */
function loadedWith(outputs, path) {
  return outputs[path].imports.filter(({ kind }) => kind === 'import-statement').map((loaded) => loaded.path);
}

/** Writes .gz and .br beside a file. @param {string} path @returns {number} bytes after gzip */
function compress(path) {
  const bytes = readFileSync(path);
  const gzipped = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.gz`, gzipped);
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  return gzipped.length;
}
