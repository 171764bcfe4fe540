import { onlyReduces } from '../../engine/market/orders/codes.js';
import type { KillReason } from '../../engine/runtime/supervision/kill-reason.js';

/** The part of the board that execution must look at; see Board. */
export interface KillLatch {
  killed(): KillReason;
  beginWrite(): void;
  endWrite(): void;
}

/** No kill reason: the latch is open. */
const OPEN = 0;

/**
 * Runs one write to the venue, unless the latch is set and the action is no cancel; whether it ran.
 *
 * The write is announced before the latch is looked at, and who sets the latch looks for announced writes after: one of the
 * two always sees the other. So when the killer has found no write under way, none but cancels will ever follow, also of
 * what was approved before.
 */
export function writeThroughGate(latch: KillLatch, action: number, write: () => void): boolean {
  if (onlyReduces(action)) {
    write();
    return true;
  }
  latch.beginWrite();
  try {
    const open = latch.killed() === OPEN;
    if (open) write();
    return open;
  } finally {
    // Also when the write throws: an announcement that nobody takes back would look like execution stuck in a write.
    latch.endWrite();
  }
}
