import { getHeapStatistics } from 'node:v8';
import { median } from '../../rig/distribution.js';

const RUNS = 11;

function usedBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/**
 * Heap bytes that one call of `work` leaves behind, where `work` handles `count` messages: the median of several calls, so that one
 * during which the collector ran does not count. What asking itself allocates is taken off.
 */
export function bytesPerMessage(work: (count: number) => void, count: number): number {
  const differences: number[] = [];
  const own: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = usedBytes();
    const between = usedBytes();
    work(count);
    const after = usedBytes();
    own.push(between - before);
    differences.push(after - between);
  }
  return Math.max(0, median(differences) - median(own)) / count;
}
