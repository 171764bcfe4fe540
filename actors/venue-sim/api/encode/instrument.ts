import { type Instrument, InstrumentKind, LifeCycle } from '../../../../engine/market/instrument.js';
import type { InstrumentTable } from '../../exchange/instruments.js';

/** What the venue says of an instrument that never expires. */
const FAR_FUTURE_MS = 32_503_708_800_000;

const stateNames: Record<number, string> = {
  [LifeCycle.NEW]: 'inactive',
  [LifeCycle.OPEN]: 'open',
  [LifeCycle.HALTED]: 'halted',
  [LifeCycle.SETTLING]: 'settlement',
  [LifeCycle.EXPIRED]: 'delivered',
};

/** An instrument's definition as JSON. @param kind in the venue's words */
export function instrumentJson(instruments: InstrumentTable, id: number, kind: string): string {
  const definition = instruments.definitions[id]!;
  const isOption = definition.kind === InstrumentKind.OPTION;
  const isPerpetual = definition.kind === InstrumentKind.PERPETUAL;
  const expires = isPerpetual ? FAR_FUTURE_MS : definition.expiry / 1000;
  const period = isPerpetual ? 'perpetual' : settlementPeriod(definition);
  const state = instruments.state[id]!;
  return JSON.stringify({
    instrument_id: id + 1,
    instrument_name: definition.name,
    kind,
    base_currency: definition.baseCurrency,
    quote_currency: definition.quoteCurrency,
    counter_currency: definition.counterCurrency,
    settlement_currency: definition.settlementCurrency,
    price_index: definition.priceIndex,
    settlement_period: period,
    instrument_type: definition.inverse ? 'reversed' : 'linear',
    ...(isOption ? { option_type: definition.right, strike: definition.strike } : { max_leverage: 50 }),
    is_active: state === LifeCycle.OPEN || state === LifeCycle.SETTLING,
    state: stateNames[state],
    creation_timestamp: Math.floor(definition.created / 1000),
    expiration_timestamp: Number.isFinite(expires) ? expires : FAR_FUTURE_MS,
    contract_size: definition.contractSize,
    min_trade_amount: definition.minimumAmount,
    tick_size: definition.tickSize,
    tick_size_steps: definition.tickSteps.map(({ abovePrice, tickSize }) => ({
      above_price: abovePrice,
      tick_size: tickSize,
    })),
    maker_commission: definition.makerFee,
    taker_commission: definition.takerFee,
    block_trade_commission: definition.takerFee,
    block_trade_tick_size: definition.tickSize,
    block_trade_min_trade_amount: isOption ? 25 : 200_000,
    rfq: false,
  });
}

const DAY_MS = 86_400_000;
const FRIDAY = 5;
const LAST_MONTH_OF_QUARTER = 2;
const MONTHS_OF_QUARTER = 3;

/** Whether an expiry is a daily, a weekly, a monthly or a quarterly one. */
function settlementPeriod({ expiry }: Instrument): string {
  const date = new Date(expiry / 1000);
  if (date.getUTCDay() !== FRIDAY) return 'day';
  const isLastFriday = new Date(expiry / 1000 + 7 * DAY_MS).getUTCMonth() !== date.getUTCMonth();
  if (!isLastFriday) return 'week';
  return date.getUTCMonth() % MONTHS_OF_QUARTER === LAST_MONTH_OF_QUARTER ? 'quarter' : 'month';
}
