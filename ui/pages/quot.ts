import { h, setText } from '../dom.js';
import { fixed, price, signed, vol } from '../format.js';
import { quotes, trading } from '../topics/first.js';
import { nameOf, pullReasons } from './codes.js';
import { listing, signTone } from './listing.js';
import { isOfExpiry } from './of-target.js';
import type { OpenPage } from './page.js';
import { quoteWhy, skews, sumOf, widths } from './quote-why.js';
import { underlyingBar } from './target-bar.js';
import { isReady, tradingWords } from './trading-words.js';

/** What the quoter wants, and below it the parts that the selected quote is made of. */
export const open: OpenPage = (host) => {
  const table = host.table(quotes);
  const bar = underlyingBar(host, 'QUOT');
  const why = h('div', 'note');
  const orders = host.table(trading);
  const sent = h('span', 'bad');
  bar.element.append(sent);
  let slots: number[] = [];
  const row = (place: number) => table.at(slots[place]!);
  const page = listing(host, {
    label: 'Own quotes',
    empty: 'Waits for quotes: the quoter tells them once it has theoretical values and the venue is ready.',
    above: bar.element,
    below: why,
    rows: () => slots.length,
    columns: [
      {
        title: 'instrument',
        width: 22,
        words: true,
        text: (place) => host.markets.name(row(place).instrument()),
        tone: () => 'mark',
      },
      { title: 'mkt bid', width: 8, text: (place) => price(row(place).marketBid()) },
      { title: 'bid', width: 8, text: (place) => price(row(place).bidPrice()), tone: () => 'own' },
      { title: 'size', width: 6, text: (place) => fixed(row(place).bidAmount(), 1) },
      { title: 'theo', width: 8, text: (place) => price(row(place).theo()), tone: () => 'mark' },
      { title: 'vol', unit: '%', width: 6, text: (place) => vol(row(place).volatility()) },
      { title: 'ask', width: 8, text: (place) => price(row(place).askPrice()), tone: () => 'own' },
      { title: 'size', width: 6, text: (place) => fixed(row(place).askAmount(), 1) },
      { title: 'mkt ask', width: 8, text: (place) => price(row(place).marketAsk()) },
      {
        title: 'edge bid',
        width: 9,
        text: (place) => signed(row(place).bidEdge(), 5),
        tone: (place) => signTone(row(place).bidEdge()),
      },
      {
        title: 'edge ask',
        width: 9,
        text: (place) => signed(row(place).askEdge(), 5),
        tone: (place) => signTone(row(place).askEdge()),
      },
      { title: 'skew', width: 9, text: (place) => signed(sumOf(row(place), skews), 5) },
      { title: 'half width', width: 9, text: (place) => fixed(sumOf(row(place), widths), 5) },
      { title: 'held', width: 7, text: (place) => signed(row(place).inventory(), 1) },
      {
        title: 'why not',
        width: 14,
        words: true,
        text: (place) => nameOf(pullReasons, row(place).pullReason()),
        tone: () => 'down',
      },
    ],
    drawAlso() {
      bar.draw();
      const state = orders.row(0);
      setText(
        sent,
        state === undefined || isReady(state)
          ? ''
          : `wanted, but nothing that adds risk is sent: ${tradingWords(state)}`,
      );
      slots = [];
      for (let slot = 0; slot < table.count; slot++) {
        if (isOfExpiry(host, table.at(slot).instrument())) slots.push(slot);
      }
      tellWhy();
    },
  });

  function tellWhy(): void {
    const place = page?.grid.selected ?? 0;
    if (slots[place] === undefined) {
      setText(why, '');
      return;
    }
    const quote = row(place);
    setText(why, `${host.markets.name(quote.instrument())}: ${quoteWhy(quote)}`);
  }
  return page;
};
