import { age, fixed, price, signed, tickPrice, whole } from '../format.js';
import { tops } from '../topics/first.js';
import { bookStates, nameOf } from './codes.js';
import { Ladder } from './ladder.js';
import { listing, signTone } from './listing.js';
import { isOfExpiry } from './of-target.js';
import type { OpenPage } from './page.js';
import { underlyingBar } from './target-bar.js';

/** The top of every book, and the levels of the selected one with our own orders in it. */
export const open: OpenPage = (host) => {
  const table = host.table(tops);
  const ladder = new Ladder(host);
  const bar = underlyingBar(host, 'BOOK');
  let slots: number[] = [];
  const row = (place: number) => table.at(slots[place]!);
  const ticked = (place: number, value: number) =>
    tickPrice(value, host.markets.row(row(place).instrument())?.tickSize());
  /** Seconds since the book last changed, by the engine's clock. */
  const bookAge = (place: number) =>
    ((host.connection.store.channels.get('engine')?.engineTime ?? Number.NaN) - table.times[slots[place]!]!) / 1e6;
  const page = listing(host, {
    below: ladder.element,
    label: 'Best prices',
    empty: 'Waits for books: the book stage tells a top for every instrument that the feed follows.',
    above: bar.element,
    rows: () => slots.length,
    columns: [
      {
        title: 'instrument',
        width: 24,
        words: true,
        text: (place) => host.markets.name(row(place).instrument()),
        tone: () => 'mark',
      },
      { title: 'depth', width: 9, text: (place) => fixed(row(place).bidDepth(), 1), tone: () => 'dim' },
      { title: 'size', width: 8, text: (place) => fixed(row(place).bidAmount(), 1) },
      { title: 'bid', width: 9, text: (place) => ticked(place, row(place).bidPrice()), tone: () => 'up' },
      { title: 'micro', width: 10, text: (place) => ticked(place, row(place).microprice()), tone: () => 'mark' },
      { title: 'ask', width: 9, text: (place) => ticked(place, row(place).askPrice()), tone: () => 'down' },
      { title: 'size', width: 8, text: (place) => fixed(row(place).askAmount(), 1) },
      { title: 'depth', width: 9, text: (place) => fixed(row(place).askDepth(), 1), tone: () => 'dim' },
      { title: 'spread', width: 8, text: (place) => price(row(place).askPrice() - row(place).bidPrice()) },
      {
        title: 'imbal',
        width: 6,
        text: (place) => signed(row(place).imbalance(), 2),
        tone: (place) => signTone(row(place).imbalance()),
      },
      {
        title: 'levels',
        width: 7,
        text: (place) => `${row(place).bidLevels()}/${row(place).askLevels()}`,
        tone: () => 'dim',
      },
      {
        title: 'state',
        width: 8,
        words: true,
        text: (place) => nameOf(bookStates, row(place).state()),
        tone: (place) => (row(place).state() === 1 ? 'up' : 'down'),
      },
      { title: 'change', width: 14, text: (place) => whole(row(place).changeId()), tone: () => 'dim' },
      { title: 'age', width: 7, text: (place) => age(bookAge(place)), tone: () => 'dim' },
    ],
    drawAlso() {
      bar.draw();
      slots = [];
      for (let slot = 0; slot < table.count; slot++) if (isWanted(table.keys[slot]!)) slots.push(slot);
      drawLadder();
    },
  });

  const { resized, csv } = page;
  let chosen = false;
  return {
    ...page,
    resized() {
      resized?.();
      ladder.resized();
    },
    csv: () => `${csv?.() ?? ''}\n${ladder.csv()}`,
  };

  /** The instrument that the line names comes first; then the selected one. */
  function drawLadder(): void {
    const { strike, right } = host.target;
    if (!chosen && slots.length > 0) {
      chosen = true;
      const named = slots.findIndex((slot) => {
        const listed = host.markets.row(table.keys[slot]!);
        return listed?.strike() === strike && (((listed?.flags() ?? 0) & 2) !== 0) === (right !== 'P');
      });
      if (strike !== undefined && named >= 0) page.grid.select(named);
    }
    const slot = slots[page.grid.selected];
    if (slot !== undefined) ladder.draw(table.keys[slot]!);
  }

  function isWanted(instrument: number): boolean {
    return !host.markets.isOver(instrument) && isOfExpiry(host, instrument);
  }
};
