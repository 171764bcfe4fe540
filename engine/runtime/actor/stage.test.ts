import { describe, expect, it } from 'vitest';
import { TimerFired } from '../../../schemas/generated/timer-fired.js';
import { TimerRequest } from '../../../schemas/generated/timer-request.js';
import { MessageType } from '../../../schemas/message-type.js';
import type { Arena } from '../arena/arena.js';
import { createStream } from '../edge/create-stream.js';
import { HEADER_BYTES, HeaderOffset } from '../edge/record.js';
import { StreamReader } from '../edge/stream-reader.js';
import { StreamWriter } from '../edge/stream-writer.js';
import { type CoreActor, type CoreContext, type CoreDefinition, defineStage, stream } from './definition.js';
import { Stage } from './stage.js';

const TYPE = 300;

/** A writer that plays a stage or the sequencer: records of given seqs, and progress. */
class Source {
  readonly arena: Arena;
  private readonly writer: StreamWriter;

  constructor(name: string, capacityBytes = 2 ** 14) {
    this.arena = createStream({ name, capacityBytes, maxBodyBytes: 64, readers: 1, engineRun: 1 });
    this.writer = new StreamWriter(this.arena);
  }

  record(seq: number, value: number, type = TYPE): this {
    const offset = this.writer.claim(type, 8);
    this.writer.buffer.writeFloat64(offset + HeaderOffset.SEQ, seq);
    this.writer.buffer.writeFloat64(offset + HeaderOffset.EVENT_TIME, seq * 1000);
    this.writer.buffer.writeFloat64(offset + HEADER_BYTES, value);
    this.writer.publish();
    return this;
  }

  timer(seq: number, actor: number, timer: number, serial: number): this {
    const offset = this.writer.claim(MessageType.TIMER_FIRED, TimerFired.sizeOf());
    this.writer.buffer.writeFloat64(offset + HeaderOffset.SEQ, seq);
    const fired = new TimerFired().__init(offset + HEADER_BYTES, this.writer.buffer);
    fired.mutate_actor(actor);
    fired.mutate_timer(timer);
    fired.mutate_serial(serial);
    this.writer.publish();
    return this;
  }

  finished(seq: number): this {
    this.writer.finish(seq);
    return this;
  }

  reader(): StreamReader {
    return new StreamReader(this.arena, 0);
  }
}

type Behaviour = (context: CoreContext<unknown>, seen: string[]) => CoreActor;

/** Writes down everything that it is told. */
const witness: Behaviour = (context, seen) => ({
  onRecord: (_type, buffer, offset) => {
    seen.push(`${context.event.seq}:${buffer.readFloat64(offset + HEADER_BYTES)}`);
  },
  onTimer: (timer) => {
    seen.push(`timer ${timer}`);
  },
  endOfEvent: () => {
    seen.push(`end ${context.event.seq}`);
  },
});

function stageOver(
  sources: readonly Source[],
  behaviour: Behaviour,
  more: Partial<CoreDefinition> = {},
  outputBytes = 2 ** 14,
) {
  const seen: string[] = [];
  const output = createStream({
    name: 'output',
    capacityBytes: outputBytes,
    maxBodyBytes: 64,
    readers: 1,
    engineRun: 1,
  });
  const edge = stream({ name: 'output', capacityBytes: outputBytes, maxBodyBytes: 64 });
  const definition = defineStage({
    name: 'tested',
    reads: [],
    writes: edge,
    config: {},
    burst: { records: 2, bodyBytes: 32 },
    stateBytes: 64,
    stateLayout: 'float64 1 sum',
    create: (context) => behaviour(context, seen),
    ...more,
  });
  const stage = new Stage({
    definition,
    rank: 3,
    inputs: sources.map((source) => source.reader()),
    readsLog: true,
    output: new StreamWriter(output),
    engineId: 7,
  });
  return { stage, seen, output: new StreamReader(output, 0) };
}

