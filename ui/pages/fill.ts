import { h, setText } from '../dom.js';
import { clock, fixed, price, signed, vol } from '../format.js';
import { fills, markouts } from '../topics/pages.js';
import { nameOf, sides, strategies } from './codes.js';
import { listing, signTone } from './listing.js';
import { markoutGrid } from './markout-grid.js';
import type { OpenPage } from './page.js';
import { currencyName } from './profit.js';

const liquidity = ['?', 'maker', 'taker'];
const kinds = ['', 'told', 'inferred', 'taken back'];

/** Own trades as they are counted, the newest first. */
export const open: OpenPage = (host) => {
  const tail = host.tail(fills);
  const marks = host.table(markouts);
  const markGrid = markoutGrid(host, marks);
  const caption = h('p', 'note');
  const page = listing(host, {
    below: h('div', 'below', [caption, markGrid.element]),
    label: 'Fills',
    empty: 'No fill yet since the engine began. Each trade of ours appears here once it is counted.',
    rows: () => tail.count,
    columns: [
      { title: 'time', unit: 'UTC', width: 12, words: true, text: (place) => clock(tail.at(place).tradeTime(), true) },
      {
        title: 'instrument',
        width: 22,
        words: true,
        text: (place) => host.markets.name(tail.at(place).instrument()),
        tone: () => 'mark',
      },
      {
        title: 'side',
        width: 5,
        words: true,
        text: (place) => nameOf(sides, tail.at(place).side()),
        tone: (place) => (tail.at(place).side() === 1 ? 'up' : 'down'),
      },
      { title: 'price', width: 9, text: (place) => price(tail.at(place).price()) },
      {
        title: 'amount',
        width: 9,
        text: (place) => signed(ownAmount(place), 1),
        tone: (place) => signTone(ownAmount(place)),
      },
      { title: 'vol', unit: '%', width: 6, text: (place) => vol(tail.at(place).iv()) },
      { title: 'mark', width: 9, text: (place) => price(tail.at(place).markPrice()) },
      {
        title: 'from mark',
        width: 10,
        text: (place) => signed(fromMark(place), 5),
        tone: (place) => signTone(fromMark(place)),
      },
      { title: 'fees', width: 11, text: (place) => signed(-tail.at(place).fee(), 6) },
      {
        title: 'in',
        width: 5,
        words: true,
        text: (place) => {
          const code = tail.at(place).feeCurrency();
          return code === null ? '' : currencyName(code.word0(), code.word1());
        },
      },
      { title: 'as', width: 6, words: true, text: (place) => nameOf(liquidity, tail.at(place).liquidity()) },
      { title: 'by', width: 8, words: true, text: (place) => nameOf(strategies, tail.at(place).strategy()) },
      { title: 'kind', width: 10, words: true, text: (place) => nameOf(kinds, tail.at(place).kind()) },
      { title: 'number', width: 8, text: (place) => fixed(tail.at(place).number(), 0), tone: () => 'dim' },
    ],
    drawAlso() {
      setText(
        caption,
        marks.count === 0
          ? 'Markouts come with the first fill of an option: a second, ten and sixty after it.'
          : 'What fills were worth later, the newest of each kind: tenor, delta, and whether we took',
      );
      markGrid.element.hidden = marks.count === 0;
      markGrid.draw();
    },
  });
  return {
    ...page,
    resized() {
      page.resized?.();
      markGrid.resized();
    },
    csv: () => `${page.csv?.() ?? ''}\n${markGrid.csv()}`,
  };

  function ownAmount(place: number): number {
    const fill = tail.at(place);
    return fill.side() === 1 ? fill.amount() : -fill.amount();
  }

  /** What the trade gained against the venue's mark then, the venue's price unit. */
  function fromMark(place: number): number {
    const fill = tail.at(place);
    return fill.side() === 1 ? fill.markPrice() - fill.price() : fill.price() - fill.markPrice();
  }
};
