import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TimerQueue } from './timer-queue.js';

interface Pending {
  rank: number;
  timer: number;
  deadline: number;
  serial: number;
}

function drain(queue: TimerQueue): Pending[] {
  const taken: Pending[] = [];
  while (queue.size > 0) {
    const place = queue.take();
    taken.push({
      rank: queue.rankAt(place),
      timer: queue.timerAt(place),
      deadline: queue.deadlineAt(place),
      serial: queue.serialAt(place),
    });
  }
  return taken;
}

describe('the queue of timers', () => {
  it('gives equal deadlines by stage, then by timer', () => {
    const queue = new TimerQueue([0, 2, 2]);
    queue.request(2, 0, 50, 1);
    queue.request(1, 1, 50, 2);
    queue.request(1, 0, 50, 3);
    expect(drain(queue).map(({ rank, timer }) => [rank, timer])).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
    ]);
  });

  it('replaces a timer’s earlier request, and forgets it on NaN', () => {
    const queue = new TimerQueue([0, 1]);
    queue.request(1, 0, 50, 1);
    queue.request(1, 0, 70, 2);
    expect(queue.size).toBe(1);
    const next = new Float64Array(1);
    queue.peekDeadline(next);
    expect(next[0]).toBe(70);
    queue.request(1, 0, Number.NaN, 3);
    queue.peekDeadline(next);
    expect(next[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it('is a sorted list of the newest requests, whatever the requests', () => {
    const request = fc.record({
      rank: fc.integer({ min: 1, max: 3 }),
      timer: fc.integer({ min: 0, max: 7 }),
      deadline: fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.NaN)),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 200 }), (requests) => {
        const queue = new TimerQueue([0, 8, 8, 8]);
        const expected = new Map<string, Pending>();
        requests.forEach(({ rank, timer, deadline }, serial) => {
          queue.request(rank, timer, deadline, serial);
          const key = `${rank}/${timer}`;
          if (Number.isNaN(deadline)) expected.delete(key);
          else expected.set(key, { rank, timer, deadline, serial });
        });
        const sorted = [...expected.values()].sort(
          (a, b) => a.deadline - b.deadline || a.rank - b.rank || a.timer - b.timer,
        );
        expect(drain(queue)).toEqual(sorted);
      }),
    );
  });
});
