import type { Instrument } from '../../../engine/market/instrument.js';
import { contractOf, isInverse, isOption } from '../../../engine/market/portfolio/contract.js';

/** An option's fee is at most this part of its price. */
const MOST_OF_PRICE = 0.125;

/**
 * Fee of a trade, settlement currency, by the rates of the instrument's definition: options a part of the underlying (one coin, or the index where
 * prices are in dollars), at most an eighth of the price; futures a part of the value.
 *
 * @param index USD; of linear options alone
 */
export function feeOf(instrument: Instrument, isMaker: boolean, amount: number, price: number, index: number): number {
  const rate = isMaker ? instrument.makerFee : instrument.takerFee;
  if (!Number.isFinite(rate)) return 0;
  const contract = contractOf(instrument);
  if (isOption(contract)) {
    const perUnit = rate * (isInverse(contract) ? 1 : index);
    return amount * Math.min(perUnit, MOST_OF_PRICE * price);
  }
  return rate * (isInverse(contract) ? amount / price : amount * price);
}
