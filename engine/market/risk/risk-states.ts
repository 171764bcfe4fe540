import type { Cells } from '../orders/cells.js';

/** How much may be done, worse with every number. */
export const RiskMode = { ACTIVE: 1, REDUCING: 2, HALTED: 3 } as const;

/** What a state is of, as RiskState records tell it. */
export const StateScope = { EVERYTHING: 1, STRATEGY: 2, UNDERLYING: 3, EXPIRY: 4 } as const;

export const MOST_STRATEGIES = 64;

/**
 * The state of everything, of each strategy, of each underlying and of each expiry. What holds for an order is the worst of those that
 * it falls under.
 */
export class RiskStates {
  private readonly modes: Int32Array;
  private readonly underlyings: number;
  private readonly expiries: number;

  constructor(cells: Cells, underlyings: number, expiries: number) {
    this.underlyings = underlyings;
    this.expiries = expiries;
    this.modes = cells.int32(
      1 + MOST_STRATEGIES + underlyings + expiries,
      'modes: everything, strategies, underlyings, expiries',
    );
  }

  /** Place of a scope; -1 where there is none. A strategy's number wraps into those that there is room for. */
  placeOf(scope: number, key: number): number {
    switch (scope) {
      case StateScope.EVERYTHING:
        return 0;
      case StateScope.STRATEGY:
        return 1 + (key & (MOST_STRATEGIES - 1));
      case StateScope.UNDERLYING:
        return key < this.underlyings ? 1 + MOST_STRATEGIES + key : -1;
      case StateScope.EXPIRY:
        return key >= 0 && key < this.expiries ? 1 + MOST_STRATEGIES + this.underlyings + key : -1;
      default:
        return -1;
    }
  }

  /** The state at a place; what was never moved is active. */
  at(place: number): number {
    return this.modes[place]! || RiskMode.ACTIVE;
  }

  /** Moves a place to a state; the one before. */
  move(place: number, mode: number): number {
    const before = this.at(place);
    this.modes[place] = mode;
    return before;
  }

  /** What holds for an order of this strategy, underlying and expiry. */
  worst(strategy: number, underlying: number, expiry: number): number {
    const ofStrategy = this.ofStrategy(strategy);
    const ofBook = this.worstOfBook(underlying, expiry);
    return ofStrategy > ofBook ? ofStrategy : ofBook;
  }

  ofStrategy(strategy: number): number {
    return this.modes[1 + (strategy & (MOST_STRATEGIES - 1))]!;
  }

  /** What holds for an underlying and an expiry, whatever the strategy. */
  worstOfBook(underlying: number, expiry: number): number {
    const { modes } = this;
    let worst = modes[0]!;
    if (underlying >= 0) {
      const ofUnderlying = modes[1 + MOST_STRATEGIES + underlying]!;
      if (ofUnderlying > worst) worst = ofUnderlying;
    }
    if (expiry >= 0) {
      const ofExpiry = modes[1 + MOST_STRATEGIES + this.underlyings + expiry]!;
      if (ofExpiry > worst) worst = ofExpiry;
    }
    return worst === 0 ? RiskMode.ACTIVE : worst;
  }
}
