import { pow } from '../../quant/elementary/index.js';

/**
 * Where an order stands in the queue of its price can only be guessed where a recording has amounts and no orders. Each rule
 * answers one question: a level shrank and no trade explains it; did that happen before us or behind us?
 *
 * Sources: Rigtorp, "Estimating order queue position" (2013), for the power and the logarithmic rule; the forms below are those of
 * hftbacktest's `RiskAdverseQueueModel`, `PowerProbQueueFunc` 1 to 3 and `LogProbQueueFunc` 1 and 2.
 */
export const QueueRule = {
  /** All of it behind us: only trades bring an order forward. The least favourable rule that still has a queue. */
  RISK_AVERSE: 1,
  /** Behind us with the odds back^n against front^n. */
  POWER: 2,
  /** Behind us with the odds ln(1 + back) against ln(1 + front). */
  LOG: 3,
  /** Behind us with the probability (back / (back + front))^n. */
  POWER_SHARE: 4,
  /** Behind us with the probability ln(1 + back) / ln(1 + back + front). */
  LOG_SHARE: 5,
  /** Behind us with the probability 1 - (front / (back + front))^n. */
  POWER_FRONT: 6,
  /** No queue is believed in: only a trade or an offer beyond the price fills. */
  TRADE_THROUGH: 7,
  /** First in every queue: what a backtest that knows no queue assumes. For comparison only. */
  FIRST: 8,
} as const;

export type QueueRuleCode = (typeof QueueRule)[keyof typeof QueueRule];

/** Names of the rules in configurations and reports. */
export const QUEUE_RULES: Readonly<Record<string, QueueRuleCode>> = {
  'risk-averse': QueueRule.RISK_AVERSE,
  power: QueueRule.POWER,
  log: QueueRule.LOG,
  'power-share': QueueRule.POWER_SHARE,
  'log-share': QueueRule.LOG_SHARE,
  'power-front': QueueRule.POWER_FRONT,
  'trade-through': QueueRule.TRADE_THROUGH,
  first: QueueRule.FIRST,
};

/** Cells that an order's place in its queue takes: what is ahead of it, and what trades took since the level last changed. */
export const QUEUE_CELLS = 2;
const AHEAD = 0;
const TRADED = 1;

/** Probability that what left a level without a trade stood behind us. Amounts in any one unit; 1 where nothing is ahead. */
export function behindProbability(rule: QueueRuleCode, exponent: number, ahead: number, behind: number): number {
  if (ahead <= 0) return 1;
  if (behind <= 0) return 0;
  switch (rule) {
    case QueueRule.POWER: {
      const back = powerOf(behind, exponent);
      return back / (back + powerOf(ahead, exponent));
    }
    case QueueRule.LOG: {
      const back = Math.log1p(behind);
      return back / (back + Math.log1p(ahead));
    }
    case QueueRule.POWER_SHARE:
      return powerOf(behind / (behind + ahead), exponent);
    case QueueRule.LOG_SHARE:
      return Math.log1p(behind) / Math.log1p(behind + ahead);
    case QueueRule.POWER_FRONT:
      return 1 - powerOf(ahead / (behind + ahead), exponent);
    default:
      return 1;
  }
}

/** The exponents that are used in practice are whole. */
function powerOf(base: number, exponent: number): number {
  if (exponent === 1) return base;
  if (exponent === 2) return base * base;
  if (exponent === 3) return base * base * base;
  return pow(base, exponent);
}

/** An order joins a level that holds an amount of others. */
export function joinQueue(rule: QueueRuleCode, cells: Float64Array, at: number, level: number): void {
  cells[at + AHEAD] = rule === QueueRule.FIRST ? 0 : level;
  cells[at + TRADED] = 0;
}

/** A trade at the order's price on the order's side took an amount. */
export function queueTraded(cells: Float64Array, at: number, amount: number): void {
  cells[at + AHEAD]! -= amount;
  cells[at + TRADED]! += amount;
}

/** The level of the order, without the order, went from one amount to another. Trades were told before. */
export function queueChanged(
  rule: QueueRuleCode,
  exponent: number,
  cells: Float64Array,
  at: number,
  before: number,
  after: number,
): void {
  // Trades have been counted: only the rest of the change is to be explained.
  const left = before - after - cells[at + TRADED]!;
  cells[at + TRADED] = 0;
  let ahead = cells[at + AHEAD]!;
  if (left > 0 && ahead > 0) {
    const behind = Math.max(0, before - ahead);
    const probability = behindProbability(rule, exponent, ahead, behind);
    // What cannot have stood behind, since there was less, stood ahead.
    ahead += Math.min(0, behind - probability * left) - (1 - probability) * left;
  }
  if (ahead > after) ahead = after;
  if (cells[at + AHEAD]! > 0 && ahead < 0) ahead = 0;
  cells[at + AHEAD] = ahead;
}

/** How much of trades has reached the order by now, beyond what was ahead of it; it is taken out. */
export function takeReached(rule: QueueRuleCode, cells: Float64Array, at: number): number {
  const reached = -cells[at + AHEAD]!;
  if (!(reached > 0)) return 0;
  cells[at + AHEAD] = 0;
  return rule === QueueRule.TRADE_THROUGH ? 0 : reached;
}

/** What is ahead of the order, never below 0. */
export function amountAhead(cells: Float64Array, at: number): number {
  return Math.max(0, cells[at + AHEAD]!);
}
