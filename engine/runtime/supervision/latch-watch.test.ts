import { describe, expect, it } from 'vitest';
import { libc } from '../native/libc.js';
import { boardBytes, formatBoard } from './board.js';
import { KillReason } from './kill-reason.js';
import { LatchWatch } from './latch-watch.js';

const plan = { threads: ['core'], actors: ['sequencer'] };

function rig(native = libc() ?? null) {
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  const seen: number[] = [];
  let moved: () => void = () => {};
  const watch = new LatchWatch(
    board,
    () => {
      seen.push(board.killed());
      moved();
    },
    native,
  );
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      moved = resolve;
    });
  return { board, watch, seen, next };
}

describe('a watch over the latch', () => {
  it.skipIf(libc() === undefined)('is told of each move, and of nothing once it is stopped', async () => {
    const { board, watch, seen, next } = rig();
    expect(watch.start()).toBe(true);
    const set = next();
    board.kill(KillReason.CORE_STUCK);
    await set;
    const opened = next();
    board.rearm();
    await opened;
    expect(seen).toEqual([KillReason.CORE_STUCK, KillReason.NONE]);
    watch.stop();
    board.kill(KillReason.OPERATOR);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(seen).toHaveLength(2);
  });

  it('says where nobody can sleep on memory', () => {
    expect(rig(null).watch.start()).toBe(false);
  });
});
