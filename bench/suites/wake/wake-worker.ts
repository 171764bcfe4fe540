/** Publisher, or reader that sleeps on a doorbell. */
import { Arena } from '../../../engine/runtime/arena/arena.js';
import { MonotonicClock } from '../../../engine/runtime/clock/monotonic-clock.js';
import { HEADER_BYTES, type RecordHandler } from '../../../engine/runtime/edge/record.js';
import { StreamReader } from '../../../engine/runtime/edge/stream-reader.js';
import { StreamWriter } from '../../../engine/runtime/edge/stream-writer.js';
import { Doorbell } from '../../../engine/runtime/wait/doorbell.js';
import { BODY_BYTES, MESSAGE_TYPE, writeMessage } from '../../rig/message.js';
import { serveRounds } from '../../rig/side.js';
import type { WakeOutcome, WakeRound, WakeSetup } from './round.js';

/** Between two messages: long enough for the reader to fall asleep and its CPU to halt. */
const PAUSE_NS = 500_000;
/** A sleep that nobody ended: the reader then sleeps again. */
const PARK_MS = 1_000;

type Role = (round: WakeRound) => WakeOutcome;

function publisher(writer: StreamWriter, doorbell: Doorbell, clock: MonotonicClock): Role {
  const { buffer } = writer;
  const { now } = clock;

  const wakeReader = (count: number): WakeOutcome => {
    let awake = 0;
    for (let message = 0; message < count; message++) {
      clock.tick();
      const due = now[0]! + PAUSE_NS;
      while (now[0]! < due) clock.tick();
      const offset = writer.claim(MESSAGE_TYPE, BODY_BYTES);
      buffer.writeFloat64(offset + HEADER_BYTES, now[0]!);
      writer.publish();
      if (!doorbell.ring()) awake++;
    }
    return { value: awake };
  };

  const publishAll = (count: number, rings: boolean): WakeOutcome => {
    const start = performance.now();
    for (let message = 0; message < count; message++) {
      let offset = writer.claim(MESSAGE_TYPE, BODY_BYTES);
      while (offset < 0) offset = writer.claim(MESSAGE_TYPE, BODY_BYTES);
      writeMessage(buffer, offset, message);
      writer.publish();
      if (rings) doorbell.ring();
    }
    return { value: ((performance.now() - start) * 1e6) / count };
  };

  return (round) => (round.kind === 'wake' ? wakeReader(round.count) : publishAll(round.count, round.rings));
}

function reader(input: StreamReader, doorbell: Doorbell, clock: MonotonicClock): Role {
  const { now } = clock;
  const hasWork = (): boolean => input.hasPending();
  const ignore: RecordHandler = () => {};

  const sleepAndWake = (count: number): WakeOutcome => {
    const nanoseconds = new Float64Array(count);
    let seen = 0;
    const stamp: RecordHandler = (_type, buffer, offset) => {
      nanoseconds[seen++] = now[0]! - buffer.readFloat64(offset + HEADER_BYTES);
    };
    while (seen < count) {
      doorbell.park(hasWork, PARK_MS);
      clock.tick();
      while (input.poll(stamp, 1) > 0);
    }
    return { nanoseconds };
  };

  const spin = (count: number): WakeOutcome => {
    for (let left = count; left > 0; ) left -= input.poll(ignore, 256);
    return {};
  };

  return (round) => (round.kind === 'wake' ? sleepAndWake(round.count) : spin(round.count));
}

serveRounds<WakeSetup, WakeRound, WakeOutcome>(({ role, ring, doorbells, epoch }) => {
  const arena = new Arena(ring, 'wake');
  const doorbell = new Doorbell(doorbells, 0);
  const clock = new MonotonicClock(epoch);
  return role === 'publisher'
    ? publisher(new StreamWriter(arena), doorbell, clock)
    : reader(new StreamReader(arena, 0), doorbell, clock);
});
