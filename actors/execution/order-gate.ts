import { KillReason } from '../../engine/runtime/supervision/board.js';
import { onlyReduces } from '../orders/order-codes.js';

/** The part of the board that execution must look at. */
export interface KillLatch {
  killed(): KillReason;
}

/**
 * Whether this action may be written to the venue now. Asked immediately before every write, in the same turn: once the
 * latch is set, only cancels pass, also of what was approved before.
 */
export function mayWrite(latch: KillLatch, action: number): boolean {
  return onlyReduces(action) || latch.killed() === KillReason.NONE;
}
