import { expect, it } from 'vitest';
import { changeOf } from './alert-history.js';

it('reads what became of an alert out of the line that the engine logs', () => {
  const line =
    'alerts: critical: price-jump.btc is firing, was normal (1 against 0): change(anomaly_count.jump.*, 1m) > 0';
  expect(changeOf(line, 7)).toEqual({
    time: 7,
    severity: 'critical',
    alert: 'price-jump.btc',
    now: 'firing',
    before: 'normal',
    found: '1 against 0',
  });
});

it('passes over what the log says of other things', () => {
  expect(changeOf('supervisor: all threads turn again: new risk is allowed', 7)).toBeUndefined();
  expect(changeOf('alerts: the rules were read again', 7)).toBeUndefined();
});
