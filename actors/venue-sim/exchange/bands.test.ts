import { describe, expect, it } from 'vitest';
import { readRows } from '../../../engine/testing/csv.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { defaultConfig } from './config.js';
import { instrumentOf } from './contracts.js';
import { Exchange } from './exchange.js';
import { silentSink } from './sink.js';

const tickers = sharedData('deribit/tickers-daily-2026-01');

function rootMeanSquare(errors: readonly number[]): number {
  return Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
}

describe('price bands', () => {
  it.skipIf(tickers === undefined)('of options are as wide as those of recorded tickers', () => {
    const above: number[] = [];
    const below: number[] = [];
    for (const day of ['14', '15', '16', '17', '18']) {
      const rows = readRows(`${tickers}/BTC_202601${day}_options_raw.csv.gz`).filter((row) => Number(row.mark_iv) > 0);
      const startTime = Math.max(...rows.map((row) => Number(row.timestamp)));
      const { instruments } = new Exchange({ ...defaultConfig, startTime }, silentSink);
      for (const row of rows) {
        const id = instruments.add(instrumentOf(row.instrument_name!));
        instruments.setMark(id, Number(row.underlying_price), Number(row.mark_iv) / 100);
        const highest = instruments.priceOf(id, instruments.highestBid(id, startTime));
        const lowest = instruments.priceOf(id, instruments.lowestAsk(id, startTime));
        above.push(highest - Number(row.max_price));
        // Where the venue's bound is the lowest price there is, it says nothing of the band.
        if (Number(row.min_price) > 0.001) below.push(lowest - Number(row.min_price));
      }
    }
    expect(above.length).toBeGreaterThan(3000);
    // The bands themselves are 0.043 wide on the average of these tickers.
    expect(rootMeanSquare(above)).toBeLessThan(0.0045);
    expect(rootMeanSquare(below)).toBeLessThan(0.003);
  });

  it('of futures are 1.5 % of the mark either way', () => {
    const { instruments } = new Exchange(defaultConfig, silentSink);
    const id = instruments.add(instrumentOf('BTC-PERPETUAL'));
    instruments.setMark(id, 96_720, 0);
    expect(instruments.priceOf(id, instruments.highestBid(id, 0))).toBe(98_171);
    expect(instruments.priceOf(id, instruments.lowestAsk(id, 0))).toBe(95_269);
  });

  it('are absent where there is no mark', () => {
    const { instruments } = new Exchange(defaultConfig, silentSink);
    const id = instruments.add(instrumentOf('BTC-PERPETUAL'));
    expect(instruments.highestBid(id, 0)).toBeGreaterThan(1e9);
    expect(instruments.lowestAsk(id, 0)).toBe(1);
  });
});