describe('a stage merges its inputs by (seq, rank)', () => {
  it('takes all of an event in the order of its inputs, then the next event', () => {
    const log = new Source('log').record(1, 10).record(2, 20).finished(2);
    const other = new Source('other').record(1, 11).record(1, 12).record(2, 21).finished(2);
    const { stage, seen } = stageOver([log, other], witness);
    expect(stage.step(100)).toBe(2);
    expect(seen).toEqual(['1:10', '1:11', '1:12', 'end 1', '2:20', '2:21', 'end 2']);
    expect(stage.finishedSeq()).toBe(2);
  });

  it('holds back the item of a higher rank until the lower has finished that event', () => {
    const log = new Source('log').record(1, 10).finished(1);
    const slow = new Source('slow');
    const fast = new Source('fast').record(1, 12).finished(1);
    const { stage, seen } = stageOver([log, slow, fast], witness);
    expect(stage.step(100)).toBe(0);
    // What stands before the slow input may be taken; what stands behind may not.
    expect(seen).toEqual(['1:10']);
    slow.record(1, 11).finished(1);
    expect(stage.step(100)).toBe(1);
    expect(seen).toEqual(['1:10', '1:11', '1:12', 'end 1']);
  });

  it('does not end an event while an input may still answer it', () => {
    const log = new Source('log').record(1, 10).finished(1);
    const slow = new Source('slow').record(1, 11);
    const { stage, seen } = stageOver([log, slow], witness);
    stage.step(100);
    expect(seen).toEqual(['1:10', '1:11']);
    slow.record(1, 12).finished(1);
    stage.step(100);
    expect(seen).toEqual(['1:10', '1:11', '1:12', 'end 1']);
  });

  it('passes over events that brought it nothing, without a call, but says that it has finished them', () => {
    const other = new Source('other').record(3, 30).finished(5);
    const { stage, seen } = stageOver([other], witness);
    stage.step(100);
    expect(seen).toEqual(['3:30', 'end 3']);
    expect(stage.finishedSeq()).toBe(5);
  });

  it('handles at most as many events as it is asked to', () => {
    const log = new Source('log');
    for (let seq = 1; seq <= 10; seq++) log.record(seq, seq).finished(seq);
    const { stage } = stageOver([log], witness);
    expect(stage.step(4)).toBe(4);
    expect(stage.finishedSeq()).toBe(4);
    expect(stage.hasPending()).toBe(true);
    expect(stage.step(100)).toBe(6);
    expect(stage.hasPending()).toBe(false);
  });

  it('goes on when sequence numbers pass 2^31 and 2^32', () => {
    for (const edge of [2 ** 31, 2 ** 32]) {
      const log = new Source('log');
      const { stage, seen } = stageOver([log], witness);
      const start = new Float64Array(stage.state.memory, 0, 4);
      start[2] = edge - 2;
      stage.restore(stage.state.snapshot());
      for (let seq = edge - 1; seq <= edge + 1; seq++) log.record(seq, 0).finished(seq);
      stage.step(100);
      expect(stage.finishedSeq()).toBe(edge + 1);
      expect(seen.filter((line) => line.startsWith('end'))).toHaveLength(3);
    }
  });
});

describe('what a stage writes', () => {
  const doubling: Behaviour = (context) => ({
    onRecord: (_type, buffer, offset) => {
      const at = context.out.emit(TYPE, 8);
      context.out.buffer.writeFloat64(at, 2 * buffer.readFloat64(offset + HEADER_BYTES));
    },
  });

  it('carries the event that it answers, its time, and the engine', () => {
    const log = new Source('log').record(4, 21).finished(4);
    const { stage, output } = stageOver([log], doubling);
    stage.step(100);
    const found: number[] = [];
    output.poll((_type, buffer, offset) => {
      found.push(
        buffer.readFloat64(offset + HeaderOffset.SEQ),
        buffer.readFloat64(offset + HeaderOffset.CAUSE),
        buffer.readFloat64(offset + HeaderOffset.EVENT_TIME),
        buffer.readUint16(offset + HeaderOffset.ENGINE),
        buffer.readFloat64(offset + HEADER_BYTES),
      );
    }, 10);
    expect(found).toEqual([4, 4, 4000, 7, 42]);
  });

  it('waits for room for a whole burst before the event begins, and loses nothing', () => {
    const log = new Source('log', 2 ** 16);
    for (let seq = 1; seq <= 100; seq++) log.record(seq, seq).finished(seq);
    const { stage, output } = stageOver([log], doubling, {}, 2048);
    const values: number[] = [];
    for (let turn = 0; turn < 200 && values.length < 100; turn++) {
      stage.step(1000);
      output.poll((_type, buffer, offset) => {
        values.push(buffer.readFloat64(offset + HEADER_BYTES));
      }, 3);
    }
    expect(values).toEqual(Array.from({ length: 100 }, (_, index) => 2 * (index + 1)));
  });

  it('may not be more than the burst that it declares', () => {
    const flood: Behaviour = (context) => ({
      onRecord: () => {
        for (let record = 0; record < 1000; record++) context.out.emit(TYPE, 8);
      },
    });
    const log = new Source('log').record(1, 0).finished(1);
    const { stage } = stageOver([log], flood, {}, 2048);
    expect(() => stage.step(1)).toThrow(
      /'output' is full in the middle of an event: its actor wrote more than the burst/,
    );
    expect(stage.currentSeq()).toBe(1);
  });
});

