import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Side } from '../orders/codes.js';
import { GreekBook, GreekHedge, GreekOption, GreekRule } from './greek-rule.js';
import { HedgeLimit } from './hedge-rule.js';
import { hedgingSettings } from './settings.js';

const BAND = 5000;
const GAMMA_BAND = 100_000;

function ruleOf(vega: number, gamma: number): GreekRule {
  const rule = new GreekRule(
    hedgingSettings({ vegaBand: BAND, gammaBandUsd: GAMMA_BAND, leave: 0.5, vegaCost: 0.01, optionClip: 100 }),
  );
  rule.book[GreekBook.VEGA] = vega;
  rule.book[GreekBook.GAMMA] = gamma;
  return rule;
}

/** An option of 7000 USD of vega at 0.05 of a coin of 60,000 USD, quoted 1 bp on either side of its value. */
function offer(rule: GreekRule, id: number, changes: Partial<Record<keyof typeof GreekOption, number>> = {}): void {
  const { option } = rule;
  const given = {
    VEGA: 7000,
    PLAIN_VEGA: 7000,
    GAMMA: 20_000,
    THEO: 0.05,
    BID: 0.0499,
    BID_AMOUNT: 10,
    ASK: 0.0501,
    ASK_AMOUNT: 10,
    FEE: 0.0003,
    MONEY: 60_000,
    LOT: 0.1,
    OWN_BID: 0,
    OWN_ASK: 0,
    ...changes,
  };
  option.fill(0);
  for (const [name, value] of Object.entries(given)) option[GreekOption[name as keyof typeof GreekOption]] = value;
  rule.weigh(id);
}

it('within its band no Greek is hedged, and without a band none at all', () => {
  expect(ruleOf(BAND, GAMMA_BAND).begin()).toBe(false);
  const none = new GreekRule(hedgingSettings());
  none.book.fill(1e12);
  expect([none.isUsed, none.begin()]).toEqual([false, false]);
});

it('vega beyond its band is sold down to a part of it, at the bid of others, and says what it costs', () => {
  const rule = ruleOf(3 * BAND, 0);
  rule.book[GreekBook.GAMMA] = 60_000;
  expect(rule.begin()).toBe(true);
  offer(rule, 4);
  expect([rule.chosen, rule.side, rule.limit]).toEqual([4, Side.SELL, HedgeLimit.NONE]);
  // (15,000 - 2,500) / 7,000, whole tenths.
  expect(rule.best[GreekHedge.AMOUNT]).toBeCloseTo(1.7, 12);
  expect(rule.best[GreekHedge.PRICE]).toBe(0.0499);
  expect(rule.best[GreekHedge.COST]).toBeCloseTo(1.7 * 0.0004 * 60_000, 9);
});

it('takes the cheaper of two options, the one where more is to be had of two that cost the same, and none that is too dear', () => {
  const rule = ruleOf(3 * BAND, 60_000);
  rule.begin();
  offer(rule, 1);
  offer(rule, 2, { BID: 0.04995 });
  expect(rule.chosen).toBe(2);
  offer(rule, 3, { BID: 0.04995, BID_AMOUNT: 0.3 });
  expect(rule.chosen).toBe(2);
  rule.begin();
  offer(rule, 5, { BID: 0.048 });
  expect(rule.chosen).toBe(-1);
});

it('does not meet our own quote, which the venue would refuse', () => {
  const rule = ruleOf(3 * BAND, 60_000);
  rule.begin();
  offer(rule, 1, { OWN_BID: 0.0499 });
  expect(rule.chosen).toBe(-1);
  offer(rule, 1, { OWN_BID: 0.0498 });
  expect(rule.chosen).toBe(1);
});

it('short gamma beyond its band is bought', () => {
  const rule = ruleOf(0, -3 * GAMMA_BAND);
  rule.begin();
  offer(rule, 1, { VEGA: 100 });
  expect([rule.side, rule.greek, rule.chosen]).toEqual([Side.BUY, GreekBook.GAMMA, 1]);
});

it('whatever is held and offered: never past nothing, never more of the other Greek than its band or than there was, never more than is there', () => {
  const numbers = fc.record({
    vega: fc.double({ min: -1e5, max: 1e5, noNaN: true }),
    gamma: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    each: fc.double({ min: 1, max: 2e4, noNaN: true }),
    other: fc.double({ min: 0, max: 1e5, noNaN: true }),
    there: fc.double({ min: 0, max: 50, noNaN: true }),
  });
  fc.assert(
    fc.property(numbers, ({ vega, gamma, each, other, there }) => {
      const rule = ruleOf(vega, gamma);
      if (!rule.begin()) return;
      offer(rule, 0, {
        VEGA: each,
        PLAIN_VEGA: 1e5,
        GAMMA: other,
        BID_AMOUNT: there,
        ASK_AMOUNT: there,
      });
      if (rule.chosen < 0) return;
      const amount = rule.best[GreekHedge.AMOUNT]!;
      const sign = rule.side === Side.BUY ? 1 : -1;
      const before = [vega, gamma];
      const after = [vega + sign * amount * each, gamma + sign * amount * other];
      const { greek } = rule;
      const bands = [BAND, GAMMA_BAND];
      expect(before[greek]! * after[greek]!).toBeGreaterThanOrEqual(0);
      expect(Math.abs(after[greek]!)).toBeLessThanOrEqual(Math.abs(before[greek]!));
      const most = Math.max(Math.abs(before[1 - greek]!), bands[1 - greek]!);
      expect(Math.abs(after[1 - greek]!)).toBeLessThanOrEqual(most * (1 + 1e-9));
      expect(amount).toBeLessThanOrEqual(there + 1e-9);
    }),
  );
});
