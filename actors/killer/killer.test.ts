import { beforeEach, describe, expect, it } from 'vitest';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import {
  CommandWriter,
  commandChannelBytes,
  formatCommandChannel,
  readCommandChannel,
} from '../../engine/runtime/peers/command-channel.js';
import { ActorCounter, type Board, boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { EngineStateCode, RiskBan, StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { Killer } from './killer.js';

const plan = { threads: ['core'], actors: ['sequencer', 'recorder'] };
const LOOK_MS = 25;

describe('the killer', () => {
  let board: Board;
  let killer: Killer;
  let told: string[];
  let commands: number[];
  let now: number;

  beforeEach(() => {
    const file = new SharedArrayBuffer(commandChannelBytes());
    formatCommandChannel(file, 'killer', 1);
    const writer = new CommandWriter(file, 'killer', 0, 1, 0);
    const reader = readCommandChannel(file);
    board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1, [writer.words]);
    board.state = EngineStateCode.ACTIVE;
    board.thread(0).alive = true;
    board.thread(0).idle = true;
    board.beat();
    told = [];
    commands = [];
    now = 1000;
    const inner = new Killer(board, writer, (line) => told.push(line));
    killer = inner;
    const look = inner.look.bind(inner);
    inner.look = (nowMs) => {
      look(nowMs);
      reader.poll((_type, buffer, offset) => {
        commands.push(new OperatorCommand().__init(offset + HEADER_BYTES, buffer).command());
      }, 10);
    };
  });

  /** Looks at its usual pace for so long, while `meanwhile` happens before each look. */
  function watch(ms: number, meanwhile: () => void = () => {}): void {
    for (const end = now + ms; now < end; now += LOOK_MS) {
      meanwhile();
      killer.look(now);
    }
  }

  it('leaves an engine alone that beats and sleeps', () => {
    watch(2000, () => board.beat());
    expect(board.killed()).toBe(KillReason.NONE);
    expect(told).toEqual([]);
  });

  it('kills when the supervisor shows no sign of life, and reports the halt', () => {
    watch(100, () => board.beat());
    watch(400);
    expect(board.killed()).toBe(KillReason.SUPERVISOR_DEAD);
    expect(told.join()).toMatch(/no sign of life from the engine/);
    expect(commands).toEqual([3]);
    expect(killer.done()).toBe(true);
  });

  it('gives an engine that gets no CPU more time, but not for ever', () => {
    board.thread(0).identify(7, 8);
    const starving = new Killer(
      board,
      { send: () => true } as unknown as CommandWriter,
      (line) => told.push(line),
      (process, thread) => (process === 7 && thread === 7 ? { wantsCpu: true, ranMs: 100 } : undefined),
    );
    board.thread(0).idle = true;
    board.beat();
    for (const end = now + 1900; now < end; now += LOOK_MS) starving.look(now);
    expect(board.killed()).toBe(KillReason.NONE);
    for (const end = now + 200; now < end; now += LOOK_MS) starving.look(now);
    expect(board.killed()).toBe(KillReason.SUPERVISOR_DEAD);
  });

  it('kills when the core has work and makes no progress', () => {
    board.thread(0).idle = false;
    watch(400, () => board.beat());
    expect(board.killed()).toBe(KillReason.CORE_STUCK);
    expect(told.join()).toMatch(/thread 'core' has had work/);
  });

  it('lets a core that starts take its time, and none that trades', () => {
    board.state = EngineStateCode.STARTING;
    board.thread(0).idle = false;
    watch(400, () => board.beat());
    expect(board.killed()).toBe(KillReason.NONE);
    board.state = EngineStateCode.ACTIVE;
    board.forbidRisk(RiskBan.JOURNAL_FULL);
    watch(400, () => board.beat());
    expect(board.killed()).toBe(KillReason.CORE_STUCK);
  });

  it('kills when the log goes on and the recorder takes nothing, and leaves one alone that has nothing to take', () => {
    const stamped = board.actorCounters(0);
    const recorded = board.actorCounters(1);
    const goOn = (): void => {
      board.beat();
      stamped[ActorCounter.RECORDS]! += 1;
      recorded[ActorCounter.RECORDS]! += 1;
    };
    watch(3000, goOn);
    watch(6000, () => board.beat());
    expect(board.killed()).toBe(KillReason.NONE);
    watch(5500, () => {
      board.beat();
      stamped[ActorCounter.RECORDS]! += 1;
    });
    expect(board.killed()).toBe(KillReason.RECORDER_LOST);
    expect(told.join()).toMatch(/the recorder has taken nothing/);
  });

  it('does not take its own pause for the engine’s', () => {
    watch(100, () => board.beat());
    now += 3000;
    killer.look(now);
    now += LOOK_MS;
    board.beat();
    killer.look(now);
    expect(board.killed()).toBe(KillReason.NONE);
  });

  it('does nothing while the engine ends in order', () => {
    board.stopPhase = StopPhase.CORE;
    board.thread(0).idle = false;
    watch(2000);
    expect(board.killed()).toBe(KillReason.NONE);
  });

  it('reports a latch that somebody else set, once, and again after it was re-armed', () => {
    board.kill(KillReason.OPERATOR);
    watch(200, () => board.beat());
    expect(commands).toEqual([3]);
    board.rearm();
    watch(50, () => board.beat());
    board.kill(KillReason.OPERATOR);
    watch(50, () => board.beat());
    expect(commands).toEqual([3, 3]);
  });
});
