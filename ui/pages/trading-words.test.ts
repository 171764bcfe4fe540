import { expect, it } from 'vitest';
import { TradingState } from '../../schemas/generated/trading-state.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { notReady } from './codes.js';
import { tradingWords } from './trading-words.js';

it.each([
  ['ready alone', 3, 0, 'ready'],
  ['what stands against new risk', 4, 1 << notReady.indexOf('positions differ'), 'DEGRADED: positions differ'],
])('says %s', (_what, state, reasons, words) => {
  const trading = new TradingState().__init(0, new ViewBuffer(new ArrayBuffer(TradingState.sizeOf())));
  trading.mutate_state(state);
  trading.mutate_reasons(reasons);
  expect(tradingWords(trading)).toBe(words);
});
