import { describe, expect, it } from 'vitest';
import { boardBytes, formatBoard, ThreadCounter } from '../supervision/board.js';
import type { Runnable } from '../topology/topology.js';
import { Doorbell, doorbellMemory } from '../wait/doorbell.js';
import { runDutyCycle } from './duty-cycle.js';

const TURNS = 300;
const SPINS = 5;
/** More often than a thread that spins so long would come to rest. */
const WORK_EVERY = 3;

/** How often a thread has slept whose one member has work in every third turn. @param hasHeard whether that came from outside; absent: it cannot tell */
function sleepsOf(hasHeard?: () => boolean): number {
  const plan = { threads: ['core'], actors: ['member'] };
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  let turns = 0;
  const member: Runnable = {
    name: 'member',
    step: () => (++turns % WORK_EVERY === 0 ? 1 : 0),
    hasPending: () => false,
    finishedSeq: () => 0,
    progressed: () => false,
    currentSeq: () => 0,
    ...(hasHeard === undefined ? {} : { hasHeard }),
  };
  runDutyCycle({
    members: [{ runnable: member, bells: [] }],
    wait: { spins: SPINS, yields: 0, parkMs: 1 },
    doorbell: new Doorbell(doorbellMemory(1), 0),
    line: board.thread(0),
    shouldStop: () => turns >= TURNS,
    betweenSpells: () => {},
    afterSleep: () => {},
  });
  return board.thread(0).counters[ThreadCounter.PARKED]!;
}

describe('a compute thread that has work again and again', () => {
  it('stays awake where that comes from outside, or where nobody can tell', () => {
    expect(sleepsOf(() => true)).toBe(0);
    expect(sleepsOf()).toBe(0);
  });

  it('sleeps between its own timers', () => {
    expect(sleepsOf(() => false)).toBeGreaterThan(TURNS / WORK_EVERY);
  });
});
