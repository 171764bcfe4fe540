/** What a limit or a refusal is of. */
const RiskScope = { ORDER: 0, INSTRUMENT: 1, EXPIRY: 2, UNDERLYING: 3, STRATEGY: 4, EVERYTHING: 5 } as const;
export type RiskScopeCode = (typeof RiskScope)[keyof typeof RiskScope];

interface Check {
  code: number;
  scope: RiskScopeCode;
  /** What is refused, for people. */
  meaning: string;
}

/**
 * Every check of the risk stage: its code in refusals, what it is of, what it refuses. Codes below 16 are older than this table
 * and stay as they are.
 */
export const CHECKS = {
  HALTED: { code: 1, scope: RiskScope.EVERYTHING, meaning: 'halted: only cancels pass' },
  REDUCING: { code: 2, scope: RiskScope.EVERYTHING, meaning: 'reducing: only what takes risk away passes' },
  AMOUNT: { code: 3, scope: RiskScope.ORDER, meaning: 'no positive amount' },
  PRICE: { code: 4, scope: RiskScope.ORDER, meaning: 'no positive price' },
  RATE: { code: 5, scope: RiskScope.EVERYTHING, meaning: 'more requests than allowed a second' },
  POSITION: { code: 6, scope: RiskScope.INSTRUMENT, meaning: 'the position could become too large' },
  UNKNOWN_INSTRUMENT: { code: 16, scope: RiskScope.INSTRUMENT, meaning: 'an instrument that nobody has defined' },
  NOT_TRADING: { code: 17, scope: RiskScope.INSTRUMENT, meaning: 'the instrument is not open for trading' },
  EXPIRING: { code: 18, scope: RiskScope.EXPIRY, meaning: 'too near its expiry' },
  TICK: { code: 19, scope: RiskScope.ORDER, meaning: 'a price between two ticks' },
  LEAST_AMOUNT: { code: 20, scope: RiskScope.ORDER, meaning: "an amount that is no multiple of the venue's smallest" },
  VENUE_BAND: { code: 21, scope: RiskScope.ORDER, meaning: 'a price that the venue would not accept now' },
  MALFORMED: { code: 22, scope: RiskScope.ORDER, meaning: 'a side, action or time in force that there is not' },
  REDUCE_ONLY: { code: 23, scope: RiskScope.ORDER, meaning: 'reduce only, and would add to the position' },
  FAR_FROM_THEO: {
    code: 24,
    scope: RiskScope.ORDER,
    meaning: 'a price too far on the wrong side of the theoretical value',
  },
  FAR_FROM_MARK: { code: 25, scope: RiskScope.ORDER, meaning: "a price too far on the wrong side of the venue's mark" },
  BELOW_INTRINSIC: { code: 26, scope: RiskScope.ORDER, meaning: 'an option offered below what exercise would pay' },
  NOTIONAL: { code: 27, scope: RiskScope.ORDER, meaning: 'one order of too much value' },
  SELF_MATCH: { code: 28, scope: RiskScope.INSTRUMENT, meaning: 'would trade with an order of our own' },
  REPEAT: { code: 29, scope: RiskScope.INSTRUMENT, meaning: 'the same instrument asked for too often' },
  OPEN_ORDERS: { code: 30, scope: RiskScope.EVERYTHING, meaning: 'too many orders at work' },
  IN_FLIGHT: { code: 31, scope: RiskScope.EVERYTHING, meaning: 'too many requests without an answer' },
  REJECT_STORM: { code: 32, scope: RiskScope.EVERYTHING, meaning: 'the venue rejects too many requests' },
  ORDER_DELTA: { code: 33, scope: RiskScope.ORDER, meaning: 'one order of too much delta' },
  EXPIRY_DELTA: { code: 40, scope: RiskScope.EXPIRY, meaning: 'delta of the expiry could become too large' },
  EXPIRY_VEGA: { code: 41, scope: RiskScope.EXPIRY, meaning: 'vega of the expiry could become too large' },
  DELTA: { code: 42, scope: RiskScope.UNDERLYING, meaning: 'delta of the underlying could become too large' },
  VEGA: { code: 43, scope: RiskScope.UNDERLYING, meaning: 'vega of the underlying could become too large' },
  GAMMA: { code: 44, scope: RiskScope.UNDERLYING, meaning: 'gamma of the underlying could become too short' },
  SHORT_OPTIONS: { code: 45, scope: RiskScope.UNDERLYING, meaning: 'too many options could be sold' },
  SCENARIO: { code: 46, scope: RiskScope.UNDERLYING, meaning: 'what is held would lose too much in a scenario' },
  MARGIN: { code: 47, scope: RiskScope.EVERYTHING, meaning: 'too much of the equity is tied up as margin' },
  PIN: { code: 48, scope: RiskScope.EXPIRY, meaning: 'too much near its strike on its last day' },
  CONCENTRATION: {
    code: 49,
    scope: RiskScope.INSTRUMENT,
    meaning: 'the position could become too large a share of the open interest',
  },
  DAY_LOSS: { code: 50, scope: RiskScope.EVERYTHING, meaning: 'the loss of the day is too large' },
  DRAWDOWN: { code: 51, scope: RiskScope.EVERYTHING, meaning: 'the fall from the highest profit is too large' },
  MINUTE_LOSS: { code: 52, scope: RiskScope.EVERYTHING, meaning: 'the loss of a minute is too large' },
  LOCAL_MMP: { code: 53, scope: RiskScope.UNDERLYING, meaning: 'too much was filled at once: quotes pause' },
  MARKOUT: { code: 54, scope: RiskScope.UNDERLYING, meaning: 'what was filled lost too much soon after' },
  FILL_RATE: { code: 55, scope: RiskScope.UNDERLYING, meaning: 'more fills than usual' },
  ONE_SIDED: { code: 56, scope: RiskScope.UNDERLYING, meaning: 'fills came on one side alone' },
  TIE_OUT: { code: 57, scope: RiskScope.EVERYTHING, meaning: 'our count of the money is not that of the venue' },
  BOOK_STALE: { code: 60, scope: RiskScope.INSTRUMENT, meaning: 'the book is stale or crossed' },
  UNDERLYING_STALE: {
    code: 61,
    scope: RiskScope.UNDERLYING,
    meaning: 'nothing was heard of the underlying for too long',
  },
  THEO_UNUSABLE: { code: 62, scope: RiskScope.INSTRUMENT, meaning: 'no theoretical value that can be quoted on' },
  DIVERGENCE: { code: 63, scope: RiskScope.UNDERLYING, meaning: 'forward and index are too far apart' },
  NOT_READY: {
    code: 64,
    scope: RiskScope.EVERYTHING,
    meaning: 'not connected, not reconciled, or something is unknown',
  },
  NO_LIMITS: { code: 65, scope: RiskScope.EVERYTHING, meaning: 'no limits are in force' },
  DISARMED: { code: 66, scope: RiskScope.EVERYTHING, meaning: 'live trading has not been armed' },
  HEDGE_CLIP: { code: 67, scope: RiskScope.STRATEGY, meaning: 'one hedge of too much value' },
  HEDGE_RATE: { code: 68, scope: RiskScope.STRATEGY, meaning: 'more hedges than allowed a minute' },
  HEDGE_SLIPPAGE: { code: 69, scope: RiskScope.STRATEGY, meaning: 'the budget of what hedges may cost is used up' },
  THETA: { code: 70, scope: RiskScope.UNDERLYING, meaning: 'theta of the underlying could become too large' },
  WEIGHTED_VEGA: {
    code: 71,
    scope: RiskScope.UNDERLYING,
    meaning: 'time-weighted vega of the underlying could become too large',
  },
  SKEW_VEGA: { code: 72, scope: RiskScope.UNDERLYING, meaning: 'skew vega of the underlying could become too large' },
  WING_VEGA: { code: 73, scope: RiskScope.UNDERLYING, meaning: 'wing vega of the underlying could become too large' },
  VANNA: { code: 74, scope: RiskScope.UNDERLYING, meaning: 'vanna of the underlying could become too large' },
  VOLGA: { code: 75, scope: RiskScope.UNDERLYING, meaning: 'volga of the underlying could become too large' },
  NAKED_WINGS: { code: 76, scope: RiskScope.UNDERLYING, meaning: 'too many wings could be sold uncovered' },
  RHO: { code: 77, scope: RiskScope.UNDERLYING, meaning: 'rho of the underlying could become too large' },
  CLOCK_OFFSET: { code: 78, scope: RiskScope.EVERYTHING, meaning: 'our clock and that of the venue are too far apart' },
  ACK_LATENCY: { code: 79, scope: RiskScope.EVERYTHING, meaning: 'the venue answers too slowly' },
  PERPETUAL_DIVERGENCE: { code: 80, scope: RiskScope.UNDERLYING, meaning: 'perpetual and index are too far apart' },
  GROSS_DELTA: { code: 81, scope: RiskScope.UNDERLYING, meaning: 'long and short deltas held are too large together' },
  UNWINDING: { code: 82, scope: RiskScope.UNDERLYING, meaning: 'what is held would cost too much to be rid of' },
  VALUE_AT_RISK: { code: 83, scope: RiskScope.UNDERLYING, meaning: 'what is held could lose too much in a bad day' },
  STRATEGY_LOSS: { code: 84, scope: RiskScope.STRATEGY, meaning: 'the loss of the strategy is too large' },
  EXPIRY_LOSS: { code: 85, scope: RiskScope.EXPIRY, meaning: 'the loss of the expiry is too large' },
  MARGIN_AFTER_FILL: {
    code: 86,
    scope: RiskScope.EVERYTHING,
    meaning: 'filled, it could tie up too much of the equity as initial margin',
  },
  MAINTENANCE: { code: 87, scope: RiskScope.EVERYTHING, meaning: 'the account is too near a liquidation' },
} as const satisfies Record<string, Check>;

export type CheckName = keyof typeof CHECKS;

/** Codes alone, for the hot path. */
export const RiskCode = Object.freeze(
  Object.fromEntries(Object.entries(CHECKS).map(([name, { code }]) => [name, code])),
) as Readonly<Record<CheckName, number>>;

const byCode = new Map(Object.values(CHECKS).map((check) => [check.code as number, check as Check]));

/** What a refusal's code means, for people. */
export function checkOfCode(code: number): { scope: RiskScopeCode; meaning: string } | undefined {
  return byCode.get(code);
}
