import { beforeEach, describe, expect, it } from 'vitest';
import { type Board, boardBytes, formatBoard } from './board.js';
import { EngineStateCode, RiskBan, riskBanTexts } from './engine-state.js';
import { KillReason } from './kill-reason.js';
import { ALARM_AFTER_MS, KILL_AFTER_MS } from './stall-detector.js';
import { Supervisor } from './supervisor.js';

const plan = { threads: ['core', 'feed'], actors: [] };
const LOOK_MS = 12;

describe('the supervisor', () => {
  let board: Board;
  let supervisor: Supervisor;
  let alarms: string[];
  let kills: KillReason[];
  let now: number;

  beforeEach(() => {
    board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
    board.state = EngineStateCode.ACTIVE;
    for (const thread of [0, 1]) {
      board.thread(thread).alive = true;
      board.thread(thread).idle = true;
    }
    board.thread(1).io = true;
    alarms = [];
    kills = [];
    now = 1000;
    supervisor = new Supervisor(
      board,
      { alarm: (message) => alarms.push(message), killed: (reason) => kills.push(reason) },
      now,
    );
    supervisor.look(now);
  });

  /** Looks at its usual pace for at least so long. */
  function watch(ms: number): void {
    for (const end = now + ms; now < end; ) {
      now += LOOK_MS;
      supervisor.look(now);
    }
  }

  it('shows a sign of life at every look', () => {
    const before = board.heartbeat();
    watch(10 * LOOK_MS);
    expect(board.heartbeat() - before).toBe(10);
    expect([alarms, kills]).toEqual([[], []]);
  });

  it('forbids new risk after a short stall, and allows it when the thread turns again', () => {
    board.thread(0).idle = false;
    watch(ALARM_AFTER_MS + LOOK_MS);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    expect(alarms.join()).toMatch(/thread 'core' has had work/);
    board.thread(0).turned();
    watch(LOOK_MS);
    expect(board.state).toBe(EngineStateCode.ACTIVE);
    expect(kills).toEqual([]);
  });

  it('kills when the core is stuck for longer, and says so once', () => {
    board.thread(0).idle = false;
    watch(2 * KILL_AFTER_MS);
    expect(board.killed()).toBe(KillReason.CORE_STUCK);
    expect(board.state).toBe(EngineStateCode.HALTED);
    expect(kills).toEqual([KillReason.CORE_STUCK]);
  });

  it('forbids new risk, but does not kill, when an I/O thread that shares its CPU is late', () => {
    board.thread(1).idle = false;
    watch(4 * KILL_AFTER_MS);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    expect(board.killed()).toBe(KillReason.NONE);
  });

  it('does not take its own pause for a stall of the others, also not at the looks after it', () => {
    board.thread(0).idle = false;
    now += 3000;
    supervisor.look(now);
    watch(ALARM_AFTER_MS - LOOK_MS);
    expect(board.state).toBe(EngineStateCode.ACTIVE);
    expect(kills).toEqual([]);
  });

  it('leaves a reduction alone that the sequencer asked for, and tells why and when it ends', () => {
    board.forbidRisk(RiskBan.LOG_FULL);
    watch(1000);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatch(/the log is half full/);
    board.allowRisk(RiskBan.LOG_FULL);
    watch(100);
    expect(alarms[1]).toBe('the log has drained: new risk is allowed');
  });

  it('keeps new risk forbidden while any reason is left, whichever ends first', () => {
    board.forbidRisk(RiskBan.JOURNAL_FULL);
    board.thread(0).idle = false;
    watch(ALARM_AFTER_MS + LOOK_MS);
    board.thread(0).turned();
    watch(LOOK_MS);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    expect(alarms.at(-1)).toBe('all threads turn again');
    board.allowRisk(RiskBan.JOURNAL_FULL);
    expect(board.state).toBe(EngineStateCode.ACTIVE);
  });

  it('forbids new risk to an engine that becomes active with a reason from its start, and tells of no stall before', () => {
    board.state = EngineStateCode.STARTING;
    board.thread(0).idle = false;
    watch(ALARM_AFTER_MS + LOOK_MS);
    expect([board.state, alarms]).toEqual([EngineStateCode.STARTING, []]);
    board.forbidRisk(RiskBan.JOURNAL_FULL);
    board.changeState(EngineStateCode.STARTING, EngineStateCode.ACTIVE);
    expect(board.state).toBe(EngineStateCode.REDUCING);
    expect(riskBanTexts(board.riskBans)).toEqual(["the journal's disk is full"]);
  });

  it('makes a peer’s kill the engine’s own, and lets new risk in again when an operator re-arms', () => {
    const file = new Int32Array(64);
    const withPeer = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1, [file]);
    for (const thread of [0, 1]) {
      withPeer.thread(thread).alive = true;
      withPeer.thread(thread).idle = true;
    }
    withPeer.state = EngineStateCode.ACTIVE;
    const watcher = new Supervisor(withPeer, { alarm: () => {}, killed: (reason) => kills.push(reason) }, now);
    file.fill(1);
    watcher.look(now);
    file.fill(0);
    watcher.look(now + LOOK_MS);
    expect(withPeer.killed()).toBe(KillReason.OPERATOR);
    expect(withPeer.state).toBe(EngineStateCode.HALTED);
    withPeer.rearm();
    watcher.look(now + 2 * LOOK_MS);
    expect(withPeer.state).toBe(EngineStateCode.ACTIVE);
    expect(kills).toEqual([KillReason.OPERATOR]);
  });

  it('does not call an engine active whose core has ended', () => {
    board.kill(KillReason.CORE_FAILED);
    board.thread(0).alive = false;
    watch(LOOK_MS);
    board.rearm();
    watch(LOOK_MS);
    expect(board.state).toBe(EngineStateCode.HALTED);
  });
});
