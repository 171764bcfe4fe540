import { describe, expect, it } from 'vitest';
import { boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { AuditLog } from '../security/audit.js';
import { Latch } from './latch.js';

const plan = { threads: ['core'], actors: ['risk'] };
const AT = Date.UTC(2026, 0, 2, 9, 30);

describe('the kill latch as people see it', () => {
  const made = () => {
    const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
    const audit = new AuditLog(undefined, () => AT);
    return { board, audit, latch: new Latch(board, audit, () => AT) };
  };

  it('tells when it was set and why, once, and when it was opened', () => {
    const { board, audit, latch } = made();
    expect(latch.since).toBeNull();
    board.kill(KillReason.OPERATOR);
    latch.look();
    latch.look();
    expect(latch.since).toBe('2026-01-02T09:30:00.000Z');
    board.rearm();
    latch.look();
    expect(latch.since).toBeNull();
    expect(audit.recent.map(({ action, outcome }) => [action, outcome])).toEqual([
      ['latch set', 'an operator said so'],
      ['latch opened', 'seen'],
    ]);
  });

  it('is opened by a command only where an operator set it', () => {
    const { board, latch } = made();
    expect(latch.objection).toBe('it is open');
    board.kill(KillReason.OPERATOR);
    expect(latch.objection).toBeUndefined();
    for (const reason of [KillReason.CORE_STUCK, KillReason.RECORDER_LOST, KillReason.CORE_FAILED] as const) {
      board.rearm();
      board.kill(reason);
      expect(latch.objection).toMatch(/start it anew$/);
    }
  });
});
