import { expect, it } from 'vitest';
import { DEFAULT_CREDITS } from '../../engine/market/orders/credit-buckets.js';
import { SIMULATION_LIMITS } from '../../engine/market/risk/limits.js';
import { FULL_AT, ordersConfig } from './orders-config.js';

it('the limit on orders at work is reached before the table of orders is called full, which would stop hedges too', () => {
  const { orders } = ordersConfig(4096, DEFAULT_CREDITS, true);
  expect(FULL_AT * orders).toBeGreaterThan(SIMULATION_LIMITS.openOrders);
});
