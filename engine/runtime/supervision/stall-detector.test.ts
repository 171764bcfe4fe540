import { beforeEach, describe, expect, it } from 'vitest';
import { type Board, boardBytes, formatBoard } from './board.js';
import { EngineStateCode } from './engine-state.js';
import { ALARM_AFTER_MS, KILL_AFTER_MS, KILL_STARVED_AFTER_MS, mustKill, StallDetector } from './stall-detector.js';

const plan = { threads: ['core', 'feed'], actors: [] };

describe('the stall detector', () => {
  let board: Board;
  let detector: StallDetector;

  beforeEach(() => {
    board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
    detector = new StallDetector(board, 0);
    board.thread(0).alive = true;
    board.thread(1).alive = true;
    board.thread(1).idle = true;
  });

  it('says nothing of a thread that turns', () => {
    for (let now = 0; now < 1000; now += 10) {
      board.thread(0).turned();
      expect(detector.look(now)).toBeUndefined();
    }
  });

  it('says nothing of a thread that sleeps with empty inputs, however long', () => {
    board.thread(0).idle = true;
    expect(detector.look(0)).toBeUndefined();
    expect(detector.look(1e6)).toBeUndefined();
  });

  it('names a thread that is awake and does not turn, from the alarm time on', () => {
    detector.look(0);
    expect(detector.look(ALARM_AFTER_MS - 1)).toBeUndefined();
    expect(detector.look(ALARM_AFTER_MS)).toEqual({ thread: 'core', forMs: ALARM_AFTER_MS, starved: false, io: false });
    expect(detector.look(400)).toEqual({ thread: 'core', forMs: 400, starved: false, io: false });
    board.thread(0).turned();
    expect(detector.look(410)).toBeUndefined();
  });

  it('names the thread that has been stuck longest', () => {
    board.thread(1).idle = false;
    detector.look(0);
    board.thread(1).turned();
    detector.look(100);
    expect(detector.look(300)).toEqual({ thread: 'core', forMs: 300, starved: false, io: false });
  });

  it('names a stuck core before an I/O thread that has been stuck for longer', () => {
    board.thread(1).io = true;
    board.thread(1).idle = false;
    detector.look(0);
    board.thread(0).turned();
    detector.look(100);
    expect(detector.look(200)).toEqual({ thread: 'core', forMs: 100, starved: false, io: false });
    board.thread(0).turned();
    expect(detector.look(300)).toEqual({ thread: 'feed', forMs: 300, starved: false, io: true });
  });

  it('leaves a thread alone that has not begun or has ended', () => {
    board.thread(0).alive = false;
    detector.look(0);
    expect(detector.look(1000)).toBeUndefined();
  });

  describe('of a thread whose CPU time the kernel tells', () => {
    let standing = { wantsCpu: true, ranMs: 0 };
    /** What the detector finds when it looks every 10 ms while the thread gets this part of a CPU. */
    const stallOf = (ms: number, share: number, wantsCpu = true) => {
      const watching = new StallDetector(board, 0, () => standing);
      board.state = EngineStateCode.ACTIVE;
      for (let now = 0; now < ms; now += 10) {
        standing = { wantsCpu, ranMs: 5000 + now * share };
        watching.look(now);
      }
      return watching.look(ms)!;
    };

    it('one that gets none is starved, and not killed before long', () => {
      expect(stallOf(KILL_AFTER_MS, 0.1)).toMatchObject({ starved: true });
      expect(mustKill(stallOf(KILL_STARVED_AFTER_MS - 1, 0.1), board)).toBe(false);
      expect(mustKill(stallOf(KILL_STARVED_AFTER_MS, 0.1), board)).toBe(true);
    });

    it('one that runs and makes no progress is stuck', () => {
      expect(mustKill(stallOf(KILL_AFTER_MS, 0.95), board)).toBe(true);
    });

    it('one that sleeps although it has work is stuck', () => {
      expect(mustKill(stallOf(KILL_AFTER_MS, 0, false), board)).toBe(true);
    });

    it('one whose standing nobody knows counts as stuck', () => {
      const watching = new StallDetector(board, 0, () => undefined);
      board.state = EngineStateCode.ACTIVE;
      watching.look(0);
      expect(mustKill(watching.look(KILL_AFTER_MS)!, board)).toBe(true);
    });
  });
});
