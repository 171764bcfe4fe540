import { createHash } from 'node:crypto';
import type { CoreDefinition } from './definition.js';
import { pendingTimersIn, TIMER_TABLE, timerTableBytes } from './timer-table.js';

/**
 * What a stage remembers is one block of bytes, so that a snapshot of it is one copy:
 *
 *     0     progress: float64 numbers at the places below
 *     32    its pending timers, see timer-table.ts
 *     then  what its actor has reserved
 */
export const PROGRESS_BYTES = 32;

/** Places of the progress numbers. */
export const StageProgress = {
  /** The log event under way or next. */
  NEXT: 0,
  /** Its event time, microseconds since the Unix epoch. */
  NEXT_TIME: 1,
  /** The last log event that the stage has finished. */
  FINISHED: 2,
  /** The last finished event that the stage's readers have been told of. */
  TOLD: 3,
} as const;

/** Bytes of the whole block. */
export function stageStateBytes({ stateBytes, timers = 0 }: CoreDefinition): number {
  return (PROGRESS_BYTES + timerTableBytes(timers) + stateBytes + 7) & ~7;
}

/** Characters of a layout's hash. */
export const LAYOUT_HASH_LENGTH = 32;

/** Hash of the layout of the whole block, in hexadecimal: blocks are read only by stages of the same. */
export function stageLayout({ stateLayout, timers = 0 }: CoreDefinition): string {
  const layout = JSON.stringify([PROGRESS_BYTES, StageProgress, timers, TIMER_TABLE, stateLayout]);
  return createHash('sha256').update(layout).digest('hex').slice(0, LAYOUT_HASH_LENGTH);
}

/** ... of every stage, by its name. */
export function stageLayouts(stages: readonly CoreDefinition[]): Map<string, string> {
  return new Map(stages.map((stage) => [stage.name, stageLayout(stage)]));
}

/** Event time of the last log event in a stage's block, microseconds since the Unix epoch. */
export function eventTimeIn(state: Uint8Array): number {
  return new DataView(state.buffer, state.byteOffset).getFloat64(8 * StageProgress.NEXT_TIME, true);
}

/** The pending timers in a stage's block. @param timers how many the stage may have */
export function pendingTimersOf(
  state: Uint8Array,
  timers: number,
): { timer: number; deadline: number; serial: number }[] {
  return pendingTimersIn(state.subarray(PROGRESS_BYTES, PROGRESS_BYTES + timerTableBytes(timers)), timers);
}

/** The part of a stage's block that belongs to its actor. */
export function actorStateIn(state: Uint8Array, { timers = 0 }: CoreDefinition): Uint8Array {
  return state.subarray(PROGRESS_BYTES + timerTableBytes(timers));
}
