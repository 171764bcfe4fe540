import type { RiskState } from '../../schemas/generated/risk-state.js';
import { expiryName } from '../command/target.js';
import { nameOf, strategies } from './codes.js';

const STRATEGY = 2;
const UNDERLYING = 3;
const EXPIRY = 4;

/** Which strategy, underlying or expiry a state of risk is of; nothing where it is of everything. */
export function scopeOf(state: RiskState, underlyingName: (underlying: number) => string): string {
  switch (state.scope()) {
    case STRATEGY:
      return nameOf(strategies, state.key());
    case UNDERLYING:
      return underlyingName(state.key());
    case EXPIRY:
      return `${underlyingName(state.key())} ${expiryName(state.expiry())}`;
    default:
      return '';
  }
}
