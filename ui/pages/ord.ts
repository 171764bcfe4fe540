import { clock, fixed, price } from '../format.js';
import { orders } from '../topics/pages.js';
import { nameOf, orderActions, orderStatuses, requestStatuses, sides, strategies } from './codes.js';
import { listing } from './listing.js';
import { isOfUnderlying } from './of-target.js';
import type { OpenPage } from './page.js';
import { underlyingBar } from './target-bar.js';

/** Statuses that an order does not leave. */
const FINISHED = 4;
const UNKNOWN = 8;

/** Every order, those at work first. */
export const open: OpenPage = (host) => {
  const table = host.table(orders);
  const bar = underlyingBar(host, 'ORD');
  let slots: number[] = [];
  const row = (place: number) => table.at(slots[place]!);
  const isAtWork = (slot: number) => table.at(slot).status() < FINISHED || table.at(slot).status() === UNKNOWN;
  return listing(host, {
    label: 'Orders',
    empty: 'No order yet. The orders stage tells each one when the quoter or the hedger has placed it.',
    above: bar.element,
    rows: () => slots.length,
    rowTone: (place) => (isAtWork(slots[place]!) ? '' : 'dim'),
    columns: [
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
      { title: 'status', width: 12, words: true, text: (place) => nameOf(orderStatuses, row(place).status()) },
      { title: 'price', width: 9, text: (place) => price(row(place).price()) },
      { title: 'amount', width: 8, text: (place) => fixed(row(place).amount(), 1) },
      { title: 'filled', width: 8, text: (place) => fixed(row(place).filled(), 1) },
      { title: 'average', width: 9, text: (place) => price(row(place).averagePrice()) },
      { title: 'at worst', width: 9, text: (place) => fixed(row(place).worstRemaining(), 1) },
      { title: 'wanted', width: 9, text: (place) => price(row(place).wantedPrice()) },
      {
        title: 'last request',
        width: 20,
        words: true,
        text: (place) =>
          `${nameOf(orderActions, row(place).lastAction())} ${nameOf(requestStatuses, row(place).lastRequest())}`,
      },
      {
        title: 'by',
        width: 8,
        words: true,
        text: (place) => (row(place).strategy() === 0xffff ? 'foreign' : nameOf(strategies, row(place).strategy())),
      },
      {
        title: 'id',
        width: 16,
        words: true,
        text: (place) => `${row(place).run()}-${row(place).orderSeq()}-${row(place).index()}`,
        tone: () => 'dim',
      },
      { title: 'changed', unit: 'UTC', width: 12, text: (place) => clock(row(place).changed(), true) },
    ],
    drawAlso() {
      bar.draw();
      const all: number[] = [];
      for (let slot = 0; slot < table.count; slot++) {
        if (isOfUnderlying(host, table.at(slot).instrument())) all.push(slot);
      }
      slots = [...all.filter(isAtWork), ...all.filter((slot) => !isAtWork(slot))];
    },
  });
};
