import { libc } from '../native/libc.js';
import type { ThreadPlacement } from '../topology/placement.js';

/**
 * Where a worker thread runs, and how eagerly. While the engine starts nothing trades yet: then a thread loads its code on whatever
 * CPU is free, as eagerly as all others. A compute thread takes its place when it has; an I/O thread is put into its own once the engine is warm (`takePlaces`).
 */
export class ThreadPlace {
  private readonly placement: ThreadPlacement;
  private readonly isPlacedLater: boolean;

  /** @param loadingCpus where it may load its code; absent: in its place, for then others trade */
  constructor(placement: ThreadPlacement, loadingCpus: readonly number[] | undefined) {
    this.placement = placement;
    this.isPlacedLater = loadingCpus !== undefined && placement.kind === 'io';
    libc()?.nameThread(`vf-${placement.name}`);
    if (loadingCpus !== undefined) libc()?.confineThread(loadingCpus);
    else this.take();
  }

  /** Whether the kernel allowed it; undefined where the placement names no CPU, or it is not yet time. */
  take(): boolean | undefined {
    const { cpu, realtime, eagerAtFirst } = this.placement;
    const library = libc();
    const pinned = cpu === undefined || this.isPlacedLater ? undefined : (library?.confineThread([cpu]) ?? false);
    if (realtime === true) library?.realtimeThread();
    if (eagerAtFirst !== true) this.standBack();
    return pinned;
  }

  /** Its nice value holds from now on. */
  standBack(): void {
    const { nice } = this.placement;
    if (nice !== undefined) libc()?.niceThread(nice);
  }
}
