import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { FilterWorld } from '../testing/filter/filter-world.js';
import { marketQuote, syntheticChain } from '../testing/filter/synthetic-chain.js';
import type { Captured } from '../testing/placed/capture.js';

// Threads load compiled code: the same modules that users run.
const built = new URL('../../dist/actors/testing/filter/run-placed.js', import.meta.url).href;
const { runPlaced, scriptOf } = (await import(built)) as typeof import('../testing/filter/run-placed.js');

const START = Date.UTC(2026, 0, 5, 12) * 1000;

/** Half a minute of a small market, with a jump, an adjustment and refits in it. */
function play(halfway: (world: FilterWorld) => void = () => {}): FilterWorld {
  const chain = syntheticChain(START, [2, 9, 30], 9);
  const world = new FilterWorld(START, { instruments: 64, refitSeconds: 5 });
  world.keepsRecords = true;
  for (const { id, instrument } of [...chain.options, chain.perpetual]) world.define(id, instrument);
  for (let step = 0; step < 60; step++) {
    const forward = 60_000 * (1 + 0.001 * Math.sin(step / 5)) * (step > 50 ? 1.2 : 1);
    world.ticker(chain.perpetual.id, { bid: forward - 0.5, ask: forward + 0.5, index: forward });
    for (const option of chain.options.filter(({ id }) => (id + step) % 3 === 0)) {
      const quote = marketQuote(option, forward, world.now, 0.55 + 0.001 * Math.sin(step));
      world.ticker(option.id, { ...quote, underlying: forward, index: forward });
    }
    if (step === 40) halfway(world);
    if (step === 30) {
      world.adjust((adjustment) => {
        adjustment.mutate_expiry(0xffffffff);
        adjustment.mutate_atmShift(0.01);
      });
    }
    world.advance(world.now + 500_000);
  }
  return world;
}

describe('the filter on threads', () => {
  let world: FilterWorld;
  let expected: Captured;

  beforeAll(() => {
    world = play();
    const { script } = scriptOf(world.records);
    const digest = createHash('sha256').update(new Uint8Array(script)).digest('hex');
    expected = { digest, records: world.records.length };
  });

  it('has refitted, and has told values of every option', () => {
    expect(world.underlying(0)!.surfaceSeq()).toBeGreaterThan(0);
    for (let id = 0; id < 54; id++) expect(world.theo(id)).toBeDefined();
  });

  it.each([1, 2, 3] as const)('says the same bytes over the same log, played on %i threads', async (threads) => {
    const [, , theos] = await runPlaced(world.config, world.events, threads);
    expect(theos).toEqual(expected);
  });

  it('goes on from a snapshot of its state as if it had never stopped', () => {
    let half: { state: Uint8Array; events: number; records: number } = {
      state: new Uint8Array(0),
      events: 0,
      records: 0,
    };
    const whole = play(({ stage, events, records }) => {
      half = { state: stage.state.snapshot(), events: events.length, records: records.length };
    });
    const other = new FilterWorld(START, { instruments: 64, refitSeconds: 5 });
    other.keepsRecords = true;
    other.stage.restore(half.state);
    for (const event of whole.events.slice(half.events)) other.playAgain(event);
    expect(Buffer.concat(other.records).equals(Buffer.concat(whole.records.slice(half.records)))).toBe(true);
    expect(other.stage.state.snapshot()).toEqual(whole.stage.state.snapshot());
  });
});
