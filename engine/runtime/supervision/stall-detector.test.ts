import { beforeEach, describe, expect, it } from 'vitest';
import { type Board, boardBytes, formatBoard } from './board.js';
import { ALARM_AFTER_MS, StallDetector } from './stall-detector.js';

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
    expect(detector.look(ALARM_AFTER_MS)).toEqual({ thread: 'core', forMs: ALARM_AFTER_MS, io: false });
    expect(detector.look(400)).toEqual({ thread: 'core', forMs: 400, io: false });
    board.thread(0).turned();
    expect(detector.look(410)).toBeUndefined();
  });

  it('names the thread that has been stuck longest', () => {
    board.thread(1).idle = false;
    detector.look(0);
    board.thread(1).turned();
    detector.look(100);
    expect(detector.look(300)).toEqual({ thread: 'core', forMs: 300, io: false });
  });

  it('names a stuck core before an I/O thread that has been stuck for longer', () => {
    board.thread(1).io = true;
    board.thread(1).idle = false;
    detector.look(0);
    board.thread(0).turned();
    detector.look(100);
    expect(detector.look(200)).toEqual({ thread: 'core', forMs: 100, io: false });
    board.thread(0).turned();
    expect(detector.look(300)).toEqual({ thread: 'feed', forMs: 300, io: true });
  });

  it('leaves a thread alone that has not begun or has ended', () => {
    board.thread(0).alive = false;
    detector.look(0);
    expect(detector.look(1000)).toBeUndefined();
  });
});
