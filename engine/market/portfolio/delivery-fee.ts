import { Contract, isInverse, isOption } from './contract.js';

/** Deribit's fees of a delivery: parts of the amount of an option, and of the value of a future. */
const OPTION_RATE = 0.000_15;
const FUTURE_RATE = 0.000_25;
/** An option's fee is at most this part of what it pays. */
const MOST_OF_PAYOFF = 0.125;
/** Options that live no longer are daily ones: they are delivered without a fee. */
const DAILY_MICROS = 4 * 86_400e6;

/**
 * What the venue takes for a delivery, settlement currency. A venue tells no trade of it, so that nobody but us counts it.
 * @param amount that is delivered, the venue's amount unit, positive
 * @param delivery price of the underlying, USD
 * @param payoff of one unit, the venue's price unit
 * @param lifetimeMicros from the listing to the expiry
 * @see https://www.deribit.com/kb/fees
 */
export function deliveryFee(
  contract: number,
  amount: number,
  delivery: number,
  payoff: number,
  lifetimeMicros: number,
): number {
  if (isOption(contract)) {
    if (lifetimeMicros <= DAILY_MICROS) return 0;
    const unit = isInverse(contract) ? 1 : delivery;
    return Math.min(OPTION_RATE * unit, MOST_OF_PAYOFF * payoff) * amount;
  }
  return FUTURE_RATE * (contract === Contract.FUTURE_INVERSE ? amount / delivery : amount * delivery);
}
