import { describe, expect, test } from 'vitest';
import { type Instrument, InstrumentKind } from '../../../engine/market/instrument.js';
import { sharedData } from '../../../engine/testing/shared-data.js';
import { readRecording } from '../../recording-server/recording.js';
import { type ChainFilter, chooseChain } from './chain-filter.js';
import { channelsOf } from './channels.js';
import { readInstrument } from './instruments.js';

const path = sharedData('deribit/ws-2021-07-22');
const DAY = 86_400_000_000;

describe.skipIf(path === undefined)(
  'what the filter chooses of the chain of 2021-07-22 (skipped where ../shared/data is absent)',
  () => {
    const recording = path === undefined ? undefined : readRecording(path);
    const lists = (recording?.answers ?? [])
      .filter(({ url }) => /currency=(BTC|ETH)/.test(url))
      .flatMap(({ bytes }) => (JSON.parse(bytes.toString()) as { result: unknown[] }).result);
    const instruments = lists.map((entry) => readInstrument(entry, 1));
    const now = recording?.startMicros ?? 0;
    const index = (name: string) => ({ btc_usd: 32_180, eth_usd: 2004 })[name];

    const choose = (
      filter: Omit<ChainFilter, 'currencies'>,
      at = now,
      delta: (name: string) => number | undefined = () => undefined,
    ) => chooseChain(instruments, { currencies: ['BTC', 'ETH'], ...filter }, { now: at, index, delta });
    const options = (chosen: Instrument[]) => chosen.filter(({ kind }) => kind === InstrumentKind.OPTION);

    test('is everything that lives, where nothing restricts it', () => {
      const { followed, withBooks } = choose({});
      expect(followed).toHaveLength(824);
      expect(withBooks).toEqual(followed);
    });

    test('leaves out what has expired as time goes on', () => {
      const later = now + 2 * DAY;
      const { followed } = choose({}, later);
      expect(followed.length).toBeLessThan(824);
      expect(followed.every(({ expiry }) => expiry > later)).toBe(true);
    });

    test('keeps the nearest expiries of each underlying, and all futures', () => {
      const { followed } = choose({ expiries: 2 });
      for (const currency of ['BTC', 'ETH']) {
        const expiries = new Set(
          options(followed)
            .filter((each) => each.baseCurrency === currency)
            .map(({ expiry }) => expiry),
        );
        expect(expiries.size).toBe(2);
      }
      expect(followed.length - options(followed).length).toBe(16);
    });

    test('keeps strikes near the money and expiries within a time', () => {
      const { followed } = choose({ logMoneyness: 0.2, expiresWithin: 30 * DAY });
      expect(options(followed).length).toBeGreaterThan(20);
      for (const { strike, priceIndex, expiry } of options(followed)) {
        expect(Math.abs(Math.log(strike / index(priceIndex)!))).toBeLessThanOrEqual(0.2);
        expect(expiry - now).toBeLessThanOrEqual(30 * DAY);
      }
    });

    test('follows the tickers, but not the books, of options outside the deltas', () => {
      const far = options(instruments)[0]!.name;
      const { followed, withBooks } = choose({ deltas: { least: 0.05, most: 0.95 } }, now, (name) =>
        name === far ? -0.01 : undefined,
      );
      expect(followed).toHaveLength(824);
      expect(withBooks.map(({ name }) => name)).not.toContain(far);
      const channels = channelsOf(followed, withBooks, 'raw');
      expect(channels).toContain(`ticker.${far}.raw`);
      expect(channels).not.toContain(`book.${far}.raw`);
      expect(channels).toContain('deribit_price_index.btc_usd');
      expect(channels).toContain('instrument.state.option.ETH');
    });

    test('and keeps a book that it has until the delta is well beyond the bound', () => {
      const { name: near } = options(instruments)[0]!;
      let held = false;
      const booksAt = (delta: number): boolean => {
        const view = { now, index, delta: (name: string) => (name === near ? delta : undefined), hasBook: () => held };
        const filter = { currencies: ['BTC', 'ETH'], deltas: { least: 0.05, most: 0.95 } };
        held = chooseChain(instruments, filter, view).withBooks.some(({ name }) => name === near);
        return held;
      };
      expect([0.049, 0.051, 0.049, 0.045, 0.039, 0.045, 0.051].map(booksAt)).toEqual([
        false,
        true,
        true,
        true,
        false,
        false,
        true,
      ]);
      expect([-0.955, -0.962, -0.955].map(booksAt)).toEqual([true, false, false]);
    });
  },
);
