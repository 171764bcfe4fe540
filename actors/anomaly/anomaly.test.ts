import { describe, expect, it } from 'vitest';
import { bytesPerCall } from '../../engine/testing/allocation.js';
import { MessageType } from '../../schemas/message-type.js';
import { StageRun } from './testing/stage-run.js';

const RULES = [
  {
    measure: 'range',
    rule: { mode: 'relative', level: 1.5, window: 60, lag: 2, release: 0.9, hold: 1 },
  },
] as const;

/** A run in which something happens: prices jump, quotes freeze and cross. */
function eventful(seconds: number, batch: number, seed = 4): StageRun {
  const run = new StageRun(seed, { rules: RULES, barSeconds: 5 });
  run.batch = batch;
  for (let second = 0; second < seconds; second++) {
    if (second % 97 === 50) run.market.spot[0]! *= 1.01;
    if (second % 61 === 30) run.market.crossedAt[7] = run.market.second + 1;
    if (second % 131 === 90) run.market.frozenUntil[9] = run.market.second + 12;
    run.play(1);
  }
  return run;
}

describe('the anomaly stage', () => {
  const reference = eventful(400, 1);

  it('tells anomalies, statistics of every bar, and what its rules filter out', () => {
    const count = (type: number): number => reference.written.get(type) ?? 0;
    expect(count(MessageType.ANOMALY)).toBeGreaterThan(5);
    // Two underlyings, a bar every five seconds; the first of them has no return.
    expect(count(MessageType.MARKET_STATISTICS)).toBeGreaterThan(2 * 70);
    expect(count(MessageType.FILTER_EVENT)).toBeGreaterThan(4);
    expect(count(MessageType.FILTERED_BAR)).toBeGreaterThan(4);
    expect(count(MessageType.FILTERED_TRADE)).toBeGreaterThan(4);
  });

  it.each([7, 40])('writes the same bytes when %i events wait for it at a time', (batch) => {
    expect(eventful(400, batch).digest()).toBe(reference.digest());
  });

  it('goes on from a snapshot as if it had never stopped', () => {
    const whole = eventful(150, 1);
    const restored = eventful(150, 1);
    // Its state leaves and comes back; whatever else it remembered would be lost.
    const snapshot = restored.stage.state.snapshot();
    new Uint8Array(restored.stage.state.memory).fill(0xa5);
    restored.stage.state.restore(snapshot);
    restored.stage.actor.onRestore?.();
    for (const run of [whole, restored]) {
      run.market.spot[1]! *= 0.98;
      run.play(120);
    }
    expect(restored.digest()).toBe(whole.digest());
  });

  it('allocates nothing for an event', () => {
    const bytes = bytesPerCall(
      {
        module: 'actors/anomaly/testing/kernel.js',
        setup: 'const kernel = new StageKernel();',
        call: 'kernel.step(i); sink += 1;',
      },
      20_000,
    );
    expect(bytes).toBe(0);
  }, 180_000);
});
