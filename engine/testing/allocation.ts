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
 * One thread for everything: V8 compiles and collects where it would hand that to other threads. What is inlined, and so what
 * is boxed, then depends on the calls alone and not on when a busy machine let the compiler run, and nothing but the
 * calls fills the heap between two readings. The young generation holds every byte of a round: nothing is collected there.
 */
const V8_FLAGS = ['--single-threaded', '--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Rounds after which an allocation is believed. The first of them warm up; most kernels reach nothing in the third. */
const ROUNDS = 20;

/**
 * Bytes of heap that one call allocates: 0 for a kernel that allocates nothing, 12 or more when as much as a single
 * number is boxed in each call.
 *
 * Measured on the built code in a process of its own, so that neither the test runner's heap nor its transformed imports
 * count. The least of several rounds counts, without what the same readings take when nothing is called between them: compiled
 * code lies in the heap too, but is not made in every round. Given to the hundredth of a byte.
 */
export function bytesPerCall(kernel: Kernel, calls = 200_000): number {
  const module = join(projectRoot(), 'dist', kernel.module);
  if (!existsSync(module)) throw new Error(`${module} is not built: run "npm run build" first`);
  const batches = Math.ceil(calls / BATCH);
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
    function nothing() {
      return 0;
    }
    function allocated(what, batches) {
      globalThis.gc();
      const before = getHeapStatistics().used_heap_size;
      for (let count = 0; count < batches; count++) what();
      return getHeapStatistics().used_heap_size - before;
    }
    let reading = Number.MAX_VALUE;
    let least = Infinity;
    const none = ${Math.floor((batches * BATCH) / 200)};
    for (let round = 0; round < ${ROUNDS} && least - reading > none; round++) {
      reading = Math.min(reading, allocated(nothing, 16));
      least = Math.min(least, allocated(batch, ${batches}));
    }
    process.stdout.write(String(Math.max(0, least - reading)));
  `;
  const child = spawnSync(
    process.execPath,
    [...V8_FLAGS, '--input-type=module', '--eval', program],
    // Counting coverage changes what the compiler inlines, and so what it boxes. Named, or Node hands it on by itself.
    { encoding: 'utf8', env: { ...process.env, NODE_V8_COVERAGE: undefined } },
  );
  const bytes = Number(child.stdout);
  if (child.status !== 0 || child.stdout === '' || !Number.isFinite(bytes)) {
    throw new Error(`measuring '${kernel.call}' failed (${child.signal ?? child.status}):\n${child.stderr}`);
  }
  return Math.round((bytes / (batches * BATCH)) * 100) / 100;
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
