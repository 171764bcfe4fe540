import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Side } from '../orders/codes.js';
import { HedgeInput, HedgeLimit, HedgeOutput, HedgeRule, HedgeUrgency } from './hedge-rule.js';
import { hedgingSettings } from './settings.js';

const BID = 59_999.5;
const ASK = 60_000;

function ruleOf(given: { delta: number; waited?: number; gamma?: number; own?: number; target?: number }): HedgeRule {
  const rule = new HedgeRule(
    hedgingSettings({ leastBandUsd: 15_000, mostBandUsd: 200_000, joinAfterSeconds: 4, crossAfterSeconds: 10 }),
  );
  const { input } = rule;
  input[HedgeInput.DELTA] = given.delta;
  input[HedgeInput.TARGET] = given.target ?? 0;
  input[HedgeInput.GAMMA] = given.gamma ?? 1e-4;
  input[HedgeInput.PRICE] = (BID + ASK) / 2;
  input[HedgeInput.COST] = 0.0005;
  input[HedgeInput.WAITED] = given.waited ?? 0;
  input[HedgeInput.BID] = BID;
  input[HedgeInput.ASK] = ASK;
  input[HedgeInput.TICK] = 0.5;
  input[HedgeInput.LOT] = 10;
  input[HedgeInput.INVERSE] = 1;
  input[HedgeInput.OWN] = given.own ?? Number.NaN;
  return rule;
}

it('nothing is done within the band', () => {
  const rule = ruleOf({ delta: 0.1 });
  expect(rule.decide(0)).toBe(false);
  expect(rule.urgency).toBe(HedgeUrgency.NONE);
  expect(rule.output[HedgeOutput.AMOUNT]).toBe(0);
});

it('a hedge begins at the touch, and crosses when it has waited or the delta is far out', () => {
  const band = (() => {
    const rule = ruleOf({ delta: 0 });
    rule.decide(0);
    return rule.output[HedgeOutput.BAND]!;
  })();
  const delta = 1.5 * band;
  const passive = ruleOf({ delta });
  expect(passive.decide(0)).toBe(true);
  expect([passive.urgency, passive.side, passive.output[HedgeOutput.PRICE]]).toEqual([
    HedgeUrgency.PASSIVE,
    Side.SELL,
    ASK,
  ]);
  const joining = ruleOf({ delta, waited: 5 });
  joining.decide(0);
  expect(joining.urgency).toBe(HedgeUrgency.JOIN);
  const crossing = ruleOf({ delta, waited: 11 });
  crossing.decide(0);
  expect(crossing.urgency).toBe(HedgeUrgency.CROSS);
  expect(crossing.output[HedgeOutput.PRICE]).toBeLessThan(BID);
  const far = ruleOf({ delta: 3 * band });
  far.decide(0);
  expect(far.urgency).toBe(HedgeUrgency.CROSS);
});

it('never trades past the delta that is wanted, whatever the numbers', () => {
  const numbers = fc.record({
    delta: fc.double({ min: -100, max: 100, noNaN: true }),
    target: fc.double({ min: -5, max: 5, noNaN: true }),
    gamma: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
    waited: fc.double({ min: 0, max: 30, noNaN: true }),
    asked: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(numbers, ({ asked, ...given }) => {
      const rule = ruleOf(given);
      if (!rule.decide(asked)) return;
      const sign = rule.side === Side.BUY ? 1 : -1;
      const before = given.delta - given.target;
      const after = before + sign * rule.output[HedgeOutput.UNITS]!;
      expect(before * after).toBeGreaterThanOrEqual(-1e-9);
      expect(Math.abs(after)).toBeLessThan(Math.abs(before));
    }),
  );
});

it('our own order is not outbid by ourselves, and a clip bounds the amount', () => {
  const rule = ruleOf({ delta: 100, waited: 5, own: ASK });
  rule.input[HedgeInput.BID] = ASK - 5;
  rule.decide(2);
  expect(rule.output[HedgeOutput.PRICE]).toBe(ASK);
  expect(rule.limit).toBe(HedgeLimit.CLIP);
});

it('settings out of bounds are refused by name', () => {
  expect(() => hedgingSettings({ hardBand: 0 })).toThrow('hedging.hardBand: expected a number from 1 to 100, found 0');
});

it("a price is the very double of the venue's decimal, on any tick: what multiplying leaves behind it is refused, and outbids our own order", () => {
  for (let steps = 36_000; steps < 36_100; steps++) {
    const bid = steps / 20;
    const rule = ruleOf({ delta: -1, waited: 5 });
    const { input } = rule;
    input[HedgeInput.TICK] = 0.05;
    input[HedgeInput.BID] = bid;
    input[HedgeInput.ASK] = (steps + 3) / 20;
    input[HedgeInput.PRICE] = bid;
    input[HedgeInput.DELTA] = -30;
    for (const [urgency, price] of [
      [HedgeUrgency.PASSIVE, bid],
      [HedgeUrgency.JOIN, (steps + 1) / 20],
    ] as const) {
      expect(rule.decide(urgency)).toBe(true);
      expect([rule.urgency, rule.output[HedgeOutput.PRICE]]).toEqual([urgency, price]);
    }
    input[HedgeInput.BID] = (steps + 1) / 20;
    input[HedgeInput.OWN] = rule.output[HedgeOutput.PRICE]!;
    rule.decide(HedgeUrgency.JOIN);
    expect(rule.output[HedgeOutput.PRICE]).toBe((steps + 1) / 20);
  }
});
