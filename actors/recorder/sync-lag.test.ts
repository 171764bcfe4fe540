import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncLag } from './sync-lag.js';

describe('the lag of a journal', () => {
  it('is how long records waited for the disk, and nothing once all of them are there', () => {
    const lag = new SyncLag();
    expect(lag.look(10, 10, 0)).toBe(0);
    expect(lag.look(20, 10, 100)).toBe(0);
    expect(lag.look(30, 10, 350)).toBe(250);
    // The newest of the first look is on the disk, what came later waits from now on.
    expect(lag.look(40, 25, 400)).toBe(300);
    expect(lag.look(40, 25, 900)).toBe(500);
    expect(lag.look(40, 40, 1000)).toBe(0);
  });

  it('is never more than the time since something was taken that is not on the disk, and grows while the disk stands still', () => {
    const looks = fc.array(fc.record({ taken: fc.nat(50), synced: fc.nat(60), ms: fc.integer({ min: 1, max: 500 }) }));
    fc.assert(
      fc.property(looks, (all) => {
        const lag = new SyncLag();
        let [taken, synced, now] = [0, 0, 0];
        for (const look of all) {
          now += look.ms;
          taken += look.taken;
          synced = Math.min(taken, synced + look.synced);
          const found = lag.look(taken, synced, now);
          expect(found).toBeGreaterThanOrEqual(0);
          expect(found).toBeLessThanOrEqual(now);
          if (synced === taken) expect(found).toBe(0);
        }
        const before = lag.look(taken + 1, synced, now + 1);
        expect(lag.look(taken + 1, synced, now + 1000)).toBeGreaterThanOrEqual(before);
      }),
    );
  });
});
