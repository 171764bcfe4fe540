import { z } from 'zod';
import {
  type Instrument,
  InstrumentKind,
  type InstrumentKindCode,
  LifeCycle,
} from '../../../engine/market/instrument.js';
import { NEVER, parseInstrumentName } from '../../../engine/market/instrument-name.js';

/** What `public/get_instruments` says of one instrument; years before 2022 leave several fields out. */
const definition = z.object({
  instrument_name: z.string(),
  kind: z.enum(['option', 'future', 'spot', 'option_combo', 'future_combo']),
  base_currency: z.string(),
  quote_currency: z.string(),
  settlement_currency: z.string().optional(),
  counter_currency: z.string().optional(),
  price_index: z.string().optional(),
  instrument_type: z.string().optional(),
  future_type: z.string().optional(),
  settlement_period: z.string().optional(),
  option_type: z.enum(['call', 'put']).optional(),
  strike: z.number().positive().optional(),
  is_active: z.boolean(),
  state: z.string().optional(),
  creation_timestamp: z.number().nonnegative(),
  expiration_timestamp: z.number().positive(),
  contract_size: z.number().positive(),
  min_trade_amount: z.number().positive(),
  tick_size: z.number().positive(),
  tick_size_steps: z.array(z.object({ above_price: z.number(), tick_size: z.number().positive() })).optional(),
  maker_commission: z.number(),
  taker_commission: z.number(),
});

const kinds: Record<z.infer<typeof definition>['kind'], InstrumentKindCode> = {
  option: InstrumentKind.OPTION,
  future: InstrumentKind.FUTURE,
  spot: InstrumentKind.SPOT,
  option_combo: InstrumentKind.OPTION_COMBO,
  future_combo: InstrumentKind.FUTURE_COMBO,
};

/**
 * The instrument that one entry of the venue's list defines. Throws where the entry is not of the documented form or
 * contradicts its own name: an instrument that cannot be understood must not be quoted.
 */
export function readInstrument(entry: unknown, venue: number): Instrument {
  const parsed = definition.safeParse(entry);
  if (!parsed.success)
    throw new Error(`an instrument of another form than documented: ${z.prettifyError(parsed.error)}`);
  const given = parsed.data;
  const name = parseInstrumentName(given.instrument_name);
  if (name === undefined) throw new Error(`'${given.instrument_name}' is no instrument name`);
  const expiry = given.settlement_period === 'perpetual' ? NEVER : given.expiration_timestamp * 1000;
  if (
    name.kind === 'option' &&
    (name.expiry !== expiry || name.strike !== given.strike || name.right !== given.option_type)
  ) {
    throw new Error(`the definition of '${given.instrument_name}' contradicts its name`);
  }
  const counter =
    given.counter_currency ?? (given.base_currency === given.quote_currency ? 'USD' : given.quote_currency);
  const type = given.instrument_type ?? given.future_type ?? (given.quote_currency === 'USDC' ? 'linear' : 'reversed');
  return {
    venue,
    kind: name.kind === 'perpetual' ? InstrumentKind.PERPETUAL : kinds[given.kind],
    name: given.instrument_name,
    baseCurrency: given.base_currency,
    quoteCurrency: given.quote_currency,
    settlementCurrency: given.settlement_currency ?? given.base_currency,
    counterCurrency: counter,
    priceIndex: given.price_index ?? `${given.base_currency}_${counter}`.toLowerCase(),
    inverse: type === 'reversed',
    ...(given.option_type === undefined ? {} : { right: given.option_type }),
    state: given.state === 'settlement' ? LifeCycle.SETTLING : given.is_active ? LifeCycle.OPEN : LifeCycle.NEW,
    strike: given.strike ?? Number.NaN,
    expiry,
    created: given.creation_timestamp * 1000,
    contractSize: given.contract_size,
    minimumAmount: given.min_trade_amount,
    tickSize: given.tick_size,
    tickSteps: (given.tick_size_steps ?? []).map((step) => ({
      abovePrice: step.above_price,
      tickSize: step.tick_size,
    })),
    makerFee: given.maker_commission,
    takerFee: given.taker_commission,
    legs: [],
  };
}
