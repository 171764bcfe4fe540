import { beforeEach, describe, expect, it } from 'vitest';
import { announcePresence, beat } from '../arena/presence.js';
import { type Board, boardBytes, formatBoard } from '../supervision/board.js';
import { EngineStateCode } from '../supervision/engine-state.js';
import { KillerWatch, REPLACED_AFTER_MS, SILENT_AFTER_MS } from './killer-watch.js';

const plan = { threads: ['core'], actors: [] };
const LOOK_MS = 250;

describe('the watch over the killer', () => {
  let board: Board;
  let words: Int32Array;
  let watch: KillerWatch;
  let notes: string[];
  let replaced: number;
  let now: number;

  beforeEach(() => {
    board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
    board.state = EngineStateCode.ACTIVE;
    words = new Int32Array(new SharedArrayBuffer(256));
    notes = [];
    replaced = 0;
    now = 0;
    watch = new KillerWatch(words, board, {
      note: (level, message) => notes.push(`${level} ${message}`),
      replace: () => {
        replaced++;
      },
    });
  });

  function look(ms: number, doing: () => void = () => {}): void {
    for (const end = now + ms; now < end; ) {
      now += LOOK_MS;
      doing();
      watch.look(now);
    }
  }

  it('allows no new risk before the killer is there, and has nothing to say of that', () => {
    look(10_000);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    announcePresence(words);
    look(LOOK_MS, () => beat(words));
    expect(board.state).toBe(EngineStateCode.ACTIVE);
    expect([notes, replaced]).toEqual([[], 0]);
  });

  it('forbids new risk while its heart stands still, and allows it when it beats again', () => {
    announcePresence(words);
    look(1000, () => beat(words));
    look(SILENT_AFTER_MS + LOOK_MS);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    look(LOOK_MS, () => beat(words));
    expect(board.state).toBe(EngineStateCode.ACTIVE);
    expect(notes).toEqual(['error gives no sign of life (silent): no new risk', 'warn is there again']);
    expect(replaced).toBe(0);
  });

  it('has one replaced that lives and stays silent, and not twice at once', () => {
    announcePresence(words);
    look(1000, () => beat(words));
    look(REPLACED_AFTER_MS + 2 * LOOK_MS);
    expect(replaced).toBe(1);
    expect(board.state).toBe(EngineStateCode.REDUCING);
  });
});
