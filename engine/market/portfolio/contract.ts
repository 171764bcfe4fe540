import { type Instrument, InstrumentKind } from '../instrument.js';

/**
 * How an instrument turns prices into money. Profit is size times the change of `value(price)`:
 *
 * - options and linear futures: value = price, in the currency of the price;
 * - inverse futures: size is in USD and profit in coin, so value = -1 / price.
 *
 * With this one function an average, a profit and a mark are the same arithmetic for every contract.
 */
export const Contract = {
  NONE: 0,
  OPTION_INVERSE: 1,
  OPTION_LINEAR: 2,
  FUTURE_INVERSE: 3,
  FUTURE_LINEAR: 4,
} as const;

export type ContractCode = (typeof Contract)[keyof typeof Contract];

export function contractOf(instrument: Pick<Instrument, 'kind' | 'inverse'>): ContractCode {
  const { kind, inverse } = instrument;
  if (kind === InstrumentKind.OPTION) return inverse ? Contract.OPTION_INVERSE : Contract.OPTION_LINEAR;
  if (kind === InstrumentKind.FUTURE || kind === InstrumentKind.PERPETUAL) {
    return inverse ? Contract.FUTURE_INVERSE : Contract.FUTURE_LINEAR;
  }
  return Contract.NONE;
}

export function isOption(contract: number): boolean {
  return contract === Contract.OPTION_INVERSE || contract === Contract.OPTION_LINEAR;
}

/** Whether profit is paid in the coin that is traded. */
export function isInverse(contract: number): boolean {
  return contract === Contract.OPTION_INVERSE || contract === Contract.FUTURE_INVERSE;
}

/**
 * What one unit of an option pays at delivery, in the venue's price unit; the delivery price itself for a future.
 * @param delivery price of the underlying, USD
 */
export function payoffAt(contract: number, delivery: number, strike: number, isCall: boolean): number {
  if (!isOption(contract)) return delivery;
  const inTheMoney = isCall ? delivery - strike : strike - delivery;
  if (!(inTheMoney > 0)) return 0;
  return contract === Contract.OPTION_INVERSE ? inTheMoney / delivery : inTheMoney;
}
