import { expect, it } from 'vitest';
import { RiskState } from '../../schemas/generated/risk-state.js';
import { ViewBuffer } from '../../schemas/view-buffer.js';
import { scopeOf } from './risk-scope.js';

it.each([
  ['nothing more of everything', 1, 0, ''],
  ['a strategy by its name', 2, 1, 'quoter'],
  ['an underlying by its name', 3, 1, 'ETH'],
  ['an expiry by its underlying and its day', 4, 0, 'BTC 27MAR26'],
])('names of a state of risk %s', (_what, scope, key, name) => {
  const state = new RiskState().__init(0, new ViewBuffer(new ArrayBuffer(RiskState.sizeOf())));
  state.mutate_scope(scope);
  state.mutate_key(key);
  state.mutate_expiry(Date.UTC(2026, 2, 27, 8) * 1000);
  expect(scopeOf(state, (underlying) => ['BTC', 'ETH'][underlying]!)).toBe(name);
});
