import { expect, test } from 'vitest';
import { black76Price } from '../../index.js';
import { hestonCall } from './heston.js';
import { PAPER_STRIKES, paperCall } from './paper-book.js';

const model = { nu0: 0.0225, kappa: 3, theta: 0.0225, xi: 0.2, rho: -0.5 };

test('prices of the options market-making paper, which QuantLib gives too', () => {
  const known = [2.059718, 1.217751, 0.586022, 0.217801, 0.061278];
  const prices = PAPER_STRIKES.map((strike) => paperCall(strike, 1).price);
  for (const [place, price] of prices.entries()) expect(price).toBeCloseTo(known[place]!, 6);
});

test('a vol of variance near 0 leaves Black-76 at the mean variance', () => {
  const flat = { ...model, theta: model.nu0, xi: 1e-4, rho: 0 };
  for (const strike of PAPER_STRIKES) {
    expect(hestonCall(10, strike, 0.5, flat).price).toBeCloseTo(black76Price(10, strike, 0.5, 0.15, true), 8);
  }
});

test('vega is the slope of the price by the current vol', () => {
  const h = 1e-4;
  for (const [K, T] of [
    [9, 0.05],
    [10, 1],
    [13, 3],
  ] as const) {
    const price = (vol: number): number => hestonCall(10, K, T, { ...model, nu0: vol * vol }).price;
    expect(hestonCall(10, K, T, model).vega).toBeCloseTo((price(0.15 + h) - price(0.15 - h)) / (2 * h), 6);
  }
});

test('price and vega grow with the size of the underlying', () => {
  const one = hestonCall(1, 1.1, 0.25, model);
  const large = hestonCall(60_000, 66_000, 0.25, model);
  expect(large.price / one.price).toBeCloseTo(60_000, 5);
  expect(large.vega / one.vega).toBeCloseTo(60_000, 5);
});

test('parameters outside their domain are refused', () => {
  expect(() => hestonCall(10, 9, 0, model)).toThrow('hestonCall: T must be a finite number above 0, not 0');
  expect(() => hestonCall(10, 9, 1, { ...model, rho: 1 })).toThrow('rho must be a correlation between -1 and 1');
});
