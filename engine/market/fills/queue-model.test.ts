import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  amountAhead,
  behindProbability,
  joinQueue,
  QUEUE_CELLS,
  QUEUE_RULES,
  QueueRule,
  queueChanged,
  queueTraded,
  takeReached,
} from './queue-model.js';

const cells = (): Float64Array => new Float64Array(QUEUE_CELLS);

describe('a place in a queue', () => {
  test('the published forms, worked out by hand', () => {
    expect(behindProbability(QueueRule.POWER, 3, 20, 10)).toBeCloseTo(1000 / (1000 + 8000), 15);
    expect(behindProbability(QueueRule.POWER_SHARE, 2, 20, 10)).toBeCloseTo(1 / 9, 15);
    expect(behindProbability(QueueRule.POWER_FRONT, 2, 20, 10)).toBeCloseTo(1 - 4 / 9, 15);
    expect(behindProbability(QueueRule.LOG, 1, 20, 10)).toBeCloseTo(Math.log(11) / (Math.log(11) + Math.log(21)), 14);
    expect(behindProbability(QueueRule.LOG_SHARE, 1, 20, 10)).toBeCloseTo(Math.log(11) / Math.log(31), 14);
    expect(behindProbability(QueueRule.RISK_AVERSE, 1, 20, 10)).toBe(1);
  });

  test('risk-averse: only trades and a level smaller than the queue bring an order forward', () => {
    const own = cells();
    joinQueue(QueueRule.RISK_AVERSE, own, 0, 50);
    queueChanged(QueueRule.RISK_AVERSE, 1, own, 0, 80, 60);
    expect(amountAhead(own, 0)).toBe(50);
    queueTraded(own, 0, 20);
    queueChanged(QueueRule.RISK_AVERSE, 1, own, 0, 60, 40);
    expect(amountAhead(own, 0)).toBe(30);
    queueChanged(QueueRule.RISK_AVERSE, 1, own, 0, 40, 25);
    expect(amountAhead(own, 0)).toBe(25);
  });

  test('what was traded is not counted again as cancelled', () => {
    const own = cells();
    joinQueue(QueueRule.POWER, own, 0, 30);
    queueTraded(own, 0, 10);
    queueChanged(QueueRule.POWER, 3, own, 0, 40, 30);
    expect(amountAhead(own, 0)).toBe(20);
  });

  test('a trade beyond what is ahead reaches the order, by so much', () => {
    const own = cells();
    joinQueue(QueueRule.RISK_AVERSE, own, 0, 5);
    queueTraded(own, 0, 8);
    expect(takeReached(QueueRule.RISK_AVERSE, own, 0)).toBe(3);
    expect(takeReached(QueueRule.RISK_AVERSE, own, 0)).toBe(0);
  });

  test('trade-through never fills at its own price, first always does', () => {
    const own = cells();
    joinQueue(QueueRule.TRADE_THROUGH, own, 0, 0);
    queueTraded(own, 0, 100);
    expect(takeReached(QueueRule.TRADE_THROUGH, own, 0)).toBe(0);
    joinQueue(QueueRule.FIRST, own, 0, 1000);
    queueTraded(own, 0, 4);
    expect(takeReached(QueueRule.FIRST, own, 0)).toBe(4);
  });

  test('whatever happens, nobody is behind more than the level holds, and nothing but trades reaches an order', () => {
    const steps = fc.array(fc.record({ traded: fc.nat(20), after: fc.nat(60) }), { maxLength: 30 });
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(QUEUE_RULES)),
        fc.integer({ min: 1, max: 4 }),
        steps,
        (rule, n, all) => {
          const own = cells();
          let level = 40;
          joinQueue(rule, own, 0, level);
          for (const { traded, after } of all) {
            const before = amountAhead(own, 0);
            if (traded > 0) queueTraded(own, 0, traded);
            const reached = takeReached(rule, own, 0);
            expect(reached).toBeLessThanOrEqual(Math.max(0, traded - before) + 1e-9);
            queueChanged(rule, n, own, 0, level, after);
            expect(amountAhead(own, 0)).toBeLessThanOrEqual(Math.max(after, 0) + 1e-9);
            expect(amountAhead(own, 0)).toBeLessThanOrEqual(before + 1e-9);
            expect(takeReached(rule, own, 0)).toBe(0);
            level = after;
          }
        },
      ),
    );
  });

  test('risk-averse is never ahead of a probability rule', () => {
    const steps = fc.array(fc.record({ traded: fc.nat(5), after: fc.nat(60) }), { maxLength: 30 });
    const rules = [QueueRule.POWER, QueueRule.LOG, QueueRule.POWER_SHARE, QueueRule.LOG_SHARE, QueueRule.POWER_FRONT];
    fc.assert(
      fc.property(fc.constantFrom(...rules), steps, (rule, all) => {
        const own = cells();
        const averse = cells();
        let level = 40;
        joinQueue(rule, own, 0, level);
        joinQueue(QueueRule.RISK_AVERSE, averse, 0, level);
        for (const { traded, after } of all) {
          for (const [of, place] of [
            [rule, own],
            [QueueRule.RISK_AVERSE, averse],
          ] as const) {
            if (traded > 0) queueTraded(place, 0, traded);
            takeReached(of, place, 0);
            queueChanged(of, 2, place, 0, level, after);
          }
          expect(amountAhead(own, 0)).toBeLessThanOrEqual(amountAhead(averse, 0) + 1e-9);
          level = after;
        }
      }),
    );
  });
});
