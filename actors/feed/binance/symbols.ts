import { z } from 'zod';
import { type Instrument, InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { NEVER } from '../../../engine/market/instrument-name.js';

const exchangeInfo = z.object({ symbols: z.array(z.unknown()) });

const symbol = z.object({
  symbol: z.string(),
  contractType: z.string(),
  baseAsset: z.string(),
  quoteAsset: z.string(),
  marginAsset: z.string(),
  /** Of contracts settled in coin: USD in one contract. */
  contractSize: z.number().positive().optional(),
  onboardDate: z.number().optional(),
  deliveryDate: z.number().optional(),
  status: z.string().optional(),
  contractStatus: z.string().optional(),
  filters: z.array(
    z.looseObject({ filterType: z.string(), tickSize: z.string().optional(), stepSize: z.string().optional() }),
  ),
});

/** The perpetuals and futures that `GET exchangeInfo` lists under these symbols. Throws where one is not there or not understood. */
export function readSymbols(answer: unknown, wanted: readonly string[], venue: number): Instrument[] {
  const { symbols } = exchangeInfo.parse(answer);
  return wanted.map((name) => {
    const entry = symbols.find((each) => (each as { symbol?: unknown } | null)?.symbol === name);
    if (entry === undefined) throw new Error(`the venue does not list '${name}'`);
    return readSymbol(entry, venue);
  });
}

function readSymbol(entry: unknown, venue: number): Instrument {
  const parsed = symbol.safeParse(entry);
  if (!parsed.success) throw new Error(`a symbol of another form than documented: ${z.prettifyError(parsed.error)}`);
  const given = parsed.data;
  const step = (filter: string, field: 'tickSize' | 'stepSize'): number => {
    const value = Number(given.filters.find(({ filterType }) => filterType === filter)?.[field]);
    if (!(value > 0)) throw new Error(`'${given.symbol}' has no ${field} in its filter ${filter}`);
    return value;
  };
  const isPerpetual = given.contractType === 'PERPETUAL';
  const lot = step('LOT_SIZE', 'stepSize');
  return {
    venue,
    kind: isPerpetual ? InstrumentKind.PERPETUAL : InstrumentKind.FUTURE,
    name: given.symbol,
    baseCurrency: given.baseAsset,
    quoteCurrency: given.quoteAsset,
    settlementCurrency: given.marginAsset,
    counterCurrency: given.quoteAsset,
    priceIndex: `${given.baseAsset}${given.quoteAsset}`,
    inverse: given.marginAsset === given.baseAsset,
    state: (given.status ?? given.contractStatus) === 'TRADING' ? LifeCycle.OPEN : LifeCycle.HALTED,
    strike: Number.NaN,
    expiry: isPerpetual ? NEVER : (given.deliveryDate ?? 0) * 1000,
    created: (given.onboardDate ?? 0) * 1000,
    contractSize: given.contractSize ?? 1,
    minimumAmount: lot,
    tickSize: step('PRICE_FILTER', 'tickSize'),
    tickSteps: [],
    makerFee: Number.NaN,
    takerFee: Number.NaN,
    legs: [],
  };
}
