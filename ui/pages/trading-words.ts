import type { TradingState } from '../../schemas/generated/trading-state.js';
import { nameOf, notReady, tradingStates } from './codes.js';
import { bitNames } from './listing.js';

const READY = 3;

export function isReady(trading: TradingState): boolean {
  return trading.state() === READY;
}

/** Whether orders that add risk are sent, and what stands against it. */
export function tradingWords(trading: TradingState): string {
  const why = isReady(trading) ? '' : bitNames(trading.reasons(), notReady);
  return `${nameOf(tradingStates, trading.state())}${why === '' ? '' : `: ${why}`}`;
}
