import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './project-root.js';

/** What `bytesPerCall` runs: text, because it runs in a process of its own, where only built code is loaded. */
export interface Kernel {
  /** The module under dist/ whose exports the statements name, such as `engine/quant/index.js`. */
  module: string;
  /** Statements that run once, such as `const out = new Float64Array(12);`. */
  setup?: string;
  /** The statement that is measured; `i` counts the calls, and `sink += …` keeps a number alive. */
  call: string;
}

/**
 * Calls between two entries of the measured loop. A loop that is entered rarely is only ever optimised while it runs, and V8
 * leaves it in a middle tier, which allocates, each time that it is entered anew.
 */
const BATCH = 256;

/**
 * Processes that are tried before an allocation is believed. What is inlined depends on when the compiler's thread came to
 * run, and on a busy machine one process in some dozens ends up boxing a number that the others do not.
 */
const ATTEMPTS = 4;

/**
 * Bytes of heap that one call allocates: 0 for a kernel that allocates nothing, 12 or more when as much as a single
 * number is boxed.
 *
 * Measured on the built code in a process of its own, so that neither the test runner's heap nor its transformed imports
 * count. The least of several rounds counts: the compiler allocates too, but not in every round.
 */
export function bytesPerCall(kernel: Kernel, calls = 200_000): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && least > 0; attempt++) least = Math.min(least, measure(kernel, calls));
  return least;
}

function measure(kernel: Kernel, calls: number): number {
  const module = join(projectRoot(), 'dist', kernel.module);
  if (!existsSync(module)) throw new Error(`${module} is not built: run "npm run build" first`);
  const program = `
    import * as exported from ${JSON.stringify(pathToFileURL(module).href)};
    import { getHeapStatistics } from 'node:v8';
    const { ${namesIn(kernel).join(', ')} } = exported;
    ${kernel.setup ?? ''}
    function batch() {
      let sink = 0;
      for (let i = 0; i < ${BATCH}; i++) { ${kernel.call} }
      return sink > 1e300 ? 1 : 0;
    }
    function round(batches) {
      for (let count = 0; count < batches; count++) batch();
    }
    const batches = ${Math.ceil(calls / BATCH)};
    const calls = batches * ${BATCH};
    // Code is compiled on another thread: on a busy machine it needs time, not only calls.
    for (let warmUp = 0; warmUp < 8; warmUp++) {
      round(batches);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    let least = Infinity;
    for (let repeat = 0; repeat < 30 && least >= calls / 2; repeat++) {
      globalThis.gc();
      const before = getHeapStatistics().used_heap_size;
      round(batches);
      least = Math.min(least, getHeapStatistics().used_heap_size - before);
      if (repeat % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.stdout.write(String(least));
  `;
  const child = spawnSync(
    process.execPath,
    // A young generation that holds every byte of a round: nothing may be collected between the two readings.
    ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256', '--input-type=module', '--eval', program],
    // Counting coverage changes what the compiler inlines, and so what it boxes. Named, or Node hands it on by itself.
    { encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: undefined } },
  );
  const bytes = Number(child.stdout);
  if (child.status !== 0 || child.stdout === '' || !Number.isFinite(bytes)) {
    throw new Error(`measuring '${kernel.call}' failed:\n${child.stderr}`);
  }
  return Math.max(0, Math.round(bytes / (Math.ceil(calls / BATCH) * BATCH)));
}

/** Identifiers that are called in the kernel's text and not declared there: what to take from the module. */
function namesIn(kernel: Kernel): string[] {
  const text = `${kernel.setup ?? ''}\n${kernel.call}`;
  const called = [...text.matchAll(/(?<![.\w])([A-Za-z_]\w*)\s*\(/g)].map((match) => match[1]!);
  const known = new Set([
    'if',
    'for',
    'while',
    'switch',
    'return',
    'function',
    ...Object.getOwnPropertyNames(globalThis),
  ]);
  return [...new Set(called)].filter((name) => !known.has(name));
}
