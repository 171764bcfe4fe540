import { describe, expect, it } from 'vitest';
import { inversePrice } from '../quant/black76/index.js';
import { deribitExpiry, parseChains } from './chain-csv.js';

const NOON = Date.UTC(2026, 0, 1, 12);
const YEAR = 365 * 86_400_000;

describe('chain CSV', () => {
  it('turns coin prices into vols, one chain for every time and currency', () => {
    const T = (deribitExpiry('16JAN26') - NOON) / YEAR;
    const coin = (strike: number, sigma: number, isCall: boolean): number =>
      inversePrice(90_000, strike, T, sigma, isCall);
    const chains = parseChains(
      [
        'ts_ms,instrument,bid,ask,mark,mark_iv,underlying',
        `${NOON},BTC-16JAN26-100000-C,${coin(100_000, 0.5, true)},${coin(100_000, 0.52, true)},0.003,0.51,90000`,
        `${NOON},BTC-16JAN26-100000-P,0.12,0.13,0.125,0.51,90000`,
        `${NOON},BTC-16JAN26-80000-P,,${coin(80_000, 0.6, false)},0.003,0.58,90000`,
        `${NOON},ETH-2JAN26-3000d5-C,0.01,0.02,0.015,0.7,3000`,
      ].join('\n'),
    );
    expect(chains.map(({ currency, time }) => [currency, time])).toEqual([
      ['BTC', NOON],
      ['ETH', NOON],
    ]);
    const [expiry] = chains[0]!.expiries;
    expect(expiry).toMatchObject({ label: '16JAN26', F: 90_000 });
    expect(expiry!.T).toBe(T);
    // The put at 100,000 is in the money and so left out; strikes ascend.
    expect(expiry!.quotes.map(({ K }) => K)).toEqual([80_000, 100_000]);
    expect(expiry!.quotes[0]!.bidIv).toBeNaN();
    expect(expiry!.quotes[0]!.askIv).toBeCloseTo(0.6, 12);
    expect(expiry!.quotes[1]!.bidIv).toBeCloseTo(0.5, 12);
    expect(expiry!.quotes[1]!.markIv).toBe(0.51);
    expect(chains[1]!.expiries[0]!.quotes[0]!.K).toBe(3000.5);
  });

  it('reads vols as they are, past comments', () => {
    const [chain] = parseChains(
      '# source\nexpiry,T,forward,strike,type,bid_iv,ask_iv\n1w,0.02,100,110,C,0.5,0.6\n1w,0.02,100,90,P,0.55,\n',
    );
    expect(chain!.expiries).toEqual([
      {
        label: '1w',
        T: 0.02,
        F: 100,
        quotes: [
          { K: 90, bidIv: 0.55, askIv: Number.NaN, markIv: Number.NaN },
          { K: 110, bidIv: 0.5, askIv: 0.6, markIv: Number.NaN },
        ],
      },
    ]);
  });

  it('names the line that it cannot read', () => {
    expect(() => parseChains('')).toThrow(/found none/);
    expect(() => parseChains('a,b\n1,2')).toThrow(/expiry, T, forward.* not found/);
    expect(() => parseChains('expiry,T,forward,strike,type,bid_iv,ask_iv\n1w,0.02,100')).toThrow(
      /line 2: expected 7 cells, found 3/,
    );
    expect(() => parseChains('expiry,T,forward,strike,type,bid_iv,ask_iv\n1w,0.02,100,110,X,0.5,0.6')).toThrow(
      /line 2: type must be C or P/,
    );
    expect(() => parseChains('ts_ms,instrument,bid,ask,mark_iv,underlying\n1,BTC-PERPETUAL,1,2,3,4')).toThrow(
      /line 2: .*BTC-PERPETUAL/,
    );
  });

  it('knows when a venue date expires, and what is not one', () => {
    expect(deribitExpiry('2JAN26')).toBe(Date.UTC(2026, 0, 2, 8));
    expect(deribitExpiry('25DEC26')).toBe(Date.UTC(2026, 11, 25, 8));
    expect(deribitExpiry('PERPETUAL')).toBeNaN();
    expect(deribitExpiry('2FOO26')).toBeNaN();
  });
});
