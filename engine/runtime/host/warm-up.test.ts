import { describe, expect, it } from 'vitest';
import { boardBytes, formatBoard } from '../supervision/board.js';
import { WarmUp } from './warm-up.js';

const MOST_MS = 2000;
const EVENTS = 1000;

/** A core of one thread, with an I/O thread that nobody looks at, by the test's clock. */
function rig() {
  const plan = { threads: ['io', 'core'], actors: ['stage'] };
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  const core = board.thread(1);
  let nowMs = 0;
  const warmUp = new WarmUp(board, [1], { mostMs: MOST_MS, events: EVENTS }, nowMs);
  return {
    core,
    /** The core turns every 10 ms for so long; when the warm-up was over, or undefined. */
    turns(forMs: number, events: number): number | undefined {
      for (const until = nowMs + forMs; nowMs < until; ) {
        nowMs += 10;
        core.turned();
        if (warmUp.isOver(events, nowMs)) return nowMs;
      }
      return undefined;
    },
    stands(forMs: number, events: number): number | undefined {
      for (const until = nowMs + forMs; nowMs < until; ) {
        nowMs += 10;
        if (warmUp.isOver(events, nowMs)) return nowMs;
      }
      return undefined;
    },
  };
}

describe('the warm-up of an engine', () => {
  it('is over once the core has had work and turned without a pause for a while', () => {
    const over = rig().turns(MOST_MS, EVENTS);
    expect(over).toBeGreaterThan(0);
    expect(over).toBeLessThan(MOST_MS);
  });

  it('goes on while the core has had too little to do', () => {
    expect(rig().turns(3 * MOST_MS, EVENTS - 1)).toBe(MOST_MS);
  });

  it('counts from the last pause on, however many there are', () => {
    const steady = rig().turns(MOST_MS, EVENTS)!;
    const paused = rig();
    for (let pause = 0; pause < 3; pause++) {
      expect(paused.turns(steady - 50, EVENTS)).toBeUndefined();
      expect(paused.stands(50, EVENTS)).toBeUndefined();
    }
    expect(paused.turns(MOST_MS, EVENTS)).toBeGreaterThanOrEqual(3 * steady + steady - 10);
  });

  it('is not over while the core stands still, but for its longest time', () => {
    expect(rig().stands(3 * MOST_MS, EVENTS)).toBe(MOST_MS);
  });

  it('takes no core that sleeps for one that stands still', () => {
    const sleeping = rig();
    sleeping.core.idle = true;
    expect(sleeping.stands(MOST_MS, EVENTS)).toBeLessThan(MOST_MS);
  });
});
