import { h, setText } from '../dom.js';
import { clock, fixed, price, signed, vol } from '../format.js';
import { fills, markouts } from '../topics/pages.js';
import { nameOf, sides, strategies } from './codes.js';
import { listing, signTone } from './listing.js';
import { markoutGrid } from './markout-grid.js';
import { isOfUnderlying } from './of-target.js';
import type { OpenPage } from './page.js';
import { currencyName } from './profit.js';
import { underlyingBar } from './target-bar.js';

const liquidity = ['?', 'maker', 'taker'];
const kinds = ['', 'told', 'inferred', 'taken back'];

/** Own trades as they are counted, the newest first. */
export const open: OpenPage = (host) => {
  const tail = host.tail(fills);
  const marks = host.table(markouts);
  const bar = underlyingBar(host, 'FILL');
  let ages: number[] = [];
  const row = (place: number) => tail.at(ages[place]!);
  const marked: number[] = [];
  const markGrid = markoutGrid(
    host,
    (place) => marks.at(marked[place]!),
    () => marked.length,
  );
  const caption = h('p', 'note');
  const page = listing(host, {
    below: h('div', 'below', [caption, markGrid.element]),
    label: 'Fills',
    empty: 'No fill yet since the engine began. Each trade of ours appears here once it is counted.',
    above: bar.element,
    rows: () => ages.length,
    columns: [
      { title: 'time', unit: 'UTC', width: 12, words: true, text: (place) => clock(row(place).tradeTime(), true) },
      {
        title: 'instrument',
        width: 22,
        words: true,
        text: (place) => host.markets.name(row(place).instrument()),
        tone: () => 'mark',
      },
      {
        title: 'side',
        width: 5,
        words: true,
        text: (place) => nameOf(sides, row(place).side()),
        tone: (place) => (row(place).side() === 1 ? 'up' : 'down'),
      },
      { title: 'price', width: 9, text: (place) => price(row(place).price()) },
      {
        title: 'amount',
        width: 9,
        text: (place) => signed(ownAmount(place), 1),
        tone: (place) => signTone(ownAmount(place)),
      },
      { title: 'vol', unit: '%', width: 6, text: (place) => vol(row(place).iv()) },
      { title: 'mark', width: 9, text: (place) => price(row(place).markPrice()) },
      {
        title: 'from mark',
        width: 10,
        text: (place) => signed(fromMark(place), 5),
        tone: (place) => signTone(fromMark(place)),
      },
      { title: 'fees', width: 11, text: (place) => signed(-row(place).fee(), 6) },
      {
        title: 'in',
        width: 5,
        words: true,
        text: (place) => {
          const code = row(place).feeCurrency();
          return code === null ? '' : currencyName(code.word0(), code.word1());
        },
      },
      { title: 'as', width: 6, words: true, text: (place) => nameOf(liquidity, row(place).liquidity()) },
      { title: 'by', width: 8, words: true, text: (place) => nameOf(strategies, row(place).strategy()) },
      { title: 'kind', width: 10, words: true, text: (place) => nameOf(kinds, row(place).kind()) },
      { title: 'number', width: 8, text: (place) => fixed(row(place).number(), 0), tone: () => 'dim' },
    ],
    drawAlso() {
      bar.draw();
      ages = [];
      for (let age = 0; age < tail.count; age++) if (isOfUnderlying(host, tail.at(age).instrument())) ages.push(age);
      marked.length = 0;
      for (let slot = 0; slot < marks.count; slot++)
        if (isOfUnderlying(host, marks.at(slot).instrument())) marked.push(slot);
      setText(
        caption,
        marked.length === 0
          ? 'Markouts come with the first fill of an option: a second, ten and sixty after it.'
          : 'What fills were worth later, the newest of each kind: tenor, delta, and whether we took',
      );
      markGrid.element.hidden = marked.length === 0;
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
    const fill = row(place);
    return fill.side() === 1 ? fill.amount() : -fill.amount();
  }

  /** What the trade gained against the venue's mark then, the venue's price unit. */
  function fromMark(place: number): number {
    const fill = row(place);
    return fill.side() === 1 ? fill.markPrice() - fill.price() : fill.price() - fill.markPrice();
  }
};
