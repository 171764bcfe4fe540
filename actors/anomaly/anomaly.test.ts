import { describe, expect, it } from 'vitest';
import { LatestReader } from '../../engine/runtime/edge/latest-reader.js';
import { HEADER_BYTES, HeaderOffset } from '../../engine/runtime/edge/record.js';
import { bytesPerCall } from '../../engine/testing/allocation.js';
import { FilterRuleState } from '../../schemas/generated/filter-rule-state.js';
import { MessageType } from '../../schemas/message-type.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
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

interface Shown {
  buffer: ViewBuffer;
  offset: number;
  key: number;
}

/** What the stage shows of a kind now, by key. */
function shownOf(run: StageRun, edge: number): Shown[] {
  const found: Shown[] = [];
  new LatestReader(run.shown[edge]!).poll((_type, buffer, offset, key) => {
    const length = buffer.view.getUint32(offset + HeaderOffset.LENGTH, true);
    found.push({ buffer: new ViewBuffer(buffer.bytes().slice(offset, offset + length).buffer), offset: 0, key });
  }, Number.POSITIVE_INFINITY);
  return found.sort((a, b) => a.key - b.key);
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

  it('shows where each rule stands, and the last events and filtered bars, in order and with their times', () => {
    const rules = new FilterRuleState();
    const states = shownOf(reference, 3).map(({ buffer, offset, key }) => {
      const state = rules.__init(offset + HEADER_BYTES, buffer);
      expect(key).toBe(state.rule() * 8 + state.underlying());
      expect(state.excess()).toBeCloseTo(state.value() / state.threshold(), 9);
      expect(state.bars()).toBeGreaterThanOrEqual(state.events());
      return [state.events(), state.bars(), state.barSeconds()];
    });
    expect(states).toHaveLength(2);
    const begun = states.reduce((sum, [events]) => sum + events!, 0);
    const events = shownOf(reference, 4);
    expect(events).toHaveLength(reference.written.get(MessageType.FILTER_EVENT)!);
    expect(begun).toBeGreaterThanOrEqual(events.length / 2);
    expect(shownOf(reference, 5)).toHaveLength(reference.written.get(MessageType.FILTERED_BAR)!);
    expect(states.reduce((sum, [, bars]) => sum + bars!, 0)).toBe(reference.written.get(MessageType.FILTERED_BAR)!);
    const order = events.map(({ buffer, offset }) => buffer.readFloat64(offset + HeaderOffset.SEQ));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    for (const { buffer, offset } of events) expect(buffer.readFloat64(offset + HeaderOffset.EVENT_TIME) % 5e6).toBe(0);
  });

  it('measures each market by every model that needs no filter beside it', () => {
    const measures = ['realised', 'jump', 'range', 'bipower', 'parkinson', 'ewma', 'targetedGarch'] as const;
    const rule = { mode: 'absolute', level: 1e9, window: 0, lag: 0, release: 1, hold: 1 } as const;
    const run = new StageRun(4, { rules: measures.map((measure) => ({ measure, rule })), barSeconds: 5 });
    run.play(400);
    const state = new FilterRuleState();
    const found = shownOf(run, 3).map(({ buffer, offset }) => state.__init(offset + HEADER_BYTES, buffer).value());
    expect(found).toHaveLength(2 * measures.length);
    for (let underlying = 0; underlying < 2; underlying++) {
      const [realised, , , bipower, parkinson, ewma, garch] = found.filter((_, place) => place % 2 === underlying);
      expect(realised).toBeGreaterThan(0.3);
      expect(realised).toBeLessThan(0.8);
      // A market without jumps: all of them speak of the same volatility.
      for (const other of [bipower!, parkinson!, ewma!, garch!]) {
        expect(other / realised!).toBeGreaterThan(0.3);
        expect(other / realised!).toBeLessThan(2);
      }
    }
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
