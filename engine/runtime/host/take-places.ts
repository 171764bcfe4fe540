import { libc } from '../native/libc.js';
import type { Board } from '../supervision/board.js';
import type { Placement } from '../topology/placement.js';

/**
 * Clears the compute threads' CPUs, before risk may be taken: I/O threads go to their own, and all else that this process runs (its main thread, those of
 * the compiler, of the collector and of libuv) to the housekeeping CPU. Until then a start, which is bound by them, has every CPU.
 *
 * @returns names of the threads that the kernel did not let be moved
 */
export function takePlaces({ threads, housekeepingCpu }: Placement, board: Board): string[] {
  const library = libc();
  if (library === undefined) return [];
  const placed = threads.filter(({ kind, cpu }) => kind === 'io' && cpu !== undefined);
  const idOf = ({ name }: { name: string }): number =>
    board.thread(threads.findIndex((thread) => thread.name === name)).threadId;
  if (housekeepingCpu !== undefined) {
    const others = threads.filter(({ cpu }) => cpu !== undefined).map(idOf);
    library.pinProcess(housekeepingCpu, undefined, others);
  }
  return placed.filter((thread) => !library.confineThread([thread.cpu!], idOf(thread))).map(({ name }) => name);
}
