import { expect, test } from 'vitest';
import { tradingSettings } from '../testing/trading/simulated-venue.js';
import { topology } from '../topology.js';

test('every order of the largest table has a place on the screen: half of them were open and not shown', () => {
  const settings = tradingSettings('ws://127.0.0.1:1');
  const { actors } = topology({ ...settings, core: { ...settings.core, instruments: 1 << 14 } });
  const orders = actors.find(({ name }) => name === 'orders')!.config as { orders: number };
  const shown = actors.flatMap((actor) => actor.shows ?? []).find(({ name }) => name === 'orders-shown')!;
  expect(shown.keys).toBeGreaterThanOrEqual(orders.orders);
});
