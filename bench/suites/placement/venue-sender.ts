/** The venue's market data: sends each message when it is due, whatever became of the others. */
import { writeSync } from 'node:fs';
import { type ClockEpoch, MonotonicClock } from '../../../engine/runtime/clock/monotonic-clock.js';
import { libc } from '../../../engine/runtime/native/libc.js';
import { type SideSetup, serveRounds } from '../../rig/side.js';
import { DUE_OFFSET, FRAME_BYTES, NUMBER_OFFSET } from './frame.js';

export interface SenderSetup extends SideSetup {
  epoch: ClockEpoch;
  /** Descriptor of the connected socket. */
  socket: number;
}

export interface SenderRound {
  count: number;
  intervalNanoseconds: number;
}

/** A sleep ends this much late, as the kernel rounds timers; the rest is waited for by giving the CPU away. */
const SLEEP_LATE_NANOSECONDS = 100_000;
const cell = new Int32Array(new SharedArrayBuffer(4));

serveRounds<SenderSetup, SenderRound, undefined>(({ epoch, socket }) => {
  const clock = new MonotonicClock(epoch);
  const { now } = clock;
  const library = libc();
  const frame = new DataView(new ArrayBuffer(FRAME_BYTES));
  return ({ count, intervalNanoseconds }) => {
    clock.tick();
    const first = now[0]! + intervalNanoseconds;
    for (let number = 0; number < count; number++) {
      const due = first + number * intervalNanoseconds;
      clock.tick();
      const sleep = due - now[0]! - SLEEP_LATE_NANOSECONDS;
      if (sleep > 0) Atomics.wait(cell, 0, 0, sleep / 1e6);
      for (clock.tick(); now[0]! < due; clock.tick()) library?.yieldCpu();
      frame.setFloat64(NUMBER_OFFSET, number, true);
      frame.setFloat64(DUE_OFFSET, due, true);
      writeSync(socket, frame);
    }
    return undefined;
  };
});
