/** The venue's market data and its news of the account: sends each frame when it is due, whatever became of the others. */
import { writeSync } from 'node:fs';
import { type ClockEpoch, MonotonicClock } from '../../../engine/runtime/clock/monotonic-clock.js';
import { libc } from '../../../engine/runtime/native/libc.js';
import { type SideSetup, serveRounds } from '../../rig/side.js';
import { FrameKind, type FrameSet, FrameSource, kindOf, serverFrame } from './frames.js';

export interface SenderSetup extends SideSetup {
  epoch: ClockEpoch;
  set: FrameSet;
  /** Descriptors of the connected sockets. */
  feed: number;
  execution: number;
}

export type SenderRound =
  /** The whole books of the underlyings. */
  | { kind: 'begin' }
  /** So many frames of the mix. */
  | { kind: 'mix'; count: number; perSecond: number }
  /** One jump of each underlying, or the way back. */
  | { kind: 'jump' };

export interface SenderOutcome {
  /** When each frame of market data was due and written, ns of the shared epoch, and its kind. */
  due: Float64Array;
  sent: Float64Array;
  kinds: Uint8Array;
}

/** A sleep ends this much late, as the kernel rounds timers; the rest is waited for by giving the CPU away. */
const SLEEP_LATE_NANOSECONDS = 100_000;
const cell = new Int32Array(new SharedArrayBuffer(4));

serveRounds<SenderSetup, SenderRound, SenderOutcome>(({ epoch, set, feed, execution }) => {
  const clock = new MonotonicClock(epoch);
  const { now } = clock;
  const library = libc();
  const source = new FrameSource(set);

  const write = (descriptor: number, text: string): void => {
    const frame = serverFrame(text);
    for (let at = 0; at < frame.length; ) {
      try {
        at += writeSync(descriptor, frame, at);
      } catch (error) {
        // The reader is behind: whoever sends waits, and the frame is late.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        library?.yieldCpu();
      }
    }
  };

  const send = (kinds: readonly number[], intervalNanoseconds: number): SenderOutcome => {
    const due = new Float64Array(kinds.length);
    const sent = new Float64Array(kinds.length);
    clock.tick();
    const first = now[0]! + intervalNanoseconds;
    let count = 0;
    for (const [number, kind] of kinds.entries()) {
      const at = first + number * intervalNanoseconds;
      const text = source.next(kind, Date.now());
      clock.tick();
      const sleep = at - now[0]! - SLEEP_LATE_NANOSECONDS;
      if (sleep > 0) Atomics.wait(cell, 0, 0, sleep / 1e6);
      for (clock.tick(); now[0]! < at; clock.tick()) library?.yieldCpu();
      const isReport = kind === FrameKind.REPORT;
      const began = now[0]!;
      write(isReport ? execution : feed, text);
      if (isReport) continue;
      due[count] = at;
      sent[count] = began;
      count++;
    }
    return {
      due: due.slice(0, count),
      sent: sent.slice(0, count),
      kinds: Uint8Array.from(kinds.filter((kind) => kind !== FrameKind.REPORT)),
    };
  };

  return (round) => {
    if (round.kind === 'mix')
      return send(
        Array.from({ length: round.count }, (_, number) => kindOf(number)),
        1e9 / round.perSecond,
      );
    if (round.kind === 'jump')
      return send(
        set.underlyings.map(() => FrameKind.JUMP),
        0,
      );
    for (const text of source.snapshots(Date.now())) write(feed, text);
    return { due: new Float64Array(0), sent: new Float64Array(0), kinds: new Uint8Array(0) };
  };
});
