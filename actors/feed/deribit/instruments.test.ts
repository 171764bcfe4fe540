import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InstrumentKind, LifeCycle } from '../../../engine/market/instrument.js';
import { NEVER } from '../../../engine/market/instrument-name.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { readInstrument } from './instruments.js';

const OPTION = {
  instrument_name: 'BTC-27DEC24-100000-C',
  kind: 'option',
  base_currency: 'BTC',
  quote_currency: 'BTC',
  counter_currency: 'USD',
  settlement_currency: 'BTC',
  price_index: 'btc_usd',
  instrument_type: 'reversed',
  settlement_period: 'month',
  option_type: 'call',
  strike: 100000,
  is_active: true,
  creation_timestamp: 1719561600000,
  expiration_timestamp: 1735286400000,
  contract_size: 1,
  min_trade_amount: 0.1,
  tick_size: 0.0001,
  tick_size_steps: [{ above_price: 0.005, tick_size: 0.0005 }],
  maker_commission: 0.0003,
  taker_commission: 0.0003,
};

describe('a definition of Deribit', () => {
  test('becomes an instrument with its ticks and currencies', () => {
    expect(readInstrument(OPTION, 1)).toMatchObject({
      kind: InstrumentKind.OPTION,
      inverse: true,
      right: 'call',
      strike: 100000,
      expiry: Date.UTC(2024, 11, 27, 8) * 1000,
      tickSteps: [{ abovePrice: 0.005, tickSize: 0.0005 }],
      counterCurrency: 'USD',
      state: LifeCycle.OPEN,
    });
  });

  test('that contradicts its own name is refused', () => {
    expect(() => readInstrument({ ...OPTION, strike: 90000 }, 1)).toThrow('contradicts its name');
    expect(() => readInstrument({ ...OPTION, expiration_timestamp: 1735300800000 }, 1)).toThrow('contradicts its name');
  });

  test('of another form is refused with what is wrong', () => {
    expect(() => readInstrument({ ...OPTION, tick_size: '0.0001' }, 1)).toThrow('tick_size');
    expect(() => readInstrument({ ...OPTION, instrument_name: 'nonsense' }, 1)).toThrow(
      "'nonsense' is no instrument name",
    );
  });
});

const recorded = sharedData('deribit/ws-2021-07-22/DERIBIT.0.jsonl');

test.skipIf(recorded === undefined)(
  'all recorded definitions are understood (skipped where ../shared/data is absent)',
  () => {
    const instruments = readFileSync(recorded!, 'utf8')
      .trim()
      .split('\n')
      .flatMap((line) => (JSON.parse(line) as { msg: { result: unknown[] } }).msg.result)
      .map((entry) => readInstrument(entry, 1));
    expect(instruments.length).toBe(398 + 426 + 177 + 16);
    const perpetual = instruments.find(({ name }) => name === 'BTC-PERPETUAL')!;
    expect(perpetual).toMatchObject({ kind: InstrumentKind.PERPETUAL, expiry: NEVER, inverse: true, contractSize: 10 });
    const linear = instruments.find(({ name }) => name === 'XRP_USDC-PERPETUAL')!;
    expect(linear).toMatchObject({ inverse: false, settlementCurrency: 'USDC', priceIndex: 'xrp_usdc' });
  },
);
