/** A venue: sends ticks, takes the time until the answer to each is back. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { MonotonicClock, newEpoch } from '../../../engine/runtime/clock/monotonic-clock.js';
import { type Distribution, distributionOf } from '../../rig/distribution.js';
import { type Side, type SideSetup, serveRounds, startThread } from '../../rig/side.js';
import { DUE_OFFSET, frameReader, NUMBER_OFFSET } from './frame.js';
import type { SenderRound } from './venue-sender.js';

export type VenueRound =
  /** Answers with the port. */
  { kind: 'listen' } | { kind: 'measure'; count: number; warmUp: number; perSecond: number };

export type VenueOutcome = { port: number } | { microseconds: Distribution; perSecond: number };

interface Connection {
  sender: Side<SenderRound, undefined>;
  socket: Socket;
}

serveRounds<SideSetup, VenueRound, VenueOutcome>(({ cpu }) => {
  const epoch = newEpoch();
  const clock = new MonotonicClock(epoch);
  const server = createServer();
  const connection = once(server, 'connection').then(([socket]: Socket[]): Connection => {
    socket!.setNoDelay(true);
    // The sender writes to the descriptor itself: it must not wait for this thread's event loop.
    const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
    const sender = startThread<SenderRound, undefined>(new URL('./venue-sender.js', import.meta.url), {
      epoch,
      socket: fd,
      cpu,
    });
    return { sender, socket: socket! };
  });

  const listen = async (): Promise<VenueOutcome> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { port: (server.address() as AddressInfo).port };
  };

  const measure = async (count: number, warmUp: number, perSecond: number): Promise<VenueOutcome> => {
    const { sender, socket } = await connection;
    const total = warmUp + count;
    const microseconds = new Float64Array(count);
    let expected = 0;
    let firstDue = 0;
    const answered = new Promise<void>((resolve, reject) => {
      const read = frameReader((frame) => {
        const number = frame.getFloat64(NUMBER_OFFSET, true);
        if (number !== expected) reject(new Error(`placement: expected answer ${expected}, found ${number}`));
        const due = frame.getFloat64(DUE_OFFSET, true);
        if (expected === warmUp) firstDue = due;
        if (expected >= warmUp) microseconds[expected - warmUp] = (clock.now[0]! - due) / 1000;
        if (++expected === total) resolve();
      });
      socket.removeAllListeners('data');
      socket.on('data', (chunk) => {
        clock.tick();
        read(chunk);
      });
    });
    await Promise.all([answered, sender.run({ count: total, intervalNanoseconds: 1e9 / perSecond })]);
    const achieved = (count - 1) / ((clock.now[0]! - firstDue) / 1e9);
    return { microseconds: distributionOf(microseconds), perSecond: achieved };
  };

  return (round) => (round.kind === 'listen' ? listen() : measure(round.count, round.warmUp, round.perSecond));
});
