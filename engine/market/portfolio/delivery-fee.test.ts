import { describe, expect, it } from 'vitest';
import { Contract } from './contract.js';
import { deliveryFee } from './delivery-fee.js';

const DAY = 86_400e6;

describe('the fee of a delivery', () => {
  it('is a part of an option’s amount, in coin or in dollars', () => {
    expect(deliveryFee(Contract.OPTION_INVERSE, 10, 60_000, 0.1, 30 * DAY)).toBeCloseTo(0.0015, 12);
    expect(deliveryFee(Contract.OPTION_LINEAR, 10, 60_000, 6000, 30 * DAY)).toBeCloseTo(90, 9);
  });

  it('is never more than an eighth of what the option pays, and nothing where it pays nothing', () => {
    expect(deliveryFee(Contract.OPTION_INVERSE, 10, 60_000, 0.0001, 30 * DAY)).toBeCloseTo(0.000_125, 12);
    expect(deliveryFee(Contract.OPTION_INVERSE, 10, 60_000, 0, 30 * DAY)).toBe(0);
  });

  it('is nothing for daily options, which are listed some days before', () => {
    expect(deliveryFee(Contract.OPTION_INVERSE, 10, 60_000, 0.1, 3 * DAY)).toBe(0);
  });

  it('is a part of a future’s value, in coin or in dollars', () => {
    expect(deliveryFee(Contract.FUTURE_INVERSE, 60_000, 60_000, 60_000, 90 * DAY)).toBeCloseTo(0.000_25, 12);
    expect(deliveryFee(Contract.FUTURE_LINEAR, 2, 60_000, 60_000, 90 * DAY)).toBeCloseTo(30, 9);
  });
});
