import { clock, fixed, price, signed, tickPrice, vol } from '../format.js';
import { trades } from '../topics/pages.js';
import { bitNames, listing, signTone } from './listing.js';
import { isOfUnderlying } from './of-target.js';
import type { OpenPage } from './page.js';
import { underlyingBar } from './target-bar.js';

/** Bits 2 to 5 of Trade.flags. */
const marks = ['maker liquidated', 'taker liquidated', 'block', 'combination'];

/** Trades of the market as they are told, the newest first. */
export const open: OpenPage = (host) => {
  const tail = host.tail(trades);
  const bar = underlyingBar(host, 'TAS');
  let ages: number[] = [];
  const row = (place: number) => tail.at(ages[place]!);
  /** 1 where the buyer took, -1 where the seller did. */
  const ticked = (place: number, value: number) =>
    tickPrice(value, host.markets.row(row(place).instrument())?.tickSize());
  const aggressor = (place: number) => [0, 1, -1][row(place).flags() & 3] ?? 0;
  return listing(host, {
    label: 'Trades of the market',
    empty: 'No trade of the market yet since the engine began. Each appears here as the feed tells it.',
    above: bar.element,
    rows: () => ages.length,
    columns: [
      { title: 'time', unit: 'UTC', width: 12, words: true, text: (place) => clock(row(place).exchangeTime(), true) },
      {
        title: 'instrument',
        width: 22,
        words: true,
        text: (place) => host.markets.name(row(place).instrument()),
        tone: () => 'mark',
      },
      {
        title: 'taker',
        width: 6,
        words: true,
        text: (place) => ['?', 'buyer', 'seller'][row(place).flags() & 3] ?? '?',
        tone: (place) => signTone(aggressor(place)),
      },
      {
        title: 'price',
        width: 9,
        text: (place) => ticked(place, row(place).price()),
        tone: (place) => signTone(aggressor(place)),
      },
      { title: 'amount', width: 10, text: (place) => fixed(row(place).amount(), 1) },
      { title: 'vol', unit: '%', width: 6, text: (place) => vol(row(place).iv()) },
      { title: 'mark', width: 9, text: (place) => price(row(place).markPrice()) },
      {
        title: 'from mark',
        width: 10,
        text: (place) => signed(row(place).price() - row(place).markPrice(), 5),
        tone: (place) => signTone(row(place).price() - row(place).markPrice()),
      },
      { title: 'index', unit: 'USD', width: 9, text: (place) => price(row(place).indexPrice()) },
      { title: 'of note', width: 18, words: true, text: (place) => bitNames(row(place).flags() >> 2, marks) },
      { title: 'trade', width: 12, text: (place) => fixed(row(place).tradeId(), 0), tone: () => 'dim' },
    ],
    drawAlso() {
      bar.draw();
      ages = [];
      for (let age = 0; age < tail.count; age++) {
        if (isOfUnderlying(host, tail.at(age).instrument())) ages.push(age);
      }
    },
  });
};
