import { h, setText } from '../dom.js';
import { clock, fixed, percent, price, signed, signedWhole, whole } from '../format.js';
import { Grid } from '../grid/grid.js';
import { attributions } from '../topics/first.js';
import { hedgeCosts, hedges } from '../topics/pages.js';
import { nameOf, sides } from './codes.js';
import { signTone } from './listing.js';
import type { OpenPage } from './page.js';
import { usdOf } from './profit.js';
import { refusalName } from './refusal-name.js';

const urgencies = ['none wanted', 'passive', 'join the touch', 'cross'];
const reasons = ['within its band', 'delta outside its band', 'fill', 'flatten', 'expiry', 'operator'];
const liquidity = ['?', 'maker', 'taker'];

/** What the hedger wants and why, what it did, and what that cost. */
export const open: OpenPage = (host) => {
  const wanted = host.table(hedges);
  const done = host.tail(hedgeCosts);
  const parts = host.table(attributions);
  const note = h('p', 'note');
  const nothing = h('p', 'note', ['No hedge was filled yet since the engine began: each appears here with its cost.']);
  const wantGrid = new Grid(
    {
      rows: () => wanted.count,
      columns: [
        {
          title: 'underlying',
          width: 10,
          words: true,
          text: (slot) => host.markets.underlyingName(wanted.keys[slot]!),
          tone: () => 'mark',
        },
        { title: 'wants', width: 14, words: true, text: (slot) => nameOf(urgencies, wanted.at(slot).urgency()) },
        { title: 'because', width: 22, words: true, text: (slot) => nameOf(reasons, wanted.at(slot).reason()) },
        {
          title: 'net delta',
          unit: 'coin',
          width: 14,
          text: (slot) => signed(wanted.at(slot).delta(), 3),
          tone: (slot) => signTone(wanted.at(slot).delta()),
        },
        { title: 'target', width: 8, text: (slot) => signed(wanted.at(slot).target(), 3) },
        {
          title: 'band',
          width: 17,
          text: (slot) =>
            wanted.at(slot).bandLow() === wanted.at(slot).bandHigh()
              ? '-'
              : `${signed(wanted.at(slot).bandLow(), 3)} ${signed(wanted.at(slot).bandHigh(), 3)}`,
        },
        { title: 'in flight', width: 9, text: (slot) => signed(wanted.at(slot).pending(), 3) },
        {
          title: 'side',
          width: 5,
          words: true,
          text: (slot) => nameOf(sides, wanted.at(slot).side()),
          tone: (slot) => (wanted.at(slot).side() === 1 ? 'up' : 'down'),
        },
        {
          title: 'instrument',
          width: 16,
          words: true,
          text: (slot) => (wanted.at(slot).amount() > 0 ? host.markets.name(wanted.at(slot).instrument()) : ''),
        },
        {
          title: 'amount',
          width: 9,
          text: (slot) => (wanted.at(slot).amount() > 0 ? whole(wanted.at(slot).amount()) : ''),
        },
        { title: 'price', width: 9, text: (slot) => price(wanted.at(slot).price()) },
        { title: 'expected', unit: 'USD', width: 13, text: (slot) => fixed(wanted.at(slot).cost(), 2) },
        { title: 'vol', unit: '%', width: 7, text: (slot) => percent(wanted.at(slot).volatility()) },
        {
          title: 'bound by',
          width: 18,
          words: true,
          text: (slot) => (wanted.at(slot).bindingLimit() === 0 ? '' : refusalName(wanted.at(slot).bindingLimit())),
          tone: () => 'down',
        },
      ],
    },
    'Hedges that are wanted',
  );
  const doneGrid = new Grid(
    {
      rows: () => done.count,
      columns: [
        { title: 'filled', unit: 'UTC', width: 13, words: true, text: (place) => clock(done.time(place), true) },
        {
          title: 'instrument',
          width: 18,
          words: true,
          text: (place) => host.markets.name(done.at(place).instrument()),
          tone: () => 'mark',
        },
        {
          title: 'side',
          width: 5,
          words: true,
          text: (place) => nameOf(sides, done.at(place).side()),
          tone: (place) => (done.at(place).side() === 1 ? 'up' : 'down'),
        },
        { title: 'as', width: 6, words: true, text: (place) => nameOf(liquidity, done.at(place).liquidity()) },
        { title: 'price', width: 10, text: (place) => price(done.at(place).price()) },
        { title: 'mid then', width: 10, text: (place) => price(done.at(place).mid()) },
        { title: 'amount', width: 9, text: (place) => whole(done.at(place).amount()) },
        { title: 'delta', unit: 'coin', width: 11, text: (place) => signed(done.at(place).deltaTraded(), 4) },
        {
          title: 'slippage',
          unit: 'USD',
          width: 13,
          text: (place) => signed(-done.at(place).slippageUsd(), 2),
          tone: (place) => signTone(-done.at(place).slippageUsd()),
        },
        {
          title: 'fees',
          unit: 'USD',
          width: 10,
          text: (place) => signed(-done.at(place).feeUsd(), 2),
          tone: (place) => signTone(-done.at(place).feeUsd()),
        },
        {
          title: 'all so far',
          unit: 'USD',
          width: 15,
          text: (place) => signed(-done.at(place).costUsd(), 2),
          tone: (place) => signTone(-done.at(place).costUsd()),
        },
      ],
    },
    'Hedges that were filled',
  );
  wantGrid.element.classList.add('short');
  host.body.append(note, wantGrid.element, nothing, doneGrid.element);

  /** Of each underlying: what its hedges have made and cost, by the attribution. */
  function totals(): string {
    const words: string[] = [];
    for (let slot = 0; slot < parts.count; slot++) {
      const row = parts.at(slot);
      words.push(
        `${host.markets.underlyingName(row.underlying())}: hedges ${signedWhole(usdOf(row, row.hedge()))} USD, cost ${signedWhole(usdOf(row, row.hedgeCost()))} USD`,
      );
    }
    return words.join(' · ');
  }

  return {
    pace: 250,
    draw() {
      setText(
        note,
        wanted.count === 0
          ? 'The hedger has wanted nothing yet: it speaks when the delta of an underlying leaves its band.'
          : totals() || 'what hedges made and cost comes with the first attribution',
      );
      nothing.hidden = done.count > 0;
      doneGrid.element.hidden = done.count === 0;
      wantGrid.draw();
      doneGrid.draw();
    },
    resized() {
      wantGrid.resized();
      doneGrid.resized();
    },
    key: (event) => doneGrid.key(event),
    csv: () => `${wantGrid.csv()}\n${doneGrid.csv()}`,
  };
};