describe('timers', () => {
  const timed: Behaviour = (context, seen) => ({
    onRecord: (_type, buffer, offset) => {
      const value = buffer.readFloat64(offset + HEADER_BYTES);
      if (value > 0) context.schedule(1, value);
      else context.cancel(1);
    },
    onTimer: (timer) => {
      seen.push(`timer ${timer} at event ${context.event.seq}`);
    },
  });

  it('are asked for in the output, and fire from the log once', () => {
    const log = new Source('log').record(1, 5000).finished(1);
    const { stage, seen, output } = stageOver([log], timed, { timers: 2 });
    stage.step(1);
    const requests: unknown[] = [];
    output.poll((type, buffer, offset) => {
      const request = new TimerRequest().__init(offset + HEADER_BYTES, buffer);
      requests.push([type, request.actor(), request.timer(), request.deadline(), request.serial()]);
    }, 10);
    expect(requests).toEqual([[MessageType.TIMER_REQUEST, 3, 1, 5000, 1]]);
    log.timer(2, 3, 1, 1).timer(3, 3, 1, 1).finished(3);
    stage.step(10);
    expect(seen).toEqual(['timer 1 at event 2']);
  });

  it('of an earlier request, of another stage or cancelled do not fire', () => {
    const log = new Source('log').record(1, 5000).record(2, 6000).finished(2);
    const { stage, seen } = stageOver([log], timed, { timers: 2 });
    stage.step(10);
    log.timer(3, 3, 1, 1).timer(4, 2, 1, 2).record(5, 0).timer(6, 3, 1, 2).finished(6);
    stage.step(10);
    expect(seen).toEqual([]);
  });

  it('that were not declared are refused by name', () => {
    const log = new Source('log').record(1, 5000).finished(1);
    const { stage } = stageOver([log], timed, { timers: 1 });
    expect(() => stage.step(1)).toThrow(/actor 'tested' used timer 1; its definition declares 1 timers/);
  });
});

describe('a snapshot', () => {
  const summing: Behaviour = (context) => {
    const sum = context.state.float64(1);
    return {
      onRecord: (_type, buffer, offset) => {
        sum[0]! += buffer.readFloat64(offset + HEADER_BYTES);
        context.out.buffer.writeFloat64(context.out.emit(TYPE, 8), sum[0]!);
      },
    };
  };

  it('taken between two events lets another stage go on with the same outputs', () => {
    const values = (reader: StreamReader): number[] => {
      const found: number[] = [];
      reader.poll((_type, buffer, offset) => {
        found.push(buffer.readFloat64(offset + HEADER_BYTES));
      }, 100);
      return found;
    };
    const whole = new Source('log');
    for (let seq = 1; seq <= 20; seq++) whole.record(seq, seq).finished(seq);
    const uninterrupted = stageOver([whole], summing);
    uninterrupted.stage.step(10);
    const snapshot = uninterrupted.stage.state.snapshot();
    values(uninterrupted.output);
    uninterrupted.stage.step(10);

    const rest = new Source('log');
    for (let seq = 11; seq <= 20; seq++) rest.record(seq, seq).finished(seq);
    const restored = stageOver([rest], summing);
    restored.stage.restore(snapshot);
    expect(restored.stage.finishedSeq()).toBe(10);
    restored.stage.step(10);
    expect(values(restored.output)).toEqual(values(uninterrupted.output));
  });

  it('of another size is refused', () => {
    const { stage } = stageOver([new Source('log')], witness);
    expect(() => stage.restore(new Uint8Array(3))).toThrow(/expected a snapshot of \d+ bytes, found 3/);
  });
});
