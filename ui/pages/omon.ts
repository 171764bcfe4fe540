import { expiryName } from '../command/target.js';
import { h, setText } from '../dom.js';
import { fixed, price, signed, vol } from '../format.js';
import type { Column } from '../grid/grid.js';
import type { Strike } from '../store/markets.js';
import { expiries, positions, quotes, theos, tickers, tops } from '../topics/first.js';
import { filterFlags, UNUSABLE } from './codes.js';
import { bitNames, listing, signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { QuotesByInstrument } from './quotes-by-instrument.js';
import { expiryBar } from './target-bar.js';

/** The chain of one expiry: calls left, strikes in the middle, puts right. */
export const open: OpenPage = (host) => {
  const topRows = host.table(tops);
  const tickerRows = host.table(tickers);
  const theoRows = host.table(theos);
  const slices = host.table(expiries);
  const positionRows = host.table(positions);
  const own = new QuotesByInstrument(host.table(quotes));
  const bar = expiryBar(host, 'OMON');
  const facts = h('span', 'dim');
  bar.element.append(facts);
  let strikes: readonly Strike[] = [];
  let atm = -1;

  const side = (right: 'call' | 'put'): Column[] => {
    const id = (row: number) => strikes[row]?.[right] ?? -1;
    const columns: Column[] = [
      {
        title: 'pos',
        width: 6,
        text: (row) => held(id(row)),
        tone: (row) => signTone(positionRows.row(id(row))?.size() ?? 0),
      },
      {
        title: 'delta',
        width: 6,
        text: (row) => signed(theoRows.row(id(row))?.delta() ?? Number.NaN, 2),
        tone: () => 'dim',
      },
      {
        title: 'iv bid',
        unit: '%',
        width: 8,
        text: (row) => vol(tickerRows.row(id(row))?.bidIv() ?? 0),
        tone: () => 'dim',
      },
      {
        title: 'iv',
        unit: 'theo',
        width: 7,
        text: (row) => vol(theoRows.row(id(row))?.volatility() ?? 0),
        tone: (row) => usable(id(row)),
      },
      {
        title: 'iv ask',
        unit: '%',
        width: 8,
        text: (row) => vol(tickerRows.row(id(row))?.askIv() ?? 0),
        tone: () => 'dim',
      },
      {
        title: 'own bid',
        width: 7,
        text: (row) => price(own.row(id(row))?.bidPrice() ?? Number.NaN),
        tone: () => 'own',
      },
      {
        title: 'bid',
        width: 7,
        text: (row) => price(topRows.row(id(row))?.bidPrice() ?? Number.NaN),
        tone: () => 'up',
      },
      {
        title: 'theo',
        width: 7,
        text: (row) => price(theoRows.row(id(row))?.price() ?? Number.NaN),
        tone: (row) => usable(id(row)),
      },
      {
        title: 'ask',
        width: 7,
        text: (row) => price(topRows.row(id(row))?.askPrice() ?? Number.NaN),
        tone: () => 'down',
      },
      {
        title: 'own ask',
        width: 7,
        text: (row) => price(own.row(id(row))?.askPrice() ?? Number.NaN),
        tone: () => 'own',
      },
    ];
    return right === 'call' ? columns : columns.reverse();
  };
  // Of the puts, too, bids stand left of offers.
  const puts = side('put');
  const order = ['own bid', 'bid', 'theo', 'ask', 'own ask', 'iv bid', 'iv', 'iv ask', 'delta', 'pos'];
  puts.sort((a, b) => order.indexOf(a.title) - order.indexOf(b.title));

  function held(instrument: number): string {
    const size = positionRows.row(instrument)?.size() ?? 0;
    return size === 0 ? '' : signed(size, 1);
  }

  function usable(instrument: number): string {
    const flags = theoRows.row(instrument)?.flags() ?? 0;
    return (flags & UNUSABLE) === 0 ? 'mark' : 'dim';
  }

  const page = listing(host, {
    label: 'Option chain',
    empty: 'Waits for instruments of this expiry: the feed tells them.',
    above: bar.element,
    columns: [
      ...side('call'),
      {
        title: 'strike',
        unit: 'USD',
        width: 10,
        text: (row) => fixed(strikes[row]?.strike ?? Number.NaN, 0),
        tone: () => 'mark',
      },
      ...puts,
    ],
    rows: () => strikes.length,
    rowTone: (row) => (row === atm ? 'atm' : ''),
    enter: (row) =>
      host.run(`${bar.underlying()} ${expiryName(bar.expiry() ?? 0)} ${strikes[row]?.strike ?? ''} C OVME`),
    drawAlso() {
      bar.draw();
      own.refresh();
      const expiry = bar.expiry();
      strikes = expiry === undefined ? [] : host.markets.strikes(bar.underlying(), expiry);
      const slice = expiry === undefined ? undefined : findSlice(expiry);
      if (slice === undefined) {
        setText(facts, 'no theoretical values yet: they come with the first surface');
        atm = -1;
        return;
      }
      const forward = slice.forward();
      atm = nearest(strikes, forward);
      setText(
        facts,
        `F ${price(forward)} · ATM ${vol(slice.atmVol())} % · RR ${signed(slice.riskReversal25() * 100, 2)} · BF ${signed(slice.butterfly25() * 100, 2)} · fit ${fixed(slice.fitError() * 100, 2)} vol pts, ${fixed(slice.fitAge(), 0)} s old · ${bitNames(slice.flags(), filterFlags) || 'whole and fresh'}`,
      );
    },
  });

  function findSlice(expiry: number) {
    for (let slot = 0; slot < slices.count; slot++) {
      const slice = slices.at(slot);
      if (slice.expiryTime() === expiry && host.markets.underlyingOf(slice.option()) === bar.underlying()) return slice;
    }
    return undefined;
  }
  let centred = '';
  const draw = page.draw;
  page.draw = (now) => {
    draw(now);
    // Once an expiry: the money comes into the middle, and stays where people then scroll it.
    const shown = `${bar.underlying()} ${bar.expiry()}`;
    if (atm >= 0 && shown !== centred) {
      centred = shown;
      page.grid.centre(atm);
    }
  };
  return page;
};

function nearest(strikes: readonly Strike[], forward: number): number {
  let best = -1;
  for (const [row, { strike }] of strikes.entries()) {
    if (best < 0 || Math.abs(strike - forward) < Math.abs(strikes[best]!.strike - forward)) best = row;
  }
  return forward > 0 ? best : -1;
}
