import { describe, expect, it } from 'vitest';
import type { EventClock } from '../../engine/runtime/clock/event-clock.js';
import { MonotonicClock, newEpoch } from '../../engine/runtime/clock/monotonic-clock.js';
import { SteadyClock } from '../../engine/runtime/clock/steady-clock.js';
import { createStream } from '../../engine/runtime/edge/create-stream.js';
import { FLAG_CONFLATED, HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { StreamReader } from '../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../engine/runtime/edge/stream-writer.js';
import { boardBytes, formatBoard } from '../../engine/runtime/supervision/board.js';
import { EngineStateCode, StopPhase } from '../../engine/runtime/supervision/engine-state.js';
import { KillReason } from '../../engine/runtime/supervision/kill-reason.js';
import type { SequencerContext } from '../../engine/runtime/topology/topology.js';
import { TimerRequest } from '../../schemas/generated/timer-request.js';
import { MessageType } from '../../schemas/message-type.js';
import { LogReplay } from './log-replay.js';
import { Sequencer } from './sequencer.js';

const QUOTE = 300;
const TRADE = 301;
const STAGE_RANK = 1;

/** A clock that stands where the test puts it. */
class HandClock implements EventClock {
  readonly now = new Float64Array([1000]);
  tick(): void {}
}

interface Logged {
  seq: number;
  time: number;
  type: number;
  flags: number;
  value: number;
}

function rig(
  mode: 'clock' | 'virtual',
  logBytes = 2 ** 14,
  clockOf?: (monotonic: MonotonicClock) => EventClock,
  snapshotMicros = Number.POSITIVE_INFINITY,
) {
  const plan = { threads: ['core'], actors: ['sequencer'] };
  const board = formatBoard(new SharedArrayBuffer(boardBytes(plan)), plan, 1);
  const ring = (name: string, bytes = 2 ** 14) =>
    createStream({ name, capacityBytes: bytes, maxBodyBytes: 64, readers: 1, engineRun: 1 });
  const first = ring('reports');
  const second = ring('market-data');
  const stage = ring('stage-output');
  const log = ring('log', logBytes);
  const clock = new HandClock();
  const monotonic = new MonotonicClock(newEpoch());
  const context: SequencerContext = {
    name: 'sequencer',
    inputs: [new StreamReader(first, 0), new StreamReader(second, 0)],
    log: new StreamWriter(log),
    stages: [{ rank: STAGE_RANK, timers: 4, reader: new StreamReader(stage, 0) }],
    engineId: 1,
    clock: monotonic,
    board,
    actor: 0,
  };
  const sequencer = new Sequencer(context, {
    clock: mode === 'clock' ? (clockOf?.(monotonic) ?? clock) : undefined,
    conflatedTypes: [QUOTE],
    conflateAfterNanoseconds: 1e6,
    instruments: 8,
    firstSeq: 1,
    snapshotEvents: Number.POSITIVE_INFINITY,
    snapshotMicros,
  });
  const reader = new StreamReader(log, 0);
  const stageWriter = new StreamWriter(stage);
  return {
    sequencer,
    board,
    clock,
    monotonic,
    reports: new StreamWriter(first),
    market: new StreamWriter(second),
    stageWriter,
    logged(): Logged[] {
      const records: Logged[] = [];
      reader.poll((type, buffer, offset) => {
        records.push({
          seq: buffer.readFloat64(offset + HeaderOffset.SEQ),
          time: buffer.readFloat64(offset + HeaderOffset.EVENT_TIME),
          type,
          flags: buffer.readUint16(offset + HeaderOffset.FLAGS),
          value: type === QUOTE || type === TRADE ? buffer.readFloat64(offset + HEADER_BYTES + 8) : Number.NaN,
        });
      }, 1000);
      return records;
    },
    /** Lets the one stage finish an event, in virtual time. */
    stageFinishes(seq: number): void {
      stageWriter.publish();
      stageWriter.finish(seq);
    },
  };
}

type Rig = ReturnType<typeof rig>;

/** One record: an instrument, then a value. `ageMs`: how long ago it was published. */
function put(
  at: Rig,
  into: StreamWriter,
  type: number,
  instrument: number,
  value: number,
  receiveTime = 0,
  ageMs = 0,
): void {
  const offset = into.claim(type, 16);
  into.buffer.writeFloat64(offset + HeaderOffset.RECEIVE_TIME, receiveTime);
  into.buffer.writeUint32(offset + HEADER_BYTES, instrument);
  into.buffer.writeFloat64(offset + HEADER_BYTES + 8, value);
  at.monotonic.tick();
  const then = at.monotonic.now[0]! - ageMs * 1e6;
  into.publishStamped(new Float64Array([then, then]));
}

function ask(at: Rig, timer: number, deadline: number, serial: number): void {
  const offset = at.stageWriter.claim(MessageType.TIMER_REQUEST, TimerRequest.sizeOf());
  const request = new TimerRequest().__init(offset + HEADER_BYTES, at.stageWriter.buffer);
  request.mutate_actor(STAGE_RANK);
  request.mutate_timer(timer);
  request.mutate_deadline(deadline);
  request.mutate_serial(serial);
  at.stageWriter.publish();
}

describe('the sequencer by the clock', () => {
  it('numbers what comes without a gap, the first input before the second', () => {
    const at = rig('clock');
    put(at, at.market, TRADE, 1, 10);
    put(at, at.market, TRADE, 1, 11);
    put(at, at.reports, TRADE, 1, 12);
    at.sequencer.step(100);
    expect(at.logged().map(({ seq, value }) => [seq, value])).toEqual([
      [1, 12],
      [2, 10],
      [3, 11],
    ]);
    expect(at.sequencer.hasPending()).toBe(false);
  });

  it('lets nothing come behind the mark of the last snapshot when the engine ends', () => {
    const at = rig('clock');
    ask(at, 0, 500, 1);
    at.board.stopPhase = StopPhase.SNAPSHOT;
    put(at, at.reports, MessageType.SNAPSHOT_MARK, 0, 1);
    put(at, at.reports, TRADE, 1, 2);
    put(at, at.market, TRADE, 1, 3);
    at.sequencer.step(100);
    ask(at, 1, 600, 1);
    at.sequencer.step(100);
    expect(at.logged().map(({ type }) => type)).toEqual([MessageType.TIMER_FIRED, MessageType.SNAPSHOT_MARK]);
    expect(at.sequencer.hasPending()).toBe(false);
  });

  it('asks for a first snapshot soon after the start, and then at its own pace', () => {
    const at = rig('clock', 2 ** 14, undefined, 30e6);
    const marked: number[] = [];
    for (let second = 100; second < 170; second++) {
      at.clock.now[0] = second * 1e6;
      put(at, at.market, TRADE, 1, 0);
      at.sequencer.step(100);
      for (const { type, time } of at.logged()) if (type === MessageType.SNAPSHOT_MARK) marked.push(time / 1e6);
    }
    expect(marked).toEqual([105, 135, 165]);
  });

  it('never lets event time go back, although the clock does', () => {
    const at = rig('clock');
    const times = [5000, 4000, 4500, 6000];
    for (const time of times) {
      at.clock.now[0] = time;
      put(at, at.market, TRADE, 1, 0);
      at.sequencer.step(100);
    }
    expect(at.logged().map(({ time }) => time)).toEqual([5000, 5000, 5000, 6000]);
  });

  it('fires timers although the clock of the host is set back by an hour', () => {
    const host = new HandClock();
    const at = rig('clock', 2 ** 14, (monotonic) => new SteadyClock(host, monotonic, 0));
    host.now[0] = 7200e6;
    put(at, at.market, TRADE, 1, 1);
    at.sequencer.step(100);
    ask(at, 2, 7200e6 + 1000, 9);
    host.now[0] = 3600e6;
    at.sequencer.step(100);
    const end = process.hrtime.bigint() + 5_000_000n;
    while (process.hrtime.bigint() < end);
    at.sequencer.step(100);
    const logged = at.logged();
    expect(logged.map(({ type }) => type)).toEqual([TRADE, MessageType.TIMER_FIRED]);
    expect(logged[1]!.time).toBeGreaterThanOrEqual(7200e6 + 1000);
  });

  it('tells the engine’s state as an event, when it changes', () => {
    const at = rig('clock');
    at.board.state = EngineStateCode.ACTIVE;
    expect(at.sequencer.hasPending()).toBe(true);
    at.sequencer.step(100);
    at.sequencer.step(100);
    expect(at.logged().map(({ type }) => type)).toEqual([MessageType.ENGINE_STATE]);
    expect(at.sequencer.hasPending()).toBe(false);
  });

  it('drops a quote that a newer one of the same instrument follows, once they wait too long; never a trade', () => {
    const at = rig('clock');
    const old = 5;
    put(at, at.market, QUOTE, 1, 10, 0, old);
    put(at, at.market, TRADE, 1, 11, 0, old);
    put(at, at.market, QUOTE, 2, 12, 0, old);
    put(at, at.market, QUOTE, 1, 13, 0, old);
    put(at, at.market, TRADE, 1, 14, 0, old);
    put(at, at.market, QUOTE, 1, 15, 0, old);
    at.sequencer.step(100);
    const logged = at.logged();
    expect(logged.map(({ value }) => value)).toEqual([11, 12, 14, 15]);
    // Only the quote that stands for dropped ones says so.
    expect(logged.map(({ flags }) => flags)).toEqual([0, 0, 0, FLAG_CONFLATED]);
  });

  it('does not drop what comes after the newest quote that it saw when it began to drop', () => {
    const at = rig('clock');
    put(at, at.market, QUOTE, 1, 10, 0, 5);
    put(at, at.market, QUOTE, 1, 11, 0, 5);
    at.sequencer.step(1);
    put(at, at.market, QUOTE, 1, 12);
    at.sequencer.step(100);
    put(at, at.market, QUOTE, 1, 13);
    at.sequencer.step(100);
    expect(at.logged().map(({ value }) => value)).toEqual([11, 12, 13]);
  });

  it('drops nothing while it keeps up', () => {
    const at = rig('clock');
    for (let value = 0; value < 5; value++) put(at, at.market, QUOTE, 1, value);
    at.sequencer.step(100);
    const logged = at.logged();
    expect(logged).toHaveLength(5);
    expect(logged.every(({ flags }) => flags === 0)).toBe(true);
  });

  it('fires a timer when its time has come, before what waits in the inputs', () => {
    const at = rig('clock');
    ask(at, 2, 3000, 9);
    put(at, at.market, TRADE, 1, 1);
    at.sequencer.step(100);
    expect(at.sequencer.dueInMs()).toBe(2);
    at.clock.now[0] = 3500;
    put(at, at.market, TRADE, 1, 2);
    at.sequencer.step(100);
    expect(at.logged().map(({ type, time }) => [type, time])).toEqual([
      [TRADE, 1000],
      [MessageType.TIMER_FIRED, 3500],
      [TRADE, 3500],
    ]);
    expect(at.sequencer.dueInMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('has heard of the world by its inputs alone, and not by its own timers', () => {
    const at = rig('clock');
    ask(at, 0, 500, 1);
    at.sequencer.step(100);
    expect(at.logged().map(({ type }) => type)).toEqual([MessageType.TIMER_FIRED]);
    expect(at.sequencer.hasHeard()).toBe(false);
    put(at, at.market, TRADE, 1, 10);
    at.sequencer.step(100);
    expect(at.sequencer.hasHeard()).toBe(true);
    expect(at.sequencer.hasHeard()).toBe(false);
  });

  it('consumes nothing that the log has no room for, and reduces risk, then kills, as it fills', () => {
    const at = rig('clock', 2048);
    at.board.state = EngineStateCode.ACTIVE;
    for (let value = 0; value < 40; value++) put(at, at.market, TRADE, 1, value);
    at.sequencer.step(100);
    expect(at.board.state).toBe(EngineStateCode.REDUCING);
    expect(at.board.killed()).toBe(KillReason.LOG_RING_FULL);
    const values: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      values.push(...at.logged().flatMap(({ type, value }) => (type === TRADE ? [value] : [])));
      at.sequencer.step(100);
    }
    expect(values).toEqual(Array.from({ length: 40 }, (_, index) => index));
  });

  it('allows new risk again when the log has drained', () => {
    const at = rig('clock', 4096);
    at.board.state = EngineStateCode.ACTIVE;
    for (let value = 0; value < 24; value++) put(at, at.market, TRADE, 1, value);
    at.sequencer.step(100);
    expect(at.board.state).toBe(EngineStateCode.REDUCING);
    expect(at.board.killed()).toBe(KillReason.NONE);
    at.logged();
    put(at, at.market, TRADE, 1, 0);
    at.sequencer.step(100);
    expect(at.board.state).toBe(EngineStateCode.ACTIVE);
  });

  it('leaves a halt alone although the log is full', () => {
    const at = rig('clock', 2048);
    at.board.state = EngineStateCode.HALTED;
    for (let value = 0; value < 40; value++) put(at, at.market, TRADE, 1, value);
    at.sequencer.step(100);
    expect(at.board.state).toBe(EngineStateCode.HALTED);
  });
});

describe('the sequencer in virtual time', () => {
  /** Steps, and lets the stage finish what was stamped, until nothing moves; all that was logged. */
  function play(at: Rig): Logged[] {
    const all: Logged[] = [];
    for (let still = 0; still < 2; ) {
      at.sequencer.step(100);
      const now = at.logged();
      if (now.length > 0) at.stageFinishes(now[now.length - 1]!.seq);
      still = now.length === 0 ? still + 1 : 0;
      all.push(...now);
    }
    return all;
  }

  it('stamps the earliest of all inputs, one event at a time, and fires timers between', () => {
    const at = rig('virtual');
    put(at, at.reports, TRADE, 1, 1, 2000);
    put(at, at.market, TRADE, 1, 2, 1000);
    put(at, at.market, TRADE, 1, 3, 3000);
    at.reports.finish(1);
    at.market.finish(1);
    ask(at, 0, 2500, 1);
    const logged = play(at);
    expect(logged.map(({ type, time, value }) => [type, time, value])).toEqual([
      [MessageType.ENGINE_STATE, 0, Number.NaN],
      [TRADE, 1000, 2],
      [TRADE, 2000, 1],
      [MessageType.TIMER_FIRED, 2500, Number.NaN],
      [TRADE, 3000, 3],
    ]);
  });

  it('waits for an input that is empty but has not ended', () => {
    const at = rig('virtual');
    put(at, at.market, TRADE, 1, 2, 1000);
    at.market.finish(1);
    expect(play(at).filter(({ type }) => type === TRADE)).toEqual([]);
    put(at, at.reports, TRADE, 1, 1, 500);
    at.reports.finish(1);
    expect(play(at).map(({ value }) => value)).toEqual([1, 2]);
  });

  it('stamps nothing while the stage has not finished the event before', () => {
    const at = rig('virtual');
    put(at, at.market, TRADE, 1, 1, 1000);
    put(at, at.market, TRADE, 1, 2, 2000);
    at.market.finish(1);
    at.reports.finish(1);
    at.sequencer.step(100);
    at.sequencer.step(100);
    expect(at.logged()).toHaveLength(1);
    at.stageFinishes(1);
    at.sequencer.step(100);
    expect(at.logged().map(({ seq }) => seq)).toEqual([2]);
  });
});

describe('the replay of a log', () => {
  function replay() {
    const { sequencer: _unused, ...at } = rig('virtual');
    const input = createStream({ name: 'past', capacityBytes: 2 ** 14, maxBodyBytes: 64, readers: 1, engineRun: 1 });
    const log = createStream({ name: 'replayed', capacityBytes: 2 ** 14, maxBodyBytes: 64, readers: 1, engineRun: 1 });
    const context = {
      name: 'sequencer',
      inputs: [new StreamReader(input, 0)],
      log: new StreamWriter(log),
      stages: [],
      engineId: 1,
      clock: at.monotonic,
      board: at.board,
      actor: 0,
    };
    return { replayed: new LogReplay(context), past: new StreamWriter(input), reader: new StreamReader(log, 0) };
  }

  function past(into: StreamWriter, seq: number): void {
    const offset = into.claim(TRADE, 16);
    into.buffer.writeUint16(offset + HeaderOffset.FLAGS, FLAG_CONFLATED);
    into.buffer.writeFloat64(offset + HeaderOffset.SEQ, seq);
    into.buffer.writeFloat64(offset + HeaderOffset.EVENT_TIME, seq * 10);
    into.publish();
  }

  it('keeps numbers, times and flags', () => {
    const { replayed, past: writer, reader } = replay();
    past(writer, 41);
    past(writer, 42);
    expect(replayed.step(10)).toBe(2);
    const found: number[][] = [];
    reader.poll((_type, buffer, offset) => {
      found.push([
        buffer.readFloat64(offset + HeaderOffset.SEQ),
        buffer.readFloat64(offset + HeaderOffset.EVENT_TIME),
        buffer.readUint16(offset + HeaderOffset.FLAGS),
      ]);
    }, 10);
    expect(found).toEqual([
      [41, 410, FLAG_CONFLATED],
      [42, 420, FLAG_CONFLATED],
    ]);
    expect(replayed.finishedSeq()).toBe(42);
  });

  it('refuses a log with a hole, and names it', () => {
    const { replayed, past: writer } = replay();
    past(writer, 7);
    past(writer, 9);
    expect(() => replayed.step(10)).toThrow(/expected log event 8, found 9: the log has a hole/);
  });
});
