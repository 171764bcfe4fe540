import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IoActor, IoContext } from '../../engine/runtime/actor/definition.js';
import { TAIL } from '../../engine/runtime/arena/layout.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { HEADER_BYTES } from '../../engine/runtime/edge/record.js';
import { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import {
  CommandCode,
  CommandWriter,
  commandChannelBytes,
  formatCommandChannel,
} from '../../engine/runtime/peers/command-channel.js';
import { type Board, boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import { OperatorCommand } from '../../schemas/generated/operator-command.js';
import { SmileAdjustment } from '../../schemas/generated/smile-adjustment.js';
import { MessageType } from '../../schemas/message-type.js';
import { commands } from '../streams.js';
import { type CommandsConfig, create } from './commands.js';

const POLL_MS = 20;

describe('commands of peers', () => {
  let file: SharedArrayBuffer;
  let peer: CommandWriter;
  let actor: IoActor;
  let log: string[];
  let board: Board;
  let reader: StreamReader;
  let out: StreamWriter;

  /** The engine's side, as it is made at the start and again after a failure. */
  function engineSide(): IoActor {
    const config: CommandsConfig = { peers: [{ name: 'gateway', memory: { kind: 'threads', memory: file } }] };
    const context = {
      config,
      out,
      clock: { now: new Float64Array(1), tick: () => {} },
      board,
      publish: () => out.publish(),
      log: (level: string, message: string) => log.push(`${level} ${message}`),
    } as unknown as IoContext<CommandsConfig>;
    return create(context);
  }

  function peerFrom(nonce: number): CommandWriter {
    return new CommandWriter(file, 'gateway', 7, 1, nonce);
  }

  /** Codes of the commands that reach the engine at its next look. */
  function taken(): number[] {
    vi.advanceTimersByTime(POLL_MS);
    const codes: number[] = [];
    reader.poll((_type, buffer, offset) => {
      const command = new OperatorCommand().__init(offset + HEADER_BYTES, buffer);
      // Which peer it came through is what the engine knows, not what the peer says.
      expect(command.peer()).toBe(0);
      codes.push(command.command());
    }, 1000);
    return codes;
  }

  beforeEach(() => {
    vi.useFakeTimers();
    file = new SharedArrayBuffer(commandChannelBytes());
    formatCommandChannel(file, 'gateway', 1);
    peer = peerFrom(0);
    const plan = { threads: [], actors: [] };
    board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1, [peer.words]);
    log = [];
    const arena = createStream({ ...commands, readers: 1, engineRun: 1 });
    out = new StreamWriter(arena);
    reader = new StreamReader(arena, 0);
    actor = engineSide();
    actor.start?.();
  });

  afterEach(() => {
    actor.stop?.();
    vi.useRealTimers();
  });

  it('reach the engine in order', () => {
    peer.send(CommandCode.PAUSE, 1);
    peer.send(CommandCode.RESUME, 1);
    expect(taken()).toEqual([CommandCode.PAUSE, CommandCode.RESUME]);
    expect(log).toEqual([]);
  });

  it('open the kill latch where an operator set it, in every peer’s file too', () => {
    peer.kill();
    board.latchPeers();
    peer.send(CommandCode.REARM, 1);
    expect(taken()).toEqual([CommandCode.REARM]);
    expect(board.killed()).toBe(KillReason.NONE);
  });

  it('do not open the kill latch where the engine set it', () => {
    board.kill(KillReason.CORE_FAILED);
    peer.send(CommandCode.REARM, 1);
    taken();
    expect(board.killed()).toBe(KillReason.CORE_FAILED);
    expect(log.join()).toMatch(/stays set \(an actor of the core failed\): end the engine/);
  });

  it('are refused when there is no such command or its argument is no number', () => {
    peer.send(99 as CommandCode, 1);
    peer.send(CommandCode.PAUSE, 1, 0, Number.NaN);
    peer.send(CommandCode.PAUSE, 1, 0, Number.POSITIVE_INFINITY);
    peer.send(CommandCode.HALT, 1);
    expect(taken()).toEqual([CommandCode.HALT]);
    expect(log.join('\n')).toMatch(/no command 99[\s\S]*not a finite number[\s\S]*not a finite number/);
  });

  it('are refused when they were given before: a peer’s start must bring new nonces', () => {
    peer.send(CommandCode.PAUSE, 1);
    taken();
    peerFrom(0).send(CommandCode.RESUME, 1);
    expect(taken()).toEqual([]);
    expect(log.join()).toMatch(/nonce 1 does not follow 1/);
    peerFrom(1e6).send(CommandCode.RESUME, 1);
    expect(taken()).toEqual([CommandCode.RESUME]);
  });

  it('of a corrupt file are not read, which is said once', () => {
    Atomics.store(peer.words, TAIL, 12_345_678);
    expect(taken()).toEqual([]);
    taken();
    expect(log).toEqual(["error the command file of 'gateway' is corrupt; nothing more is read from it"]);
  });

  it('are not given twice when the engine’s side fails and begins again', () => {
    peer.send(CommandCode.RESUME, 1);
    expect(taken()).toEqual([CommandCode.RESUME]);
    actor.stop?.();
    peer.send(CommandCode.PAUSE, 1);
    actor = engineSide();
    actor.start?.();
    expect(taken()).toEqual([CommandCode.PAUSE]);
  });

  it('brings a trader’s shift of a smile in, and refuses one that is no number or comes again', () => {
    const shift = { underlying: 0, expiry: 3, atmShift: 0.01, skewShift: 0, forwardShift: -20 };
    peer.adjust(9, shift);
    peer.adjust(9, { ...shift, atmShift: Number.NaN });
    vi.advanceTimersByTime(POLL_MS);
    const found: number[][] = [];
    reader.poll((type, buffer, offset) => {
      const taken = new SmileAdjustment().__init(offset + HEADER_BYTES, buffer);
      found.push([type, taken.expiry(), taken.user(), taken.peer(), taken.atmShift(), taken.forwardShift()]);
    }, 10);
    expect(found).toEqual([[MessageType.SMILE_ADJUSTMENT, 3, 9, 0, 0.01, -20]]);
    expect(log).toEqual(["warn an adjustment of 'gateway' was refused: one of its shifts is not a finite number"]);
    peerFrom(0).adjust(9, shift);
    vi.advanceTimersByTime(POLL_MS);
    expect(log.at(-1)).toMatch(/its nonce 1 does not follow 1/);
  });
});
