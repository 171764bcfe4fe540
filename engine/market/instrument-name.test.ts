import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../testing/shared-data.js';
import { formatInstrumentName, NEVER, parseInstrumentName } from './instrument-name.js';

const at = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day, 8) * 1000;

describe('an instrument name', () => {
  test.each([
    ['BTC-PERPETUAL', { kind: 'perpetual', base: 'BTC', quote: undefined }],
    ['BTC_USDC-PERPETUAL', { kind: 'perpetual', base: 'BTC', quote: 'USDC' }],
    ['ETH_USDC', { kind: 'spot', base: 'ETH', quote: 'USDC' }],
    ['BTC-25MAR23', { kind: 'future', base: 'BTC', quote: undefined, expiry: at(2023, 3, 25) }],
    [
      'BTC-6AUG21-40000-C',
      { kind: 'option', base: 'BTC', quote: undefined, expiry: at(2021, 8, 6), strike: 40000, right: 'call' },
    ],
    [
      'XRP_USDC-30JUN23-0d625-P',
      { kind: 'option', base: 'XRP', quote: 'USDC', expiry: at(2023, 6, 30), strike: 0.625, right: 'put' },
    ],
    [
      'MATIC_USDC-9MAR24-1d02-C',
      { kind: 'option', base: 'MATIC', quote: 'USDC', expiry: at(2024, 3, 9), strike: 1.02, right: 'call' },
    ],
    [
      'BTC-FS-30SEP22_PERP',
      { kind: 'combo', base: 'BTC', quote: undefined, strategy: 'FS', expiries: [at(2022, 9, 30), NEVER], strikes: [] },
    ],
    [
      'BTC-STRD-30SEP22-20000',
      { kind: 'combo', base: 'BTC', quote: undefined, strategy: 'STRD', expiries: [at(2022, 9, 30)], strikes: [20000] },
    ],
    [
      'BTC-CSR12-16SEP22-21000_23000',
      {
        kind: 'combo',
        base: 'BTC',
        quote: undefined,
        strategy: 'CSR12',
        expiries: [at(2022, 9, 16)],
        strikes: [21000, 23000],
      },
    ],
  ])('%s is understood, and written the same way again', (name, meaning) => {
    expect(parseInstrumentName(name)).toEqual(meaning);
    expect(formatInstrumentName(parseInstrumentName(name)!)).toBe(name);
  });

  test.each([
    '',
    'BTC',
    'BTC-',
    'btc-PERPETUAL',
    'BTC-31FEB23',
    'BTC-0JAN23',
    'BTC-25MRZ23',
    'BTC-25MAR23-C',
    'BTC-25MAR23-0-C',
    'BTC-25MAR23-1.5-C',
    'BTC-25MAR23-d5-C',
    'BTC-25MAR23-100-X',
    'BTC-25MAR23-100-C-1',
    'BTC_USD_C-PERPETUAL',
    'BTC-PERPETUAL-1',
    'BTC-CS-25MAR23-1-2',
  ])('%j is none', (name) => {
    expect(parseInstrumentName(name)).toBeUndefined();
  });

  test('of any option is read back as what it was written from', () => {
    const option = fc.record({
      kind: fc.constant('option' as const),
      base: fc.constantFrom('BTC', 'ETH', 'SOL', 'XRP'),
      quote: fc.constantFrom(undefined, 'USDC', 'USDT'),
      expiry: fc.integer({ min: 0, max: 36_000 }).map((day) => at(2000, 1, 1) + day * 86_400_000_000),
      strike: fc.oneof(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 999_999 }).map((n) => n / 100_000),
      ),
      right: fc.constantFrom('call' as const, 'put' as const),
    });
    fc.assert(
      fc.property(option, (instrument) => {
        expect(parseInstrumentName(formatInstrumentName(instrument))).toEqual(instrument);
      }),
      { numRuns: 5000 },
    );
  });
});

const recorded = sharedData('deribit/ws-2021-07-22/DERIBIT.0.jsonl');
const chains = ['chain_2026-01', 'chain_2026-04'].map((name) => sharedData(`deribit/chains-2026/${name}.csv.gz`));

describe.skipIf(recorded === undefined || chains.includes(undefined))(
  'recorded names (skipped where ../shared/data is absent)',
  () => {
    test('are all understood and written the same way again', () => {
      const names = new Set<string>();
      for (const match of readFileSync(recorded!, 'utf8').matchAll(/"instrument_name":"([^"]+)"/g))
        names.add(match[1]!);
      for (const chain of chains) {
        for (const match of gunzipSync(readFileSync(chain!))
          .toString()
          .matchAll(/[A-Z_]+-\d{1,2}[A-Z]{3}\d{2}-[\dd]+-[CP]/g)) {
          names.add(match[0]);
        }
      }
      expect(names.size).toBeGreaterThan(2000);
      for (const name of names) expect(formatInstrumentName(parseInstrumentName(name)!)).toBe(name);
    });
  },
);
