import { setFlagsFromString } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

/**
 * How much V8 may compile into one function, in bytes of bytecode.
 *
 * A double that passes a call is boxed unless the call is compiled into its caller, and V8's own limits (920, and 4600 for small
 * functions) are used up by the runtime before it comes to what an actor calls: that made 6 MB of garbage a second.
 */
const COMPILER_FLAGS = ['--max-inlined-bytecode-size-cumulative=5000', '--max-inlined-bytecode-size-absolute=20000'];

/**
 * What a compute thread may allocate before its first collection, in MB. Its steady state allocates nothing. Compiled code that meets
 * what it has not met before is thrown away, and the interpreter, which boxes every double, stands in until there is new code:
 * that happens a bounded number of times, and all of it shall fit.
 */
const COMPUTE_NURSERY_MB = 64;
/** V8's own greatest size, for threads that do allocate. */
const IO_NURSERY_MB = 16;
/** V8 counts two halves and as much again for what is large. */
const NURSERY_PARTS = 3;

/** Limits of the heap of an engine's thread. */
export function heapLimits(kind: 'compute' | 'io'): ResourceLimits {
  return { maxYoungGenerationSizeMb: NURSERY_PARTS * (kind === 'compute' ? COMPUTE_NURSERY_MB : IO_NURSERY_MB) };
}

/** Prepares V8 for the engine's threads: before the first of them starts, because a heap is laid out when its thread begins. */
export function prepareV8(): void {
  for (const flag of COMPILER_FLAGS) setFlagsFromString(flag);
  // Otherwise a heap starts small and collects each time before it grows. The threads' own limits stand above this.
  setFlagsFromString(`--min-semi-space-size=${COMPUTE_NURSERY_MB}`);
  setFlagsFromString('--expose-gc');
}

/** Collects what starting this thread has left behind, so that it need not be looked at while the thread works. */
export function collectLeftovers(): void {
  globalThis.gc?.();
}

/**
 * Empties this thread's nursery, a matter of one or two milliseconds: what was allocated while code was compiled brings the first
 * collection of the steady state nearer. Twice, because what lives through one collection stays for one more.
 */
export function clearNursery(): void {
  globalThis.gc?.({ type: 'minor' });
  globalThis.gc?.({ type: 'minor' });
}
